//! `embargod backup`: a consistent copy of the store while the daemon runs.
//!
//! Promises: the copy gets its name once it was checked.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;
use serde::Serialize;

use super::name::{Existing, Name, cannot_write};
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
    let existing = match args.force {
        true => Existing::Overwritten,
        false => Existing::Stays("--force overwrites it"),
    };
    let name = Name::claim(&args.file, &store, existing)?;
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
