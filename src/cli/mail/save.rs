//! `mail save`: the files of a mail, out of the store.
//!
//! Promises: a file gets its number and a plain name, lies in the folder that was named and nowhere
//! else, can be read by its owner alone and be run by nobody; nothing that is there is touched.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::Args;

use super::super::{Failure, table};
use super::{unknown, whole};
use crate::domain::shown::file_name;
use crate::mail::read::{File, files};
use crate::store::Store;

/// What to save, and where.
#[derive(Debug, Args)]
pub struct SaveArgs {
    /// The mail, by its number in `case show` or `mail list`
    #[arg(value_name = "NUMBER")]
    number: i64,
    /// Only this file, by its place in the list
    #[arg(long, value_name = "NTH")]
    file: Option<usize>,
    /// A folder that is there
    #[arg(long, value_name = "DIR", default_value = ".")]
    into: PathBuf,
}

pub(super) async fn save(
    store: &Store,
    args: &SaveArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mail = store.received_mail(args.number).await?.ok_or_else(|| unknown(args.number))?;
    let (_, raw) = whole(mail)?;
    let wanted = |(nth, _): &(usize, File)| args.file.is_none_or(|file| file == *nth);
    let found: Vec<(usize, File)> = (1..).zip(files(&raw)).filter(wanted).collect();
    if found.is_empty() {
        return Err(anyhow!("mail {} has no such file", args.number).into());
    }
    for (nth, file) in found {
        let path = args.into.join(format!("mail-{}-{}", args.number, file_name(nth, &file.name)));
        write(&path, &file.bytes)?;
        table::print(out, &format!("{}\n", path.display()))?;
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = match file {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(anyhow!("{} is there already: move it away first", path.display()));
        }
        file => file.with_context(|| format!("{} cannot be written", path.display()))?,
    };
    file.write_all(bytes).with_context(|| format!("{} cannot be written", path.display()))
}
