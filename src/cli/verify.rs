//! `embargod verify`: is everything that is stored what was written?

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use bytesize::ByteSize;
use chrono::{NaiveDate, NaiveTime};
use clap::Args;
use serde::Serialize;

use super::progress::Line;
use super::run::runtime;
use super::{Failure, json, table};
use crate::config::{Secrets, Settings, locate};
use crate::daemon::intake::IntakeError;
use crate::daemon::stock::{Stock, take_stock};
use crate::domain::Timestamp;
use crate::domain::address::displayable;
use crate::domain::place::Place;
use crate::store::{Check, Report, Store};

/// Missing mails that are named; more are counted.
const NAMED: usize = 20;

/// Check that everything in the store is what was written.
///
/// Looks at the database's pages and references, the chain of events, each case against its events,
/// and each mail against its digest. With --inbox also at the whole inbox: each mail there that is for
/// the project has to be in the store. Changes nothing, neither here nor there; the daemon may run. Exit
/// status 1 where something is wrong.
#[derive(Debug, Args)]
#[command(after_help = "Example: embargod verify\n         \
                        embargod verify /backup/embargod.db\n         \
                        embargod verify --inbox --since 2026-01-01")]
pub struct VerifyArgs {
    /// A copy to check instead of the store in the configuration
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Look for mail of the inbox that is not in the store
    #[arg(long, conflicts_with = "file")]
    inbox: bool,
    /// Only for mail that arrived on this day or later (UTC)
    #[arg(long, value_name = "YYYY-MM-DD", requires = "inbox")]
    since: Option<NaiveDate>,
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
    /// Where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    inbox: Option<StockJson<'a>>,
}

#[derive(Debug, Serialize)]
struct CheckJson<'a> {
    name: &'static str,
    rows: Option<u64>,
    wrong: &'a [String],
    more: u64,
}

#[derive(Debug, Serialize)]
struct StockJson<'a> {
    known: u64,
    waiting: u64,
    for_others: u64,
    missing: Vec<MissingJson<'a>>,
}

#[derive(Debug, Serialize)]
struct MissingJson<'a> {
    /// Of a mail on an IMAP server.
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<u32>,
    /// Of a mail in a Maildir.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    at: Timestamp,
    size: u64,
    message_id: Option<&'a str>,
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
    let settings = match &args.file {
        Some(_) => None,
        None => {
            let secrets = if args.inbox { Secrets::Required } else { Secrets::Skip };
            Some(Settings::load(&locate(config)?, secrets)?)
        }
    };
    let store = args.file.as_ref().or(settings.as_ref().map(|settings| &settings.store));
    let Some(store) = store else { return Ok(()) };
    let mut line = Line::new();
    let report = Store::verify(store, &mut |what, progress| {
        line.show(&format!("checking {}", what.name()), progress.done, progress.of);
    })?;
    // What a damaged store has cannot be compared with anything.
    let stock = match &settings {
        Some(settings) if args.inbox && report.is_sound() => {
            Some(stock(settings, args.since, &mut line)?)
        }
        _ => None,
    };
    drop(line);
    if args.json {
        json::print(out, &as_json(store, &report, stock.as_ref()))?;
    } else {
        let mut text = in_words(store, &report);
        if let Some(stock) = &stock {
            text.push_str(&stock_in_words(stock));
        }
        table::print(out, &text)?;
    }
    let nothing_missing = stock.is_none_or(|stock| stock.missing.is_empty());
    if report.is_sound() && nothing_missing { Ok(()) } else { Err(Failure::Told) }
}

fn stock(settings: &Settings, since: Option<NaiveDate>, line: &mut Line) -> Result<Stock, Failure> {
    let store = Store::open_existing(&settings.store)?;
    let since = since.map(|day| day.and_time(NaiveTime::MIN).and_utc());
    let stock = runtime()?.block_on(take_stock(&settings.inbox, &store, since, |mails| {
        line.show(&format!("reading mail {mails} of the inbox"), 0, 0);
    }));
    stock.map_err(|error| match error {
        IntakeError::Store(error) => error.into(),
        IntakeError::Inbox(error) => {
            Failure::Failed(anyhow!("the inbox cannot be looked through: {error}"))
        }
    })
}

/// A hash as people compare it.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn as_json<'a>(store: &Path, report: &'a Report, stock: Option<&'a Stock>) -> ReportJson<'a> {
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
        inbox: stock.map(StockJson::from),
    }
}

impl<'a> From<&'a Stock> for StockJson<'a> {
    fn from(stock: &'a Stock) -> Self {
        let missing = stock.missing.iter().map(|mail| {
            let (uid, name) = match &mail.place {
                Place::Imap { uid, .. } => (Some(*uid), None),
                Place::Maildir { name, .. } | Place::Archive { name } => (None, Some(&**name)),
            };
            let (at, size, message_id) = (mail.arrived_at, mail.size, mail.message_id.as_deref());
            MissingJson { uid, name, at, size, message_id }
        });
        let Stock { known, waiting, for_others, .. } = *stock;
        Self { known, waiting, for_others, missing: missing.collect() }
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

fn stock_in_words(stock: &Stock) -> String {
    let Stock { known, waiting, for_others, missing } = stock;
    let mut text = format!(
        "{} inbox ({known} in the store, {waiting} to be taken in, {for_others} for others)\n",
        if missing.is_empty() { "ok   " } else { "WRONG" }
    );
    for mail in missing.iter().take(NAMED) {
        let place = match &mail.place {
            Place::Imap { uid, .. } => format!("UID {uid}"),
            Place::Maildir { name, .. } | Place::Archive { name } => displayable(name),
        };
        let (at, size) = (mail.arrived_at.format("%Y-%m-%d %H:%M UTC"), ByteSize::b(mail.size));
        let id = mail.message_id.as_deref().unwrap_or("no Message-ID");
        text.push_str(&format!("      {place} of {at}, {size}, {id} is not in the store\n"));
    }
    if let Some(more) = missing.len().checked_sub(NAMED).filter(|more| *more > 0) {
        text.push_str(&format!("      and {more} more\n"));
    }
    if !missing.is_empty() {
        text.push_str(
            "\nA store that `embargod recover FILE` makes of this one takes them in: it begins its look\n\
             through the inbox anew.\n",
        );
    }
    text
}
