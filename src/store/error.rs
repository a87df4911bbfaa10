//! What can go wrong with the store, in the words of what to do about it.

use std::path::PathBuf;

/// A failure of the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The folder or file cannot be used.
    #[error(
        "cannot open the store {path}: {why}; check that its folder exists and belongs to the user embargod runs as"
    )]
    Open {
        /// The database file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// There is none yet.
    #[error("there is no store {path} yet: `embargod run --once` makes it")]
    Missing {
        /// The database file.
        path: PathBuf,
    },
    /// An older embargod wrote it, and this command only looks.
    #[error(
        "the store {path} has schema {found}, this embargod works with {known}: start `embargod run` once, which upgrades it"
    )]
    Older {
        /// The database file.
        path: PathBuf,
        /// Its schema version.
        found: u32,
        /// The version that is needed.
        known: u32,
    },
    /// A newer embargod wrote it.
    #[error(
        "the store {path} has schema {found}, this embargod knows up to {known}: install the newer embargod that wrote it, or restore a backup from before the upgrade"
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// Its schema version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// Another daemon works on it.
    #[error(
        "another embargod already runs on {path}: stop it first, or give this project a store of its own"
    )]
    InUse {
        /// The database file.
        path: PathBuf,
    },
    /// Another process holds the write lock for longer than the store waits.
    #[error("the store is locked by another process (waited 10 s): try again in a moment")]
    Busy,
    /// No space.
    #[error(
        "the disk that holds the store is full: free some space; nothing was lost, mail stays in the inbox until then"
    )]
    Full,
    /// The disk, or the rights on it.
    #[error("the store cannot be read or written ({0}): check its disk, and whose its files are")]
    Disk(String),
    /// The file is not what SQLite wrote.
    #[error("the store is damaged ({0}): stop embargod and restore a backup")]
    Damaged(String),
    /// One value that is stored cannot be read back.
    #[error("{0}; `embargod verify` tells whether there is more like it")]
    Unreadable(String),
    /// The work on one mail ended in a panic; nothing of it was written.
    #[error("the work on one mail failed: {0}")]
    Work(String),
    /// The store's thread has ended.
    #[error("the store is closed")]
    Closed,
    /// Any other failure of SQLite.
    #[error("the store failed: {0}")]
    Sqlite(String),
}

impl StoreError {
    /// Whether the work itself failed, so that it would fail again, and other work need not.
    pub fn is_of_the_work(&self) -> bool {
        matches!(self, Self::Work(_) | Self::Unreadable(_) | Self::Sqlite(_))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::OutOfMemory
                | ErrorCode::FileLockingProtocolFailed,
            ) => Self::Disk(error.to_string()),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged(error.to_string())
            }
            _ => match error {
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::IntegralValueOutOfRange(..) => {
                    Self::Unreadable(error.to_string())
                }
                other => Self::Sqlite(other.to_string()),
            },
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(format!("a stored value cannot be read: {error}"))
    }
}
