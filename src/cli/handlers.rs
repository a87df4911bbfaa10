//! `embargod handlers`: who handles how much, and who is away.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::run::runtime;
use super::{Failure, json, table};
use crate::config::{Secrets, Settings, locate};
use crate::daemon::clock::Clock;
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::people::Maintainer;
use crate::policy::clocks;
use crate::policy::digest::clock as shown;
use crate::store::{Store, Which};

/// Show who handles how many open cases, and who is away.
#[derive(Debug, Args)]
pub struct HandlersArgs {
    /// One JSON array
    #[arg(long)]
    json: bool,
}

/// The load of one handler.
#[derive(Debug, Serialize)]
struct Handler<'a> {
    /// The handle; `null` stands for the cases that nobody handles.
    handle: Option<&'a str>,
    name: Option<&'a str>,
    lead: bool,
    open: usize,
    overdue: usize,
    absent_until: Option<Timestamp>,
    handles: &'a [String],
}

/// Prints the load of every handler.
///
/// # Errors
/// 1 where there is no store.
pub fn handlers(
    config: Option<&Path>,
    args: &HandlersArgs,
    clock: &Clock,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let settings = Settings::load(&locate(config)?, Secrets::Skip)?;
    let store = Store::open_existing(&settings.store)?;
    let open = runtime()?.block_on(store.cases(Which::Open))?;
    let now = clock.now();
    let handlers = loads(&settings.maintainers, &open, now);
    if args.json {
        return json::print(out, &handlers);
    }
    let mut shown = table::table(&["HANDLE", "OPEN", "OVERDUE", "AWAY UNTIL", "ANSWERS FOR"]);
    for handler in &handlers {
        let person =
            settings.maintainers.iter().find(|p| Some(p.handle.as_str()) == handler.handle);
        let zone = person.and_then(|p| p.timezone).unwrap_or(settings.digest.timezone);
        let until = handler.absent_until.map(|until| shown::day(until, now, zone));
        shown.add_row([
            match (handler.handle, handler.lead) {
                (Some(handle), true) => format!("{handle} (lead)"),
                (Some(handle), false) => handle.to_owned(),
                (None, _) => "nobody".to_owned(),
            },
            handler.open.to_string(),
            handler.overdue.to_string(),
            until.unwrap_or_default(),
            handler.handles.join(", "),
        ]);
    }
    table::print(out, &table::lines(&shown))
}

/// The maintainers in their order, then handlers who are none any more, then the cases of nobody.
fn loads<'a>(people: &'a [Maintainer], open: &'a [Case], now: Timestamp) -> Vec<Handler<'a>> {
    let mut cases: BTreeMap<Option<&str>, Vec<&Case>> = BTreeMap::new();
    for case in open {
        cases.entry(case.handler.as_deref()).or_default().push(case);
    }
    let is_overdue =
        |case: &&&Case| clocks::running(case).first().is_some_and(|running| running.deadline < now);
    let mut load = |handle: Option<&'a str>, person: Option<&'a Maintainer>| {
        let cases = cases.remove(&handle).unwrap_or_default();
        Handler {
            handle,
            name: person.map(|person| person.name.as_str()),
            lead: person.is_some_and(|person| person.lead),
            open: cases.len(),
            overdue: cases.iter().filter(is_overdue).count(),
            absent_until: person.and_then(|p| p.absence_at(now)).map(|absence| absence.until),
            handles: person.map_or(&[], |person| person.handles.as_slice()),
        }
    };
    let mut handlers: Vec<Handler<'a>> =
        people.iter().map(|person| load(Some(&person.handle), Some(person))).collect();
    let known = |handle: &str| people.iter().any(|person| person.handle == handle);
    let mut others: Vec<&'a str> = open.iter().filter_map(|case| case.handler.as_deref()).collect();
    others.retain(|handle| !known(handle));
    others.sort_unstable();
    others.dedup();
    handlers.extend(others.into_iter().map(|handle| load(Some(handle), None)));
    if open.iter().any(|case| case.handler.is_none()) {
        handlers.push(load(None, None));
    }
    handlers
}
