//! `embargod import`: takes in an mbox, Maildir or folder of mails as history.
//!
//! Promises: no mail is sent and no promise made; broken off and begun again, it takes in everything
//! once; what cannot be read is named, and the rest goes on. A dry run works on a copy of the store.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;
use chrono::SubsecRound;
use clap::Args;
use comfy_table::CellAlignment;
use serde::Serialize;

use super::progress::Line;
use super::run::runtime;
use super::sources::{self, Source, Spot};
use super::{Failure, json, table};
use crate::config::{Secrets, Settings, locate};
use crate::daemon::clock::Clock;
use crate::daemon::desk::Desk;
use crate::daemon::import::{Import, Outcome, Unread};
use crate::daemon::signals::Signals;
use crate::daemon::stop::stop;
use crate::domain::Timestamp;
use crate::domain::address::displayable;
use crate::domain::archive::Became;
use crate::domain::judgement::Kind;
use crate::mail::read as mail;
use crate::policy::import::{Head, arrival, plan};
use crate::policy::promise::Promises;
use crate::store::{Store, StoreError};

/// As much of a mail is read to find its place: its head.
const HEAD_BYTES: u64 = 256 * 1024;

/// Unreadable mails that are named; more are counted.
const TOLD: usize = 20;

/// Take in an mbox, Maildir or folder of mails as history: no mail is sent.
///
/// Threads become cases, with the project's own answers in them. A thread that nobody has written
/// into for longer than disclosure may take is closed; a younger one stays open, without a clock.
/// Import what belongs together, such as an inbox and its sent mail, in one go. The daemon may run.
/// Broken off, it goes on where it was when it is started again.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Mail files, mbox files, Maildirs, folders of .eml and .mbox files
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only say what would become of the mails
    #[arg(long)]
    dry_run: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Imports.
///
/// # Errors
/// 1 where something could not be read or the import was broken off, after the rest was taken in.
pub fn import(
    config: Option<&Path>,
    args: &ImportArgs,
    clock: &Clock,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let settings = Settings::load(&locate(config)?, Secrets::Skip)?;
    let desk = Desk::of(&settings, clock).map_err(|e| Failure::Wrong(e.to_string()))?;
    let mut line = Line::new();
    let mut summary = Summary { dry_run: args.dry_run, ..Summary::default() };
    let found = scan(&args.paths, &mut summary, &mut line);
    let mails = in_order(found, &settings.promises, clock.now());
    let total = u64::try_from(mails.len()).unwrap_or(u64::MAX);

    let copy = args.dry_run.then(|| Copy::of(&settings.store)).transpose()?;
    let store = Store::open(copy.as_ref().map_or(&settings.store, |copy| &copy.path))?;
    let import = Import { desk: Arc::new(desk), store };
    let limit = settings.limits.message_bytes;
    let mut done = 0_u64;
    let mut tell = |outcome: Outcome<Spot>| {
        done = done.saturating_add(1);
        line.show("importing", done, total);
        summary.count(outcome);
    };
    let ended = runtime()?.block_on(async {
        let (stopper, stop) = stop();
        let mut signals = Signals::listen()?;
        let listening = tokio::spawn(async move {
            signals.next().await;
            stopper.stop();
        });
        let ended = import.take_in(mails, move |spot| spot.read(limit), &stop, &mut tell).await;
        listening.abort();
        Ok::<_, io::Error>(ended)
    })?;
    drop(line);
    if args.json {
        json::print(out, &summary)?;
    } else {
        table::print(out, &summary.in_words())?;
    }
    ended?;
    if done < total {
        return Err(Failure::Failed(anyhow!(
            "broken off after {done} of {total} mails; the same command goes on from there"
        )));
    }
    match summary.unreadable.iter().filter(|mail| !mail.kept).count() {
        0 => Ok(()),
        some => Err(Failure::Failed(anyhow!("{some} could not be read; the rest was taken in"))),
    }
}

/// A mail that was found.
struct Found {
    spot: Spot,
    size: u64,
    head: mail::Head,
    /// When its file was written.
    written: Option<Timestamp>,
}

/// Looks at the heads of all mails.
fn scan(paths: &[PathBuf], summary: &mut Summary, line: &mut Line) -> Vec<Found> {
    let mut found = Vec::new();
    let mut unread = Vec::new();
    for path in paths {
        let mut each = |source: Source| {
            let written =
                source.spot.file().and_then(|file| fs::metadata(file).ok()?.modified().ok());
            let head = mail::head(&source.raw);
            let written = written.map(Timestamp::from);
            found.push(Found { spot: source.spot, size: source.size, head, written });
            line.show(&format!("looking through {} mails", found.len()), 0, 0);
            Ok(())
        };
        // Nothing in `each` fails.
        let _ = sources::each(path, HEAD_BYTES, &mut each, &mut unread);
    }
    let failed = unread.into_iter().map(|why| Unreadable { why, kept: false });
    summary.unreadable.extend(failed);
    found
}

