//! The word to stop, heard by every loop.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use crate::domain::pace::until_next;

/// Says stop, once. Dropping it says it too.
#[derive(Debug)]
pub struct Stopper {
    // Its end is the message: dropping it closes the channel.
    _open: watch::Sender<()>,
}

/// Hears the word to stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<()>);

/// A pair of speaker and listener.
pub fn stop() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(());
    (Stopper { _open: sender }, Stop(receiver))
}

impl Stopper {
    /// Says stop.
    pub fn stop(self) {}
}

impl Stop {
    /// Waits for the word.
    pub async fn wait(&mut self) {
        // The sender never sends: the channel closes when it is gone, and that is the word.
        while self.0.changed().await.is_ok() {}
    }

    /// Whether the word was said.
    pub fn is_said(&self) -> bool {
        self.0.has_changed().is_err()
    }

    /// Waits until the next multiple of `period` on the machine's clock, or for the word.
    pub async fn sleep_to_the_next(&mut self, period: Duration) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.sleep(until_next(period, since)).await;
    }

    /// Waits for a time, or for the word if it comes first.
    pub async fn sleep(&mut self, time: Duration) {
        let _ = tokio::time::timeout(time, self.wait()).await;
    }
}
