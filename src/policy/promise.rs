//! What the project promised, and by when.

use chrono::TimeDelta;

use crate::domain::Timestamp;

/// The promises of the policy, as lengths of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promises {
    /// From arrival to the acknowledgement.
    pub acknowledge_within: TimeDelta,
    /// From the acknowledgement to a person's detailed answer.
    pub respond_within: TimeDelta,
    /// Between two messages to the reporter while the case is open.
    pub update_every: TimeDelta,
    /// From arrival to disclosure.
    pub disclose_within: TimeDelta,
}

impl Default for Promises {
    fn default() -> Self {
        Self {
            acknowledge_within: TimeDelta::hours(48),
            respond_within: TimeDelta::hours(48),
            update_every: TimeDelta::days(14),
            disclose_within: TimeDelta::days(90),
        }
    }
}

impl Promises {
    /// By when a report that arrived at `arrived` is to be acknowledged.
    pub fn acknowledge_by(&self, arrived: Timestamp) -> Timestamp {
        later(arrived, self.acknowledge_within)
    }

    /// By when a person is to answer a report that was acknowledged at `acknowledged`.
    pub fn respond_by(&self, acknowledged: Timestamp) -> Timestamp {
        later(acknowledged, self.respond_within)
    }

    /// By when a reporter who was told something at `told` is to hear more.
    pub fn update_by(&self, told: Timestamp) -> Timestamp {
        later(told, self.update_every)
    }

    /// By when the problem of a report that arrived at `arrived` is to be disclosed.
    pub fn disclose_by(&self, arrived: Timestamp) -> Timestamp {
        later(arrived, self.disclose_within)
    }
}

/// `at` plus `by`, or the end of time.
pub fn later(at: Timestamp, by: TimeDelta) -> Timestamp {
    at.checked_add_signed(by).unwrap_or(Timestamp::MAX_UTC)
}

/// A length of time as a letter says it: `14 days`, `48 hours`.
pub fn in_words(length: TimeDelta) -> String {
    let plural = |n: i64, unit: &str| match n {
        1 => format!("1 {unit}"),
        _ => format!("{n} {unit}s"),
    };
    let minutes = length.num_minutes();
    match (minutes % 1440, minutes % 60) {
        (0, _) if length.num_days() > 2 => plural(length.num_days(), "day"),
        (_, 0) => plural(length.num_hours(), "hour"),
        _ => plural(minutes, "minute"),
    }
}

/// Which hours count towards a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Calendar {
    /// All of them, nights and holidays too.
    #[default]
    Continuous,
}
