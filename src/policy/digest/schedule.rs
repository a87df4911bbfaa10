//! When the next digest is due: a time of day in a zone, once for every day that zone has.
//!
//! Promises: the answer depends on nothing but the schedule and the last digest, so a restart
//! neither repeats nor loses one. Where the clocks go forward over the time of day, the digest
//! comes at the first moment after the gap; where they go back over it, at the first of the two.

use chrono::{DateTime, Datelike, Days, MappedLocalTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

use crate::domain::Timestamp;
use crate::policy::schedule::DigestSchedule;

/// When the next digest is due, given when the last one was made.
///
/// Before the first digest, that is the next time the clock shows the hour. After a time in which
/// nothing ran it is in the past: one digest is due now, however many were missed.
pub fn next_due(schedule: &DigestSchedule, last: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let is_next = |slot: &Timestamp| last.map_or(*slot >= now, |last| *slot > last);
    let from = last.unwrap_or(now).with_timezone(&schedule.timezone).date_naive();
    let yesterday = from.checked_sub_days(Days::new(1)).unwrap_or(from);
    // A zone that moves across the date line skips a whole day: a few days are enough to look at.
    yesterday
        .iter_days()
        .take(5)
        .filter_map(|day| slot(schedule, day))
        .find(is_next)
        .unwrap_or(Timestamp::MAX_UTC)
}

/// Whether the figures of the week are in today's digest: their day came since the last digest.
pub fn figures_due(schedule: &DigestSchedule, last: Option<NaiveDate>, today: NaiveDate) -> bool {
    let Some(weekday) = schedule.figures else { return false };
    let yesterday = today.checked_sub_days(Days::new(1)).unwrap_or(today);
    last.unwrap_or(yesterday)
        .iter_days()
        .skip(1)
        .take_while(|day| *day <= today)
        .take(7)
        .any(|day| day.weekday() == weekday)
}

/// When the digest of one day is due; `None` where the zone has no such day.
fn slot(schedule: &DigestSchedule, day: NaiveDate) -> Option<Timestamp> {
    let local = day.and_time(schedule.at);
    match schedule.timezone.from_local_datetime(&local) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => {
            Some(at.with_timezone(&Utc))
        }
        MappedLocalTime::None => {
            let gap = GapInfo::new(&local, &schedule.timezone)?;
            let end: DateTime<Tz> = gap.end?;
            let begins_before =
                gap.begin.is_none_or(|(begin, _)| begin <= day.and_time(NaiveTime::MIN));
            let whole_day = begins_before && end.date_naive() > day;
            (!whole_day).then(|| end.with_timezone(&Utc))
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDateTime, TimeDelta};
    use proptest::prelude::*;

    use super::*;

    fn schedule(at: &str, zone: Tz) -> DigestSchedule {
        let at = at.parse().unwrap();
        DigestSchedule { at, timezone: zone, ..DigestSchedule::default() }
    }

    fn utc(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_digest_comes_when_the_clock_next_shows_the_hour() {
        let madrid = schedule("08:00:00", chrono_tz::Europe::Madrid);
        assert_eq!(
            next_due(&madrid, None, utc("2026-11-23T06:59:00Z")),
            utc("2026-11-23T07:00:00Z")
        );
        assert_eq!(
            next_due(&madrid, None, utc("2026-11-23T07:00:01Z")),
            utc("2026-11-24T07:00:00Z")
        );
    }

    #[test]
    fn after_days_of_silence_one_digest_is_due_and_not_one_for_each_day() {
        let madrid = schedule("08:00:00", chrono_tz::Europe::Madrid);
        let (last, now) = (utc("2026-11-20T07:00:02Z"), utc("2026-11-23T11:00:00Z"));
        assert_eq!(next_due(&madrid, Some(last), now), utc("2026-11-21T07:00:00Z"));
        assert_eq!(next_due(&madrid, Some(now), now), utc("2026-11-24T07:00:00Z"));
    }

    #[test]
    fn a_time_that_the_clocks_skip_is_the_first_moment_after_the_gap() {
        let madrid = schedule("02:30:00", chrono_tz::Europe::Madrid);
        let due = next_due(&madrid, Some(utc("2026-03-28T12:00:00Z")), utc("2026-03-28T12:00:00Z"));
        assert_eq!(due, utc("2026-03-29T01:00:00Z"));
        assert_eq!(next_due(&madrid, Some(due), due), utc("2026-03-30T00:30:00Z"));
    }

    #[test]
    fn a_time_that_the_clocks_repeat_is_the_first_of_the_two_and_only_that() {
        let madrid = schedule("02:30:00", chrono_tz::Europe::Madrid);
        let due = next_due(&madrid, Some(utc("2026-10-24T12:00:00Z")), utc("2026-10-24T12:00:00Z"));
        assert_eq!(due, utc("2026-10-25T00:30:00Z"));
        assert_eq!(next_due(&madrid, Some(due), due), utc("2026-10-26T01:30:00Z"));
    }

    #[test]
    fn a_day_that_a_zone_never_had_has_no_digest() {
        let apia = schedule("08:00:00", chrono_tz::Pacific::Apia);
        let due = next_due(&apia, Some(utc("2011-12-29T19:00:00Z")), utc("2011-12-29T19:00:00Z"));
        assert_eq!(due, utc("2011-12-30T18:00:00Z"));
        let local = due.with_timezone(&chrono_tz::Pacific::Apia).naive_local();
        assert_eq!(local, "2011-12-31T08:00:00".parse::<NaiveDateTime>().unwrap());
    }

    #[test]
    fn the_figures_come_with_the_first_digest_since_their_day() {
        let schedule = DigestSchedule::default();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let due = |last: Option<&str>, today| figures_due(&schedule, last.map(day), day(today));
        assert!(due(Some("2026-11-22"), "2026-11-23"), "a Monday");
        assert!(!due(Some("2026-11-23"), "2026-11-24"));
        assert!(due(Some("2026-11-21"), "2026-11-25"), "nothing ran on Monday");
        assert!(due(Some("2026-01-01"), "2026-11-25"), "nothing ran for months");
        assert!(due(None, "2026-11-23"));
        assert!(!due(None, "2026-11-24"));
        let never = DigestSchedule { figures: None, ..schedule };
        assert!(!figures_due(&never, None, day("2026-11-23")));
    }

    fn any_zone() -> impl Strategy<Value = Tz> {
        prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec())
    }

    /// A run of days around a moment when the zone's clocks were changed.
    fn follow(schedule: &DigestSchedule, start: Timestamp, days: u32) -> Result<(), TestCaseError> {
        let mut last = next_due(schedule, None, start);
        prop_assert!(last >= start);
        for _ in 0..days {
            let due = next_due(schedule, Some(last), start);
            prop_assert_eq!(due, next_due(schedule, Some(last), due + TimeDelta::days(400)));
            // However late within the day a digest goes out, the next one is tomorrow's.
            prop_assert_eq!(due, next_due(schedule, Some(due - TimeDelta::seconds(1)), start));
            let (before, after) =
                (last.with_timezone(&schedule.timezone), due.with_timezone(&schedule.timezone));
            prop_assert!(due > last);
            let mut expected = before.date_naive().succ_opt().unwrap();
            if slot(schedule, expected).is_none() {
                expected = expected.succ_opt().unwrap();
            }
            // A gap at midnight moves a late digest into the next day; never by more.
            if after.time() == schedule.at {
                prop_assert_eq!(after.date_naive(), expected);
            } else {
                let wanted = schedule.timezone.from_local_datetime(&expected.and_time(schedule.at));
                let wanted_today = schedule
                    .timezone
                    .from_local_datetime(&before.date_naive().and_time(schedule.at));
                prop_assert!(wanted.earliest().is_none() || wanted_today.earliest().is_none());
            }
            last = due;
        }
        Ok(())
    }

    #[test]
    fn every_zone_has_one_digest_for_every_day_of_a_year() {
        for zone in chrono_tz::TZ_VARIANTS {
            for at in ["00:00:00", "02:30:00", "23:45:00"] {
                let schedule = schedule(at, zone);
                let mut day: NaiveDate = "2026-01-01".parse().unwrap();
                let mut last: Option<Timestamp> = None;
                let mut count = 0;
                while day.to_string().as_str() < "2027-01-01" {
                    if let Some(due) = slot(&schedule, day) {
                        assert!(last.is_none_or(|last| due > last), "{zone} {day}");
                        last = Some(due);
                        count += 1;
                    }
                    day = day.succ_opt().unwrap();
                }
                assert_eq!(count, 365, "{zone}");
            }
        }
    }

    proptest! {
        #[test]
        fn in_every_zone_the_next_digest_is_tomorrows_whatever_the_clocks_do(
            zone in any_zone(),
            seconds in 0_i64..2_100_000_000,
            minute in 0_u32..1440,
        ) {
            let at = NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0).unwrap();
            let start = DateTime::from_timestamp(seconds, 0).unwrap();
            let schedule = DigestSchedule { at, timezone: zone, ..DigestSchedule::default() };
            follow(&schedule, start, 40)?;
        }
    }
}
