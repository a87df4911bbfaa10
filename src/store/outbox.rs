//! Mail of ours: queued by decisions, handed to a server, and what became of it.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::error::StoreError;
use super::keys::{case_id, case_key, from_name, time};
use super::{Settled, cases, grants};
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
    let number = connection.last_insert_rowid();
    if let Some(granted) = &mail.grant {
        grants::keep(connection, granted, now)?;
    }
    Ok(number)
}

/// What is due.
#[derive(Debug, Default)]
pub(super) struct Due {
    /// To be sent, in this order.
    pub mails: Vec<Queued>,
    /// Numbers of mails that cannot be read back, and why.
    pub unreadable: Vec<(i64, String)>,
}

/// The mail that is due: what was not tried yet and what was, in turn.
pub(super) fn due(connection: &Connection, now: Timestamp, limit: u32) -> Result<Due, StoreError> {
    let mut due = Due::default();
    let mut fresh =
        due_at_its(Turn::First, connection, now, limit, &mut due.unreadable)?.into_iter();
    let mut tried =
        due_at_its(Turn::Again, connection, now, limit, &mut due.unreadable)?.into_iter();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    while due.mails.len() < limit {
        let before = due.mails.len();
        due.mails.extend(fresh.next().into_iter().chain(tried.next()));
        if due.mails.len() == before {
            break;
        }
    }
    due.mails.truncate(limit);
    Ok(due)
}

/// Whether a server has had a say on a mail.
#[derive(Debug, Clone, Copy)]
enum Turn {
    First,
    Again,
}

impl Turn {
    fn tried(self) -> bool {
        matches!(self, Self::Again)
    }
}

fn due_at_its(
    turn: Turn,
    connection: &Connection,
    now: Timestamp,
    limit: u32,
    unreadable: &mut Vec<(i64, String)>,
) -> Result<Vec<Queued>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM outbox
         WHERE status = 'queued' AND (attempts > 0) = ?1 AND due_at <= ?2
         ORDER BY due_at, number LIMIT ?3",
    )?;
    let mut rows = statement.query(params![turn.tried(), now.timestamp(), limit])?;
    let mut queued = Vec::new();
    while let Some(row) = rows.next()? {
        match from_row(row) {
            Ok(mail) => queued.push(mail),
            Err(error) if error.is_of_the_work() => {
                unreadable.push((row.get("number")?, error.to_string()));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(queued)
}

fn from_row(row: &Row<'_>) -> Result<Queued, StoreError> {
    let address = |text: String| {
        text.parse::<Address>().map_err(|e| StoreError::Unreadable(format!("a recipient: {e}")))
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
            grant: None,
        },
        attempts: row.get("attempts")?,
        written_at: time(row.get("written_at")?)?,
    })
}

/// When the next mail is due.
pub(super) fn next_due(connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let mut first = connection.prepare_cached(
        "SELECT min(due_at) FROM outbox WHERE status = 'queued' AND (attempts > 0) = ?1",
    )?;
    let mut first =
        |turn: Turn| first.query_row([turn.tried()], |row| row.get::<_, Option<i64>>(0));
    let (fresh, tried) = (first(Turn::First)?, first(Turn::Again)?);
    fresh.into_iter().chain(tried).min().map(time).transpose()
}

fn next_given_up(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection
        .prepare_cached("SELECT coalesce(max(given_up), 0) + 1 FROM outbox")?
        .query_row([], |row| row.get(0))?)
}

/// Notes that a mail did not arrive, although a server may have taken it.
pub(super) fn bounced(
    connection: &Connection,
    id: &MessageId,
    why: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE outbox SET status = 'undelivered', ended_at = ?2, reply = ?3, given_up = ?4
             WHERE message_id = ?1 AND status IN ('queued', 'sent') AND purpose <> 'copy'",
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
    let Some(key) = note(connection, settled)? else { return Ok(()) };
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

/// Writes what an attempt came to. Returns the key of the mail's case.
pub(super) fn note(connection: &Connection, settled: &Settled) -> Result<Option<i64>, StoreError> {
    let at = settled.at;
    let (status, due, ended, counts) = match settled.after {
        AfterAttempt::Sent => (Status::Sent, at, Some(at), 1),
        AfterAttempt::RetryAt(due) => (Status::Queued, due, None, 1),
        AfterAttempt::StillDue(due) => (Status::Queued, due, None, 0),
        AfterAttempt::GiveUp => (Status::Undelivered, at, Some(at), 1),
    };
    let given_up =
        (status == Status::Undelivered).then(|| next_given_up(connection)).transpose()?;
    let key: Option<Option<i64>> = connection
        .prepare_cached(
            "UPDATE outbox SET status = ?2, due_at = ?3, ended_at = ?4, reply = ?5,
                attempts = attempts + ?6, given_up = ?7
             WHERE number = ?1 RETURNING case_key",
        )?
        .query_row(
            params![
                settled.number,
                status.name(),
                due.timestamp(),
                ended.map(|at| at.timestamp()),
                settled.reply,
                counts,
                given_up,
            ],
            |row| row.get(0),
        )
        .optional()?;
    Ok(key.flatten())
}
