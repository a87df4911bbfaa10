//! The hours of a working day, on the clocks of its zone.

use chrono::{NaiveTime, TimeDelta};

/// A stretch of a working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hours {
    /// Its beginning.
    pub from: NaiveTime,
    /// Its end; `None` is midnight at the end of the day.
    pub until: Option<NaiveTime>,
}

impl Hours {
    /// Its length on a day on which the clocks are left alone; nothing where it ends first.
    fn length(&self) -> TimeDelta {
        let (until, days) = match self.until {
            Some(until) => (until, 0),
            None => (NaiveTime::MIN, 1),
        };
        let length = until.signed_duration_since(self.from).checked_add(&TimeDelta::days(days));
        length.unwrap_or_default().max(TimeDelta::zero())
    }
}

/// The stretches of a working day: at least one, in their order, each with a length of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingDay(Vec<Hours>);

/// Why hours make no working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoWorkingDay {
    /// There are none.
    #[error("without hours nobody ever works")]
    Empty,
    /// Some have no length.
    #[error("hours have to end after they begin")]
    Backwards,
    /// Two of them overlap.
    #[error("two of the hours overlap")]
    Overlap,
}

impl WorkingDay {
    /// The working day of some hours.
    ///
    /// # Errors
    /// [`NoWorkingDay`].
    pub fn new(mut hours: Vec<Hours>) -> Result<Self, NoWorkingDay> {
        if hours.is_empty() {
            return Err(NoWorkingDay::Empty);
        }
        if hours.iter().any(|hours| hours.length() <= TimeDelta::zero()) {
            return Err(NoWorkingDay::Backwards);
        }
        hours.sort();
        let overlap = |two: &[Hours]| matches!(two, [a, b] if a.until.is_none_or(|u| u > b.from));
        if hours.windows(2).any(overlap) {
            return Err(NoWorkingDay::Overlap);
        }
        Ok(Self(hours))
    }

    /// Its stretches, in their order.
    pub fn hours(&self) -> &[Hours] {
        &self.0
    }

    /// The work in a day on which the clocks are left alone; more than nothing.
    pub fn length(&self) -> TimeDelta {
        let lengths = self.0.iter().map(Hours::length);
        lengths.fold(TimeDelta::zero(), |sum, length| sum.checked_add(&length).unwrap_or(sum))
    }
}

impl Default for WorkingDay {
    /// From nine to five.
    fn default() -> Self {
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0);
        Self(vec![Hours { from: at(9).unwrap_or_default(), until: at(17) }])
    }
}
