//! `embargod status`: does it do its work? For a monitoring check or a systemd timer.

use std::io::Write;
use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::run::runtime;
use super::{Failure, json, table};
use crate::config::{Secrets, Settings, locate};
use crate::daemon::clock::Clock;
use crate::domain::Timestamp;
use crate::domain::vitals::Vitals;
use crate::policy::alarm::{Problem, problems};
use crate::store::{Store, StoreError};

/// Say whether embargod does its work.
///
/// Exit status 1, with the reason, where it does not run, has not read the inbox for longer than
/// `stale_after`, has mail that waits to be sent for longer than `outbox_after`, or could not
/// deliver a digest, or misses the canary that it wrote to itself; `[alarm]` has these bounds. Sends nothing and connects to nobody.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// One JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct StatusJson {
    well: bool,
    problems: Vec<ProblemJson>,
    started_at: Option<Timestamp>,
    inbox_read_at: Option<Timestamp>,
    canary_back_at: Option<Timestamp>,
    waiting: u64,
    waits_since: Option<Timestamp>,
    set_aside: u64,
    taken_in: u64,
    written: u64,
    given_up: u64,
    open_cases: u64,
}

#[derive(Debug, Serialize)]
struct ProblemJson {
    name: &'static str,
    why: String,
}

/// Says how it is.
///
/// # Errors
/// 1 where something is wrong.
pub fn status(
    config: Option<&Path>,
    args: &StatusArgs,
    clock: &Clock,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let settings = Settings::load(&locate(config)?, Secrets::Skip)?;
    let runs = match Store::lock(&settings.store) {
        Ok(_free) => false,
        Err(StoreError::InUse { .. }) => true,
        Err(error) => return Err(error.into()),
    };
    let store = Store::open_existing(&settings.store)?;
    let vitals = runtime()?.block_on(store.vitals())?;
    let mut found = problems(&vitals, &settings.alarm.bounds, clock.now());
    if !runs {
        // Who does not run is late with everything.
        found.retain(|problem| !matches!(problem, Problem::Stale { .. } | Problem::Canary { .. }));
        found.insert(0, Problem::NotRunning);
    }
    if args.json {
        json::print(out, &as_json(&vitals, &found))?;
    } else {
        table::print(out, &in_words(&vitals, &found))?;
    }
    if found.is_empty() { Ok(()) } else { Err(Failure::Told) }
}

fn as_json(vitals: &Vitals, found: &[Problem]) -> StatusJson {
    let problem =
        |problem: &Problem| ProblemJson { name: problem.name(), why: problem.to_string() };
    StatusJson {
        well: found.is_empty(),
        problems: found.iter().map(problem).collect(),
        started_at: vitals.since,
        inbox_read_at: vitals.looked_at,
        canary_back_at: vitals.canary_back,
        waiting: vitals.waiting,
        waits_since: vitals.waits_since,
        set_aside: vitals.set_aside,
        taken_in: vitals.taken_in,
        written: vitals.written,
        given_up: vitals.given_up,
        open_cases: vitals.open,
    }
}

fn in_words(vitals: &Vitals, found: &[Problem]) -> String {
    let at = |at: Option<Timestamp>| {
        at.map_or("never".to_owned(), |at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string())
    };
    let mut text: String = found.iter().map(|problem| format!("WRONG  {problem}\n")).collect();
    if found.is_empty() {
        text.push_str("ok     embargod does its work\n");
    }
    text.push_str(&format!("inbox  last read {}\n", at(vitals.looked_at)));
    text.push_str(&format!(
        "outbox {} waiting, {} given up ever\n",
        vitals.waiting, vitals.given_up
    ));
    text.push_str(&format!(
        "mail   {} taken in, {} set aside\n",
        vitals.taken_in, vitals.set_aside
    ));
    text.push_str(&format!("cases  {} open\n", vitals.open));
    text
}
