//! Which digest was written for whom.

use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::keys::{optional_time, time};
use super::outbox;
use crate::domain::Timestamp;
use crate::domain::outgoing::Outgoing;

/// The last digest of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastDigest {
    /// The local day it was for.
    pub day: NaiveDate,
    /// When it was written, or when there was found to be nothing to write.
    pub written_at: Timestamp,
    /// When the last one that was mailed was written.
    pub mailed_at: Option<Timestamp>,
}

/// The last digest of `handle`.
pub(super) fn last(
    connection: &Connection,
    handle: &str,
) -> Result<Option<LastDigest>, StoreError> {
    let row: Option<(String, i64, Option<i64>)> = connection
        .prepare_cached(
            "SELECT day, written_at,
                (SELECT max(written_at) FROM digests WHERE handle = ?1 AND outbox IS NOT NULL)
             FROM digests WHERE handle = ?1 ORDER BY day DESC LIMIT 1",
        )?
        .query_row([handle], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    row.map(|(day, at, mailed)| {
        let day =
            day.parse().map_err(|_| StoreError::Damaged(format!("{day} is no day of a digest")))?;
        Ok(LastDigest { day, written_at: time(at)?, mailed_at: optional_time(mailed)? })
    })
    .transpose()
}

/// Writes a digest and its mail; a second one for the same day changes nothing.
pub(super) fn write(
    connection: &Connection,
    handle: &str,
    day: NaiveDate,
    now: Timestamp,
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
            "INSERT INTO digests (handle, day, written_at, outbox) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![handle, day.to_string(), now.timestamp(), number])?;
    Ok(())
}
