//! Mail by which some service lets the owner of an address prove that it is theirs: "confirm your
//! account", codes, invitations, new passwords.
//!
//! Whoever can make a project's helpdesk answer such a mail, forward it or show it to a stranger gets
//! an account in the project's name (the "ticket trick"). Rule: `machine.verification`.
//!
//! No single sign is enough, since reports are about such mails too. A mail is one if it asks for it
//! or hands it out in so many words, has a link or a code to do it with, shows two more signs, one of
//! them a machine's, and is neither an answer nor a report.

use crate::domain::judgement::{Reason, VERIFICATION};
use crate::domain::mail::Mail;

use super::look::Look;
use super::phrases::{Phrases, Sign, Signs};
use super::{format, machine};

/// How far into a mail its purpose is looked for.
const LINES: usize = 60;

/// Fields that mailing services put on what they send for others.
const SERVICES: [&str; 11] = [
    "Feedback-ID",
    "X-SES-Outgoing",
    "X-SG-EID",
    "X-Mailgun-Sid",
    "X-Mandrill-User",
    "X-PM-Message-Id",
    "X-MSFBL",
    "X-Sparkpost-Message-Id",
    "X-CSA-Complaints",
    "X-Mailer-RecptId",
    "List-Unsubscribe",
];

/// The reason to call a mail a verification mail, if it is one.
pub fn find(look: &Look<'_>) -> Option<Reason> {
    let mail = look.mail;
    if !mail.in_reply_to.is_empty() || !mail.references.is_empty() {
        return None;
    }
    let subject = signs(&mail.subject).has(Sign::Verification);
    let footers = || look.own().footers.iter().map(|line| (*line, signs(line)));
    let signed = || look.own().signed_lines().chain(footers()).take(LINES);
    let lines = || look.own().lines.iter().chain(&look.own().footers).take(LINES);
    let says = |sign: Sign| signed().any(|(line, signs)| line.len() < 600 && signs.has(sign));
    let text = says(Sign::Verification);
    let anchor = mail.text.links.iter().any(|link| signs(&link.anchor).has(Sign::Verification));
    let code = lines().any(|line| is_code(line.trim()));
    let has_link = !mail.text.links.is_empty() || lines().any(|line| line.contains("://"));
    if !(subject || text || anchor) || !(code || has_link || says_a_code(look)) {
        return None;
    }
    let machines = [
        (says(Sign::Disregard), "a text for whoever did not ask for it"),
        (machine::is_unattended_sender(mail), "a sender that takes no mail"),
        (is_of_a_service(mail), "a mailing service's field"),
        (anchor, "a link that does it"),
        (machine::says_a_program(mail), "Auto-Submitted"),
    ];
    let others = [
        (subject, "the subject of a verification mail"),
        (text, "a text that asks for it"),
        (code, "a code on a line of its own"),
    ];
    let by_machine = machines.iter().any(|(seen, _)| *seen);
    let seen: Vec<&str> =
        others.iter().chain(&machines).filter(|(seen, _)| *seen).map(|(_, what)| *what).collect();
    (by_machine && seen.len() >= 3 && !format::is_report(look))
        .then(|| Reason::new(VERIFICATION, seen.join(", ")))
}

fn signs(text: &str) -> Signs {
    Phrases::all().signs(&text.to_lowercase())
}

fn is_of_a_service(mail: &Mail) -> bool {
    SERVICES.iter().any(|name| mail.field(name).next().is_some())
}

/// Whether a line is nothing but a code: `123456`, `123-456`, `G-482913`, `8FK2-9QLM`.
fn is_code(line: &str) -> bool {
    let (mut digits, mut letters) = (0_usize, 0_usize);
    for byte in line.bytes().filter(|byte| !matches!(byte, b' ' | b'-' | b'*')) {
        match byte {
            b'0'..=b'9' => digits = digits.saturating_add(1),
            b'A'..=b'Z' => letters = letters.saturating_add(1),
            _ => return false,
        }
    }
    (4..=10).contains(&digits.saturating_add(letters)) && digits >= 3
}

/// Whether a sentence that asks for it has a code in it: `Your verification code is 482913`.
fn says_a_code(look: &Look<'_>) -> bool {
    let subject = look.mail.subject.as_str();
    let mut lines = look.own().signed_lines().take(LINES).chain([(subject, signs(subject))]);
    lines.any(|(line, signs)| {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '-');
        signs.has(Sign::Verification) && words.any(is_code)
    })
}
