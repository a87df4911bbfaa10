//! A server or a disk that is away: how long to wait, and saying it once.

use std::time::Duration;

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(300);

/// One thing that can be away, and whether it is.
#[derive(Debug)]
pub struct Outage {
    what: &'static str,
    first: Duration,
    pause: Option<Duration>,
    failures: u32,
}

impl Outage {
    /// A first pause for what comes back by itself.
    pub const SOON: Duration = Duration::from_secs(1);

    /// The outage of `what`, which is not away yet: pauses double, beginning with `first`.
    pub fn of(what: &'static str, first: Duration) -> Self {
        Self { what, first, pause: None, failures: 0 }
    }

    /// Notes a failure; only the first of a row is a log line. Returns how long to wait.
    pub fn failed(&mut self, why: &dyn std::fmt::Display) -> Duration {
        self.failed_for(self.first, why)
    }

    /// As [`failed`](Self::failed), for a failure after which to wait for `least` or longer.
    pub fn failed_for(&mut self, least: Duration, why: &dyn std::fmt::Display) -> Duration {
        if self.failures == 0 {
            tracing::warn!("{} is held up, will keep trying: {why}", self.what);
        }
        self.failures = self.failures.saturating_add(1);
        let doubled = self.pause.map_or(self.first, |pause| pause.saturating_mul(2));
        let pause = doubled.max(least).min(LONGEST);
        self.pause = Some(pause);
        pause
    }

    /// Whether it is away now.
    pub fn is_on(&self) -> bool {
        self.failures > 0
    }

    /// Notes a success; the first after a failure is a log line.
    pub fn worked(&mut self) {
        if self.failures > 0 {
            let times = if self.failures == 1 { "failure" } else { "failures" };
            tracing::info!("{} goes on after {} {times}", self.what, self.failures);
        }
        self.failures = 0;
        self.pause = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_begin_anew_after_a_success() {
        let mut outage = Outage::of("it", Duration::from_secs(15));
        let pauses: Vec<u64> = (0..6).map(|_| outage.failed(&"x").as_secs()).collect();
        assert_eq!(pauses, [15, 30, 60, 120, 240, 300]);
        assert!(outage.is_on());
        outage.worked();
        assert!(!outage.is_on());
        assert_eq!(outage.failed(&"x").as_secs(), 15);
    }

    #[test]
    fn a_failure_that_somebody_has_to_mend_is_not_hurried() {
        let mut outage = Outage::of("it", Outage::SOON);
        assert_eq!(outage.failed(&"x").as_secs(), 1);
        assert_eq!(outage.failed_for(Duration::from_secs(60), &"x").as_secs(), 60);
        assert_eq!(outage.failed(&"x").as_secs(), 120);
    }
}
