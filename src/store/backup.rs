//! A consistent copy of the store while others work on it.
//!
//! Relies on SQLite's backup interface within one read transaction: the copy is the store at one
//! moment, and writers neither wait for it nor make it start over. Promises: the copy is one file,
//! without companions, and 0600 before its first byte.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::connection;
use super::error::StoreError;
use super::verify::Progress;

/// Pages copied between two words of progress: a megabyte.
const PAGES: std::ffi::c_int = 256;

/// Copies the store at `path` into the file `to`, whatever that held before.
pub(super) fn copy(
    path: &Path,
    to: &Path,
    tell: &mut dyn FnMut(Progress),
) -> Result<(), StoreError> {
    let from = connection::open_to_look(path)?;
    let failed = |why: String| StoreError::Open { path: to.to_owned(), why };
    connection::private_file(to).map_err(|e| failed(e.to_string()))?;
    let mut copy = Connection::open(to).map_err(|e| failed(e.to_string()))?;
    from.execute_batch("BEGIN")?;
    // A transaction begins with the first look.
    from.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    {
        let backup = Backup::new(&from, &mut copy)?;
        loop {
            let step = backup.step(PAGES)?;
            let progress = backup.progress();
            let count = |pages: std::ffi::c_int| u64::try_from(pages).unwrap_or_default();
            let (of, left) = (count(progress.pagecount), count(progress.remaining));
            tell(Progress { done: of.saturating_sub(left), of });
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                _ => return Err(StoreError::Busy),
            }
        }
    }
    // A write-ahead log is for a store at work; the daemon that gets the copy turns it on again.
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    copy.close().map_err(|(_, error)| StoreError::from(error))
}
