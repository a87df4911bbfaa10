//! Whether the last daemon ended as it was told, and which mails were in hand where it did not.

use rusqlite::{Connection, params};

use super::Store;
use super::error::StoreError;
use super::incoming::{coordinates, folder_number};
use crate::domain::Timestamp;
use crate::domain::place::Place;

/// How the last daemon on this store ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastRun {
    /// As it was told, or there was none.
    Ended,
    /// In the middle of its work.
    Died,
}

/// Notes that a daemon is at work, and tells how the last one ended.
fn begin_work(connection: &Connection, now: Timestamp) -> Result<LastRun, StoreError> {
    let died = connection.prepare("SELECT 1 FROM pulse WHERE at_work = 1")?.exists([])?;
    connection.execute(
        "INSERT INTO pulse (one, at_work, since) VALUES (1, 1, ?1)
         ON CONFLICT DO UPDATE SET at_work = 1, since = excluded.since",
        [now.timestamp()],
    )?;
    Ok(if died { LastRun::Died } else { LastRun::Ended })
}

/// Notes that the daemon ends as it was told.
fn end_work(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch("UPDATE pulse SET at_work = 0; DELETE FROM attempts;")?;
    Ok(())
}

/// Notes that a mail is in hand. Returns how often it was before.
fn attempt(connection: &Connection, place: &Place) -> Result<u32, StoreError> {
    let folder = folder_number(connection, place.folder())?;
    let (validity, name) = coordinates(place);
    Ok(connection
        .prepare_cached(
            "INSERT INTO attempts (folder, uid_validity, place, times) VALUES (?1, ?2, ?3, 1)
             ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times - 1",
        )?
        .query_row(params![folder, validity, name], |row| row.get(0))?)
}

/// Notes that a mail is decided on.
pub(super) fn settled(
    connection: &Connection,
    folder: i64,
    place: &Place,
) -> Result<(), StoreError> {
    let (validity, name) = coordinates(place);
    connection
        .prepare_cached(
            "DELETE FROM attempts WHERE folder = ?1 AND uid_validity = ?2 AND place = ?3",
        )?
        .execute(params![folder, validity, name])?;
    Ok(())
}

impl Store {
    /// Notes that a daemon is at work, and tells how the last one ended.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn begin_work(&self, now: Timestamp) -> Result<LastRun, StoreError> {
        self.writer.run(move |c| begin_work(c, now)).await
    }

    /// Notes that the daemon ends as it was told.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn end_work(&self) -> Result<(), StoreError> {
        self.writer.run(end_work).await
    }

    /// Notes that a mail is in hand, before anything is done with it. Returns how often it was
    /// before, since a daemon died.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn attempt(&self, place: Place) -> Result<u32, StoreError> {
        self.writer.run(move |c| attempt(c, &place)).await
    }
}
