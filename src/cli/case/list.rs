//! `case list`: cases as a table or as JSON, written as they are read, however many there are.

use std::io::Write;

use chrono_tz::Tz;
use clap::Args;
use comfy_table::{ColumnConstraint, Table, Width};

use super::super::json::CaseJson;
use super::super::{Failure, table};
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::state::State;
use crate::policy::digest::clock;
use crate::store::{Page, Store, Which};

/// Cases read at once.
const PAGE: u32 = 500;

/// What to list.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Closed cases too
    #[arg(long)]
    all: bool,
    /// Only cases in this state; may be given several times
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Vec<State>,
    /// Only cases of this handler
    #[arg(long, value_name = "HANDLE")]
    handler: Option<String>,
    /// Only cases with a promise that has run out
    #[arg(long)]
    overdue: bool,
    /// At most so many, the newest
    #[arg(long, short = 'L', value_name = "N")]
    limit: Option<usize>,
    /// One JSON array
    #[arg(long)]
    json: bool,
}

fn state(name: &str) -> Result<State, String> {
    State::ALL.into_iter().find(|state| state.name() == name).ok_or_else(|| {
        let names: Vec<&str> = State::ALL.iter().map(|state| state.name()).collect();
        format!("the states are {}", names.join(", "))
    })
}

pub(super) async fn list(
    store: &Store,
    now: Timestamp,
    args: &ListArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let every = args.all || args.state.contains(&State::Closed);
    let mut page = Page {
        which: if every { Which::All } else { Which::Open },
        states: args.state.clone(),
        handler: args.handler.clone(),
        before: None,
        limit: PAGE,
    };
    let is_overdue =
        |case: &Case| clock::next_promise(case).is_some_and(|(_, deadline)| deadline < now);
    let mut listing = if args.json { Listing::Json { first: true } } else { Listing::table() };
    let mut left = args.limit.unwrap_or(usize::MAX);
    loop {
        let mut cases = store.page(page.clone()).await?;
        let was_last = cases.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
        page.before = cases.last().map(|case| case.id);
        cases.retain(|case| !args.overdue || is_overdue(case));
        cases.truncate(left);
        left = left.saturating_sub(cases.len());
        listing.write(&cases, now, out)?;
        if was_last || left == 0 {
            return listing.end(args, out);
        }
    }
}

/// A listing in the making.
enum Listing {
    Json { first: bool },
    Table { widths: Vec<u16> },
}

impl Listing {
    fn table() -> Self {
        Self::Table { widths: Vec::new() }
    }

    fn write(
        &mut self,
        cases: &[Case],
        now: Timestamp,
        out: &mut dyn Write,
    ) -> Result<(), Failure> {
        match self {
            Self::Json { first } => {
                for case in cases {
                    let json = serde_json::to_string_pretty(&CaseJson::from(case))
                        .map_err(anyhow::Error::from)?;
                    let before = if *first { "[\n  " } else { ",\n  " };
                    write!(out, "{before}{}", json.replace('\n', "\n  "))?;
                    *first = false;
                }
                Ok(())
            }
            Self::Table { .. } if cases.is_empty() => Ok(()),
            Self::Table { widths } => {
                if widths.is_empty() {
                    let table = overview(cases, now);
                    widths.extend(table.column_max_content_widths());
                    return table::print(out, &table::lines(&table));
                }
                let mut table = rows(table::table(&[]), cases, now);
                // The columns stand where those of the first page do.
                for (column, width) in table.column_iter_mut().zip(widths) {
                    let width = Width::Fixed(width.saturating_add(2));
                    column.set_constraint(ColumnConstraint::LowerBoundary(width));
                }
                table::print(out, &table::lines(&table))
            }
        }
    }

    fn end(self, args: &ListArgs, out: &mut dyn Write) -> Result<(), Failure> {
        let is_plain =
            !args.all && !args.overdue && args.state.is_empty() && args.handler.is_none();
        match self {
            Self::Json { first: true } => table::print(out, "[]\n"),
            Self::Json { first: false } => table::print(out, "\n]\n"),
            Self::Table { widths } if !widths.is_empty() => Ok(()),
            Self::Table { .. } if is_plain => table::print(out, "No open cases.\n"),
            Self::Table { .. } => table::print(out, "No such cases.\n"),
        }
    }
}

/// Cases as a table, a line each.
pub fn overview(cases: &[Case], now: Timestamp) -> Table {
    rows(table::table(&["CASE", "STATE", "AGE", "CLOCK", "HANDLER", "SUBJECT"]), cases, now)
}

fn rows(mut table: Table, cases: &[Case], now: Timestamp) -> Table {
    for case in cases {
        table.add_row([
            case.id.to_string(),
            case.state.name().to_owned(),
            clock::length(now.signed_duration_since(case.received_at)),
            running(case, now).unwrap_or_default(),
            case.handler.clone().unwrap_or_default(),
            about(case),
        ]);
    }
    table
}

/// What a case is about, where that is still known.
fn about(case: &Case) -> String {
    let purged = |at: Timestamp| format!("purged on {}", at.format("%Y-%m-%d"));
    case.purged_at.map_or_else(|| case.subject.clone(), purged)
}

/// The clock that runs on a case, in words.
pub(super) fn running(case: &Case, now: Timestamp) -> Option<String> {
    if case.awaiting.is_some() && case.state.is_open() && clock::next_duty(case).is_none() {
        return Some("waits for the reporter".to_owned());
    }
    let (promise, deadline) = clock::next_promise(case)?;
    Some(clock::clock(promise, deadline, now, Tz::UTC).words)
}
