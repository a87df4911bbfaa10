//! `embargod run`: the daemon.

use std::path::Path;

use clap::Args;

use super::Failure;
use super::log::{self, Loudness};
use crate::config::{Secrets, Settings, locate};
use crate::daemon::clock::Clock;
use crate::daemon::intake::IntakeError;
use crate::daemon::once::{Ended, once};
use crate::daemon::service::{self, ServiceError};
use crate::mail::inbox::Retry;

/// The daemon: read the inbox, answer, send the digest.
///
/// Runs until it is told to stop (SIGTERM, SIGINT), and re-reads its configuration on SIGHUP.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Take in all that waits in the inbox, send all that is due, and exit
    #[arg(long)]
    once: bool,
}

/// Runs the daemon.
///
/// # Errors
/// 2 for a wrong configuration, 75 where `--once` met a server that is away, 1 for the rest.
pub fn run(config: Option<&Path>, args: &RunArgs, clock: &Clock) -> Result<(), Failure> {
    log::start(Loudness::Events);
    let file = locate(config)?;
    let settings = Settings::load(&file, Secrets::Required)?;
    let runtime = runtime()?;
    let ended = if args.once {
        runtime.block_on(once(&settings, clock)).map_err(Failure::from).and_then(once_ended)
    } else {
        let reload = move || Settings::load(&file, Secrets::Required).map_err(|e| e.to_string());
        runtime.block_on(service::run(settings, clock, reload)).map_err(Failure::from)
    };
    // A file or a name that the system is slow with must not outlive the word to stop.
    runtime.shutdown_background();
    ended
}

/// A runtime for the daemon: two workers are enough to judge while the network waits.
///
/// # Errors
/// Where the system gives no threads.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(8)
        // Longer than the pause between two looks: a thread that ends wakes the machine for nothing.
        .thread_keep_alive(std::time::Duration::from_secs(180))
        .enable_all()
        .build()
        .map_err(|e| anyhow::anyhow!("cannot start: {e}"))?;
    Ok(runtime)
}

fn once_ended(ended: Ended) -> Result<(), Failure> {
    let Ended::Done { taken_in, sent } = ended else {
        return Err(Failure::TryLater("told to stop before everything was done".to_owned()));
    };
    tracing::info!(taken_in = taken_in.decided, sent = sent.sent, deferred = sent.deferred, "done");
    match (sent.away, sent.deferred) {
        (Some(why), _) => Err(Failure::TryLater(format!("the outbox is away: {why}"))),
        (None, 0) => Ok(()),
        (None, 1) => Err(Failure::TryLater("1 mail could not be sent yet".to_owned())),
        (None, mails) => Err(Failure::TryLater(format!("{mails} mails could not be sent yet"))),
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Store(error) | ServiceError::Intake(IntakeError::Store(error)) => {
                error.into()
            }
            ServiceError::Intake(IntakeError::Inbox(error)) => match error.retry() {
                Retry::Soon => Self::TryLater(error.to_string()),
                // Somebody has to mend something: trying again is no help.
                Retry::Later => Self::Failed(error.into()),
            },
            ServiceError::Desk(error) => Self::Wrong(error.to_string()),
            ServiceError::Tick(error) => Self::Failed(error.into()),
            ServiceError::Signals(_) | ServiceError::Broken(_) => Self::Failed(error.into()),
        }
    }
}
