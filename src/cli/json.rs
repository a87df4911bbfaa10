//! `--json`: stable keys, RFC 3339 UTC times, one document.

use std::io::Write;

use serde::Serialize;

use super::Failure;
use crate::domain::Timestamp;
use crate::domain::address::Mailbox;
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::event::Event;
use crate::domain::state::{Disposition, State};
use crate::domain::views::{CaseFile, Message};

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
    suggestions: [(); 0],
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
            suggestions: [],
        }
    }
}

/// A case with its history as `case show --json` shows it.
#[derive(Debug, Serialize)]
pub struct CaseFileJson<'a> {
    #[serde(flatten)]
    case: CaseJson<'a>,
    events: Vec<EventJson>,
    messages: &'a [Message],
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

impl<'a> From<&'a CaseFile> for CaseFileJson<'a> {
    fn from(file: &'a CaseFile) -> Self {
        Self {
            case: CaseJson::from(&file.case),
            events: file.events.iter().map(EventJson::from).collect(),
            messages: &file.messages,
        }
    }
}

/// Prints one document.
///
/// # Errors
/// Where stdout cannot be written.
pub fn print(document: &impl Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(document).map_err(anyhow::Error::from)?;
    text.push('\n');
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

/// The name of a value that is a plain name in JSON.
pub fn name(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
