//! A Maildir as outbox: for trying embargod out, and for programs that send mail by themselves.
//!
//! Promises: a mail stands in `new` whole and on the disk, or not at all. Its file is named after
//! its Message-ID, so that a second attempt at the same mail replaces the first.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::fault::{Fault, Step};
use super::local_lines;
use crate::domain::mail::MessageId;
use crate::domain::outgoing::Delivery;

/// A Maildir to write into.
#[derive(Debug)]
pub struct Maildir {
    folder: PathBuf,
}

impl Maildir {
    /// A Maildir at this path; it is made at the first mail if there is none.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Writes a mail. A full or missing disk is a reason to try later, never the recipient's.
    pub async fn send(&self, id: &MessageId, bytes: &[u8]) -> Delivery {
        let (folder, name, content) = (self.folder.clone(), file_name(id), local_lines(bytes));
        let path = folder.join("new").join(&name);
        match blocking(move || deliver(&folder, &name, &content)).await {
            Ok(()) => Delivery::Accepted(format!("written to {}", path.display())),
            Err(error) => Delivery::Away(format!("{}: {error}", self.folder.display())),
        }
    }

    /// Makes the folders, and writes and removes a file.
    pub async fn check(&self) -> Result<(), Fault> {
        let folder = self.folder.clone();
        let tried = blocking(move || {
            make(&folder)?;
            let probe = folder.join("tmp").join("embargod-check");
            write_through(&probe, b"")?;
            fs::remove_file(&probe)
        });
        tried.await.map_err(|error| {
            let why = format!("{}: {error}; embargod has to write there", self.folder.display());
            Fault::new(Step::Folder, why)
        })
    }
}

/// Runs file work where it cannot hold up the network.
async fn blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> io::Result<()> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|lost| Err(io::Error::other(lost)))
}

/// A name for the file: the Message-ID without what a Maildir (`:`, `/`, a leading dot) or a file
/// system could read something into.
fn file_name(id: &MessageId) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@-_.=".contains(c);
    let name: String = id.0.chars().map(|c| if plain(c) { c } else { '_' }).take(200).collect();
    format!("embargod.{name}")
}

fn make(folder: &Path) -> io::Result<()> {
    for part in ["tmp", "new", "cur"] {
        fs::create_dir_all(folder.join(part))?;
    }
    Ok(())
}

fn deliver(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    make(folder)?;
    let (tmp, new) = (folder.join("tmp").join(name), folder.join("new"));
    write_through(&tmp, content)?;
    fs::rename(&tmp, new.join(name))?;
    File::open(&new)?.sync_all()
}

fn write_through(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> MessageId {
        MessageId("EMB-2026-0001.sent-back.t/../:x@example.org".to_owned())
    }

    #[tokio::test]
    async fn a_mail_is_one_file_in_new_however_often_it_is_tried() {
        let folder = tempfile::tempdir().unwrap();
        let maildir = Maildir::new(folder.path().join("out"));
        for _ in 0..2 {
            let delivery = maildir.send(&id(), b"A: b\r\n\r\nhello\r\n").await;
            assert!(matches!(delivery, Delivery::Accepted(_)), "{delivery:?}");
        }
        let files = |part: &str| fs::read_dir(folder.path().join("out").join(part)).unwrap();
        assert_eq!(files("tmp").count(), 0);
        let new: Vec<PathBuf> = files("new").map(|entry| entry.unwrap().path()).collect();
        assert_eq!(new.len(), 1);
        assert!(!new[0].file_name().unwrap().to_str().unwrap().contains([':', '/']));
        assert_eq!(fs::read(&new[0]).unwrap(), b"A: b\n\nhello\n");
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_away_and_fails_the_check() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let maildir = Maildir::new(file);
        assert!(matches!(maildir.send(&id(), b"").await, Delivery::Away(_)));
        assert_eq!(maildir.check().await.unwrap_err().step, Step::Folder);
    }
}
