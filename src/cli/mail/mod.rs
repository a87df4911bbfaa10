//! `embargod mail`: every mail that was taken in, whatever became of it, and the word that makes a
//! case of one.

mod accept;
mod list;
mod retry;
mod save;
mod show;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use clap::Subcommand;
use serde::Serialize;

use super::Failure;
use super::run::runtime;
use crate::config::{Secrets, Settings, locate};
use crate::daemon::clock::Clock;
use crate::daemon::desk::Desk;
use crate::domain::Timestamp;
use crate::domain::address::{Address, Mailbox};
use crate::domain::authenticity::Verdict;
use crate::domain::case_id::CaseId;
use crate::domain::judgement::{Format, Kind, Reason};
use crate::domain::mail::Enclosure;
use crate::domain::views::Received;
use crate::store::Store;

/// Look at mail that was taken in, and overrule what it was taken for.
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// List the mail that is in no case: what was set aside, and what could not be read
    #[command(after_help = "Example: embargod mail list --kind spam --kind bulk")]
    List(list::ListArgs),
    /// Show a mail: what it was taken for and why, and its text
    #[command(after_help = "Example: embargod mail show 12\n         \
                            embargod mail show 12 --raw > 12.eml")]
    Show(show::ShowArgs),
    /// Save the files of a mail, under safe names, over nothing that is there
    #[command(after_help = "Example: embargod mail save 12 --into files")]
    Save(save::SaveArgs),
    /// Read, judge and decide on quarantined mail once more, after an upgrade or a repair
    #[command(
        after_help = "Answers go out as they would have at first. What fails again stays quarantined.\n\
                      Example: embargod mail retry 12\n         embargod mail retry --all"
    )]
    Retry(retry::RetryArgs),
    /// Take mail in as a report, whatever it was taken for
    #[command(after_help = "Its sender is acknowledged, unless a machine wrote it.\n\
                      Example: embargod mail accept 12\n         \
                      embargod mail accept 12 --from rae@example.net")]
    Accept(accept::AcceptArgs),
}

/// Carries a mail command out.
///
/// # Errors
/// 1 where there is no such mail, or it is in a case already.
pub fn mail(
    config: Option<&Path>,
    command: MailCommand,
    clock: &Clock,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let settings = Settings::load(&locate(config)?, Secrets::Skip)?;
    let store = Store::open_existing(&settings.store)?;
    runtime()?.block_on(async {
        match command {
            MailCommand::List(args) => list::list(&store, clock.now(), &args, out).await,
            MailCommand::Show(args) => show::show(&store, &args, out).await,
            MailCommand::Save(args) => save::save(&store, &args, out).await,
            MailCommand::Retry(args) => {
                retry::retry(&store, &desk(&settings, clock)?, &args, out).await
            }
            MailCommand::Accept(args) => {
                accept::accept(&store, &desk(&settings, clock)?, args, out).await
            }
        }
    })
}

fn desk(settings: &Settings, clock: &Clock) -> Result<Arc<Desk>, Failure> {
    let desk = Desk::of(settings, clock).map_err(|error| Failure::Wrong(error.to_string()))?;
    Ok(Arc::new(desk))
}

fn unknown(number: i64) -> Failure {
    Failure::Failed(anyhow::anyhow!(
        "there is no mail {number}; `embargod mail list --all` shows them"
    ))
}

/// A mail of which something is left.
fn whole(mail: (Received, Vec<u8>)) -> Result<(Received, Vec<u8>), Failure> {
    match mail.0.purged_at {
        None => Ok(mail),
        Some(at) => Err(Failure::Failed(anyhow::anyhow!(
            "mail {} was purged on {}: nothing is left of what it said",
            mail.0.number,
            at.format("%Y-%m-%d")
        ))),
    }
}

/// A mail as `--json` shows it.
#[derive(Debug, Serialize)]
struct MailJson<'a> {
    number: i64,
    at: Timestamp,
    kind: Kind,
    format: Option<Format>,
    reasons: &'a [Reason],
    from: Option<&'a Mailbox>,
    subject: &'a str,
    message_id: Option<String>,
    case: Option<CaseId>,
    /// Why a person has to look at it.
    quarantined: Option<&'a str>,
    sender: Option<Verdict>,
    files: &'a [Enclosure],
    readers: &'a [Address],
    size: u64,
    purged_at: Option<Timestamp>,
}

impl<'a> From<&'a Received> for MailJson<'a> {
    fn from(mail: &'a Received) -> Self {
        Self {
            number: mail.number,
            at: mail.at,
            kind: mail.judgement.kind,
            format: mail.judgement.format,
            reasons: &mail.judgement.reasons,
            from: mail.from.as_ref(),
            subject: &mail.subject,
            message_id: mail.message_id.as_ref().map(|id| format!("<{id}>")),
            case: mail.case,
            quarantined: mail.quarantined.as_deref(),
            sender: mail.sender.as_ref().map(|sender| sender.verdict),
            files: &mail.files,
            readers: &mail.readers,
            size: mail.size,
            purged_at: mail.purged_at,
        }
    }
}
