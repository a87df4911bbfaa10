//! `embargod quarantine`: mail that was set aside, and another try at it.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::run::runtime;
use super::{Failure, json, table};
use crate::config::{Secrets, Settings, locate};
use crate::daemon::again::{Again, again};
use crate::daemon::clock::Clock;
use crate::daemon::desk::{Desk, DeskError};
use crate::domain::Timestamp;
use crate::store::{SetAside, Store, Taken};

/// Look at mail that was set aside, and try it again.
///
/// A mail that cannot be read or decided on, or that embargod ended over three times, is kept whole
/// and set aside; it stops nothing behind it. After an upgrade or a repair it can be tried again.
#[derive(Debug, Subcommand)]
pub enum QuarantineCommand {
    /// Show what is set aside, and why
    List(ListArgs),
    /// Read, judge and decide on mail that was set aside once more
    Retry(RetryArgs),
}

/// Show what is set aside, and why.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// One JSON array
    #[arg(long)]
    json: bool,
}

/// Read, judge and decide on mail that was set aside once more.
///
/// Answers go out as they would have at first. What fails again stays set aside.
#[derive(Debug, Args)]
pub struct RetryArgs {
    /// Numbers, as the digest and `embargod quarantine list` show them
    #[arg(value_name = "NUMBER", required_unless_present = "all")]
    numbers: Vec<i64>,
    /// All that is set aside
    #[arg(long, conflicts_with = "numbers")]
    all: bool,
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    number: i64,
    arrived_at: Timestamp,
    size: u64,
    kept: usize,
    why: &'a str,
}

impl<'a> Line<'a> {
    fn of(mail: &'a SetAside) -> Self {
        Self {
            number: mail.number,
            arrived_at: mail.arrived_at,
            size: mail.size,
            kept: mail.raw.len(),
            why: &mail.why,
        }
    }
}

/// Shows mail that is set aside, or tries it again.
///
/// # Errors
/// 1 where a mail fails again.
pub fn quarantine(
    config: Option<&Path>,
    command: &QuarantineCommand,
    clock: &Clock,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let settings = Settings::load(&locate(config)?, Secrets::Skip)?;
    let store = Store::open_existing(&settings.store)?;
    let runtime = runtime()?;
    match command {
        QuarantineCommand::List(args) => list(&runtime.block_on(store.set_aside())?, args, out),
        QuarantineCommand::Retry(args) => {
            let desk = Desk::of(&settings, clock);
            let desk = desk.map_err(|error: DeskError| Failure::Wrong(error.to_string()))?;
            runtime.block_on(retry(&store, &Arc::new(desk), args, out))
        }
    }
}

fn list(mails: &[SetAside], args: &ListArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if args.json {
        return json::print(out, &mails.iter().map(Line::of).collect::<Vec<_>>());
    }
    if mails.is_empty() {
        return table::print(out, "nothing is set aside\n");
    }
    let mut shown = table::table(&["NUMBER", "ARRIVED", "BYTES", "WHY"]);
    for mail in mails {
        let arrived = mail.arrived_at.format("%Y-%m-%d %H:%M").to_string();
        shown.add_row([&mail.number.to_string(), &arrived, &mail.size.to_string(), &mail.why]);
    }
    table::print(out, &format!("{shown}\ntry one again: embargod quarantine retry NUMBER\n"))
}

async fn retry(
    store: &Store,
    desk: &Arc<Desk>,
    args: &RetryArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let numbers = match args.all {
        true => store.set_aside().await?.iter().map(|mail| mail.number).collect(),
        false => args.numbers.clone(),
    };
    let mut failed = false;
    for number in numbers {
        let came_of_it = match again(store, desk, number).await? {
            Again::NotThere => {
                let why = format!("mail {number} is not set aside: see embargod quarantine list");
                return Err(Failure::Failed(anyhow!(why)));
            }
            Again::NeverHad => {
                failed = true;
                "stays set aside: its server never gave its content; look for it in the mailbox"
                    .to_owned()
            }
            Again::Fails(why) => {
                failed = true;
                format!("stays set aside: {why}")
            }
            Again::Taken(taken) => words(&taken),
        };
        table::print(out, &format!("mail {number} {came_of_it}\n"))?;
    }
    if failed { Err(Failure::Told) } else { Ok(()) }
}

fn words(taken: &Taken) -> String {
    match taken {
        Taken::SeenBefore => "was here before".to_owned(),
        Taken::Decided { judgement, case, letters } => {
            let rule = judgement.reasons.first().map_or("", |reason| reason.rule.as_str());
            let case = case.map_or("no case".to_owned(), |case| case.to_string());
            let letters = match letters {
                0 => "no mail goes out".to_owned(),
                1 => "1 mail goes out".to_owned(),
                more => format!("{more} mails go out"),
            };
            format!("is taken in: {case}, {rule}, {letters}")
        }
    }
}
