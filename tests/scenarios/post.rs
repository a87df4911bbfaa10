//! Mails as other people's programs write them.

use chrono::{DateTime, Utc};
use embargod::domain::mail::Mail;

/// A mail with what a mail program adds where the scenario leaves it out. `n` tells it from others.
pub fn complete(text: &str, n: usize, now: DateTime<Utc>) -> Vec<u8> {
    let (header, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut header = header.trim_end().to_owned();
    let sender = header.lines().find_map(|line| line.strip_prefix("From:")).unwrap_or_default();
    let domain = sender.rsplit('@').next().unwrap_or_default();
    let domain = domain.trim_end_matches('>').trim().to_owned();
    for (name, value) in [
        ("To", "security@example.org".to_owned()),
        ("Date", now.to_rfc2822()),
        ("Message-ID", format!("<{n}@{domain}>")),
        ("Content-Type", "text/plain; charset=utf-8".to_owned()),
    ] {
        let start = format!("{}:", name.to_lowercase());
        if !header.lines().any(|line| line.to_lowercase().starts_with(&start)) {
            header.push_str(&format!("\n{name}: {value}"));
        }
    }
    format!("{header}\n\n{body}").into_bytes()
}

/// An answer to `to` as a mail program makes it: threaded, the answered mail quoted below.
pub fn answer(from: &str, more: &str, text: &str, to: &Mail) -> String {
    let id = to.message_id.as_ref().map(|id| format!("<{}>", id.0)).unwrap_or_default();
    let thread: Vec<String> = to.references.iter().map(|id| format!("<{}>", id.0)).collect();
    let author = to.author().map(ToString::to_string).unwrap_or_default();
    let date = to.date.map(|date| date.format("%a, %-d %b %Y at %H:%M").to_string());
    let quoted: String = to.text.text.lines().map(|line| format!("> {line}\n")).collect();
    let more = if more.is_empty() { String::new() } else { format!("{}\n", more.trim_end()) };
    format!(
        "From: {from}\nSubject: Re: {}\nIn-Reply-To: {id}\nReferences: {} {id}\n{more}\n\
         {}\n\nOn {} {author} wrote:\n{quoted}",
        to.subject.trim_start_matches("Re: "),
        thread.join(" "),
        text.trim_end(),
        date.unwrap_or_default(),
    )
}

/// The notice of a server that has no mailbox for the mail `raw` (RFC 3464), to its sender.
pub fn notice(raw: &str, recipient: &str, sender: &str) -> String {
    let (header, _) = raw.split_once("\n\n").unwrap_or((raw, ""));
    let domain = recipient.rsplit('@').next().unwrap_or_default();
    format!(
        "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.{domain}>\nTo: {sender}\n\
         Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\n\
         MIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"=_notice\"\n\n\
         --=_notice\nContent-Type: text/plain\n\n\
         <{recipient}>: host mx.{domain} said: 550 5.1.1 no such user\n\n\
         --=_notice\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.{domain}\n\n\
         Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n\
         Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n\
         --=_notice\nContent-Type: text/rfc822-headers\n\n{header}\n\n--=_notice--\n"
    )
}
