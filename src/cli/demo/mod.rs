//! `embargod demo`: the real daemon on a sample inbox, with nothing to set up.

mod sample;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::log::{self, Loudness};
use super::run::runtime;
use super::{Failure, case, table};
use crate::config::{Secrets, Settings};
use crate::daemon::clock::Clock;
use crate::daemon::once::once;
use crate::domain::Timestamp;
use crate::domain::state::State;
use crate::domain::views::MailLine;
use crate::store::{Store, Which};

/// Show it all on a sample inbox, with nothing to set up.
///
/// Writes a Maildir with sample mail, a policy and a daemon.toml into a folder, runs the daemon on
/// them once, and shows what it did. Nothing leaves the machine: the outbox is a Maildir too.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where to write it; must not exist yet, or be empty
    #[arg(value_name = "DIR", default_value = "embargod-demo")]
    folder: PathBuf,
}

/// Runs the demo.
///
/// # Errors
/// 1 where the folder is in use or cannot be written.
pub fn demo(args: &DemoArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), Failure> {
    log::start(Loudness::Warnings);
    let folder = &args.folder;
    if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        let folder = folder.display();
        return Err(anyhow::anyhow!(
            "{folder} is not empty: remove it, or name another folder: embargod demo DIR"
        )
        .into());
    }
    sample::write(folder).with_context(|| format!("cannot write into {}", folder.display()))?;
    let config = folder.join("daemon.toml");
    let settings = Settings::load(&config, Secrets::Required)?;
    runtime()?.block_on(async {
        once(&settings, clock).await?;
        let store = Store::open_existing(&settings.store)?;
        table::print(out, &shown(folder, &config, &store, clock.now()).await?)
    })
}

/// What happened, and what to try next.
async fn shown(
    folder: &Path,
    config: &Path,
    store: &Store,
    now: Timestamp,
) -> Result<String, Failure> {
    let mail = store.mail().await?;
    let cases = store.cases(Which::All).await?;
    let sent = folder.join("outbox");
    let program = std::env::args().next().unwrap_or_else(|| "embargod".to_owned());
    let returned = cases.iter().rev().find(|case| case.state == State::Returned);
    let first = cases.last();
    let mut text = format!(
        "What came in ({} mails in {}), and what became of it:\n\n{}\n",
        mail.len(),
        folder.join("inbox").display(),
        table::lines(&arrivals(&mail)),
    );
    text.push_str(&format!(
        "The cases, with the clock that runs:\n\n{}\n",
        table::lines(&case::overview(&cases, now))
    ));
    text.push_str(&format!(
        "The mail that embargod sent lies in {}.\n\n",
        sent.join("new").display()
    ));
    text.push_str("Try next:\n\n");
    let base = format!("{program} --config {}", config.display());
    for (command, case) in [("case show", first), ("case accept", returned)] {
        if let Some(case) = case {
            text.push_str(&format!("  {base} {command} {}\n", case.id));
        }
    }
    text.push_str(&format!("  {base} digest\n"));
    Ok(text)
}

/// The mail that came in, oldest first.
fn arrivals(mail: &[MailLine]) -> comfy_table::Table {
    let mut arrivals = table::table(&["FROM", "SUBJECT", "KIND", "WHY", "CASE"]);
    for line in mail {
        let why = line.reasons.first().map_or(String::new(), |reason| reason.rule.clone());
        let case = line.case.map_or(String::new(), |case| case.to_string());
        let kind = super::json::name(&line.kind);
        arrivals.add_row([line.from.clone(), line.subject.clone(), kind, why, case]);
    }
    arrivals
}
