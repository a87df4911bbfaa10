//! `--json`: stable keys, RFC 3339 UTC times, one document.

use std::io::Write;

use serde::Serialize;

use super::Failure;
use crate::domain::Timestamp;
use crate::domain::address::{Address, Mailbox};
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::event::Event;
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
    reporter: &'a Mailbox,
    handler: Option<&'a str>,
    received_at: Timestamp,
    acknowledge_by: Option<Timestamp>,
    acknowledged_at: Option<Timestamp>,
    respond_by: Option<Timestamp>,
    responded_at: Option<Timestamp>,
    next_update_by: Option<Timestamp>,
    embargo_until: Option<Timestamp>,
    affected: &'a [String],
    releases: [(); 0],
    suggestions: Vec<SuggestionJson<'a>>,
}

impl<'a> From<&'a Case> for CaseJson<'a> {
    fn from(case: &'a Case) -> Self {
        Self {
            id: case.id,
            state: case.state,
            disposition: case.disposition,
            subject: &case.subject,
            reporter: &case.reporter,
            handler: case.handler.as_deref(),
            received_at: case.received_at,
            acknowledge_by: case.acknowledge_by,
            acknowledged_at: case.acknowledged_at,
            respond_by: case.respond_by,
            responded_at: case.responded_at,
            next_update_by: case.next_update_by,
            embargo_until: case.embargo_until,
            affected: &case.affected,
            releases: [],
            suggestions: case.suggestions.iter().map(SuggestionJson::from).collect(),
        }
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
    direction: Direction,
    at: Timestamp,
    from: &'a str,
    to: &'a str,
    subject: &'a str,
    message_id: Option<String>,
    status: &'a str,
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
                direction: message.direction,
                at: message.at,
                from,
                to,
                subject: &message.subject,
                message_id: message.message_id.as_ref().map(|id| format!("<{id}>")),
                status: &message.status,
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
