//! A time in which nobody takes reports in: a year-end break, a conference.
//!
//! The rule: reports are acknowledged all the same, and told when the season ends; a clock that
//! would start within it starts at its end. Clocks that run already go on: the season is about new
//! work, not about promises made before it. (To stop those too, the same days are a pause of the
//! working calendar.)

use chrono_tz::Tz;

use crate::domain::Timestamp;

/// `[closed_season]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedSeason {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
    /// On whose clocks its days begin and end.
    pub zone: Tz,
    /// What reporters are told besides its end.
    pub message: Option<String>,
}

impl ClosedSeason {
    /// Whether a moment lies in it.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }

    /// The first moment, from `at` on, that does not lie in it.
    pub fn reopens(&self, at: Timestamp) -> Timestamp {
        if self.contains(at) { self.until } else { at }
    }
}
