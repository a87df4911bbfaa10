//! `run --once`: all that waits is taken in, all that is due is sent, then the end.

use std::sync::Arc;

use super::clock::Clock;
use super::delivery::Round;
use super::heart::Heart;
use super::intake::Count;
use super::loops::Loops;
use super::progress::{Loop, Progress};
use super::service::{GRACE, ServiceError, unfinished};
use super::signals::Signals;
use super::stop::stop;
use crate::config::Settings;
use crate::store::Store;

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// All that could be done was done.
    Done {
        /// Mails taken in.
        taken_in: Count,
        /// Mails sent.
        sent: Round,
    },
    /// The system told it to stop before that.
    Stopped,
}

/// Does everything once: what waits is taken in, and mail is sent meanwhile; then comes what the clock
/// causes. Where the inbox is away, all the rest is done before the failure is reported.
///
/// # Errors
/// [`ServiceError`].
pub async fn once(settings: &Settings, clock: &Clock) -> Result<Ended, ServiceError> {
    let _lock = Store::lock(&settings.store)?;
    let store = Store::open(&settings.store)?;
    let Loops { intake, delivery, tick } = Loops::new(settings, &store, clock)?;
    let progress = Arc::new(Progress::default());
    let hearts = (Heart::of(Loop::Intake, &progress), Heart::of(Loop::Delivery, &progress));
    tick.begin(clock.now()).await?;
    let mut signals = Signals::listen()?;
    let (stopper, told) = stop();
    let (nothing_more, all_written) = stop();
    let work = async {
        let mut hears = told.clone();
        let taking = async {
            let taken = intake.once(&hearts.0, &mut hears).await;
            nothing_more.stop();
            taken
        };
        let (taken, sent) = tokio::join!(taking, delivery.drain(&hearts.1, &told, all_written));
        // What the clock causes comes after what waited and was answered, which may change it.
        let ticked = match told.is_said() {
            true => Ok(()),
            false => tick.once(clock.now()).await,
        };
        let (nothing_more, all_written) = stop();
        nothing_more.stop();
        let rest = delivery.drain(&hearts.1, &told, all_written).await;
        let sent = sent.and_then(|sent| Ok(sent.plus(rest?)));
        (taken, ticked, sent)
    };
    let mut work = std::pin::pin!(work);
    let (taken_in, ticked, sent) = tokio::select! {
        done = &mut work => done,
        () = signals.stop() => {
            stopper.stop();
            return match tokio::time::timeout(GRACE, work).await {
                Ok((taken_in, ticked, sent)) => {
                    taken_in?;
                    ticked?;
                    sent?;
                    Ok(Ended::Stopped)
                }
                Err(_) => {
                    unfinished();
                    Ok(Ended::Stopped)
                }
            };
        }
    };
    let taken_in = taken_in?;
    ticked?;
    Ok(Ended::Done { taken_in, sent: sent? })
}
