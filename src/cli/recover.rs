//! `embargod recover`: a new store out of what can be read of a damaged one.
//!
//! Promises: the damaged store stays as it is; FILE gets its name once the new store was checked.

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
use crate::domain::case_id::CaseId;
use crate::store::{Recovered, Store};

/// Make a new store out of what can be read of a damaged one.
///
/// For when no backup is recent enough. Stop embargod first. Cases are made anew from their events, and
/// what refers to lost rows stands without them. A mail whose case is lost is set aside: `embargod mail
/// retry` makes its case anew from its bytes. Once the new store is in the old one's place, the inbox
/// is looked through from its beginning, so that mail whose row was lost comes back; what is known is
/// not taken in twice, and nobody whose mail is older than `answers_within` is written to. Changes
/// nothing but FILE. Exit status 1 where anything was lost.
#[derive(Debug, Args)]
#[command(after_help = "Example: systemctl stop embargod\n         \
                        embargod recover /var/lib/embargod/recovered.db")]
pub struct RecoverArgs {
    /// The store to write, which must not be there yet
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The damaged store, if it is not the one in the configuration
    #[arg(long, value_name = "STORE")]
    from: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct RecoveredJson<'a> {
    file: String,
    whole: bool,
    sound: bool,
    head: String,
    cases: u64,
    lost_cases: &'a [CaseId],
    dropped_events: u64,
    /// The first event whose hash is another than before.
    chained_anew: Option<i64>,
    set_aside: u64,
    tables: Vec<TableJson<'a>>,
}

#[derive(Debug, Serialize)]
struct TableJson<'a> {
    name: &'a str,
    rows: u64,
    damage: Option<&'a str>,
}

/// Writes the new store.
///
/// # Errors
/// 2 where FILE is there already, 1 where something was lost.
pub fn recover(
    config: Option<&Path>,
    args: &RecoverArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let from = match &args.from {
        Some(from) => from.clone(),
        None => Settings::load(&locate(config)?, Secrets::Skip)?.store,
    };
    if !from.exists() {
        return Err(Failure::Failed(anyhow!("there is no store {}", from.display())));
    }
    // A daemon at work would write what is not read any more.
    let _lock = Store::lock(&from)?;
    let name = Name::claim(&args.file, &from, Existing::Stays("name another"))?;
    let mut line = Line::new();
    let recovered = Store::recover(&from, &name.partial, &mut |what, progress| {
        line.show(&format!("checking {}", what.name()), progress.done, progress.of);
    })?;
    drop(line);
    name.give().map_err(|e| cannot_write(&args.file, &e))?;
    match args.json {
        true => json::print(out, &as_json(args, &recovered))?,
        false => table::print(out, &in_words(args, &from, &recovered))?,
    }
    if recovered.is_whole() { Ok(()) } else { Err(Failure::Told) }
}

fn as_json<'a>(args: &RecoverArgs, recovered: &'a Recovered) -> RecoveredJson<'a> {
    let tables = recovered.tables.iter().map(|table| TableJson {
        name: &table.table,
        rows: table.rows,
        damage: table.damage.as_deref(),
    });
    RecoveredJson {
        file: args.file.display().to_string(),
        whole: recovered.is_whole(),
        sound: recovered.report.is_sound(),
        head: hex(&recovered.report.head),
        cases: recovered.cases,
        lost_cases: &recovered.lost,
        dropped_events: recovered.dropped,
        chained_anew: recovered.chained_anew,
        set_aside: recovered.set_aside,
        tables: tables.collect(),
    }
}

fn in_words(args: &RecoverArgs, from: &Path, recovered: &Recovered) -> String {
    let mut text = String::new();
    for table in &recovered.tables {
        let damage = match &table.damage {
            Some(why) => format!(", and some that cannot be read: {why}"),
            None => String::new(),
        };
        text.push_str(&format!("{} rows of {}{damage}\n", table.rows, table.table));
    }
    text.push_str(&format!("{} cases made from their events\n", recovered.cases));
    for lost in &recovered.lost {
        text.push_str(&format!("{lost} is lost\n"));
    }
    if recovered.dropped > 0 {
        let events = recovered.dropped;
        text.push_str(&format!("{events} events left out: they do not stand without lost ones\n"));
    }
    if let Some(number) = recovered.chained_anew {
        text.push_str(&format!(
            "the chain of events is made anew from event {number} on: a head that you kept before no \
             longer tells anything\n"
        ));
    }
    if recovered.set_aside > 0 {
        let mails = recovered.set_aside;
        text.push_str(&format!(
            "{mails} mails set aside: see `embargod mail list --quarantined`, and `embargod mail retry`\n"
        ));
    }
    for check in &recovered.report.checks {
        for fault in &check.wrong {
            text.push_str(&format!("WRONG {}: {fault}\n", check.what.name()));
        }
    }
    text.push_str(&format!("last event {}\n", hex(&recovered.report.head)));
    let (file, from) = (args.file.display(), from.display());
    text.push_str(&format!(
        "\nKeep {from} aside with its -wal and -shm, put {file} in its place, and start embargod.\n"
    ));
    text
}
