//! Nothing of what was erased stays in the store's files.
//!
//! `secure_delete` overwrites what a statement takes out, but not what SQLite left behind when it
//! moved rows from page to page before, and the write-ahead log keeps pages as they were. So the
//! pages are written anew and the log is emptied. Promises: broken off at any moment it can begin
//! again; until it has come to its end the store remembers that it did not.

use std::path::Path;

use rusqlite::Connection;

use super::connection::{self, Access};
use super::error::StoreError;

/// Clears the store at `path`, while others may work on it.
pub(super) fn clear(path: &Path) -> Result<(), StoreError> {
    let c = connection::open(path, Access::Write)?;
    // First, so that what a smaller file gives back to the disk was overwritten before.
    empty_the_log(&c)?;
    step!("clear.overwritten");
    c.execute_batch("VACUUM")?;
    step!("clear.written-anew");
    empty_the_log(&c)?;
    step!("clear.cleared");
    c.execute("UPDATE purges SET cleared = 1 WHERE cleared = 0", [])?;
    empty_the_log(&c)
}

/// Brings all that is in the write-ahead log into the database, and cuts the log to nothing.
fn empty_the_log(c: &Connection) -> Result<(), StoreError> {
    let is_busy: bool = c.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
        row.get::<_, i64>(0).map(|n| n != 0)
    })?;
    if is_busy { Err(StoreError::Busy) } else { Ok(()) }
}
