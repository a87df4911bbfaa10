//! `case list` and `case show`.

use std::io::Write;

use chrono_tz::Tz;
use clap::Args;

use super::super::json::{self, CaseFileJson, CaseJson};
use super::super::{Failure, table};
use super::sheet::sheet;
use super::unknown;
use crate::domain::Timestamp;
use crate::domain::address::Address;
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::policy::digest::clock;
use crate::store::{Store, Which};

/// What to list.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Closed cases too
    #[arg(long)]
    all: bool,
    /// One JSON array
    #[arg(long)]
    json: bool,
}

/// What to show.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The case, such as EMB-2026-0001
    #[arg(value_name = "CASE")]
    id: CaseId,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) async fn list(
    store: &Store,
    now: Timestamp,
    args: &ListArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let which = if args.all { Which::All } else { Which::Open };
    let cases = store.cases(which).await?;
    if args.json {
        return json::print(out, &cases.iter().map(CaseJson::from).collect::<Vec<_>>());
    }
    if cases.is_empty() {
        return table::print(out, "No open cases.\n");
    }
    table::print(out, &table::lines(&overview(&cases, now)))
}

/// Cases as a table, a line each.
pub fn overview(cases: &[Case], now: Timestamp) -> comfy_table::Table {
    let mut table = table::table(&["CASE", "STATE", "AGE", "CLOCK", "HANDLER", "SUBJECT"]);
    for case in cases {
        table.add_row([
            case.id.to_string(),
            case.state.name().to_owned(),
            clock::length(now.signed_duration_since(case.received_at)),
            running(case, now).unwrap_or_default(),
            case.handler.clone().unwrap_or_default(),
            case.subject.clone(),
        ]);
    }
    table
}

/// The clock that runs on a case, in words.
pub fn running(case: &Case, now: Timestamp) -> Option<String> {
    if case.awaiting.is_some() && case.state.is_open() && clock::next_duty(case).is_none() {
        return Some("waits for the reporter".to_owned());
    }
    let (promise, deadline) = clock::next_promise(case)?;
    Some(clock::clock(promise, deadline, now, Tz::UTC).words)
}

pub(super) async fn show(
    store: &Store,
    project: &Address,
    now: Timestamp,
    args: &ShowArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let file = store.case_file(args.id).await?.ok_or_else(|| unknown(args.id))?;
    if args.json {
        return json::print(out, &CaseFileJson::new(&file, project));
    }
    table::print(out, &sheet(&file, now))
}
