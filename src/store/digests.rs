//! Which digest was written for whom.

use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::keys::time;
use super::outbox;
use crate::domain::Timestamp;
use crate::domain::outgoing::Outgoing;
use crate::domain::views::Told;

/// The last digest of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastDigest {
    /// The local day it was for.
    pub day: NaiveDate,
    /// When it was written, or when there was found to be nothing to write.
    pub written_at: Timestamp,
    /// What has been told by then, or was there before the first: the next one need not tell it.
    pub told: Told,
    /// When the last one that was mailed was written.
    pub mailed_at: Option<Timestamp>,
}

/// The last digest of `handle`.
pub(super) fn last(
    connection: &Connection,
    handle: &str,
) -> Result<Option<LastDigest>, StoreError> {
    let row: Option<(String, i64, Told)> = connection
        .prepare_cached(
            "SELECT day, written_at, incoming, given_up, events FROM digests
             WHERE handle = ?1 ORDER BY day DESC LIMIT 1",
        )?
        .query_row([handle], |row| {
            let told =
                Told { incoming: row.get(2)?, undelivered: row.get(3)?, events: row.get(4)? };
            Ok((row.get(0)?, row.get(1)?, told))
        })
        .optional()?;
    let Some((day, at, told)) = row else { return Ok(None) };
    let day =
        day.parse().map_err(|_| StoreError::Unreadable(format!("{day} is no day of a digest")))?;
    let mailed_at = mailed_at(connection, handle)?;
    Ok(Some(LastDigest { day, written_at: time(at)?, told, mailed_at }))
}

fn mailed_at(connection: &Connection, handle: &str) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<i64> = connection
        .prepare_cached(
            "SELECT written_at FROM digests
             WHERE handle = ?1 AND outbox IS NOT NULL ORDER BY day DESC LIMIT 1",
        )?
        .query_row([handle], |row| row.get(0))
        .optional()?;
    at.map(time).transpose()
}

/// Writes a digest and its mail; a second one for the same day changes nothing.
pub(super) fn write(
    connection: &Connection,
    handle: &str,
    day: NaiveDate,
    now: Timestamp,
    told: Told,
    mail: Option<&Outgoing>,
) -> Result<(), StoreError> {
    let known = connection
        .prepare_cached("SELECT 1 FROM digests WHERE handle = ?1 AND day = ?2")?
        .exists(params![handle, day.to_string()])?;
    if known {
        return Ok(());
    }
    let number = mail.map(|mail| outbox::add(connection, mail, now)).transpose()?;
    connection
        .prepare_cached(
            "INSERT INTO digests (handle, day, written_at, outbox, incoming, given_up, events)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            handle,
            day.to_string(),
            now.timestamp(),
            number,
            told.incoming,
            told.undelivered,
            told.events
        ])?;
    Ok(())
}
