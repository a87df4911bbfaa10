//! What a maintainer's digest says: the work there is, most urgent first, in few words.
//!
//! Relies on the store's view being complete. Promises: every open case stands in exactly one
//! section and every mail that waits for a person in one; nothing of a report but its subject is
//! shown (invariant 8): not a rule's details, which may quote it, and not the reporter's address.

pub mod clock;
mod schedule;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use chrono_tz::Tz;

pub use schedule::next_due;

use crate::domain::Timestamp;
use crate::domain::address::displayable;
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::digest::{Digest, Heading, Line, Section};
use crate::domain::judgement::{Format, Kind};
use crate::domain::people::Maintainer;
use crate::domain::state::State;
use crate::domain::suggestion::{Suggestion, SuggestionKind};
use crate::domain::views::{MailLine, Returned, UndeliveredLine, WorkView};

/// For whom a digest is made, and when.
#[derive(Debug, Clone, Copy)]
pub struct Edition<'a> {
    /// The project's name.
    pub project: &'a str,
    /// The reader.
    pub reader: &'a Maintainer,
    /// The zone in which times are shown.
    pub zone: Tz,
    /// When the last digest was made; without one, new is what arrived within a day.
    pub since: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
}

/// The digest of this moment, or `None` where there is nothing to say.
pub fn digest(view: &WorkView, edition: &Edition<'_>) -> Option<Digest> {
    let digest = even_if_empty(view, edition);
    (!digest.sections.is_empty() || digest.set_aside.is_some()).then_some(digest)
}

/// The digest of this moment, even where there is nothing to say.
pub fn even_if_empty(view: &WorkView, edition: &Edition<'_>) -> Digest {
    let mut lines: BTreeMap<Heading, Vec<Line>> = BTreeMap::new();
    let mut cases: Vec<&Case> = view.open.iter().filter(|case| case.state.is_open()).collect();
    cases.sort_by_key(|case| (!edition.is_own(case), deadline(case), case.received_at, case.id));
    for case in cases {
        let returned = view.returned.get(&case.id);
        lines.entry(edition.heading(case)).or_default().push(edition.case_line(case, returned));
    }
    let handler = |id: Option<CaseId>| view.open.iter().find(|case| Some(case.id) == id);
    let mails = |mails: &[MailLine]| -> Vec<Line> {
        mails.iter().map(|mail| edition.mail_line(mail, handler(mail.case))).collect()
    };
    let mut quarantined = mails(&view.quarantined);
    for (line, mail) in quarantined.iter_mut().zip(&view.quarantined) {
        // The rule and not its detail: a detail may quote the mail.
        line.why = mail.reasons.first().map(|reason| displayable(&reason.rule));
    }
    lines.insert(Heading::Quarantined, quarantined);
    lines.insert(Heading::FollowUps, mails(&view.follow_ups));
    let undelivered = view.undelivered.iter().map(|mail| edition.undelivered_line(mail));
    lines.insert(Heading::Undelivered, undelivered.collect());
    lines.retain(|_, lines| !lines.is_empty());
    let set_aside = counts(&view.set_aside);
    let local = edition.now.with_timezone(&edition.zone);
    Digest {
        project: edition.project.to_owned(),
        reader: edition.reader.handle.clone(),
        day: local.date_naive(),
        short_day: local.format("%-d %b").to_string(),
        made: local.format("%A, %-d %B %Y, %H:%M %Z").to_string(),
        headline: match (lines.is_empty(), &set_aside) {
            (true, None) => "nothing to do".to_owned(),
            (true, Some(_)) => "only machines wrote".to_owned(),
            (false, _) => headline(&lines),
        },
        sections: lines.into_iter().map(|(heading, lines)| section(heading, lines)).collect(),
        set_aside,
    }
}

impl Edition<'_> {
    fn is_own(&self, case: &Case) -> bool {
        case.handler.as_deref() == Some(self.reader.handle.as_str())
    }

    /// The one section in which a case stands.
    fn heading(&self, case: &Case) -> Heading {
        if case.state == State::Returned {
            return Heading::SentBack;
        }
        let day = TimeDelta::hours(24);
        match deadline(case).map(|deadline| deadline.signed_duration_since(self.now)) {
            Some(left) if left < TimeDelta::zero() => return Heading::Overdue,
            Some(left) if left <= day => return Heading::DueSoon,
            _ => {}
        }
        let is_new = match self.since {
            Some(since) => case.received_at > since,
            None => self.now.signed_duration_since(case.received_at) <= day,
        };
        if is_new { Heading::New } else { Heading::Waiting }
    }

    fn case_line(&self, case: &Case, returned: Option<&Returned>) -> Line {
        let sent_back = case.state == State::Returned;
        Line {
            number: case.id.to_string(),
            subject: subject(&case.subject),
            age: self.age(case.received_at),
            clock: clock::next_promise(case)
                .map(|(promise, deadline)| clock::clock(promise, deadline, self.now, self.zone)),
            handler: if sent_back && case.handler.is_none() { None } else { self.handler(case) },
            why: returned.filter(|_| sent_back).map(why_returned).or_else(|| advice(case)),
            command: if sent_back {
                Some(format!("embargod case accept {}", case.id))
            } else {
                case.suggestions.iter().find_map(|suggestion| act_on(case.id, suggestion))
            },
        }
    }

    fn mail_line(&self, mail: &MailLine, case: Option<&Case>) -> Line {
        Line {
            number: number(mail.case, Some(mail.number)),
            subject: subject(&mail.subject),
            age: self.age(mail.at),
            clock: None,
            handler: case.and_then(|case| self.handler(case)),
            why: None,
            command: None,
        }
    }

    fn undelivered_line(&self, mail: &UndeliveredLine) -> Line {
        // Servers like to repeat the address.
        let why = match mail.to.as_str() {
            "" => mail.why.clone(),
            to => mail.why.replace(to, "the recipient"),
        };
        Line {
            number: number(mail.case, None),
            subject: format!("our mail ({})", displayable(&mail.purpose)),
            age: self.age(mail.at),
            clock: None,
            handler: None,
            why: Some(displayable(&why)),
            command: None,
        }
    }

    fn handler(&self, case: &Case) -> Option<String> {
        Some(match &case.handler {
            Some(_) if self.is_own(case) => "you".to_owned(),
            Some(handle) => handle.clone(),
            None => "nobody yet".to_owned(),
        })
    }

    fn age(&self, since: Timestamp) -> String {
        clock::length(self.now.signed_duration_since(since).max(TimeDelta::zero()))
    }
}

