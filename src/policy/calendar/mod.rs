//! Which time counts towards a promise, and where in it a moment lies.
//!
//! Relies on chrono-tz for the rules of every zone. Promises: pure; adding a length and measuring it
//! again gives the length back; a deadline never lies in closed time; later starts never give
//! earlier deadlines.

mod business;
mod days;
mod hours;
mod local;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use chrono::TimeDelta;

use crate::domain::Timestamp;

pub use business::Business;
pub use days::{Days, Holidays, Yearly};
pub use hours::{Hours, NoWorkingDay, WorkingDay};
pub use local::{moment, start_of_day};

/// Which time counts towards a promise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Calendar {
    /// All of it, nights and holidays too.
    #[default]
    Continuous,
    /// Working hours.
    Business(Arc<Business>),
}

impl Calendar {
    /// How much of this calendar's time a promised length is.
    ///
    /// In working time each full 24 hours of a promise are one working day, and what is left over
    /// are working hours, at most a day of them: with hours from 9 to 17, `48h` and `2d` are two
    /// working days (16 hours of work), `4h` are four hours of work, `36h` is a day and a day. So a
    /// longer promise is never a shorter time.
    pub fn counted(&self, promised: TimeDelta) -> TimeDelta {
        match self {
            Self::Continuous => promised,
            Self::Business(business) => {
                let day = business.working_day();
                let days = i32::try_from(promised.num_days()).unwrap_or(i32::MAX);
                let whole = TimeDelta::days(days.into());
                let rest = promised.checked_sub(&whole).unwrap_or_default();
                day.checked_mul(days)
                    .and_then(|time| time.checked_add(&rest.min(day)))
                    .unwrap_or(TimeDelta::MAX)
            }
        }
    }

    /// The moment at which `time` of this calendar has passed since `start`; the end of time where
    /// there is no such moment.
    pub fn after(&self, start: Timestamp, time: TimeDelta) -> Timestamp {
        match self {
            Self::Continuous => later(start, time),
            Self::Business(business) => business.after(start, time),
        }
    }

    /// The latest moment from which `time` of this calendar is left until `end`.
    pub fn before(&self, end: Timestamp, time: TimeDelta) -> Timestamp {
        match self {
            Self::Continuous => end.checked_sub_signed(time).unwrap_or(Timestamp::MIN_UTC),
            Self::Business(business) => business.before(end, time),
        }
    }

    /// How much of this calendar's time lies between two moments; none if `until` is the earlier.
    pub fn between(&self, from: Timestamp, until: Timestamp) -> TimeDelta {
        match self {
            Self::Continuous => until.signed_duration_since(from).max(TimeDelta::zero()),
            Self::Business(business) => business.between(from, until),
        }
    }
}

/// `at` plus `by`, or the end of time.
pub fn later(at: Timestamp, by: TimeDelta) -> Timestamp {
    at.checked_add_signed(by).unwrap_or(Timestamp::MAX_UTC)
}
