//! The name of a store in the making, as `backup` and `recover` write one.
//!
//! Promises: the name that was asked for is either as it was before, or holds a whole store that is
//! on the disk.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use super::Failure;

/// What becomes of a file that has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    /// It stays, the name is not to be had, and this is the way out.
    Stays(&'static str),
    /// It is overwritten, once there is something to do it with.
    Overwritten,
}

/// The name of a store in the making: claimed, but not given to it yet.
#[derive(Debug)]
pub(super) struct Name<'a> {
    file: &'a Path,
    /// Where it is written.
    pub(super) partial: PathBuf,
    /// Keeps others off `partial`.
    lock: File,
    /// What has to be removed if it does not get its name.
    leftovers: Vec<PathBuf>,
}

impl<'a> Name<'a> {
    /// Claims the name `file` for what is made of `store`.
    ///
    /// # Errors
    /// 2 where it is the store's own, or another's that stays.
    pub(super) fn claim(file: &'a Path, store: &Path, existing: Existing) -> Result<Self, Failure> {
        let wrong = |why: &str| Err(Failure::Wrong(format!("{}: {why}", file.display())));
        if is_same(file, store) {
            return wrong("this is the store itself; name another file");
        }
        let mut partial = file.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let open = |path: &Path, new: bool| {
            OpenOptions::new()
                .write(true)
                .create(true)
                .create_new(new)
                .truncate(false)
                .mode(0o600)
                .open(path)
        };
        // An empty file keeps the name, where it has to be a new one.
        let mut leftovers = Vec::new();
        if let Existing::Stays(way_out) = existing {
            match open(file, true) {
                Ok(_) => leftovers.push(file.to_owned()),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    return wrong(&format!("there is such a file already; {way_out}"));
                }
                Err(error) => return Err(cannot_write(file, &error)),
            }
        }
        let locked = open(&partial, false).and_then(|lock| match lock.try_lock() {
            // What an interrupted command left is no database.
            Ok(()) => lock.set_len(0).map(|()| lock),
            Err(TryLockError::WouldBlock) => Err(io::Error::other("another embargod writes it")),
            Err(TryLockError::Error(error)) => Err(error),
        });
        match locked {
            Ok(lock) => {
                leftovers.push(partial.clone());
                Ok(Self { file, partial, lock, leftovers })
            }
            Err(error) => {
                remove(&leftovers);
                Err(cannot_write(&partial, &error))
            }
        }
    }

    /// Gives the name to what was made, once that is on the disk. Returns its size.
    pub(super) fn give(mut self) -> io::Result<u64> {
        self.lock.sync_all()?;
        let bytes = self.lock.metadata()?.len();
        fs::rename(&self.partial, self.file)?;
        self.leftovers.clear();
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(bytes)
    }
}

impl Drop for Name<'_> {
    fn drop(&mut self) {
        remove(&self.leftovers);
    }
}

fn remove(files: &[PathBuf]) {
    for file in files {
        // Whatever cannot be removed now is told of when the name is asked for again.
        let _ = fs::remove_file(file);
    }
}

fn is_same(file: &Path, store: &Path) -> bool {
    matches!((file.canonicalize(), store.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// What to say of a file that cannot be written.
pub(super) fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::Failed(anyhow!("cannot write {}: {error}", path.display()))
}