fn deadline(case: &Case) -> Option<Timestamp> {
    clock::next_promise(case).map(|(_, deadline)| deadline)
}

/// A subject, or words in its place.
fn subject(text: &str) -> String {
    let shown = displayable(text);
    if shown.is_empty() { "(no subject)".to_owned() } else { shown }
}

fn number(case: Option<CaseId>, mail: Option<i64>) -> String {
    match (case, mail) {
        (Some(case), _) => case.to_string(),
        (None, Some(mail)) => format!("mail {mail}"),
        (None, None) => "no case".to_owned(),
    }
}

/// What was noticed, without a word of the reporter's.
fn advice(case: &Case) -> Option<String> {
    let gists: Vec<&str> = case.suggestions.iter().take(2).map(|s| s.gist.as_str()).collect();
    (!gists.is_empty()).then(|| gists.join("; "))
}

/// The command that follows a suggestion, where one does. A package's name is the reporter's word,
/// so it is left for the maintainer to type.
fn act_on(case: CaseId, suggestion: &Suggestion) -> Option<String> {
    let end = match (suggestion.kind, &suggestion.id) {
        (SuggestionKind::OutOfScope, Some(id)) => format!("out-of-scope --exclusion {id}"),
        (SuggestionKind::Duplicate, Some(id)) => format!("duplicate --of {id}"),
        (SuggestionKind::ThirdParty, _) => "third-party".to_owned(),
        _ => return None,
    };
    Some(format!("embargod case close {case} --as {end}"))
}

fn why_returned(returned: &Returned) -> String {
    let words = match returned.format {
        Format::LinkOnly => "only behind a link",
        Format::AttachmentOnly => "only in an attachment",
        Format::Empty | Format::Whole | Format::Encrypted => "no report in the body",
    };
    format!("{words} ({})", displayable(&returned.rule))
}

/// A section with its title and advice.
fn section(heading: Heading, lines: Vec<Line>) -> Section {
    let (title, advice) = match heading {
        Heading::Overdue => ("Overdue", None),
        Heading::DueSoon => ("Due within a day", None),
        Heading::New => ("New", None),
        Heading::Waiting => ("Waiting for us", None),
        Heading::SentBack => {
            ("Sent back", Some("To take one in as it is, run the command below it."))
        }
        Heading::Quarantined => {
            ("Quarantined", Some("Kept whole, but embargod could not read them."))
        }
        Heading::Undelivered => {
            ("Undelivered", Some("Given up; the recipients did not get these."))
        }
        Heading::FollowUps => ("Follow-ups", None),
    };
    Section { heading, title: title.to_owned(), advice: advice.map(str::to_owned), lines }
}

/// The work in a few words: the three most urgent kinds of it.
fn headline(lines: &BTreeMap<Heading, Vec<Line>>) -> String {
    let counted = lines.iter().map(|(heading, lines)| {
        let count = lines.len();
        match heading {
            Heading::Overdue => format!("{count} overdue"),
            Heading::DueSoon => format!("{count} due within a day"),
            Heading::New => format!("{count} new"),
            Heading::Waiting => format!("{count} open"),
            Heading::SentBack => format!("{count} sent back"),
            Heading::Quarantined => format!("{count} quarantined"),
            Heading::Undelivered => format!("{count} undelivered"),
            Heading::FollowUps if count == 1 => "1 follow-up".to_owned(),
            Heading::FollowUps => format!("{count} follow-ups"),
        }
    });
    counted.take(3).collect::<Vec<_>>().join(", ")
}

/// Machines' mail, counted by kind.
fn counts(mails: &[MailLine]) -> Option<String> {
    let kinds = [
        (Kind::Bounce, "bounce", "bounces"),
        (Kind::AutoReply, "automatic reply", "automatic replies"),
        (Kind::Bulk, "list mail", "list mails"),
        (Kind::Own, "mail of our own", "mails of our own"),
        (Kind::Spam, "spam", "spam"),
        (Kind::Malformed, "unreadable mail", "unreadable mails"),
        (Kind::Command, "command", "commands"),
        (Kind::Submission, "submission", "submissions"),
        (Kind::FollowUp, "follow-up", "follow-ups"),
    ];
    let words: Vec<String> = kinds
        .into_iter()
        .filter_map(|(kind, one, many)| {
            match mails.iter().filter(|mail| mail.kind == kind).count() {
                0 => None,
                1 => Some(format!("1 {one}")),
                count => Some(format!("{count} {many}")),
            }
        })
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}
