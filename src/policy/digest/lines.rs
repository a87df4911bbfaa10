//! The lines of a digest: a case or a mail each, without a word of a report's text.

use chrono::TimeDelta;

use super::{Edition, clock, place, step};
use crate::domain::Timestamp;
use crate::domain::address::displayable;
use crate::domain::case::{Case, Unreached};
use crate::domain::case_id::CaseId;
use crate::domain::digest::{Heading, Line, Urgency};
use crate::domain::judgement::Format;
use crate::domain::views::{ClosedCase, MailLine, Returned, UndeliveredLine};
use crate::policy::decide::SENT_BACK_LIMIT;
use crate::policy::disclosure::too_long;
use crate::policy::handler;
use crate::policy::promise::in_words;

/// An open case.
pub(super) fn case(
    case: &Case,
    heading: Heading,
    returned: Option<&Returned>,
    edition: &Edition<'_>,
) -> Line {
    let line = of_case(case, case.received_at, edition);
    let let_go = step::let_go(case, edition);
    let silence = in_words(edition.silent_after);
    let silent = let_go.as_ref().map(|_| format!("no answer for {silence}: close it?"));
    let noticed = step::noticed(case).iter().map(|suggestion| suggestion.gist.clone());
    Line {
        clock: clock::next_promise(case).map(|(promise, deadline)| {
            clock::clock(promise, deadline, edition.now, edition.zone())
        }),
        suggestions: silent.into_iter().chain(noticed).collect(),
        command: step::next(case, heading).or(let_go),
        age: aged(case.received_at, "old", edition),
        why: why(case, heading, returned, edition),
        // Nobody has to handle what was sent back.
        handler: line.handler.filter(|_| heading != Heading::SentBack || case.handler.is_some()),
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
        handler: case.map(|case| handled_by(case, edition)),
        own,
        command: mail.case.map(|case| format!("embargod case show {case}")),
        ..blank(mail.at, edition)
    }
}

/// A mail that could not be read.
pub(super) fn quarantined(line: &MailLine, edition: &Edition<'_>) -> Line {
    // The rule and not its detail: a detail may quote the mail.
    let rule = line.reasons.first().map(|reason| displayable(&reason.rule));
    let command = Some(format!("embargod mail show {}", line.number));
    Line { why: rule, command, ..mail(line, None, edition) }
}

/// The reporter of a case whom our last mail did not reach.
pub(super) fn unreached(case: &Case, unreached: &Unreached, edition: &Edition<'_>) -> Line {
    let to = case.correspondent.as_ref().unwrap_or(&case.reporter.address);
    Line {
        why: Some(without(to.as_str(), &unreached.why)),
        command: Some(format!("embargod case show {}", case.id)),
        ..of_case(case, unreached.at, edition)
    }
}

/// A mail of ours that did not arrive.
pub(super) fn undelivered(mail: &UndeliveredLine, edition: &Edition<'_>) -> Line {
    Line {
        number: number(mail.case, None),
        subject: format!("our mail ({})", mail.purpose.name()),
        why: Some(without(&mail.to, &mail.why)),
        command: mail.case.map(|case| format!("embargod case show {case}")),
        ..blank(mail.at, edition)
    }
}

/// A server's words without the recipient's address, which they like to repeat.
fn without(address: &str, words: &str) -> String {
    match address {
        "" => displayable(words),
        address => displayable(&words.replace(address, "the recipient")),
    }
}

fn of_case(case: &Case, since: Timestamp, edition: &Edition<'_>) -> Line {
    Line {
        number: case.id.to_string(),
        subject: subject(&case.subject),
        handler: Some(handled_by(case, edition)),
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

fn handled_by(case: &Case, edition: &Edition<'_>) -> String {
    let (reader, zone) = (&edition.reader.handle, edition.zone());
    handler::named(case.handler.as_deref(), reader, edition.maintainers, edition.now, zone)
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

/// What the heading and the clock do not say.
fn why(
    case: &Case,
    heading: Heading,
    returned: Option<&Returned>,
    edition: &Edition<'_>,
) -> Option<String> {
    let standing = match heading {
        Heading::Legal => beside_the_law(case, edition),
        Heading::SentBack => returned.map(|returned| why_returned(returned, case.returned_times)),
        Heading::WaitingForReporter => case.awaiting.map(|since| {
            format!("asked {}; the promises stand still", aged(since, "ago", edition))
        }),
        _ => None,
    };
    let embargo = embargo(case, edition).filter(|_| place::embargo_ends(case, edition));
    let unreached = case.unreached.as_ref().map(|_| "our last mail did not arrive".to_owned());
    let doubt = case.doubt.as_ref().map(|_| "a sender is doubtful".to_owned());
    let withheld = case.withheld.as_ref().map(|_| "not answered".to_owned());
    let encrypted = (case.encrypted && case.responded_at.is_none()).then(|| "encrypted".to_owned());
    let said: Vec<String> =
        [encrypted, standing, embargo, unreached, doubt, withheld, handed_over(case, edition)]
            .into_iter()
            .flatten()
            .collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// What a new handler was told: a word for nobody else.
fn handed_over(case: &Case, edition: &Edition<'_>) -> Option<String> {
    let handover = case.handover.as_ref().filter(|_| edition.is_own(case))?;
    let when = aged(handover.at, "ago", edition);
    Some(format!("handed over to you {when}: {}", displayable(&handover.note)))
}

/// What else runs on a case that the law looks at.
fn beside_the_law(case: &Case, edition: &Edition<'_>) -> Option<String> {
    let report = clock::next_duty(case);
    let report =
        report.is_none().then(|| "final report due 14 days after the first fix".to_owned());
    let ended = case.disposition.filter(|_| !case.state.is_open());
    let ended = ended.map(|disposition| format!("closed as {}", disposition.name()));
    if report.is_some() || ended.is_some() {
        return Some(ended.into_iter().chain(report).collect::<Vec<_>>().join("; "));
    }
    let running = clock::promise(case)?;
    let promise = running.due.words();
    let clock = clock::clock(promise, running.deadline, edition.now, edition.zone());
    Some(match clock.urgency {
        Urgency::Overdue => format!("{promise}: {}", clock.words),
        Urgency::Soon | Urgency::Later => clock.words,
    })
}

/// When an embargo ends, in words.
fn embargo(case: &Case, edition: &Edition<'_>) -> Option<String> {
    let until = clock::embargo(case)?;
    let left = until.signed_duration_since(edition.now);
    let ends = match left < TimeDelta::zero() {
        true => format!("ended {} ago", clock::length(left)),
        false => format!("ends in {}", clock::length(left)),
    };
    // A list keeps a secret only so long: before that it must not be told.
    let later = too_long(edition.lists, until, edition.now);
    let told = edition.lists.iter().filter(|_| left > TimeDelta::zero()).map(|list| {
        match later.iter().find(|later| later.list == *list) {
            Some(later) => {
                format!("; {} may be told from {}", list.name, edition.moment(later.tell_from))
            }
            None => format!("; {} may be told now", list.name),
        }
    });
    Some(format!("embargo {ends}, {}{}", edition.moment(until), told.collect::<String>()))
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
