//! `case list` and `case show`.

use std::io::Write;

use chrono_tz::Tz;
use clap::Args;

use super::super::json::{self, CaseFileJson, CaseJson};
use super::super::{Failure, table};
use super::unknown;
use crate::domain::Timestamp;
use crate::domain::address::Address;
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::suggestion::Finding;
use crate::domain::views::{CaseFile, Direction};
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
fn running(case: &Case, now: Timestamp) -> Option<String> {
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

/// A case as a person reads it.
pub fn sheet(file: &CaseFile, now: Timestamp) -> String {
    let case = &file.case;
    let mut text = format!("{}  {}\n\n{}", case.id, case.subject, facts(file, now));
    let mut section = |title: &str, table: &comfy_table::Table| {
        if !table.is_empty() {
            text.push_str(&format!("\n{title}\n{}", table::lines(table)));
        }
    };
    let mut suggestions = table::table(&[]);
    for suggestion in &case.suggestions {
        suggestions.add_row([suggestion.kind.name(), &suggestion.why]);
    }
    section("Suggestions (a person decides)", &suggestions);
    let mut report = table::table(&[]);
    for (fact, finding) in case.facts.iter().flat_map(|facts| facts.each()) {
        let found = match finding {
            Finding::Found(excerpt) => excerpt.cite(),
            Finding::NotFound => "not found".to_owned(),
        };
        report.add_row([fact.name().to_owned(), found]);
    }
    section("Facts of the report", &report);
    let mut events = table::table(&[]);
    for event in &file.events {
        events.add_row([moment(&event.at), event.actor.label(), event.change.describe()]);
    }
    section("Events", &events);
    let mut mail = table::table(&[]);
    for message in &file.messages {
        let (way, who) = match message.direction {
            Direction::In => ("from", &message.from),
            Direction::Out => ("to", &message.to),
        };
        mail.add_row([
            moment(&message.at),
            format!("{way} {who}"),
            message.status.clone(),
            message.subject.clone(),
        ]);
    }
    section("Mail", &mail);
    text
}

fn moment(at: &Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn facts(file: &CaseFile, now: Timestamp) -> String {
    let case = &file.case;
    let ended = case.disposition.map(|disposition| format!("closed as {}", disposition.name()));
    let earlier: Vec<String> = file
        .earlier
        .iter()
        .map(|earlier| match earlier.disposition {
            Some(disposition) => format!("{} ({})", earlier.id, disposition.name()),
            None => format!("{} ({})", earlier.id, earlier.state.name()),
        })
        .collect();
    let lines = [
        ("state", Some(ended.unwrap_or_else(|| case.state.name().to_owned()))),
        ("reporter", Some(case.reporter.to_string())),
        ("sender", case.sender.map(|verdict| verdict.name().to_owned())),
        ("not answered", case.withheld.clone()),
        ("earlier cases", (!earlier.is_empty()).then(|| earlier.join(", "))),
        ("handler", case.handler.clone()),
        ("received", Some(moment(&case.received_at))),
        ("acknowledged", case.acknowledged_at.as_ref().map(moment)),
        ("responded", case.responded_at.as_ref().map(moment)),
        ("clock", running(case, now)),
    ];
    let mut facts = table::table(&[]);
    for (name, value) in lines {
        if let Some(value) = value {
            facts.add_row([name.to_owned(), value]);
        }
    }
    table::lines(&facts)
}
