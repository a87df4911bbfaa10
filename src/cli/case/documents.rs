//! The documents of an advisory as files.
//!
//! Promises: a file appears as a whole or not at all; nothing that says something else is replaced
//! unless that was asked for; a draft can be read by its owner alone.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::super::Failure;
use crate::policy::advisory::{Advisory, Format, Status};

/// What becomes of a file that is there already and says something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and nothing is written.
    Keep,
    /// It is replaced.
    Replace,
}

/// A document that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// In which format.
    pub format: Format,
    /// Where.
    pub path: PathBuf,
}

/// Writes documents into a folder, which is made where there is none: all or, where one is in the
/// way, none.
///
/// # Errors
/// Where the folder cannot be made, a file cannot be written, or one is in the way.
pub fn write(
    advisory: &Advisory,
    formats: &[Format],
    folder: &Path,
    existing: Existing,
) -> Result<Vec<Written>, Failure> {
    let mut documents = Vec::new();
    for format in formats {
        let path = folder.join(format.file_name(advisory.case));
        let text = advisory.document(*format).map_err(anyhow::Error::from)?;
        documents.push((*format, path, text));
    }
    for (_, path, text) in &documents {
        in_the_way(path, text, existing)?;
    }
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let mut written = Vec::new();
    for (format, path, text) in documents {
        put(&path, &text, advisory.status(format))
            .with_context(|| format!("{} cannot be written", path.display()))?;
        written.push(Written { format, path });
    }
    Ok(written)
}

/// Whether documents could be written into a folder.
///
/// # Errors
/// Where a file that says something else is in the way.
pub fn may_be_written(
    advisory: &Advisory,
    formats: &[Format],
    folder: &Path,
) -> Result<(), Failure> {
    for format in formats {
        let text = advisory.document(*format).map_err(anyhow::Error::from)?;
        in_the_way(&folder.join(format.file_name(advisory.case)), &text, Existing::Keep)?;
    }
    Ok(())
}

/// Refuses a path at which something else is.
fn in_the_way(path: &Path, text: &str, existing: Existing) -> Result<(), Failure> {
    match std::fs::read(path) {
        Ok(there) if there == text.as_bytes() || existing == Existing::Replace => Ok(()),
        Ok(_) => Err(Failure::Failed(anyhow::anyhow!(
            "{} is there and says something else: move it away, or let `embargod case advisory \
             --replace` replace it",
            path.display()
        ))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::Failed(
            anyhow::Error::from(error).context(format!("{} cannot be read", path.display())),
        )),
    }
}

/// Puts a file in its place as a whole: whoever reads it sees the old one or the new one.
fn put(path: &Path, text: &str, status: Status) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    let whole = write_synced(&new, text, status).and_then(|()| std::fs::rename(&new, path));
    if whole.is_err() {
        let _ = std::fs::remove_file(&new);
    }
    whole
}

/// Writes a new file; a draft is for its owner alone.
fn write_synced(path: &Path, text: &str, status: Status) -> std::io::Result<()> {
    let mode = match status {
        Status::Final => 0o644,
        Status::Draft => 0o600,
    };
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
