//! Delivery reports, and the older notices of mail servers.
//!
//! Rules: `bounce.report` (RFC 3464), `bounce.notice` (a server's sender *and* its wording). A
//! person who writes about a bounce is no server; a server's address alone says nothing, since
//! people write from `postmaster@` too.

use crate::domain::address::Address;
use crate::domain::judgement::Reason;
use crate::domain::mail::{Mail, ReturnPath};

use super::phrases::{Phrases, Sign};
use super::{machine, subject};

/// The reason to call a mail a bounce, if it is one.
pub fn find(mail: &Mail) -> Option<Reason> {
    let mut reason = report(mail).or_else(|| notice(mail))?;
    if is_late(mail) {
        reason.rule = "bounce.delayed".to_owned();
    }
    Some(reason)
}

/// Whether a notice only says that a mail is late: by the actions of its report (RFC 3464 section
/// 2.3.3), by its wording where it has none.
fn is_late(mail: &Mail) -> bool {
    let actions = mail.delivery_report.iter().flat_map(|report| &report.recipients);
    let mut actions = actions.map(|fate| fate.action.as_str()).filter(|action| !action.is_empty());
    let Some(first) = actions.next() else {
        return std::iter::once(mail.subject.as_str()).chain(first_lines(mail)).any(is_delay);
    };
    first == "delayed" && actions.all(|action| action == "delayed")
}

/// A machine-readable report.
fn report(mail: &Mail) -> Option<Reason> {
    if let Some(report) = &mail.delivery_report {
        let fates: Vec<String> = report
            .recipients
            .iter()
            .take(3)
            .map(|fate| format!("{} {}", fate.action, fate.status))
            .collect();
        let of = mail.enclosed.as_ref().map_or(String::new(), |id| format!(" of <{}>", id.0));
        return Some(Reason::new(
            "bounce.report",
            format!("delivery status notification{of}: {}", fates.join(", ")),
        ));
    }
    let content_type = mail.field("Content-Type").next().unwrap_or_default().to_ascii_lowercase();
    (content_type.contains("multipart/report") && content_type.contains("delivery-status"))
        .then(|| Reason::new("bounce.report", "multipart/report with report-type=delivery-status"))
}

/// A notice in words.
fn notice(mail: &Mail) -> Option<Reason> {
    if mail.field("X-Failed-Recipients").next().is_some() {
        return Some(Reason::new(
            "bounce.notice",
            "X-Failed-Recipients names the addresses that failed",
        ));
    }
    let (sender, wording) = match sign_of_server(mail) {
        Some(sender) => (sender, wording(mail)?),
        None if mail.return_path == ReturnPath::Null => {
            // A vacation notice has an empty return path too, and says itself what it is.
            if machine::is_automatic_reply(mail) && !is_notice(&mail.subject) {
                return None;
            }
            ("its return path is empty".to_owned(), wording(mail)?)
        }
        None => (strong_signs(mail)?.to_owned(), wording(mail)?),
    };
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
        if name.contains("mail deliver")
            || name.contains("mailer-daemon")
            || name.contains("mailer daemon")
            || name.contains("postmaster")
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
    let empty = mail.from.is_empty() && mail.field("From").any(|from| matches!(from, "" | "<>"));
    if empty && is_notice(&mail.subject) {
        return Some("its sender is empty".to_owned());
    }
    match &mail.return_path {
        ReturnPath::Address(address) if is_server(address.local()) => {
            Some(format!("its return path is {address}"))
        }
        _ => None,
    }
}

/// A mail of no server's sender whose subject *begins* like a server's notice, and which holds what
/// only a server puts there. People pass notices on, but then their subjects begin otherwise.
fn strong_signs(mail: &Mail) -> Option<&'static str> {
    let start: String = mail.subject.chars().take(24).collect();
    if !is_notice(&start) || subject::is_answer(&mail.subject) || !mail.in_reply_to.is_empty() {
        return None;
    }
    if mail.text.text.lines().take(60).any(holds_status) {
        return Some("it holds a mail server's answer");
    }
    if mail.enclosed.is_some() {
        return Some("it encloses the mail");
    }
    first_lines(mail)
        .any(|line| names_recipient(line, mail))
        .then_some("a line of it is the address that failed")
}

/// Whether a line is an address, as notices list those that failed. Somebody who complains that mail
/// to us comes back names ours.
fn names_recipient(line: &str, mail: &Mail) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    let alone = first.len() == line.len() || first.ends_with(':');
    let bare = first.trim_matches(|c: char| matches!(c, '<' | '>' | '"' | ':' | '\'' | '(' | ')'));
    alone && bare.parse::<Address>().is_ok_and(|found| !mail.recipients.contains(&found))
}

/// Whether a server's answer stands in a line, with the enhanced status code of a failure (RFC
/// 3463): `550 5.1.1`.
fn holds_status(line: &str) -> bool {
    let is_reply = |word: &str| word.len() == 3 && word.starts_with(['4', '5']);
    if !line.split(|c: char| !c.is_ascii_digit()).any(is_reply) {
        return false;
    }
    line.split(|c: char| !(c.is_ascii_digit() || c == '.')).any(|word| {
        let mut parts = word.split('.');
        matches!(parts.next(), Some("4" | "5"))
            && parts.clone().count() == 2
            && parts.all(|part| !part.is_empty() && part.len() <= 3)
    })
}

/// Whether a text is worded like a notice about a mail that did not arrive.
fn is_notice(text: &str) -> bool {
    Phrases::all().signs(&text.to_lowercase()).has(Sign::Bounce)
}

/// Whether a text is worded like a notice about a mail that is late.
fn is_delay(text: &str) -> bool {
    Phrases::all().signs(&text.to_lowercase()).has(Sign::Delay)
}

/// The lines in which a notice says what it is about; below them it repeats the mail.
fn first_lines(mail: &Mail) -> impl Iterator<Item = &str> {
    let lines = mail.text.text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.take(25).filter(|line| line.len() < 600)
}

/// The words of the mail that say that another could not be delivered.
fn wording(mail: &Mail) -> Option<String> {
    if is_notice(&mail.subject) {
        return Some(mail.subject.chars().take(100).collect());
    }
    // An out-of-office notice may say that a mail "could not be delivered" to somebody else.
    if Phrases::all().signs(&mail.subject.to_lowercase()).has(Sign::Vacation) {
        return None;
    }
    let mut lines = std::iter::once(mail.subject.as_str()).chain(first_lines(mail));
    lines
        .find(|line| is_notice(line) || is_delay(line))
        .map(|line| line.chars().take(100).collect())
}
