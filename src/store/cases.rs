//! Cases and their events: the rows that a decision on a case becomes.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use serde::de::DeserializeOwned;

use super::chain;
use super::error::StoreError;
use super::keys::{case_id, case_key, from_name, keys_of_year, name_of, optional_time, time};
use super::listing::Which;
use super::outbox;
use crate::domain::address::{Address, Mailbox};
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::event::{Change, Event};

/// Writes a case as it stands.
pub(super) fn save(connection: &Connection, case: &Case) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO cases (key, state, disposition, subject, reporter_name, reporter,
                correspondent, handler,
                received_at, imported_at, acknowledge_by, acknowledged_at, respond_by, responded_at,
                last_told_at, next_update_by, disclose_by, extended_at, awaiting, encrypted, handover,
                answered_elsewhere_at, embargo_until, embargo_set_at, disclosed_at, closed_at, purged_at, merged_into, last_heard_at, returned_times, suggestions, facts, affected,
                lines, audit, advisory, credits, exploited, links, proof, unreached, sender, doubt, withheld,
                participants, cc, followers)
             VALUES (:key, :state, :disposition, :subject, :reporter_name, :reporter,
                :correspondent, :handler,
                :received_at, :imported_at, :acknowledge_by, :acknowledged_at, :respond_by, :responded_at,
                :last_told_at, :next_update_by, :disclose_by, :extended_at, :awaiting, :encrypted, :handover,
                :answered_elsewhere_at, :embargo_until, :embargo_set_at, :disclosed_at, :closed_at, :purged_at, :merged_into, :last_heard_at, :returned_times, :suggestions, :facts,
                :affected, :lines, :audit, :advisory, :credits, :exploited, :links, :proof, :unreached,
                :sender, :doubt, :withheld, :participants, :cc, :followers)
             ON CONFLICT (key) DO UPDATE SET
                state = :state, disposition = :disposition, handler = :handler,
                subject = :subject, reporter_name = :reporter_name, reporter = :reporter,
                correspondent = :correspondent, received_at = :received_at,
                imported_at = :imported_at,
                acknowledge_by = :acknowledge_by, acknowledged_at = :acknowledged_at,
                respond_by = :respond_by, responded_at = :responded_at,
                last_told_at = :last_told_at, next_update_by = :next_update_by,
                disclose_by = :disclose_by, extended_at = :extended_at, awaiting = :awaiting,
                encrypted = :encrypted, handover = :handover,
                answered_elsewhere_at = :answered_elsewhere_at,
                embargo_until = :embargo_until, embargo_set_at = :embargo_set_at,
                disclosed_at = :disclosed_at, closed_at = :closed_at, purged_at = :purged_at, merged_into = :merged_into,
                last_heard_at = :last_heard_at, returned_times = :returned_times,
                suggestions = :suggestions, facts = :facts,
                affected = :affected, lines = :lines, audit = :audit, advisory = :advisory,
                credits = :credits, exploited = :exploited, links = :links, proof = :proof,
                unreached = :unreached, sender = :sender, doubt = :doubt, withheld = :withheld,
                participants = :participants, cc = :cc, followers = :followers",
        )?
        .execute(named_params! {
            ":key": case_key(case.id),
            ":state": case.state.name(),
            ":disposition": case.disposition.as_ref().map(name_of).transpose()?,
            ":subject": case.subject,
            ":reporter_name": case.reporter.name,
            ":reporter": case.reporter.address.as_str(),
            ":correspondent": case.correspondent.as_ref().map(Address::as_str),
            ":handler": case.handler,
            ":received_at": case.received_at.timestamp(),
            ":imported_at": case.imported_at.map(|t| t.timestamp()),
            ":acknowledge_by": case.acknowledge_by.map(|t| t.timestamp()),
            ":acknowledged_at": case.acknowledged_at.map(|t| t.timestamp()),
            ":respond_by": case.respond_by.map(|t| t.timestamp()),
            ":responded_at": case.responded_at.map(|t| t.timestamp()),
            ":next_update_by": case.next_update_by.map(|t| t.timestamp()),
            ":embargo_until": case.embargo_until.map(|t| t.timestamp()),
            ":last_told_at": case.last_told_at.map(|t| t.timestamp()),
            ":disclose_by": case.disclose_by.map(|t| t.timestamp()),
            ":extended_at": case.extended_at.map(|t| t.timestamp()),
            ":awaiting": case.awaiting.map(|t| t.timestamp()),
            ":encrypted": case.encrypted,
            ":handover": case.handover.as_ref().map(serde_json::to_string).transpose()?,
            ":answered_elsewhere_at": case.answered_elsewhere_at.map(|t| t.timestamp()),
            ":embargo_set_at": case.embargo_set_at.map(|t| t.timestamp()),
            ":disclosed_at": case.disclosed_at.map(|t| t.timestamp()),
            ":closed_at": case.closed_at.map(|t| t.timestamp()),
            ":purged_at": case.purged_at.map(|t| t.timestamp()),
            ":merged_into": case.merged_into.map(case_key),
            ":last_heard_at": case.last_heard_at.timestamp(),
            ":returned_times": case.returned_times,
            ":suggestions": serde_json::to_string(&case.suggestions)?,
            ":facts": case.facts.as_ref().map(serde_json::to_string).transpose()?,
            ":affected": serde_json::to_string(&case.affected)?,
            ":lines": serde_json::to_string(&case.lines)?,
            ":audit": case.audit,
            ":advisory": serde_json::to_string(&case.advisory)?,
            ":credits": serde_json::to_string(&case.credits)?,
            ":exploited": case.exploited.as_ref().map(serde_json::to_string).transpose()?,
            ":links": serde_json::to_string(&case.links)?,
            ":proof": serde_json::to_string(&case.proof)?,
            ":unreached": case.unreached.as_ref().map(serde_json::to_string).transpose()?,
            ":sender": case.sender.as_ref().map(name_of).transpose()?,
            ":doubt": case.doubt,
            ":withheld": case.withheld,
            ":participants": serde_json::to_string(&case.participants)?,
            ":cc": serde_json::to_string(&case.cc)?,
            ":followers": serde_json::to_string(&case.followers)?,
        })?;
    Ok(())
}

