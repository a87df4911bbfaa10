//! Which promise of a case runs out next, and how that is said.

use chrono::TimeDelta;

use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::state::State;

/// What was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// To acknowledge the report.
    Acknowledge,
    /// To answer it in detail.
    Respond,
    /// To tell the reporter of the progress.
    Update,
}

/// A promise with its deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// What was promised.
    pub promise: Promise,
    /// By when.
    pub deadline: Timestamp,
}

/// The promise of a case that runs out next.
pub fn next(case: &Case) -> Option<Clock> {
    let (promise, deadline) = match case.state {
        State::Received => (Promise::Acknowledge, case.acknowledge_by),
        State::Acknowledged => (Promise::Respond, case.respond_by),
        State::Triaging | State::Confirmed | State::Fixing | State::Released => {
            (Promise::Update, case.next_update_by)
        }
        State::Returned | State::Disclosed | State::Closed => return None,
    };
    deadline.map(|deadline| Clock { promise, deadline })
}

impl Clock {
    /// `respond in 5 h`, `respond: overdue by 2 d`.
    pub fn in_words(&self, now: Timestamp) -> String {
        let what = match self.promise {
            Promise::Acknowledge => "acknowledge",
            Promise::Respond => "respond",
            Promise::Update => "update",
        };
        let left = self.deadline.signed_duration_since(now);
        if left < TimeDelta::zero() {
            format!("{what}: overdue by {}", age(left.abs()))
        } else {
            format!("{what} in {}", age(left))
        }
    }
}

/// A length of time in its largest unit: `3 d`, `5 h`, `12 min`.
pub fn age(length: TimeDelta) -> String {
    match (length.num_days(), length.num_hours(), length.num_minutes()) {
        (days, _, _) if days >= 3 => format!("{days} d"),
        (_, hours, _) if hours >= 1 => format!("{hours} h"),
        (_, _, minutes) => format!("{} min", minutes.max(0)),
    }
}
