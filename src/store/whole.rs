//! The store as a file: looked at, checked, copied, locked. Nothing here needs its threads.

use std::path::Path;

use super::{
    Progress, Recovered, Report, RunLock, Store, StoreError, What, backup, clear, connection,
    recover, verify,
};
use connection::Access;

impl Store {
    /// Looks whether the store at `path` can be used by this version, and changes nothing.
    ///
    /// # Errors
    /// [`StoreError`], with the way out.
    pub fn inspect(path: &Path) -> Result<(), StoreError> {
        connection::open(path, Access::Read).map(drop)
    }

    /// Checks that everything in the store at `path` is what was written, and changes nothing.
    /// `tell` hears how far it has come, often.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot even be read.
    pub fn verify(path: &Path, tell: &mut dyn FnMut(What, Progress)) -> Result<Report, StoreError> {
        verify::verify(path, tell)
    }

    /// Copies the store at `path` as it is at one moment into the file `to`, whatever that held
    /// before. `tell` hears how many pages are copied.
    ///
    /// # Errors
    /// [`StoreError`] where one cannot be read or the other cannot be written.
    pub fn copy(path: &Path, to: &Path, tell: &mut dyn FnMut(Progress)) -> Result<(), StoreError> {
        backup::copy(path, to, tell)
    }

    /// Clears what a [`purge`](Store::purge) erased off the files of the store at `path`. Takes as long
    /// as writing all of it anew, and as much space.
    ///
    /// # Errors
    /// [`StoreError::Busy`] where somebody reads or writes for too long, [`StoreError::Full`].
    pub fn clear(path: &Path) -> Result<(), StoreError> {
        clear::clear(path)
    }

    /// Makes a store of the empty file `to` of what can be read of the one at `from`, which stays as it
    /// is. `tell` hears how far the check of the new one has come.
    ///
    /// # Errors
    /// [`StoreError`] where not even the first page can be read, or `to` cannot be written.
    pub fn recover(
        from: &Path,
        to: &Path,
        tell: &mut dyn FnMut(What, Progress),
    ) -> Result<Recovered, StoreError> {
        recover::recover(from, to, tell)
    }

    /// Takes the lock of the one daemon that may work on the store at `path`.
    ///
    /// # Errors
    /// [`StoreError::InUse`] where another daemon has it.
    pub fn lock(path: &Path) -> Result<RunLock, StoreError> {
        connection::lock(path)
    }
}
