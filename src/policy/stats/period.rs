//! Lengths of the calendar that figures are counted over: days, weeks and months of a time zone.
//!
//! Promises: the steps of a period follow one another without a gap and fill it, whatever the
//! clocks of the zone do.

use chrono::{Datelike, Days, MappedLocalTime, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::{GapInfo, Tz};

use crate::domain::Timestamp;
use crate::policy::calendar::later;

/// A period longer than this is cut into months, not weeks.
const WEEKS: i64 = 27;

/// From a moment to another, the second not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its first second.
    pub from: Timestamp,
    /// The second after its last.
    pub to: Timestamp,
}

impl Period {
    /// The `days` times 24 hours before `now`.
    pub fn of_days_before(days: u32, now: Timestamp) -> Self {
        Self { from: later(now, TimeDelta::days(i64::from(days).saturating_neg())), to: now }
    }

    /// Whether a moment lies in it.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// Its calendar weeks, from Monday to Sunday, or where they would be too many to look at, its
    /// calendar months. The first and the last may be shorter.
    pub fn steps(&self, zone: Tz) -> Vec<Self> {
        let weeks = self.to.signed_duration_since(self.from).num_weeks();
        let mut steps = Vec::new();
        let mut from = self.from;
        while from < self.to {
            let day = from.with_timezone(&zone).date_naive();
            let next = if weeks > WEEKS { next_month(day) } else { next_monday(day) };
            // A day that the zone does not have would not move us on; the end of the period does.
            let to = next.map_or(self.to, |day| begin_of(day, zone));
            let to = if to > from { to.min(self.to) } else { self.to };
            steps.push(Self { from, to });
            from = to;
        }
        steps
    }
}

fn next_monday(day: NaiveDate) -> Option<NaiveDate> {
    let gone = u64::from(day.weekday().num_days_from_monday());
    day.checked_add_days(Days::new(7_u64.saturating_sub(gone)))
}

fn next_month(day: NaiveDate) -> Option<NaiveDate> {
    day.with_day(1)?.checked_add_months(Months::new(1))
}

/// The first moment of a day: midnight, or where the clocks skip it, the first moment after the gap.
pub fn begin_of(day: NaiveDate, zone: Tz) -> Timestamp {
    let midnight = day.and_time(NaiveTime::MIN);
    let begin = match zone.from_local_datetime(&midnight) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => Some(at),
        MappedLocalTime::None => GapInfo::new(&midnight, &zone).and_then(|gap| gap.end),
    };
    begin.map_or_else(|| midnight.and_utc(), |at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn utc(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_begins_after_the_gap_where_the_clocks_skip_midnight() {
        let day = "2018-11-04".parse().unwrap();
        assert_eq!(begin_of(day, chrono_tz::America::Sao_Paulo), utc("2018-11-04T03:00:00Z"));
        let day = "2011-12-30".parse().unwrap();
        assert_eq!(begin_of(day, chrono_tz::Pacific::Apia), utc("2011-12-30T10:00:00Z"));
    }

    #[test]
    fn a_month_has_calendar_weeks_and_a_year_has_months() {
        let november =
            Period { from: utc("2026-11-01T00:00:00Z"), to: utc("2026-11-25T09:00:00Z") };
        let begins: Vec<String> = november
            .steps(Tz::UTC)
            .iter()
            .map(|step| step.from.format("%a %-d %b").to_string())
            .collect();
        let expected = ["Sun 1 Nov", "Mon 2 Nov", "Mon 9 Nov", "Mon 16 Nov", "Mon 23 Nov"];
        assert_eq!(begins, expected);
        let year = Period { from: utc("2026-01-15T00:00:00Z"), to: utc("2027-01-15T00:00:00Z") };
        let steps = year.steps(chrono_tz::Europe::Madrid);
        assert_eq!(steps.len(), 13);
        assert_eq!(steps[6].from, utc("2026-06-30T22:00:00Z"));
    }

    proptest! {
        #[test]
        fn the_steps_fill_the_period_in_every_zone(
            zone in prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec()),
            from in 0..4_000_000_000_i64,
            length in 1..200_000_000_i64,
        ) {
            let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
            let period = Period { from: at(from), to: at(from + length) };
            let steps = period.steps(zone);
            prop_assert_eq!(steps.first().unwrap().from, period.from);
            prop_assert_eq!(steps.last().unwrap().to, period.to);
            prop_assert!(steps.windows(2).all(|pair| pair[0].to == pair[1].from));
            prop_assert!(steps.iter().all(|step| step.from < step.to));
            let longest = steps.iter().map(|s| s.to.signed_duration_since(s.from)).max().unwrap();
            prop_assert!(longest <= TimeDelta::days(32), "{longest}");
        }
    }
}
