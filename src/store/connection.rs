//! Opening the database: its file, its pragmas, its lock.
//!
//! Promises: the file and its companions are 0600 before the first byte is written; every connection
//! has foreign keys on, WAL, and synchronous FULL, since a mail is answered because it is stored.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::StoreError;
use super::schema;

/// How long a write waits for another process (a command beside the daemon).
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How often the lock of the daemon is tried, and the pause between two tries.
const LOCK_TRIES: u32 = 10;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The one writer: creates and migrates the schema.
    Write,
    /// Looks only.
    Read,
}

/// Opens the database at `path`.
///
/// # Errors
/// [`StoreError::Open`] where the file cannot be used, [`StoreError::Newer`] where a newer
/// embargod wrote it.
pub fn open(path: &Path, access: Access) -> Result<Connection, StoreError> {
    let failed = |why: String| StoreError::Open { path: path.to_owned(), why };
    if access == Access::Write {
        private_file(path).map_err(|e| failed(e.to_string()))?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection =
        Connection::open_with_flags(path, flags).map_err(|e| failed(e.to_string()))?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let journal = connection.pragma_update(None, "journal_mode", "WAL").map_err(StoreError::from);
    journal.map_err(|error| match error {
        StoreError::Damaged(why) => StoreError::Damaged(format!("{}: {why}", path.display())),
        other => other,
    })?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(64);
    match access {
        Access::Write => schema::migrate(&mut connection, path)?,
        Access::Read => {
            schema::check(&connection, path)?;
            connection.pragma_update(None, "query_only", true)?;
        }
    }
    Ok(connection)
}

/// Opens the database at `path`, the daemon's or a copy of it, to look at it as it lies there: not
/// even its journal mode is set.
///
/// # Errors
/// As [`open`].
pub fn open_to_look(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)
        .map_err(|e| StoreError::Open { path: path.to_owned(), why: e.to_string() })?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    schema::check(&connection, path)?;
    Ok(connection)
}

/// Creates the file with mode 0600, or narrows the mode of one that exists. SQLite gives the WAL
/// and shared-memory files the mode of the database.
pub(super) fn private_file(path: &Path) -> std::io::Result<()> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    let mode = file.metadata()?.permissions().mode();
    if mode & 0o077 != 0 {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// The sign that a daemon works on a store; given back when it is dropped or the process ends.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

/// Takes the lock that lets one daemon at a time work on the store at `path`.
///
/// # Errors
/// [`StoreError::InUse`] where another daemon has it.
pub fn lock(path: &Path) -> Result<RunLock, StoreError> {
    let lock_path = PathBuf::from(format!("{}.lock", path.display()));
    let failed =
        |why: std::io::Error| StoreError::Open { path: lock_path.clone(), why: why.to_string() };
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&lock_path)
        .map_err(failed)?;
    // Whoever only asks whether a daemon runs has the lock for a moment.
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(RunLock { _file: file }),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
    }
    Err(StoreError::InUse { path: path.to_owned() })
}