/// A row of `cases` as a case.
pub(super) fn from_row(row: &Row<'_>) -> Result<Case, StoreError> {
    let address = |text: String| {
        text.parse::<Address>().map_err(|e| StoreError::Unreadable(format!("an address: {e}")))
    };
    Ok(Case {
        id: case_id(row.get("key")?)?,
        state: from_name(row.get("state")?)?,
        disposition: row.get::<_, Option<String>>("disposition")?.map(from_name).transpose()?,
        subject: row.get("subject")?,
        reporter: Mailbox {
            name: row.get("reporter_name")?,
            address: address(row.get("reporter")?)?,
        },
        correspondent: row.get::<_, Option<String>>("correspondent")?.map(address).transpose()?,
        handler: row.get("handler")?,
        received_at: time(row.get("received_at")?)?,
        imported_at: optional_time(row.get("imported_at")?)?,
        acknowledge_by: optional_time(row.get("acknowledge_by")?)?,
        acknowledged_at: optional_time(row.get("acknowledged_at")?)?,
        respond_by: optional_time(row.get("respond_by")?)?,
        responded_at: optional_time(row.get("responded_at")?)?,
        next_update_by: optional_time(row.get("next_update_by")?)?,
        embargo_until: optional_time(row.get("embargo_until")?)?,
        last_told_at: optional_time(row.get("last_told_at")?)?,
        disclose_by: optional_time(row.get("disclose_by")?)?,
        extended_at: optional_time(row.get("extended_at")?)?,
        awaiting: optional_time(row.get("awaiting")?)?,
        encrypted: row.get("encrypted")?,
        handover: optional_json(row, "handover")?,
        answered_elsewhere_at: optional_time(row.get("answered_elsewhere_at")?)?,
        embargo_set_at: optional_time(row.get("embargo_set_at")?)?,
        disclosed_at: optional_time(row.get("disclosed_at")?)?,
        closed_at: optional_time(row.get("closed_at")?)?,
        purged_at: optional_time(row.get("purged_at")?)?,
        merged_into: row.get::<_, Option<i64>>("merged_into")?.map(case_id).transpose()?,
        last_heard_at: time(row.get("last_heard_at")?)?,
        returned_times: row.get("returned_times")?,
        suggestions: json(row, "suggestions")?,
        facts: optional_json(row, "facts")?,
        affected: json(row, "affected")?,
        lines: json(row, "lines")?,
        audit: row.get("audit")?,
        advisory: json(row, "advisory")?,
        credits: json(row, "credits")?,
        exploited: optional_json(row, "exploited")?,
        links: json(row, "links")?,
        proof: json(row, "proof")?,
        unreached: optional_json(row, "unreached")?,
        sender: row.get::<_, Option<String>>("sender")?.map(from_name).transpose()?,
        doubt: row.get("doubt")?,
        withheld: row.get("withheld")?,
        participants: json(row, "participants")?,
        cc: json(row, "cc")?,
        followers: json(row, "followers")?,
    })
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T, StoreError> {
    Ok(serde_json::from_str(row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?)?)
}

fn optional_json<T: DeserializeOwned>(
    row: &Row<'_>,
    column: &str,
) -> Result<Option<T>, StoreError> {
    let text = row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    Ok(text.map(serde_json::from_str).transpose()?)
}

/// One case.
pub(super) fn load(connection: &Connection, id: CaseId) -> Result<Option<Case>, StoreError> {
    by_key(connection, case_key(id))
}

/// One case by its key.
pub(super) fn by_key(connection: &Connection, key: i64) -> Result<Option<Case>, StoreError> {
    connection
        .prepare_cached("SELECT * FROM cases WHERE key = ?1")?
        .query_row([key], |row| Ok(from_row(row)))
        .optional()?
        .transpose()
}

/// Cases, newest first.
pub(super) fn list(connection: &Connection, which: Which) -> Result<Vec<Case>, StoreError> {
    match which {
        Which::Open => {
            selected(connection, "SELECT * FROM cases WHERE state <> 'closed' ORDER BY key DESC")
        }
        Which::All => selected(connection, "SELECT * FROM cases ORDER BY key DESC"),
    }
}

/// Closed cases that may still owe a report to the authorities, newest first.
pub(super) fn owing(connection: &Connection) -> Result<Vec<Case>, StoreError> {
    selected(
        connection,
        "SELECT * FROM cases WHERE state = 'closed' AND exploited IS NOT NULL ORDER BY key DESC",
    )
}

fn selected(connection: &Connection, sql: &str) -> Result<Vec<Case>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut cases = Vec::new();
    while let Some(row) = rows.next()? {
        cases.push(from_row(row)?);
    }
    Ok(cases)
}

