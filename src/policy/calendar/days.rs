//! Days on which nobody works.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

/// Days from one to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Days {
    /// The first.
    pub from: NaiveDate,
    /// The last.
    pub until: NaiveDate,
}

impl Days {
    /// Whether a day is one of them.
    pub fn contain(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.until
    }
}

/// A day of every year that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Yearly {
    /// The month, from 1.
    pub month: u32,
    /// The day of the month, from 1.
    pub day: u32,
}

impl Yearly {
    /// The same day of every year.
    pub fn of(day: NaiveDate) -> Self {
        Self { month: day.month(), day: day.day() }
    }
}

/// Days on which nobody works, whatever the weekday.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holidays {
    /// Single days.
    pub days: BTreeSet<NaiveDate>,
    /// Days of every year.
    pub yearly: BTreeSet<Yearly>,
    /// Runs of days.
    pub pauses: Vec<Days>,
}

impl Holidays {
    /// Whether a day is one.
    pub fn contain(&self, day: NaiveDate) -> bool {
        self.days.contains(&day)
            || self.yearly.contains(&Yearly::of(day))
            || self.pauses.iter().any(|pause| pause.contain(day))
    }
}