/// The mails in the order in which they are taken in.
fn in_order(found: Vec<Found>, promises: &Promises, now: Timestamp) -> Vec<Unread<Spot>> {
    let whole = |at: Option<Timestamp>| at.map(|at| at.trunc_subsecs(0));
    let at = |mail: &Found| arrival(mail.head.received, mail.head.date, whole(mail.written), now);
    let heads: Vec<Head> = found
        .iter()
        .map(|mail| Head {
            at: at(mail),
            id: mail.head.message_id.clone(),
            thread: mail.head.thread.clone(),
        })
        .collect();
    plan(&heads, |last| promises.disclose_by(last) < now)
        .into_iter()
        .filter_map(|step| {
            let mail = found.get(step.index)?;
            Some(Unread {
                spot: mail.spot.clone(),
                at: at(mail),
                size: mail.size,
                stand: step.stand,
            })
        })
        .collect()
}

/// What an import came to.
#[derive(Debug, Default, Serialize)]
struct Summary {
    dry_run: bool,
    /// Mails that were read.
    mails: u64,
    cases: u64,
    follow_ups: u64,
    replies: u64,
    recorded: BTreeMap<String, u64>,
    duplicates: u64,
    already_here: u64,
    unreadable: Vec<Unreadable>,
}

/// A mail or file of which nothing could be made.
#[derive(Debug, Serialize)]
struct Unreadable {
    why: String,
    /// Whether its bytes are in the store all the same.
    kept: bool,
}

impl Summary {
    fn count(&mut self, (spot, outcome): Outcome<Spot>) {
        let became = match outcome {
            Ok(became) => became,
            Err(error) => {
                let why = format!("cannot read {spot}: {error}");
                self.unreadable.push(Unreadable { why, kept: false });
                return;
            }
        };
        self.mails = self.mails.saturating_add(1);
        let figure = match became {
            Became::Case(_) => &mut self.cases,
            Became::FollowUp(_) => &mut self.follow_ups,
            Became::Reply(_) => &mut self.replies,
            Became::Duplicate => &mut self.duplicates,
            Became::KnownAlready => &mut self.already_here,
            Became::Recorded(kind, _) => {
                if kind == Kind::Malformed {
                    let why = format!("{spot}: it is no mail that can be read; kept as it is");
                    self.unreadable.push(Unreadable { why, kept: true });
                }
                self.recorded.entry(json::name(&kind)).or_default()
            }
        };
        *figure = figure.saturating_add(1);
    }

    fn in_words(&self) -> String {
        let mut table = table::table(&[]);
        let kinds = self.recorded.iter().map(|(kind, count)| (kind.as_str(), *count));
        let figures = [
            ("cases", self.cases),
            ("follow-ups", self.follow_ups),
            ("answers of ours", self.replies),
        ];
        let rest = [("duplicates", self.duplicates), ("here already", self.already_here)];
        table.add_row(["mails".to_owned(), self.mails.to_string()]);
        for (name, count) in figures.into_iter().chain(kinds).chain(rest) {
            table.add_row([format!("  {name}"), count.to_string()]);
        }
        table.add_row(["unreadable".to_owned(), self.unreadable.len().to_string()]);
        if let Some(column) = table.column_mut(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let mut text = table::lines(&table);
        for mail in self.unreadable.iter().take(TOLD) {
            text.push_str(&format!("{}\n", displayable(&mail.why)));
        }
        let more = self.unreadable.len().saturating_sub(TOLD);
        if more > 0 {
            text.push_str(&format!("and {more} more; --json names them all\n"));
        }
        if self.dry_run {
            text.push_str("Nothing was written: this was a dry run.\n");
        }
        text
    }
}

/// A copy of the store for a dry run, gone when that is over.
struct Copy {
    path: PathBuf,
}

impl Copy {
    fn of(store: &Path) -> Result<Self, StoreError> {
        let path = PathBuf::from(format!("{}.dry-run-{}", store.display(), std::process::id()));
        let copy = Self { path };
        if store.exists() {
            Store::copy(store, &copy.path, &mut |_| {})?;
        }
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            // A store that was never written has no companions.
            let _ = fs::remove_file(format!("{}{end}", self.path.display()));
        }
    }
}
