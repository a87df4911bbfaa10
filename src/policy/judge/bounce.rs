//! Delivery reports, and the older notices of mail servers.
//!
//! Rules: `bounce.report` (RFC 3464), `bounce.notice` (a server's sender *and* its wording). A
//! person who writes about a bounce is no server; a server's address alone says nothing, since
//! people write from `postmaster@` too.

use crate::domain::judgement::Reason;
use crate::domain::mail::{Mail, ReturnPath};

use super::phrases::{Phrases, Sign};

/// The reason to call a mail a bounce, if it is one.
pub fn find(mail: &Mail) -> Option<Reason> {
    if let Some(report) = &mail.delivery_report {
        let fates: Vec<String> = report
            .recipients
            .iter()
            .take(3)
            .map(|fate| format!("{} {}", fate.action, fate.status))
            .collect();
        let of = report.original.as_ref().map_or(String::new(), |id| format!(" of <{}>", id.0));
        return Some(Reason::new(
            "bounce.report",
            format!("delivery status notification{of}: {}", fates.join(", ")),
        ));
    }
    let content_type = mail.field("Content-Type").next().unwrap_or_default().to_ascii_lowercase();
    if content_type.contains("multipart/report") && content_type.contains("delivery-status") {
        return Some(Reason::new(
            "bounce.report",
            "multipart/report with report-type=delivery-status",
        ));
    }
    if mail.field("X-Failed-Recipients").next().is_some() {
        return Some(Reason::new(
            "bounce.notice",
            "X-Failed-Recipients names the addresses that failed",
        ));
    }
    let sender = sign_of_server(mail)?;
    let wording = wording(mail)?;
    Some(Reason::new("bounce.notice", format!("{sender}, and it says “{wording}”")))
}

/// What shows that a mail server sent the mail.
fn sign_of_server(mail: &Mail) -> Option<String> {
    let is_server = |local: &str| {
        matches!(
            local,
            "mailer-daemon"
                | "mailer_daemon"
                | "mailerdaemon"
                | "mail-daemon"
                | "maildaemon"
                | "postmaster"
                | "post_master"
                | "bounce"
                | "bounces"
                | "mdaemon"
                | "mail-delivery-subsystem"
                | "mailadmin"
                | "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e"
        )
    };
    if let Some(author) = mail.author() {
        let local = author.address.local();
        let base = local.split_once('+').map_or(local, |(base, _)| base);
        if is_server(base) {
            return Some(format!("it comes from {}", author.address));
        }
        let name = author.name.as_deref().unwrap_or_default().to_lowercase();
        if name.contains("mail delivery s")
            || name.contains("mailer-daemon")
            || name.contains("mailer daemon")
            || name == "system administrator"
        {
            return Some(format!("it comes from “{name}”"));
        }
    }
    let raw = mail.field("From").next().unwrap_or_default().to_lowercase();
    if raw.contains("mailer-daemon") || raw.contains("mail delivery") || raw.contains("postmaster")
    {
        return Some(format!("it comes from “{raw}”"));
    }
    match &mail.return_path {
        ReturnPath::Null => Some("its return path is empty".to_owned()),
        ReturnPath::Address(address) if is_server(address.local()) => {
            Some(format!("its return path is {address}"))
        }
        _ => None,
    }
}

/// The words of the mail that say that another could not be delivered.
fn wording(mail: &Mail) -> Option<String> {
    let phrases = Phrases::all();
    let says = |text: &str| phrases.signs(&text.to_lowercase()).has(Sign::Bounce);
    if says(&mail.subject) {
        return Some(mail.subject.chars().take(100).collect());
    }
    // An out-of-office notice may say that a mail "could not be delivered" to somebody else.
    if phrases.signs(&mail.subject.to_lowercase()).has(Sign::Vacation) {
        return None;
    }
    let start = mail.text.text.lines().filter(|line| !line.trim().is_empty()).take(25);
    start
        .map(str::trim)
        .find(|line| line.len() < 600 && says(line))
        .map(|line| line.chars().take(100).collect())
}
