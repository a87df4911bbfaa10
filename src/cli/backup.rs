//! `embargod backup`: a consistent copy of the store while the daemon runs.
//!
//! Promises: the name that was asked for is either as it was before, or holds a copy that was
//! checked and is on the disk.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;
use serde::Serialize;

use super::progress::Line;
use super::verify::hex;
use super::{Failure, json, table};
use crate::config::{Secrets, Settings, locate};
use crate::store::Store;

/// Write a consistent copy of the store.
///
/// The daemon may run. The copy is checked as `embargod verify` does before it gets its name; to
/// restore it, stop embargod and put it in the store's place.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The file to write
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Overwrite FILE if there is one
    #[arg(long)]
    force: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct BackupJson {
    file: String,
    bytes: u64,
    head: String,
}

/// Writes the copy.
///
/// # Errors
/// 2 where the file is there already, 1 where the copy cannot be written or is not sound.
pub fn backup(
    config: Option<&Path>,
    args: &BackupArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let store = Settings::load(&locate(config)?, Secrets::Skip)?.store;
    let name = Name::claim(&args.file, &store, args.force)?;
    let mut line = Line::new();
    Store::copy(&store, &name.partial, &mut |progress| {
        line.show("copying", progress.done, progress.of);
    })?;
    let report = Store::verify(&name.partial, &mut |what, progress| {
        line.show(&format!("checking {}", what.name()), progress.done, progress.of);
    })?;
    drop(line);
    if !report.is_sound() {
        let store = store.display();
        return Err(Failure::Failed(anyhow!(
            "the copy is not sound, and was not kept: `embargod verify` says what is wrong with {store}"
        )));
    }
    let bytes = name.give().map_err(|e| cannot_write(&args.file, &e))?;
    let file = args.file.display().to_string();
    let head = hex(&report.head);
    if args.json {
        return json::print(out, &BackupJson { file, bytes, head });
    }
    table::print(out, &format!("{file}: {bytes} bytes, checked\nlast event {head}\n"))
}

/// The name of a copy in the making: claimed, but not given to it yet.
struct Name<'a> {
    file: &'a Path,
    /// Where the copy is written.
    partial: PathBuf,
    /// Keeps other backups off `partial`.
    lock: File,
    /// What has to be removed if the copy does not get its name.
    leftovers: Vec<PathBuf>,
}

impl<'a> Name<'a> {
    fn claim(file: &'a Path, store: &Path, force: bool) -> Result<Self, Failure> {
        let wrong = |why: &str| Err(Failure::Wrong(format!("{}: {why}", file.display())));
        if is_same(file, store) {
            return wrong("this is the store itself; name another file for its copy");
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
        if !force {
            match open(file, true) {
                Ok(_) => leftovers.push(file.to_owned()),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    return wrong("there is such a file already; --force overwrites it");
                }
                Err(error) => return Err(cannot_write(file, &error)),
            }
        }
        let locked = open(&partial, false).and_then(|lock| match lock.try_lock() {
            // What an interrupted backup left is no database.
            Ok(()) => lock.set_len(0).map(|()| lock),
            Err(TryLockError::WouldBlock) => Err(io::Error::other("another backup writes it")),
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

    /// Gives the name to the copy, once that is on the disk. Returns its size.
    fn give(mut self) -> io::Result<u64> {
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

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::Failed(anyhow!("cannot write {}: {error}", path.display()))
}
