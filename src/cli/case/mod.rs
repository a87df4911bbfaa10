//! `embargod case`: look at cases and move them on.

mod advisory;
mod change;
mod documents;
mod export;
mod list;
mod publishing;
mod sheet;
mod targets;
mod text;
mod verb;
mod view;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use clap::Subcommand;

use super::Failure;
use super::run::runtime;
use crate::config::{Secrets, Settings, locate};
use crate::daemon::clock::Clock;
use crate::daemon::desk::Desk;
use crate::domain::case_id::CaseId;
use crate::store::Store;

pub(super) use change::operator;
pub(super) use list::overview;
pub(super) use sheet::sheet;
use verb::Place;

/// Look at cases and move them on.
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// List the open cases
    List(list::ListArgs),
    /// Show a case: its clocks, its facts, its events, its mail
    Show(view::ShowArgs),
    Advisory(advisory::AdvisoryArgs),
    Export(export::ExportArgs),
    #[command(flatten)]
    Verb(Box<verb::VerbCommand>),
}

/// Carries a case command out.
///
/// # Errors
/// 1 where there is no such case or its state forbids the change.
pub fn case(
    config: Option<&Path>,
    command: CaseCommand,
    clock: &Clock,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let settings = Settings::load(&locate(config)?, Secrets::Skip)?;
    let store = Store::open_existing(&settings.store)?;
    let now = clock.now();
    // Looking needs no template: a broken one hides no case.
    let desk = || match Desk::of(&settings, clock) {
        Ok(desk) => Ok(Arc::new(desk)),
        Err(error) => Err(Failure::Wrong(error.to_string())),
    };
    runtime()?.block_on(async {
        match command {
            CaseCommand::List(args) => list::list(&store, now, &args, out).await,
            CaseCommand::Show(args) => {
                view::show(&store, &settings.project.address, now, &args, out).await
            }
            CaseCommand::Advisory(args) => {
                advisory::advisory(&store, &settings, now, &args, out).await
            }
            CaseCommand::Export(args) => export::export(&store, now, &args, out).await,
            CaseCommand::Verb(verb) => {
                let place = Place { zone: settings.digest.timezone, token: clock.token() };
                change::carry_out(&store, &desk()?, verb.order(&place)?, out).await
            }
        }
    })
}

fn unknown(id: CaseId) -> Failure {
    Failure::Failed(anyhow::anyhow!("there is no case {id}; `embargod case list --all` shows them"))
}
