//! What the service manager is told: ready, reloading, stopping, a status line, and that the daemon
//! moves. Outside of systemd all of it is silently nothing.
//!
//! Relies on sd-notify for the protocol. Promises: a watchdog ping goes out only while no loop of
//! the [`Progress`] register is overdue, so that a daemon that merely exists is restarted.

use std::io;
use std::time::{Duration, Instant};

use sd_notify::NotifyState;

use super::progress::Progress;

/// The service manager.
#[derive(Debug, Clone, Copy)]
pub struct ServiceManager {
    watchdog: Option<Duration>,
}

impl ServiceManager {
    /// The service manager that started this process, by its environment.
    pub fn of_this_process() -> Self {
        // A limit of nothing is none: waiting a third of it would be no wait at all.
        Self { watchdog: sd_notify::watchdog_enabled().filter(|limit| !limit.is_zero()) }
    }

    /// The daemon is ready: configuration read, store open, loops started.
    pub fn ready(&self, status: &str) {
        tell(&[NotifyState::Ready, NotifyState::Status(status)]);
    }

    /// The daemon begins to read its configuration again; [`ready`](Self::ready) ends it, whether
    /// the new configuration was taken or not.
    pub fn reloading(&self) {
        // Type=notify-reload (systemd 253) wants the time beside it; older ones ignore that.
        match NotifyState::monotonic_usec_now() {
            Ok(now) => tell(&[NotifyState::Reloading, now]),
            Err(_) => tell(&[NotifyState::Reloading]),
        }
    }

    /// The daemon finishes the mail in hand and ends.
    pub fn stopping(&self) {
        tell(&[NotifyState::Stopping, NotifyState::Status("finishing the mail in hand")]);
    }

    /// A line for `systemctl status`. No address, no subject: everybody on the machine can read it.
    pub fn status(&self, status: &str) {
        tell(&[NotifyState::Status(status)]);
    }

    /// How long to wait between two calls of [`watchdog`](Self::watchdog); `None` where nobody
    /// waits for them.
    pub fn watchdog_interval(&self) -> Option<Duration> {
        // Half of the time is what sd_watchdog_enabled(3) advises; a third leaves room for one
        // lost tick on a busy machine.
        self.watchdog.map(|limit| limit.checked_div(3).unwrap_or(limit))
    }

    /// Tells the service manager that the daemon moves, if it does; else says which loop does not,
    /// and leaves the rest to the watchdog.
    pub fn watchdog(&self, progress: &Progress, now: Instant) {
        match progress.stuck(now) {
            None => tell(&[NotifyState::Watchdog]),
            Some(stuck) => {
                tracing::error!("{stuck}; waiting for the watchdog to start embargod anew");
                self.status(&stuck.to_string());
            }
        }
    }

    /// Calls [`watchdog`](Self::watchdog) for ever; returns at once where nobody waits for it.
    pub async fn keep_watch(&self, progress: &Progress) {
        let Some(interval) = self.watchdog_interval() else { return };
        loop {
            self.watchdog(progress, Instant::now());
            tokio::time::sleep(interval).await;
        }
    }
}

fn tell(states: &[NotifyState<'_>]) {
    // Nothing depends on it but systemd's picture of us, which its own timeouts put right.
    let told: io::Result<()> = sd_notify::notify(states);
    if let Err(error) = told {
        tracing::debug!("the service manager cannot be told: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pings_come_three_times_within_the_watchdogs_time() {
        let manager = ServiceManager { watchdog: Some(Duration::from_mins(5)) };
        assert_eq!(manager.watchdog_interval(), Some(Duration::from_secs(100)));
        assert_eq!(ServiceManager { watchdog: None }.watchdog_interval(), None);
    }
}
