//! Mail of ours: queued by decisions, handed to a server, and what became of it.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::error::StoreError;
use super::keys::{case_id, case_key, from_name, time};
use super::{Settled, cases};
use crate::domain::Timestamp;
use crate::domain::address::Address;
use crate::domain::case::Case;
use crate::domain::event::Event;
use crate::domain::mail::MessageId;
use crate::domain::outgoing::{AfterAttempt, Hold, Outgoing, Status};

/// A mail that waits for its next attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Its number in the store.
    pub number: i64,
    /// The mail.
    pub mail: Outgoing,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was written.
    pub written_at: Timestamp,
}

/// Writes a mail that is to be sent.
pub(super) fn add(
    connection: &Connection,
    mail: &Outgoing,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let status = match mail.hold {
        Hold::Send => Status::Queued,
        Hold::Observe => Status::Held,
    };
    connection
        .prepare_cached(
            "INSERT INTO outbox (case_key, purpose, envelope_from, recipient, message_id, subject,
                bytes, written_at, status, due_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?8)",
        )?
        .execute(params![
            mail.case.map(case_key),
            mail.purpose.name(),
            mail.envelope_from.as_ref().map(Address::as_str),
            mail.to.as_str(),
            mail.message_id.0,
            mail.subject,
            mail.bytes,
            now.timestamp(),
            status.name(),
        ])?;
    Ok(connection.last_insert_rowid())
}

/// The mail that is due, longest waiting first.
pub(super) fn due(
    connection: &Connection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Queued>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM outbox WHERE status = 'queued' AND due_at <= ?1
         ORDER BY due_at, number LIMIT ?2",
    )?;
    let mut rows = statement.query(params![now.timestamp(), limit])?;
    let mut queued = Vec::new();
    while let Some(row) = rows.next()? {
        queued.push(from_row(row)?);
    }
    Ok(queued)
}

fn from_row(row: &Row<'_>) -> Result<Queued, StoreError> {
    let address = |text: String| {
        text.parse::<Address>().map_err(|e| StoreError::Damaged(format!("a recipient: {e}")))
    };
    Ok(Queued {
        number: row.get("number")?,
        mail: Outgoing {
            purpose: from_name(row.get("purpose")?)?,
            case: row.get::<_, Option<i64>>("case_key")?.map(case_id).transpose()?,
            envelope_from: row
                .get::<_, Option<String>>("envelope_from")?
                .map(address)
                .transpose()?,
            to: address(row.get("recipient")?)?,
            message_id: MessageId(row.get("message_id")?),
            subject: row.get("subject")?,
            bytes: row.get("bytes")?,
            hold: Hold::Send,
        },
        attempts: row.get("attempts")?,
        written_at: time(row.get("written_at")?)?,
    })
}

/// When the next mail is due.
pub(super) fn next_due(connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let seconds: Option<i64> = connection
        .prepare_cached("SELECT min(due_at) FROM outbox WHERE status = 'queued'")?
        .query_row([], |row| row.get(0))?;
    seconds.map(time).transpose()
}

fn next_given_up(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection
        .prepare_cached("SELECT coalesce(max(given_up), 0) + 1 FROM outbox")?
        .query_row([], |row| row.get(0))?)
}

/// Notes that a mail did not arrive although a server had taken it.
pub(super) fn bounced(
    connection: &Connection,
    id: &MessageId,
    why: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE outbox SET status = 'undelivered', ended_at = ?2, reply = ?3, given_up = ?4
             WHERE message_id = ?1 AND status IN ('queued', 'sent')",
        )?
        .execute(params![id.0, at.timestamp(), why, next_given_up(connection)?])?;
    Ok(())
}

/// Writes what an attempt came to, and what that means for the case.
pub(super) fn settle(
    connection: &Connection,
    settled: &Settled,
    consequences: impl FnOnce(&Case) -> Vec<Event>,
) -> Result<(), StoreError> {
    let (status, due, ended) = match settled.after {
        AfterAttempt::Sent => (Status::Sent, settled.at, Some(settled.at.timestamp())),
        AfterAttempt::RetryAt(at) => (Status::Queued, at, None),
        AfterAttempt::GiveUp => (Status::Undelivered, settled.at, Some(settled.at.timestamp())),
    };
    let key: Option<Option<i64>> = connection
        .prepare_cached(
            "UPDATE outbox SET status = ?2, due_at = ?3, ended_at = ?4, reply = ?5,
                attempts = attempts + 1, given_up = ?6
             WHERE number = ?1 RETURNING case_key",
        )?
        .query_row(
            params![
                settled.number,
                status.name(),
                due.timestamp(),
                ended,
                settled.reply,
                (status == Status::Undelivered).then(|| next_given_up(connection)).transpose()?
            ],
            |row| row.get(0),
        )
        .optional()?;
    let Some(Some(key)) = key else { return Ok(()) };
    let Some(mut case) = cases::by_key(connection, key)? else { return Ok(()) };
    let events = consequences(&case);
    for event in &events {
        case.apply(event).map_err(|refused| StoreError::Work(refused.to_string()))?;
    }
    if !events.is_empty() {
        cases::save(connection, &case)?;
        cases::add_events(connection, case.id, &events)?;
    }
    Ok(())
}
