//! What the system tells the daemon to do.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that are heard.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

/// A word of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// SIGTERM or SIGINT: finish the mail in hand and end.
    Stop,
    /// SIGHUP: read the configuration again.
    Reload,
}

impl Signals {
    /// Starts to listen.
    ///
    /// # Errors
    /// Where the system allows no handlers.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next word.
    pub async fn next(&mut self) -> Word {
        tokio::select! {
            _ = self.terminate.recv() => Word::Stop,
            _ = self.interrupt.recv() => Word::Stop,
            _ = self.hang_up.recv() => Word::Reload,
        }
    }

    /// Waits for the word to stop, and for no other.
    pub async fn stop(&mut self) {
        while self.next().await != Word::Stop {}
    }
}
