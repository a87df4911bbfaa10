//! `--json`: stable keys, RFC 3339 UTC times, one document.

use std::io::Write;

use serde::Serialize;

use super::Failure;
use crate::domain::Timestamp;
use crate::domain::address::{Address, Mailbox};
use crate::domain::advisory::Advisory;
use crate::domain::authenticity::Verdict;
use crate::domain::case::{Case, Unreached};
use crate::domain::case_id::CaseId;
use crate::domain::event::Event;
use crate::domain::exploited::{Duty, Report};
use crate::domain::line::Line;
use crate::domain::mail::Enclosure;
use crate::domain::outgoing::Purpose;
use crate::domain::state::{Disposition, State};
use crate::domain::suggestion::{Facts, Suggestion, SuggestionKind};
use crate::domain::views::{CaseFile, Direction, Message};

/// A case as `case list --json` shows it.
#[derive(Debug, Serialize)]
pub struct CaseJson<'a> {
    id: CaseId,
    state: State,
    disposition: Option<Disposition>,
    subject: &'a str,
    /// Nobody, once the case was purged.
    reporter: Option<&'a Mailbox>,
    handler: Option<&'a str>,
    received_at: Timestamp,
    imported_at: Option<Timestamp>,
    acknowledge_by: Option<Timestamp>,
    acknowledged_at: Option<Timestamp>,
    respond_by: Option<Timestamp>,
    responded_at: Option<Timestamp>,
    responded_by_word: bool,
    last_told_at: Option<Timestamp>,
    next_update_by: Option<Timestamp>,
    disclose_by: Option<Timestamp>,
    awaiting_since: Option<Timestamp>,
    unreached: Option<UnreachedJson<'a>>,
    sender: Option<Verdict>,
    encrypted: bool,
    doubt: Option<&'a str>,
    withheld: Option<&'a str>,
    embargo_until: Option<Timestamp>,
    affected: &'a [String],
    releases: Vec<ReleaseJson<'a>>,
    audit: Option<&'a str>,
    advisory: &'a Advisory,
    credits: &'a [String],
    exploited: Option<ExploitedJson>,
    disclosed_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    purged_at: Option<Timestamp>,
    merged_into: Option<CaseId>,
    links: &'a [CaseId],
    cc: &'a [Address],
    followers: &'a [String],
    suggestions: Vec<SuggestionJson<'a>>,
}

impl<'a> From<&'a Case> for CaseJson<'a> {
    fn from(case: &'a Case) -> Self {
        Self {
            id: case.id,
            state: case.state,
            disposition: case.disposition,
            subject: &case.subject,
            reporter: case.purged_at.is_none().then_some(&case.reporter),
            handler: case.handler.as_deref(),
            received_at: case.received_at,
            imported_at: case.imported_at,
            acknowledge_by: case.acknowledge_by,
            acknowledged_at: case.acknowledged_at,
            respond_by: case.respond_by,
            responded_at: case.responded_at,
            responded_by_word: case.is_answered_by_word(),
            last_told_at: case.last_told_at,
            next_update_by: case.next_update_by,
            disclose_by: case.disclose_by,
            awaiting_since: case.awaiting,
            unreached: case.unreached.as_ref().map(UnreachedJson::from),
            sender: case.sender,
            encrypted: case.encrypted,
            doubt: case.doubt.as_deref(),
            withheld: case.withheld.as_deref(),
            embargo_until: case.embargo_until,
            affected: &case.affected,
            releases: case.lines.iter().map(ReleaseJson::from).collect(),
            audit: case.audit.as_deref(),
            advisory: &case.advisory,
            credits: &case.credits,
            exploited: ExploitedJson::of(case),
            disclosed_at: case.disclosed_at,
            closed_at: case.closed_at,
            purged_at: case.purged_at,
            merged_into: case.merged_into,
            links: &case.links,
            cc: &case.cc,
            followers: &case.followers,
            suggestions: case.suggestions.iter().map(SuggestionJson::from).collect(),
        }
    }
}

/// A line of releases and its fix.
#[derive(Debug, Serialize)]
struct ReleaseJson<'a> {
    line: &'a str,
    affected: bool,
    fixed_at: Option<Timestamp>,
    released_at: Option<Timestamp>,
    version: Option<&'a str>,
    no_fix: Option<&'a str>,
}

impl<'a> From<&'a Line> for ReleaseJson<'a> {
    fn from(line: &'a Line) -> Self {
        Self {
            line: &line.name,
            affected: line.is_affected(),
            fixed_at: line.fixed_at(),
            released_at: line.released_at(),
            version: line.version(),
            no_fix: line.no_fix(),
        }
    }
}

