//! `embargod case`: look at cases and move them on.

use std::path::Path;

use chrono_tz::Tz;
use clap::{Args, Subcommand};

use super::json::{self, CaseFileJson, CaseJson};
use super::run::runtime;
use super::{Failure, table};
use crate::config::{Secrets, Settings, locate};
use crate::daemon::desk::Desk;
use crate::daemon::{now, token};
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::event::Actor;
use crate::domain::letter::Answered;
use crate::domain::mail::MessageId;
use crate::domain::views::{CaseFile, Direction};
use crate::policy::digest::clock;
use crate::policy::overrule;
use crate::store::{CaseChange, Store, Which};

/// Look at cases and move them on.
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// List the open cases
    List(ListArgs),
    /// Show a case: its clocks, its events, its mail
    Show(ShowArgs),
    /// Overrule a return: the report counts as received and is acknowledged
    Accept(AcceptArgs),
}

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

/// What to accept.
#[derive(Debug, Args)]
pub struct AcceptArgs {
    /// The cases, such as EMB-2026-0001
    #[arg(value_name = "CASE", required = true)]
    ids: Vec<CaseId>,
}

/// Carries a case command out.
///
/// # Errors
/// 1 where there is no such case or its state forbids the change.
pub fn case(config: Option<&Path>, command: CaseCommand) -> Result<(), Failure> {
    let settings = Settings::load(&locate(config)?, Secrets::Skip)?;
    let store = Store::open_existing(&settings.store)?;
    runtime()?.block_on(async {
        match command {
            CaseCommand::List(args) => list(&store, &args).await,
            CaseCommand::Show(args) => show(&store, &args).await,
            CaseCommand::Accept(args) => accept(&store, &settings, &args).await,
        }
    })
}

async fn list(store: &Store, args: &ListArgs) -> Result<(), Failure> {
    let which = if args.all { Which::All } else { Which::Open };
    let cases = store.cases(which).await?;
    if args.json {
        return json::print(&cases.iter().map(CaseJson::from).collect::<Vec<_>>());
    }
    if cases.is_empty() {
        return table::print("No open cases.\n");
    }
    table::print(&table::lines(&overview(&cases)))
}

/// Cases as a table, a line each.
pub fn overview(cases: &[Case]) -> comfy_table::Table {
    let now = now();
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

async fn show(store: &Store, args: &ShowArgs) -> Result<(), Failure> {
    let file = store.case_file(args.id).await?.ok_or_else(|| unknown(args.id))?;
    if args.json {
        return json::print(&CaseFileJson::from(&file));
    }
    table::print(&sheet(&file))
}

/// A case as a person reads it.
fn sheet(file: &CaseFile) -> String {
    let case = &file.case;
    let now = now();
    let moment = |at: &Timestamp| at.format("%Y-%m-%d %H:%M UTC").to_string();
    let mut facts = table::table(&[]);
    let mut fact = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            facts.add_row([name.to_owned(), value]);
        }
    };
    fact("state", Some(case.state.name().to_owned()));
    fact("reporter", Some(case.reporter.to_string()));
    fact("handler", case.handler.clone());
    fact("received", Some(moment(&case.received_at)));
    fact("acknowledged", case.acknowledged_at.as_ref().map(moment));
    fact("responded", case.responded_at.as_ref().map(moment));
    fact("clock", running(case, now));
    let mut events = table::table(&[]);
    for event in &file.events {
        events.add_row([moment(&event.at), event.actor.label(), event.change.describe()]);
    }
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
    format!(
        "{}  {}\n\n{}\nEvents\n{}\nMail\n{}",
        case.id,
        case.subject,
        table::lines(&facts),
        table::lines(&events),
        table::lines(&mail)
    )
}

fn unknown(id: CaseId) -> Failure {
    Failure::Failed(anyhow::anyhow!("there is no case {id}; `embargod case list --all` shows them"))
}

async fn accept(store: &Store, settings: &Settings, args: &AcceptArgs) -> Result<(), Failure> {
    for id in &args.ids {
        let desk = Desk::of(settings).map_err(|e| Failure::Wrong(e.to_string()))?;
        let at = now();
        let changed = store
            .change_case(*id, at, move |file| {
                let answered = answered(&file);
                let over = overrule::accept(&file.case, operator(), answered, at, &desk.rules)?;
                let mail = desk.composer.compose(&over.letter, at, &token())?;
                Ok::<_, anyhow::Error>(CaseChange {
                    case: over.case,
                    events: over.events,
                    outgoing: vec![mail],
                })
            })
            .await?
            .ok_or_else(|| unknown(*id))?;
        let case = changed?;
        table::print(&format!(
            "{} is {}: the reporter is acknowledged by the running daemon, or by `embargod run --once`\n",
            case.id,
            case.state.name()
        ))?;
    }
    Ok(())
}

/// The latest mail that came into the case, which the answer continues.
fn answered(file: &CaseFile) -> Option<Answered> {
    let latest = file.messages.iter().rev().find(|m| m.direction == Direction::In)?;
    let message_id = MessageId(latest.message_id.clone()?);
    Some(Answered { message_id, references: vec![] })
}

/// Whoever runs the command.
fn operator() -> Actor {
    let login = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    Actor::Operator(login.unwrap_or_else(|| "unknown".to_owned()))
}
