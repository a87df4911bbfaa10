//! Which case a mail belongs to.
//!
//! A mail that answers one of ours joins that mail's case, whoever sent it: our Message-IDs carry a
//! token that only its recipient can know. A mail that answers another mail of the case, or names
//! the case number, joins only if its sender has already written into the case, since both can be
//! guessed or read in public.

use crate::domain::address::Address;
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::lookup::{Known, Lookups};
use crate::domain::mail::{Mail, MessageId};

/// How many Message-IDs of a thread are looked up; a longer one is cut to its nearest end.
const THREAD_LIMIT: usize = 32;

/// How many Message-IDs of ours are taken from a text.
const QUOTED_LIMIT: usize = 4;

/// What has to be asked of the store before a mail can be decided on.
pub fn lookups(mail: &Mail, year: i32) -> Lookups {
    let mut answers: Vec<MessageId> = Vec::new();
    let thread = mail.in_reply_to.iter().chain(mail.references.iter().rev());
    for id in
        envelope_id(mail).chain(mail.enclosed.iter().chain(thread).cloned()).chain(quoted(mail))
    {
        if answers.len() < THREAD_LIMIT && !answers.contains(&id) {
            answers.push(id);
        }
    }
    let named = CaseId::find_in(&mail.subject);
    Lookups {
        own: mail.message_id.clone(),
        answers,
        named,
        bands: Vec::new(),
        says: None,
        buckets: Vec::new(),
        order: None,
        year,
    }
}

/// The envelope id that a delivery report repeats: we give each mail its own Message-ID as one.
fn envelope_id(mail: &Mail) -> impl Iterator<Item = MessageId> {
    let repeated = mail.delivery_report.iter().filter_map(|report| report.envelope_id.as_deref());
    repeated.map(|id| MessageId(id.trim_matches(['<', '>']).to_owned()))
}

/// The Message-IDs of ours that stand in a notice's text: older MTAs return a mail's header there
/// and nowhere else. A reply that quotes one has it in its References too.
fn quoted(mail: &Mail) -> impl Iterator<Item = MessageId> {
    let words = mail.text.text.split(|c: char| c.is_whitespace() || "<>".contains(c));
    words
        .filter(|word| word.starts_with("EMB-") && word.contains('@') && word.len() < 200)
        .take(QUOTED_LIMIT)
        .map(|word| MessageId(word.to_owned()))
}

/// How a mail found its case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// It answers a mail of ours.
    OurMail,
    /// It answers a mail of the case, and its sender is on the case.
    TheirMail,
    /// Its subject names the case, and its sender is on the case.
    Number,
}

impl Link {
    /// The rule's id.
    pub fn rule(self) -> &'static str {
        match self {
            Self::OurMail => "thread.our-message-id",
            Self::TheirMail => "thread.earlier-mail",
            Self::Number => "thread.case-number",
        }
    }
}

/// The case a person's mail belongs to, if it belongs to one.
pub fn case_of(known: &Known, sender: Option<&Address>) -> Option<(Link, Case)> {
    let on_case = |case: &&Case| sender.is_some_and(|sender| case.participants.contains(sender));
    let ours = known.by_our_mail.as_ref().map(|(_, case)| (Link::OurMail, case));
    let theirs = known.by_their_mail.as_ref().filter(on_case).map(|case| (Link::TheirMail, case));
    let number = known.by_number.as_ref().filter(on_case).map(|case| (Link::Number, case));
    ours.or(theirs).or(number).map(|(link, case)| (link, case.clone()))
}

/// The case that this very mail came into before, by another way: same Message-ID, same author.
pub fn same_mail(known: &Known, author: &Address) -> Option<Case> {
    known.same_mail.as_ref().filter(|case| case.participants.contains(author)).cloned()
}
