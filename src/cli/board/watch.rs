//! Whether the store has changed since it was last looked at.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// The clocks on the board move even where nothing happens.
const LONGEST: Duration = Duration::from_secs(20);

/// The store's files as they were last seen.
#[derive(Debug)]
pub(super) struct Watch {
    files: [PathBuf; 2],
    seen: [Option<(SystemTime, u64)>; 2],
    looked: Instant,
}

impl Watch {
    /// Watches the SQLite database at `store`, and the log that its changes go to first.
    pub(super) fn of(store: &Path) -> Self {
        let mut log = store.as_os_str().to_owned();
        log.push("-wal");
        let files = [store.to_owned(), PathBuf::from(log)];
        let seen = files.each_ref().map(|file| stamp(file));
        Self { files, seen, looked: Instant::now() }
    }

    /// Whether there may be something new to see.
    pub(super) fn calls_for_a_look(&mut self) -> bool {
        let seen = self.files.each_ref().map(|file| stamp(file));
        let changed = seen != self.seen || self.looked.elapsed() >= LONGEST;
        if changed {
            self.seen = seen;
            self.looked = Instant::now();
        }
        changed
    }
}

/// When a file was changed last, and how long it is.
fn stamp(file: &Path) -> Option<(SystemTime, u64)> {
    let about = std::fs::metadata(file).ok()?;
    Some((about.modified().ok()?, about.len()))
}
