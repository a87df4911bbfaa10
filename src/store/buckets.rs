//! The buckets that automatic answers take from: kept, so that a restart does not fill them.

use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::keys::time;
use crate::domain::allowance::{Bucket, BucketId};

/// After how many seconds any bucket is full again.
const DAY: i64 = 86_400;

/// Buckets that are forgotten at a time: more than an answer adds.
const FORGOTTEN: i64 = 8;

/// Of the buckets asked for, those that somebody took from before.
pub(super) fn known(connection: &Connection, ids: &[BucketId]) -> Result<Vec<Bucket>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT parts, at FROM buckets WHERE scope = ?1 AND name = ?2")?;
    let mut found = Vec::new();
    for id in ids {
        let row = statement
            .query_row(params![id.scope.name(), id.name], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((parts, at)) = row {
            found.push(Bucket { id: id.clone(), parts, at: time(at)? });
        }
    }
    Ok(found)
}

/// Keeps buckets as an answer left them, and forgets some that are full again, so that the table
/// holds no more than those who were answered within a day.
pub(super) fn keep(connection: &Connection, buckets: &[Bucket]) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO buckets (scope, name, parts, at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (scope, name) DO UPDATE SET parts = ?3, at = ?4",
    )?;
    for Bucket { id, parts, at } in buckets {
        statement.execute(params![id.scope.name(), id.name, parts, at.timestamp()])?;
    }
    let Some(newest) = buckets.iter().map(|bucket| bucket.at).max() else { return Ok(()) };
    connection
        .prepare_cached(
            "DELETE FROM buckets WHERE (scope, name) IN
                (SELECT scope, name FROM buckets WHERE at < ?1 ORDER BY at LIMIT ?2)",
        )?
        .execute(params![newest.timestamp().saturating_sub(DAY), FORGOTTEN])?;
    Ok(())
}
