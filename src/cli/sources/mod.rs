//! Mails from files: single mails, mbox files, Maildirs, folders, stdin.
//!
//! Promises: one mail in memory at a time, and of each no more than the limit; folders in the order
//! of their names.

mod mbox;

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

/// One mail of a source.
#[derive(Debug)]
pub struct Source {
    /// Where it lies.
    pub spot: Spot,
    /// Its bytes, up to the limit.
    pub raw: Vec<u8>,
    /// Its whole size.
    pub size: u64,
}

/// Where a mail lies. Shown, it is how the mail is called in the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// It came through stdin and is gone.
    Stdin,
    /// A file of its own.
    File(Arc<Path>),
    /// Among others in an mbox file.
    Mbox {
        /// The file.
        file: Arc<Path>,
        /// Its number there, from 1.
        number: u64,
        /// Where it begins, in bytes.
        from: u64,
        /// How many bytes of the file are its own.
        length: u64,
    },
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("-"),
            Self::File(file) => write!(f, "{}", file.display()),
            Self::Mbox { file, number, .. } => write!(f, "{}#{number}", file.display()),
        }
    }
}

impl Spot {
    /// The file, if it lies in one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Stdin => None,
            Self::File(file) | Self::Mbox { file, .. } => Some(file),
        }
    }

    /// Reads the mail again: its first `limit` bytes, and how many there are.
    ///
    /// # Errors
    /// Where it is not there any more or cannot be read.
    pub fn read(&self, limit: u64) -> io::Result<(Vec<u8>, u64)> {
        match self {
            Self::Stdin => Err(io::Error::other("stdin can be read once only")),
            Self::File(file) => whole(File::open(file)?, limit),
            Self::Mbox { file, from, length, .. } => mbox::again(file, *from, *length, limit),
        }
    }
}

type Each<'a> = dyn FnMut(Source) -> io::Result<()> + 'a;

/// Hands every mail of a source to `each`. What cannot be read is noted in `unread`, one line each.
///
/// # Errors
///
/// Only those of `each`.
pub fn each(
    path: &Path,
    limit: u64,
    each: &mut Each<'_>,
    unread: &mut Vec<String>,
) -> io::Result<()> {
    if path == Path::new("-") {
        return match whole(io::stdin().lock(), limit) {
            Ok((raw, size)) => each(Source { spot: Spot::Stdin, raw, size }),
            Err(error) => {
                unread.push(format!("cannot read stdin: {error}"));
                Ok(())
            }
        };
    }
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => folder(path, limit, each, unread),
        Ok(_) => file(path, limit, each, unread),
        Err(error) => {
            unread.push(format!("cannot read {}: {error}", path.display()));
            Ok(())
        }
    }
}

fn folder(
    path: &Path,
    limit: u64,
    each: &mut Each<'_>,
    unread: &mut Vec<String>,
) -> io::Result<()> {
    let is_maildir = path.join("new").is_dir() && path.join("cur").is_dir();
    if is_maildir {
        for part in ["new", "cur"] {
            for (inner, kind) in entries(&path.join(part), unread) {
                if kind.is_file() {
                    one(&inner, limit, each, unread)?;
                }
            }
        }
    }
    for (inner, kind) in entries(path, unread) {
        let name = inner
            .file_name()
            .map(|name| name.to_string_lossy().to_ascii_lowercase())
            .unwrap_or_default();
        if kind.is_dir() {
            let part_of_maildir = is_maildir && matches!(name.as_str(), "new" | "cur" | "tmp");
            if !part_of_maildir {
                folder(&inner, limit, each, unread)?;
            }
        } else if name.ends_with(".eml") || name.ends_with(".mbox") {
            file(&inner, limit, each, unread)?;
        }
    }
    Ok(())
}

/// A folder's entries by name. A link to a folder is not followed: it may lead back.
fn entries(path: &Path, unread: &mut Vec<String>) -> Vec<(std::path::PathBuf, fs::FileType)> {
    let mut found = Vec::new();
    match fs::read_dir(path) {
        Ok(list) => {
            for entry in list.flatten() {
                if let Ok(kind) = entry.file_type() {
                    let kind = if kind.is_symlink() {
                        match fs::metadata(entry.path()) {
                            Ok(meta) if meta.is_file() => meta.file_type(),
                            _ => continue,
                        }
                    } else {
                        kind
                    };
                    found.push((entry.path(), kind));
                }
            }
        }
        Err(error) => unread.push(format!("cannot read {}: {error}", path.display())),
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found
}

/// A file that may be an mbox: one that begins with `From `, unless its name says that it is one mail.
fn file(path: &Path, limit: u64, each: &mut Each<'_>, unread: &mut Vec<String>) -> io::Result<()> {
    let named = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("eml"));
    if named || !mbox::is_mbox(path) {
        return one(path, limit, each, unread);
    }
    let shared: Arc<Path> = path.into();
    let mut hand_on = |mbox::Found { number, from, length, raw, size }: mbox::Found| {
        let spot = Spot::Mbox { file: Arc::clone(&shared), number, from, length };
        each(Source { spot, raw, size })
    };
    if let Err(error) = mbox::through(path, limit, &mut hand_on)? {
        unread.push(format!("cannot read all of {}: {error}", path.display()));
    }
    Ok(())
}

fn one(path: &Path, limit: u64, each: &mut Each<'_>, unread: &mut Vec<String>) -> io::Result<()> {
    match File::open(path).and_then(|opened| whole(opened, limit)) {
        Ok((raw, size)) => each(Source { spot: Spot::File(path.into()), raw, size }),
        Err(error) => {
            unread.push(format!("cannot read {}: {error}", path.display()));
            Ok(())
        }
    }
}

/// The first `limit` bytes, and how many there are.
fn whole(mut from: impl Read, limit: u64) -> io::Result<(Vec<u8>, u64)> {
    let mut raw = Vec::new();
    from.by_ref().take(limit).read_to_end(&mut raw)?;
    let rest = io::copy(&mut from, &mut io::sink())?;
    let size = u64::try_from(raw.len()).unwrap_or(u64::MAX).saturating_add(rest);
    Ok((raw, size))
}
