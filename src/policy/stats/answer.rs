//! How soon an answer came that was promised, over many cases.

use chrono::TimeDelta;

use super::period::Period;
use crate::domain::Timestamp;

/// One promised answer of one case.
#[derive(Debug, Clone, Copy)]
pub(super) struct Promised {
    /// From when it is timed; `None` where its time says nothing.
    pub since: Option<Timestamp>,
    /// By when it was promised.
    pub by: Option<Timestamp>,
    /// When it was given.
    pub at: Option<Timestamp>,
    /// When nobody waited for it any more: the case had ended, or the reporter was asked something.
    pub void: Option<Timestamp>,
}

/// The same promise of many cases, over a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Answers {
    /// Answers given in the period.
    pub given: u32,
    /// Half of them took no longer than this.
    pub median: Option<TimeDelta>,
    /// Nine tenths of them took no longer than this.
    pub ninetieth: Option<TimeDelta>,
    /// Of those given, how many came within the promise.
    pub in_time: u32,
    /// Of those given, how many came after it.
    pub late: u32,
    /// Promises that ran out in the period and were still not kept at its end.
    pub missed: u32,
}

impl Answers {
    /// Of all promises that were kept or broken, how many in a hundred were kept, rounded down:
    /// only where none was broken it is 100.
    pub fn share_in_time(&self) -> Option<u32> {
        let all = self.in_time.saturating_add(self.late).saturating_add(self.missed);
        self.in_time.saturating_mul(100).checked_div(all)
    }

    pub(super) fn over(promised: impl Iterator<Item = Promised>, period: &Period) -> Self {
        let mut answers = Self::default();
        let mut times = Vec::new();
        for promise in promised {
            match promise.at.filter(|at| *at < period.to) {
                Some(at) if period.holds(at) => {
                    answers.given = answers.given.saturating_add(1);
                    times.extend(promise.since.map(|since| at.signed_duration_since(since)));
                    match promise.by {
                        Some(by) if at <= by => answers.in_time = answers.in_time.saturating_add(1),
                        Some(_) => answers.late = answers.late.saturating_add(1),
                        None => {}
                    }
                }
                Some(_) => {}
                None if promise.was_missed_in(period) => {
                    answers.missed = answers.missed.saturating_add(1);
                }
                None => {}
            }
        }
        times.sort_unstable();
        answers.median = percentile(&times, 50);
        answers.ninetieth = percentile(&times, 90);
        answers
    }
}

impl Promised {
    fn was_missed_in(&self, period: &Period) -> bool {
        self.by.is_some_and(|by| period.holds(by) && self.void.is_none_or(|void| void > by))
    }
}

/// The smallest of the sorted times that at least `percent` in a hundred do not exceed (the nearest
/// rank, so that it is a time that somebody really waited).
fn percentile(sorted: &[TimeDelta], percent: usize) -> Option<TimeDelta> {
    let rank = sorted.len().saturating_mul(percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let hours = |list: &[i64]| list.iter().map(|h| TimeDelta::hours(*h)).collect::<Vec<_>>();
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&hours(&[7]), 90), Some(TimeDelta::hours(7)));
        assert_eq!(percentile(&hours(&[1, 2]), 50), Some(TimeDelta::hours(1)));
        assert_eq!(percentile(&hours(&[1, 2, 3]), 50), Some(TimeDelta::hours(2)));
        let ten = hours(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(percentile(&ten, 50), Some(TimeDelta::hours(5)));
        assert_eq!(percentile(&ten, 90), Some(TimeDelta::hours(9)));
    }

    proptest! {
        #[test]
        fn so_many_do_not_exceed_a_percentile_and_one_fewer_would_be_too_few(
            mut times in prop::collection::vec(-1000..1000_i64, 1..60),
            percent in 1..=100_usize,
        ) {
            times.sort_unstable();
            let times: Vec<_> = times.into_iter().map(TimeDelta::seconds).collect();
            let found = percentile(&times, percent).unwrap();
            let up_to = times.iter().filter(|time| **time <= found).count();
            let below = times.iter().filter(|time| **time < found).count();
            prop_assert!(up_to * 100 >= times.len() * percent);
            prop_assert!(below * 100 < times.len() * percent);
        }
    }
}
