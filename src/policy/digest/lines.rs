//! The lines of a digest: a case or a mail each, without a word of a report's text.

use chrono::TimeDelta;

use super::{Edition, clock};
use crate::domain::Timestamp;
use crate::domain::address::displayable;
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::digest::{Heading, Line};
use crate::domain::judgement::Format;
use crate::domain::suggestion::{Suggestion, SuggestionKind};
use crate::domain::views::{ClosedCase, MailLine, Returned, UndeliveredLine};
use crate::policy::decide::SENT_BACK_LIMIT;

/// An open case.
pub(super) fn case(
    case: &Case,
    heading: Heading,
    returned: Option<&Returned>,
    edition: &Edition<'_>,
) -> Line {
    let line = Line {
        clock: clock::next_promise(case).map(|(promise, deadline)| {
            clock::clock(promise, deadline, edition.now, edition.zone())
        }),
        suggestions: case.suggestions.iter().map(|s| s.gist.clone()).collect(),
        command: case.suggestions.iter().find_map(|suggestion| act_on(case.id, suggestion)),
        age: aged(case.received_at, "old", edition),
        why: (heading == Heading::EmbargoEnding).then(|| embargo(case, edition)).flatten(),
        ..of_case(case, case.received_at, edition)
    };
    if heading != Heading::SentBack {
        return line;
    }
    Line {
        handler: case.handler.as_ref().and(line.handler),
        why: returned.map(|returned| why_returned(returned, case.returned_times)),
        command: Some(format!("embargod case accept {}", case.id)),
        ..line
    }
}

/// A case that ended.
pub(super) fn closed(closed: &ClosedCase, edition: &Edition<'_>) -> Line {
    let ended = closed.case.disposition.map(|disposition| disposition.name().to_owned());
    Line { why: ended, ..of_case(&closed.case, closed.at, edition) }
}

/// A mail of a case.
pub(super) fn mail(mail: &MailLine, case: Option<&Case>, edition: &Edition<'_>) -> Line {
    let own = case.is_some_and(|case| edition.is_own(case));
    Line {
        number: number(mail.case, Some(mail.number)),
        subject: subject(&mail.subject),
        handler: case.map(|case| handler(case, edition)),
        own,
        command: mail.case.map(|case| format!("embargod case show {case}")),
        ..blank(mail.at, edition)
    }
}

/// A mail that could not be read.
pub(super) fn quarantined(line: &MailLine, edition: &Edition<'_>) -> Line {
    // The rule and not its detail: a detail may quote the mail.
    let rule = line.reasons.first().map(|reason| displayable(&reason.rule));
    Line { why: rule, command: None, ..mail(line, None, edition) }
}

/// A mail of ours that did not arrive.
pub(super) fn undelivered(mail: &UndeliveredLine, edition: &Edition<'_>) -> Line {
    // Servers like to repeat the address.
    let why = match mail.to.as_str() {
        "" => mail.why.clone(),
        to => mail.why.replace(to, "the recipient"),
    };
    Line {
        number: number(mail.case, None),
        subject: format!("our mail ({})", displayable(&mail.purpose)),
        why: Some(displayable(&why)),
        command: mail.case.map(|case| format!("embargod case show {case}")),
        ..blank(mail.at, edition)
    }
}

fn of_case(case: &Case, since: Timestamp, edition: &Edition<'_>) -> Line {
    Line {
        number: case.id.to_string(),
        subject: subject(&case.subject),
        handler: Some(handler(case, edition)),
        own: edition.is_own(case),
        ..blank(since, edition)
    }
}

/// A line that so far only has its time.
fn blank(since: Timestamp, edition: &Edition<'_>) -> Line {
    Line {
        number: String::new(),
        subject: String::new(),
        since,
        age: aged(since, "ago", edition),
        clock: None,
        handler: None,
        own: false,
        why: None,
        suggestions: Vec::new(),
        command: None,
    }
}

fn handler(case: &Case, edition: &Edition<'_>) -> String {
    match &case.handler {
        Some(_) if edition.is_own(case) => "you".to_owned(),
        Some(handle) => handle.clone(),
        None => "nobody yet".to_owned(),
    }
}

/// How long ago it began: `3 d old`, `3 d ago`.
fn aged(since: Timestamp, word: &str, edition: &Edition<'_>) -> String {
    let age = edition.now.signed_duration_since(since);
    match age < TimeDelta::minutes(1) {
        true => "just now".to_owned(),
        false => format!("{} {word}", clock::length(age)),
    }
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

/// When an embargo ends, in words.
fn embargo(case: &Case, edition: &Edition<'_>) -> Option<String> {
    let until = clock::embargo(case)?;
    let left = clock::length(until.signed_duration_since(edition.now));
    Some(format!("embargo ends in {left}, {}", edition.moment(until)))
}

fn why_returned(returned: &Returned, times: u32) -> String {
    let words = match returned.format {
        Format::LinkOnly => "only behind a link",
        Format::AttachmentOnly => "only in an attachment",
        Format::Empty | Format::Whole | Format::Encrypted => "no report in the body",
    };
    let more = match times {
        0 | 1 => String::new(),
        SENT_BACK_LIMIT.. => format!("; sent back {times} times, and not again by itself"),
        _ => format!("; sent back {times} times"),
    };
    format!("{words} ({}){more}", displayable(&returned.rule))
}
