//! A server or a disk that is away: how long to wait, and saying it once.

use std::time::Duration;

/// The first pause after a failure.
const FIRST: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(300);

/// One thing that can be away, and whether it is.
#[derive(Debug)]
pub struct Outage {
    what: &'static str,
    failures: u32,
}

impl Outage {
    /// The outage of `what`, which is not away yet.
    pub fn of(what: &'static str) -> Self {
        Self { what, failures: 0 }
    }

    /// Notes a failure; only the first of a row is a log line. Returns how long to wait.
    pub fn failed(&mut self, why: &dyn std::fmt::Display) -> Duration {
        if self.failures == 0 {
            tracing::warn!("{} is away, will keep trying: {why}", self.what);
        }
        let pause = FIRST.saturating_mul(1 << self.failures.min(16)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        pause
    }

    /// Whether it is away now.
    pub fn is_on(&self) -> bool {
        self.failures > 0
    }

    /// Notes a success; the first after a failure is a log line.
    pub fn worked(&mut self) {
        if self.failures > 0 {
            tracing::info!("{} is back after {} failures", self.what, self.failures);
        }
        self.failures = 0;
    }
}
