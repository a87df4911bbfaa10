//! Whether the daemon moves: each loop says when it last did, and how long it may now be silent.
//!
//! Promises: reads no clock, so that a test can let any time pass; a loop that says nothing in its
//! time is found, however well the others run.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A loop of the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loop {
    /// Takes mail in.
    Intake,
    /// Sends mail.
    Delivery,
    /// Watches the deadlines and the digest's hour.
    Clock,
    /// Watches over the others.
    Watch,
}

impl fmt::Display for Loop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Intake => "intake",
            Self::Delivery => "delivery",
            Self::Clock => "clock",
            Self::Watch => "watch",
        })
    }
}

/// A loop that has been silent for longer than it said it would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the {which} loop has shown no progress for {} s, and said it would within {} s",
    .silent.as_secs(),
    .allowed.as_secs()
)]
pub struct Stuck {
    /// Which loop.
    pub which: Loop,
    /// How long it has been silent.
    pub silent: Duration,
    /// How long it might have been.
    pub allowed: Duration,
}

/// The last sign of life of a loop.
#[derive(Debug, Clone, Copy)]
struct Beat {
    at: Instant,
    allowed: Duration,
}

/// The register of all loops.
#[derive(Debug, Default)]
pub struct Progress {
    beats: Mutex<BTreeMap<Loop, Beat>>,
}

impl Progress {
    /// A loop moved, and will move again within `allowed`: the longest that its next step may
    /// rightly take, such as the wait for new mail or the deadline of an SMTP conversation.
    pub fn mark(&self, which: Loop, now: Instant, allowed: Duration) {
        self.beats().insert(which, Beat { at: now, allowed });
    }

    /// A loop has come to its end, and will rightly be silent from now on.
    pub fn ended(&self, which: Loop) {
        self.beats().remove(&which);
    }

    /// The loop that is most overdue, if any is.
    pub fn stuck(&self, now: Instant) -> Option<Stuck> {
        let overdue = |(which, beat): (&Loop, &Beat)| {
            let silent = now.saturating_duration_since(beat.at);
            let over = silent.checked_sub(beat.allowed).filter(|over| !over.is_zero())?;
            Some((over, Stuck { which: *which, silent, allowed: beat.allowed }))
        };
        self.beats()
            .iter()
            .filter_map(overdue)
            .max_by_key(|(over, _)| *over)
            .map(|(_, stuck)| stuck)
    }

    fn beats(&self) -> MutexGuard<'_, BTreeMap<Loop, Beat>> {
        // A loop that panicked while it held the lock left a whole map: insertions are single.
        self.beats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_loop_may_be_silent_for_as_long_as_it_said() {
        let progress = Progress::default();
        let start = Instant::now();
        progress.mark(Loop::Intake, start, 10 * MINUTE);
        assert_eq!(progress.stuck(start), None);
        assert_eq!(progress.stuck(start + 10 * MINUTE), None);
        let stuck = progress.stuck(start + 11 * MINUTE).unwrap();
        assert_eq!(stuck.which, Loop::Intake);
        assert_eq!(
            stuck.to_string(),
            "the intake loop has shown no progress for 660 s, and said it would within 600 s"
        );
    }

    #[test]
    fn one_stuck_loop_is_not_hidden_by_the_others() {
        let progress = Progress::default();
        let start = Instant::now();
        progress.mark(Loop::Delivery, start, MINUTE);
        for minute in 1..=5 {
            progress.mark(Loop::Intake, start + minute * MINUTE, MINUTE);
            progress.mark(Loop::Clock, start + minute * MINUTE, MINUTE);
        }
        assert_eq!(progress.stuck(start + 5 * MINUTE).unwrap().which, Loop::Delivery);
    }

    #[test]
    fn the_loop_that_is_most_overdue_is_named() {
        let progress = Progress::default();
        let start = Instant::now();
        progress.mark(Loop::Intake, start, 3 * MINUTE);
        progress.mark(Loop::Clock, start + MINUTE, MINUTE);
        assert_eq!(progress.stuck(start + 5 * MINUTE).unwrap().which, Loop::Clock);
    }

    #[test]
    fn a_new_sign_of_life_makes_up_for_silence() {
        let progress = Progress::default();
        let start = Instant::now();
        progress.mark(Loop::Clock, start, MINUTE);
        assert!(progress.stuck(start + 2 * MINUTE).is_some());
        progress.mark(Loop::Clock, start + 2 * MINUTE, MINUTE);
        assert_eq!(progress.stuck(start + 2 * MINUTE), None);
    }

    #[test]
    fn a_loop_that_has_ended_is_not_waited_for() {
        let progress = Progress::default();
        let start = Instant::now();
        progress.mark(Loop::Intake, start, MINUTE);
        progress.ended(Loop::Intake);
        assert_eq!(progress.stuck(start + 9 * MINUTE), None);
    }
}
