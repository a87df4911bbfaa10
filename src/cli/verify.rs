//! `embargod verify`: is everything that is stored what was written?

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::progress::Line;
use super::{Failure, json, table};
use crate::config::{Secrets, Settings, locate};
use crate::store::{Check, Report, Store};

/// Check that everything in the store is what was written.
///
/// Looks at the database's pages and references, the chain of events, each case against its events,
/// and each mail against its digest. Changes nothing; the daemon may run. Exit status 1 where
/// something is wrong.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A copy to check instead of the store in the configuration
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct ReportJson<'a> {
    store: String,
    sound: bool,
    head: String,
    checks: Vec<CheckJson<'a>>,
}

#[derive(Debug, Serialize)]
struct CheckJson<'a> {
    name: &'static str,
    rows: Option<u64>,
    wrong: &'a [String],
    more: u64,
}

/// Verifies the store, or a copy.
///
/// # Errors
/// 1 where something is wrong with it.
pub fn verify(
    config: Option<&Path>,
    args: &VerifyArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let store = match &args.file {
        Some(file) => file.clone(),
        None => Settings::load(&locate(config)?, Secrets::Skip)?.store,
    };
    let mut line = Line::new();
    let report = Store::verify(&store, &mut |what, progress| {
        line.show(&format!("checking {}", what.name()), progress.done, progress.of);
    })?;
    drop(line);
    if args.json {
        json::print(out, &as_json(&store, &report))?;
    } else {
        table::print(out, &in_words(&store, &report))?;
    }
    if report.is_sound() { Ok(()) } else { Err(Failure::Told) }
}

/// A hash as people compare it.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn as_json<'a>(store: &Path, report: &'a Report) -> ReportJson<'a> {
    let check = |check: &'a Check| CheckJson {
        name: check.what.name(),
        rows: check.rows,
        wrong: &check.wrong,
        more: check.more,
    };
    ReportJson {
        store: store.display().to_string(),
        sound: report.is_sound(),
        head: hex(&report.head),
        checks: report.checks.iter().map(check).collect(),
    }
}

fn in_words(store: &Path, report: &Report) -> String {
    let mut text = String::new();
    for check in &report.checks {
        let rows = check.rows.map(|rows| format!(" ({rows})")).unwrap_or_default();
        let verdict = if check.wrong.is_empty() { "ok   " } else { "WRONG" };
        text.push_str(&format!("{verdict} {}{rows}\n", check.what.name()));
        for fault in &check.wrong {
            text.push_str(&format!("      {fault}\n"));
        }
        if check.more > 0 {
            text.push_str(&format!("      and {} more\n", check.more));
        }
    }
    let store = store.display();
    if report.is_sound() {
        text.push_str(&format!("last event {}\n", hex(&report.head)));
    } else {
        text.push_str(&format!(
            "\n{store} is not as embargod wrote it. Stop embargod, keep the file aside for whoever \
             looks into it,\nand put the latest backup that `embargod verify FILE` finds sound in \
             its place.\nMail that arrived since is still in the mailbox and is taken in again.\n"
        ));
    }
    text
}
