//! Working time: the hours of working days in one zone, less holidays.
//!
//! Every question is answered by walking over the stretches of open time, day by day: simple enough
//! to be seen to be right, and a promise of years is a few thousand steps.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Weekday};
use chrono_tz::Tz;

use super::days::Holidays;
use super::hours::WorkingDay;
use super::local::moment;
use crate::domain::Timestamp;

/// Days that are looked at before a calendar counts as one that never opens again: a promise of ten
/// years at five days a week takes fourteen.
const HORIZON: usize = 40 * 366;

/// When people work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Business {
    zone: Tz,
    weekdays: BTreeSet<u32>,
    day: WorkingDay,
    holidays: Holidays,
}

/// Open time, from its first second to the first that is closed.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: Timestamp,
    until: Timestamp,
}

impl Business {
    /// A calendar of the weekdays in a zone. Without a weekday it never opens.
    pub fn new(zone: Tz, weekdays: &[Weekday], day: WorkingDay, holidays: Holidays) -> Self {
        let weekdays = weekdays.iter().map(Weekday::num_days_from_monday).collect();
        Self { zone, weekdays, day, holidays }
    }

    /// The work in a day on which the clocks are left alone.
    pub fn working_day(&self) -> TimeDelta {
        self.day.length()
    }

    /// The moment at which `time` of work has passed since `start`. Without any, that is the next
    /// open moment.
    pub(super) fn after(&self, start: Timestamp, time: TimeDelta) -> Timestamp {
        let mut left = time;
        for stretch in self.stretches_from(start) {
            let from = stretch.from.max(start);
            let open = stretch.until.signed_duration_since(from);
            if open > TimeDelta::zero() && open >= left {
                return from.checked_add_signed(left).unwrap_or(Timestamp::MAX_UTC);
            }
            left = left.checked_sub(&open.max(TimeDelta::zero())).unwrap_or(left);
        }
        Timestamp::MAX_UTC
    }

    /// The latest moment from which `time` of work is left until `end`.
    pub(super) fn before(&self, end: Timestamp, time: TimeDelta) -> Timestamp {
        let mut left = time;
        for stretch in self.stretches_back_from(end) {
            let until = stretch.until.min(end);
            let open = until.signed_duration_since(stretch.from);
            if open > TimeDelta::zero() && open >= left {
                return until.checked_sub_signed(left).unwrap_or(Timestamp::MIN_UTC);
            }
            left = left.checked_sub(&open.max(TimeDelta::zero())).unwrap_or(left);
        }
        Timestamp::MIN_UTC
    }

    /// How much work lies between two moments.
    pub(super) fn between(&self, from: Timestamp, until: Timestamp) -> TimeDelta {
        self.stretches_from(from)
            .take_while(|stretch| stretch.from < until)
            .map(|stretch| stretch.until.min(until).signed_duration_since(stretch.from.max(from)))
            .filter(|open| *open > TimeDelta::zero())
            .fold(TimeDelta::zero(), |sum, open| sum.checked_add(&open).unwrap_or(sum))
    }

    /// Whether a moment is in working time; the last moment of a stretch is.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.stretches_from(at)
            .take_while(|stretch| stretch.from <= at)
            .any(|stretch| at <= stretch.until && stretch.from < stretch.until)
    }

    /// The stretches that may end after a moment, in their order.
    fn stretches_from(&self, at: Timestamp) -> impl Iterator<Item = Stretch> {
        // The day before too: where clocks go back over midnight, it is not over yet.
        let today = at.with_timezone(&self.zone).date_naive();
        let first = today.pred_opt().unwrap_or(today);
        first.iter_days().take(HORIZON).flat_map(|day| self.stretches_of(day))
    }

    /// The stretches that may begin before a moment, the latest first.
    fn stretches_back_from(&self, at: Timestamp) -> impl Iterator<Item = Stretch> {
        let today = at.with_timezone(&self.zone).date_naive();
        let last = today.succ_opt().unwrap_or(today);
        let days = std::iter::successors(Some(last), |day: &NaiveDate| day.pred_opt());
        days.take(HORIZON).flat_map(|day| self.stretches_of(day).rev())
    }

    fn stretches_of(&self, day: NaiveDate) -> impl DoubleEndedIterator<Item = Stretch> {
        let works = self.weekdays.contains(&day.weekday().num_days_from_monday())
            && !self.holidays.contain(day);
        let hours = if works { self.day.hours() } else { &[] };
        hours.iter().map(move |hours| {
            let until = match hours.until {
                Some(until) => day.and_time(until),
                None => day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN),
            };
            Stretch {
                from: moment(day.and_time(hours.from), self.zone),
                until: moment(until, self.zone),
            }
        })
    }
}
