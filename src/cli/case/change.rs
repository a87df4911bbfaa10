//! The commands that move a case on. Each is one call of the policy within the store's transaction.

use std::io::Write;
use std::sync::Arc;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::super::{Failure, table};
use super::unknown;
use crate::daemon::desk::Desk;
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::event::{Actor, Event};
use crate::domain::letter::{Answered, Letter};
use crate::domain::mail::MessageId;
use crate::domain::state::Disposition;
use crate::domain::views::{CaseFile, Direction};
use crate::policy::closing::{self, Ending};
use crate::policy::overrule;
use crate::store::{CaseChange, Store};

/// What to accept.
#[derive(Debug, Args)]
pub struct AcceptArgs {
    /// The cases, such as EMB-2026-0001
    #[arg(value_name = "CASE", required = true)]
    ids: Vec<CaseId>,
}

/// What to close, and how.
#[derive(Debug, Args)]
pub struct CloseArgs {
    /// The cases, such as EMB-2026-0001
    #[arg(value_name = "CASE", required = true)]
    ids: Vec<CaseId>,
    /// How it ends; the reporter is told, except of spam
    #[arg(long = "as", value_name = "DISPOSITION", value_parser = dispositions())]
    disposition: String,
    /// With out-of-scope: the clause of the threat model, by its id in [[exclusions]]
    #[arg(long, value_name = "ID")]
    exclusion: Option<String>,
    /// With third-party: the module that the problem is in
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// With duplicate: the case that has the problem already
    #[arg(long, value_name = "CASE")]
    of: Option<CaseId>,
    /// What else the reporter is told
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
}

fn dispositions() -> PossibleValuesParser {
    PossibleValuesParser::new(Disposition::ALL.map(Disposition::name))
}

pub(super) async fn accept(
    store: &Store,
    desk: &Arc<Desk>,
    args: &AcceptArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    for id in &args.ids {
        let case = change(store, desk, *id, |asked| {
            let Asked { file, answers, at, desk } = asked;
            let over = overrule::accept(&file.case, operator(), answers, at, &desk.rules)?;
            Ok((over.case, over.events, over.letter))
        })
        .await?;
        told(out, &case, "the reporter is acknowledged")?;
    }
    Ok(())
}

pub(super) async fn close(
    store: &Store,
    desk: &Arc<Desk>,
    args: &CloseArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let named = Disposition::ALL.into_iter().find(|known| known.name() == args.disposition);
    let disposition =
        named.ok_or_else(|| Failure::Wrong("--as: unknown disposition".to_owned()))?;
    if let Some(of) = args.of {
        store.case_file(of).await?.ok_or_else(|| unknown(of))?;
    }
    for id in &args.ids {
        let ending = Ending {
            disposition,
            exclusion: args.exclusion.clone(),
            package: args.package.clone(),
            of: args.of,
            message: args.message.clone(),
        };
        let case = change(store, desk, *id, move |asked| {
            let Asked { file, answers, at, desk } = asked;
            let ended = closing::close(&file.case, &ending, operator(), answers, at, &desk.rules)?;
            Ok((ended.case, ended.events, ended.letter))
        })
        .await?;
        let what = match disposition {
            Disposition::Spam => "nobody is told",
            _ => "the reporter is told",
        };
        told(out, &case, what)?;
    }
    Ok(())
}

/// What a change may look at.
struct Asked<'a> {
    file: &'a CaseFile,
    answers: Option<Answered>,
    at: Timestamp,
    desk: &'a Desk,
}

/// Changes one case: `decide` says what becomes of it, or refuses.
async fn change(
    store: &Store,
    desk: &Arc<Desk>,
    id: CaseId,
    decide: impl FnOnce(Asked<'_>) -> anyhow::Result<(Case, Vec<Event>, Option<Letter>)>
    + Send
    + 'static,
) -> Result<Case, Failure> {
    let at = desk.clock.now();
    let desk = Arc::clone(desk);
    let changed = store
        .change_case(id, at, move |file| {
            let answers = answered(&file);
            let (case, events, letter) = decide(Asked { file: &file, answers, at, desk: &desk })?;
            let outgoing =
                letter.map(|letter| desk.write(&letter, at)).transpose()?.into_iter().collect();
            Ok::<_, anyhow::Error>(CaseChange { case, events, outgoing })
        })
        .await?
        .ok_or_else(|| unknown(id))?;
    Ok(changed?)
}

fn told(out: &mut dyn Write, case: &Case, what: &str) -> Result<(), Failure> {
    let state = case.state.name();
    table::print(
        out,
        &format!(
            "{} is {state}: {what} by the running daemon, or by `embargod run --once`\n",
            case.id
        ),
    )
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