/// The last mail to the reporter that did not reach them.
#[derive(Debug, Serialize)]
struct UnreachedJson<'a> {
    at: Timestamp,
    message_id: String,
    why: &'a str,
}

impl<'a> From<&'a Unreached> for UnreachedJson<'a> {
    fn from(unreached: &'a Unreached) -> Self {
        let message_id = format!("<{}>", unreached.message_id.0);
        Self { at: unreached.at, message_id, why: &unreached.why }
    }
}

/// An exploited vulnerability and the reports that the law wants of it.
#[derive(Debug, Serialize)]
struct ExploitedJson {
    known_since: Timestamp,
    reports: [DutyJson; 3],
}

#[derive(Debug, Serialize)]
struct DutyJson {
    report: Report,
    by: Option<Timestamp>,
    made_at: Option<Timestamp>,
}

impl ExploitedJson {
    fn of(case: &Case) -> Option<Self> {
        let exploited = case.exploited.as_ref()?;
        let duty =
            |duty: Duty| DutyJson { report: duty.report, by: duty.by, made_at: duty.made_at };
        let reports = exploited.duties(case.fix_out_at()).map(duty);
        Some(Self { known_since: exploited.known_since, reports })
    }
}

#[derive(Debug, Serialize)]
struct SuggestionJson<'a> {
    kind: SuggestionKind,
    id: Option<&'a str>,
    why: &'a str,
}

impl<'a> From<&'a Suggestion> for SuggestionJson<'a> {
    fn from(suggestion: &'a Suggestion) -> Self {
        Self { kind: suggestion.kind, id: suggestion.id.as_deref(), why: &suggestion.why }
    }
}

/// An earlier case of the same reporter.
#[derive(Debug, Serialize)]
struct EarlierJson {
    id: CaseId,
    state: State,
    disposition: Option<Disposition>,
}

/// A case with its history as `case show --json` shows it.
#[derive(Debug, Serialize)]
pub struct CaseFileJson<'a> {
    #[serde(flatten)]
    case: CaseJson<'a>,
    facts: Option<&'a Facts>,
    earlier: Vec<EarlierJson>,
    events: Vec<EventJson>,
    messages: Vec<MessageJson<'a>>,
}

#[derive(Debug, Serialize)]
struct EventJson {
    at: Timestamp,
    actor: String,
    kind: &'static str,
    detail: String,
}

impl From<&Event> for EventJson {
    fn from(event: &Event) -> Self {
        Self {
            at: event.at,
            actor: event.actor.label(),
            kind: event.change.name(),
            detail: event.change.describe(),
        }
    }
}

/// A mail of a case, in either direction.
#[derive(Debug, Serialize)]
struct MessageJson<'a> {
    number: i64,
    direction: Direction,
    at: Timestamp,
    from: &'a str,
    to: &'a str,
    subject: &'a str,
    message_id: Option<String>,
    status: &'a str,
    /// What an outgoing mail was for.
    purpose: Option<Purpose>,
    /// The files of an incoming mail.
    files: &'a [Enclosure],
    /// Whom an incoming mail names as its readers, besides the project.
    readers: &'a [Address],
}

impl<'a> CaseFileJson<'a> {
    /// A case of the project at `project`.
    pub fn new(file: &'a CaseFile, project: &'a Address) -> Self {
        let earlier = |case: &Case| EarlierJson {
            id: case.id,
            state: case.state,
            disposition: case.disposition,
        };
        let message = |message: &'a Message| {
            let (from, to) = match message.direction {
                Direction::In => (message.from.as_str(), project.as_str()),
                Direction::Out => (project.as_str(), message.to.as_str()),
            };
            MessageJson {
                number: message.number,
                direction: message.direction,
                at: message.at,
                from,
                to,
                subject: &message.subject,
                message_id: message.message_id.as_ref().map(|id| format!("<{id}>")),
                status: &message.status,
                purpose: message.purpose,
                files: &message.files,
                readers: &message.readers,
            }
        };
        Self {
            case: CaseJson::from(&file.case),
            facts: file.case.facts.as_ref(),
            earlier: file.earlier.iter().map(earlier).collect(),
            events: file.events.iter().map(EventJson::from).collect(),
            messages: file.messages.iter().map(message).collect(),
        }
    }
}

/// Prints one document.
///
/// # Errors
/// Where it cannot be written.
pub fn print(out: &mut dyn Write, document: &impl Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(document).map_err(anyhow::Error::from)?;
    text.push('\n');
    out.write_all(text.as_bytes())?;
    Ok(())
}

/// The name of a value that is a plain name in JSON.
pub fn name(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
