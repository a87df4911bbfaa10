//! What to say, and to whom.

use chrono_tz::Tz;

use crate::domain::Timestamp;
use crate::domain::address::Mailbox;
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::judgement::Format;
use crate::domain::letter::{
    Acknowledgement, Answered, Closed, Content, Fix, Letter, Moment, SentBack,
};
use crate::domain::line::Line;
use crate::domain::mail::MessageId;
use crate::domain::outgoing::Purpose;
use crate::domain::views::{CaseFile, Direction, Message};
use crate::policy::rules::Rules;

/// What an acknowledgement says of the report itself.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// When it arrived: of a report that was sent back, the mail that is whole.
    pub arrived_at: Timestamp,
    /// Facts that it seems to lack, as questions.
    pub missing: &'a [String],
    /// Where its content is.
    pub format: Format,
}

/// How the report of a case that is at work can be read.
pub fn format(case: &Case) -> Format {
    if case.encrypted { Format::Encrypted } else { Format::Whole }
}

/// The acknowledgement of a second case for a part of what was reported as `first`.
pub fn of_a_split(
    second: &Case,
    first: CaseId,
    report: Report<'_>,
    answers: Option<Answered>,
    now: Timestamp,
    rules: &Rules,
) -> Option<Letter> {
    let mut letter = acknowledgement(second, report, answers, now, rules)?;
    if let Content::Acknowledgement(facts) = &mut letter.content {
        facts.split_from = Some(first);
    }
    Some(letter)
}

/// The acknowledgement of a case's report; `None` where nobody is answered from here.
pub fn acknowledgement(
    case: &Case,
    report: Report<'_>,
    answers: Option<Answered>,
    now: Timestamp,
    rules: &Rules,
) -> Option<Letter> {
    let acknowledge_by =
        case.acknowledge_by.unwrap_or_else(|| rules.promises.acknowledge_by(report.arrived_at));
    Some(Letter {
        to: recipient(case)?,
        cc: case.cc.clone(),
        answers,
        content: Content::Acknowledgement(Acknowledgement {
            project: rules.project.name.clone(),
            policy: rules.project.policy.clone(),
            case: case.id,
            split_from: None,
            received: Moment::utc(report.arrived_at),
            acknowledge_by: Moment::utc(acknowledge_by),
            late: now > acknowledge_by,
            respond_by: Moment::utc(rules.promises.respond_by(now)),
            update_every: rules.promises.update.in_words(),
            closed: rules.promises.closed_at(now).map(|season| Closed {
                until: day(season.until, season.zone),
                message: season.message.clone(),
            }),
            missing: report.missing.to_vec(),
            encrypted: report.format == Format::Encrypted,
        }),
    })
}

/// The answer to a report that is not in the body; `None` where nobody is answered from here.
pub fn sent_back(
    case: &Case,
    format: Format,
    rule: &str,
    answers: Option<Answered>,
    rules: &Rules,
) -> Option<Letter> {
    Some(Letter {
        to: recipient(case)?,
        cc: case.cc.clone(),
        answers,
        content: Content::SentBack(SentBack {
            project: rules.project.name.clone(),
            policy: rules.project.policy.clone(),
            case: case.id,
            format,
            rule: rule.to_owned(),
            received: Moment::utc(case.last_heard_at),
        }),
    })
}

/// The affected lines of a case, as a letter tells of them.
pub fn fixes(case: &Case) -> Vec<Fix> {
    let told = |line: &Line| Fix {
        line: line.name.clone(),
        version: line.version().map(str::to_owned),
        no_fix: line.no_fix().map(str::to_owned),
    };
    case.lines.iter().filter(|line| line.is_affected()).map(told).collect()
}

/// The mail that the next letter to the reporter answers: the last that a person wrote into the
/// case, in the thread of all that went back and forth with the reporter before it. What a maintainer
/// wrote into it is no part of that: its Message-ID has the name of their server.
pub fn answered(file: &CaseFile, rules: &Rules) -> Option<Answered> {
    file.case.correspondent.as_ref()?;
    let is_maintainers = |from: &str| {
        rules.maintainers.iter().any(|person| person.address.as_str().eq_ignore_ascii_case(from))
    };
    let by_person = |message: &Message| match message.direction {
        Direction::In => {
            ["submission", "follow-up"].contains(&message.status.as_str())
                && !is_maintainers(&message.from)
        }
        Direction::Out => message.purpose.is_some_and(Purpose::is_for_reporter),
    };
    let thread: Vec<(Direction, MessageId)> = file
        .messages
        .iter()
        .filter(|message| by_person(message))
        .filter_map(|message| Some((message.direction, MessageId(message.message_id.clone()?))))
        .collect();
    let last = thread.iter().rposition(|(direction, _)| *direction == Direction::In)?;
    let references = thread.iter().take(last).map(|(_, id)| id.clone()).collect();
    let (_, message_id) = thread.get(last)?.clone();
    Some(Answered { message_id, references })
}

/// The command with which a person answers the reporter, or says that they did so elsewhere.
pub fn answering(case: &Case) -> String {
    let verb = if case.correspondent.is_some() { "reply" } else { "answered" };
    format!("embargod case {verb} {}", case.id)
}

/// Who is answered, by address alone: a display name is a stranger's text (invariant 4).
pub fn recipient(case: &Case) -> Option<Mailbox> {
    let address = case.correspondent.clone()?;
    Some(Mailbox { name: None, address })
}

/// A moment as the day it falls on, on the clocks of `zone`: `Thursday, 7 January 2027`.
fn day(at: Timestamp, zone: Tz) -> Moment {
    let long = at.with_timezone(&zone).format("%A, %-d %B %Y").to_string();
    Moment { long, ..Moment::utc(at) }
}
