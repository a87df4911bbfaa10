//! The signs of life: written by the daemon, read by whoever watches over it.

use rusqlite::Connection;

use super::error::StoreError;
use super::keys::{optional_time, time};
use super::{Store, canaries};
use crate::domain::Timestamp;
use crate::domain::vitals::Vitals;

/// Notes that the inbox was read to its end.
fn looked(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE pulse SET looked_at = ?1 WHERE one = 1")?
        .execute([now.timestamp()])?;
    Ok(())
}

/// All signs of life.
fn vitals(connection: &Connection) -> Result<Vitals, StoreError> {
    let mut pulse = connection.prepare_cached("SELECT since, looked_at FROM pulse")?;
    let mut rows = pulse.query([])?;
    let (since, looked_at) = match rows.next()? {
        Some(row) => (Some(time(row.get(0)?)?), optional_time(row.get(1)?)?),
        None => (None, None),
    };
    let count = |sql: &str| -> Result<u64, StoreError> {
        let count: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(count.cast_unsigned())
    };
    let (canary_out, canary_back) = canaries::awaited(connection)?;
    Ok(Vitals {
        since,
        looked_at,
        canary_out,
        canary_back,
        waiting: count("SELECT count(*) FROM outbox WHERE status = 'queued'")?,
        waits_since: optional_time(
            connection
                .prepare_cached("SELECT min(written_at) FROM outbox WHERE status = 'queued'")?
                .query_row([], |row| row.get(0))?,
        )?,
        digests_lost: digests_lost(connection)?,
        set_aside: count("SELECT count(*) FROM incoming WHERE quarantined IS NOT NULL")?,
        taken_in: count("SELECT coalesce(max(number), 0) FROM incoming")?,
        written: count("SELECT coalesce(max(number), 0) FROM outbox")?,
        given_up: count("SELECT coalesce(max(given_up), 0) FROM outbox")?,
        open: count("SELECT count(*) FROM cases WHERE state <> 'closed'")?,
    })
}

/// Whose last digest was given up.
fn digests_lost(connection: &Connection) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT handle, ended_at FROM digests JOIN outbox ON outbox.number = digests.outbox
         WHERE status = 'undelivered' AND (handle, day) IN (
            SELECT handle, max(day) FROM digests WHERE outbox IS NOT NULL GROUP BY handle)
         ORDER BY handle",
    )?;
    let mut rows = statement.query([])?;
    let mut lost = Vec::new();
    while let Some(row) = rows.next()? {
        lost.push((row.get(0)?, time(row.get(1)?)?));
    }
    Ok(lost)
}

impl Store {
    /// Notes that the inbox was read to its end.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn looked(&self, now: Timestamp) -> Result<(), StoreError> {
        self.writer.run(move |c| looked(c, now)).await
    }

    /// All signs of life.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn vitals(&self) -> Result<Vitals, StoreError> {
        self.reader.run(vitals).await
    }
}
