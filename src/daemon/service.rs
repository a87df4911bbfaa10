//! The daemon as a whole: the loops, the signals, the service manager, the end.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};

use super::clock::Clock;
use super::desk::DeskError;
use super::intake::IntakeError;
use super::loops::Loops;
use super::notify::ServiceManager;
use super::progress::Progress;
use super::signals::{Signals, Word};
use super::stop::stop;
use super::tick::TickError;
use crate::config::Settings;
use crate::store::{Store, StoreError};

/// How long the mail in hand may take once the daemon is told to stop.
pub const GRACE: Duration = Duration::from_secs(10);

/// Why the daemon ended.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The store failed in a way that waiting does not heal.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The inbox or the store failed during `--once`.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// The configuration cannot be worked with.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// A digest could not be written during `--once`.
    #[error(transparent)]
    Tick(#[from] TickError),
    /// The system gives no signals.
    #[error("cannot listen for signals: {0}")]
    Signals(#[from] std::io::Error),
    /// A loop ended in a panic.
    #[error("a loop of the daemon broke: {0}; please report this as a bug of embargod")]
    Broken(#[from] JoinError),
}

/// Why the loops of one configuration are left.
enum Left {
    Stop,
    Reload(Box<Settings>),
    Failed(ServiceError),
}

/// Runs until told to stop. `reload` reads the configuration again; where that fails, the one in
/// force stays.
///
/// # Errors
/// [`ServiceError`] where a loop cannot go on.
pub async fn run(
    mut settings: Settings,
    clock: &Clock,
    reload: impl Fn() -> Result<Settings, String>,
) -> Result<(), ServiceError> {
    let _lock = Store::lock(&settings.store)?;
    let store = Store::open(&settings.store)?;
    let mut signals = Signals::listen()?;
    let manager = ServiceManager::of_this_process();
    loop {
        let (stopper, stop) = stop();
        let progress = Arc::new(Progress::default());
        let mut running = Loops::new(&settings, &store, clock)?.start(&progress, &stop);
        let at_work = format!("at work for {}", settings.project.name);
        manager.ready(&at_work);
        tracing::info!("{at_work}");
        let left = tokio::select! {
            left = serve(&mut running, &manager, &mut signals, &reload) => left,
            never = watch(&manager, &progress) => match never {},
        };
        match left {
            Left::Reload(_) => manager.reloading(),
            Left::Stop | Left::Failed(_) => manager.stopping(),
        }
        stopper.stop();
        finish(running).await;
        match left {
            Left::Reload(new) => {
                tracing::info!("the configuration was read again");
                settings = keep_store(*new, settings);
            }
            Left::Stop => {
                tracing::info!("stopped");
                return Ok(());
            }
            Left::Failed(error) => return Err(error),
        }
    }
}

/// Watches over the loops until one ends or the system says so.
async fn serve(
    running: &mut JoinSet<Result<(), StoreError>>,
    manager: &ServiceManager,
    signals: &mut Signals,
    reload: &impl Fn() -> Result<Settings, String>,
) -> Left {
    loop {
        tokio::select! {
            ended = running.join_next() => match ended {
                Some(Ok(Err(error))) => return Left::Failed(error.into()),
                Some(Err(broken)) => return Left::Failed(broken.into()),
                // No loop ends by itself before the stop.
                Some(Ok(Ok(()))) | None => return Left::Stop,
            },
            word = signals.next() => match word {
                Word::Stop => return Left::Stop,
                Word::Reload => match reload().and_then(proven) {
                    Ok(settings) => return Left::Reload(Box::new(settings)),
                    Err(why) => {
                        let stays = format!("the old configuration stays: {why}");
                        tracing::error!("{stays}");
                        manager.status(&stays);
                    }
                },
            },
        }
    }
}

/// Tells the service manager of the daemon's progress, for ever.
async fn watch(manager: &ServiceManager, progress: &Progress) -> std::convert::Infallible {
    manager.keep_watch(progress).await;
    std::future::pending().await
}

/// A new configuration whose templates can be used.
fn proven(settings: Settings) -> Result<Settings, String> {
    super::desk::Desk::of(&settings, &Clock::system()).map_err(|error| error.to_string())?;
    Ok(settings)
}

/// The store stays open across a reload: moving it takes a restart.
fn keep_store(new: Settings, old: Settings) -> Settings {
    if new.store != old.store {
        tracing::warn!("store.url changed: restart embargod to use the new store");
    }
    Settings { store: old.store, ..new }
}

/// Lets the mail in hand finish.
async fn finish(mut running: JoinSet<Result<(), StoreError>>) {
    let all = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, all).await.is_err() {
        unfinished();
    }
}

/// Says that the stop did not wait any longer.
pub fn unfinished() {
    tracing::warn!(
        "a mail in hand did not finish in {} s and will be tried again",
        GRACE.as_secs()
    );
}