/// The cases that the reporter of `case` opened before it, the newest first.
pub(super) fn earlier_of_reporter(
    connection: &Connection,
    case: &Case,
) -> Result<Vec<Case>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM cases WHERE reporter = ?1 AND key < ?2 AND purged_at IS NULL
         ORDER BY key DESC LIMIT 20",
    )?;
    let mut rows = statement.query(params![case.reporter.address.as_str(), case_key(case.id)])?;
    let mut cases = Vec::new();
    while let Some(row) = rows.next()? {
        cases.push(from_row(row)?);
    }
    Ok(cases)
}

/// The number that a case opened in `year` would get.
pub(super) fn next_id(connection: &Connection, year: i32) -> Result<CaseId, StoreError> {
    let (first, last) = keys_of_year(year);
    let newest: Option<i64> = connection
        .prepare_cached("SELECT max(key) FROM cases WHERE key BETWEEN ?1 AND ?2")?
        .query_row([first, last], |row| row.get(0))?;
    let newest = newest.map(case_id).transpose()?;
    Ok(CaseId { year, number: newest.map_or(0, |id| id.number).saturating_add(1) })
}

/// Open cases a handler.
pub(super) fn load_by_handler(
    connection: &Connection,
) -> Result<BTreeMap<String, u32>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT handler, open FROM handler_load")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Who handles the newest case.
pub(super) fn newest_handler(connection: &Connection) -> Result<Option<String>, StoreError> {
    let handler: Option<Option<String>> = connection
        .prepare_cached("SELECT handler FROM cases WHERE key = (SELECT max(key) FROM cases)")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(handler.flatten())
}

/// Writes what happened to a case, and what follows from it for the mail of ours.
pub(super) fn add_events(
    connection: &Connection,
    id: CaseId,
    events: &[Event],
) -> Result<(), StoreError> {
    for event in events {
        chain::append(connection, case_key(id), event)?;
        match &event.change {
            Change::Undelivered { message_id, why } => {
                outbox::bounced(connection, message_id, why, event.at)?;
            }
            Change::MachineMail { lost: Some(message_id), .. } => {
                outbox::bounced(connection, message_id, "reported undeliverable", event.at)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// What happened to a case, oldest first, without what was erased.
pub(super) fn events(connection: &Connection, id: CaseId) -> Result<Vec<Event>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT at, actor, change FROM events
         WHERE case_key = ?1 AND change IS NOT NULL ORDER BY number",
    )?;
    let mut rows = statement.query([case_key(id)])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(Event {
            at: time(row.get(0)?)?,
            actor: serde_json::from_str(&row.get::<_, String>(1)?)?,
            change: serde_json::from_str(&row.get::<_, String>(2)?)?,
        });
    }
    Ok(events)
}
