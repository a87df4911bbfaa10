//! Tables of what people expect, and what holds in every zone of the database.

use chrono::{DateTime, NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;

const MADRID: Tz = chrono_tz::Europe::Madrid;

fn utc(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn hours(text: &str) -> Hours {
    let (from, until) = text.split_once('-').unwrap();
    let time = |text: &str| format!("{text}:00").parse().ok();
    Hours { from: time(from).unwrap(), until: time(until) }
}

fn open_at(open: &[&str]) -> Result<WorkingDay, NoWorkingDay> {
    WorkingDay::new(open.iter().map(|text| hours(text)).collect())
}

fn weekdays() -> Vec<Weekday> {
    (0..5).map(|day| Weekday::try_from(day).unwrap()).collect()
}

fn office(zone: Tz, open: &[&str], holidays: Holidays) -> Calendar {
    Calendar::Business(Arc::new(Business::new(zone, &weekdays(), open_at(open).unwrap(), holidays)))
}

/// Nine to five in Madrid, in winter 8 to 16 UTC.
fn madrid() -> Calendar {
    office(MADRID, &["09:00-17:00"], Holidays::default())
}

fn after(calendar: &Calendar, start: &str, promised: TimeDelta) -> String {
    let at = calendar.after(utc(start), calendar.counted(promised));
    at.format("%a %F %H:%M").to_string()
}

#[test]
fn two_days_promised_are_two_working_days_and_hours_are_hours_of_work() {
    let two_days = TimeDelta::hours(48);
    for (start, promised, deadline) in [
        // Wednesday noon, Friday afternoon, Saturday, early on Monday.
        ("2026-11-25T11:00:00Z", two_days, "Fri 2026-11-27 11:00"),
        ("2026-11-27T15:00:00Z", two_days, "Tue 2026-12-01 15:00"),
        ("2026-11-28T11:00:00Z", two_days, "Tue 2026-12-01 16:00"),
        ("2026-11-30T05:00:00Z", two_days, "Tue 2026-12-01 16:00"),
        ("2026-11-27T15:00:00Z", TimeDelta::hours(4), "Mon 2026-11-30 11:00"),
        ("2026-11-27T15:00:00Z", TimeDelta::hours(8), "Mon 2026-11-30 15:00"),
        // More hours than a day has are a day.
        ("2026-11-27T15:00:00Z", TimeDelta::hours(20), "Mon 2026-11-30 15:00"),
        ("2026-11-27T15:00:00Z", TimeDelta::hours(26), "Tue 2026-12-01 09:00"),
        ("2026-11-27T15:00:00Z", TimeDelta::hours(36), "Tue 2026-12-01 15:00"),
        ("2026-11-25T11:00:00Z", TimeDelta::days(14), "Tue 2026-12-15 11:00"),
        // At the end of a day its last moment still counts; a second later it is tomorrow.
        ("2026-11-25T16:00:00Z", TimeDelta::days(1), "Thu 2026-11-26 16:00"),
        ("2026-11-25T08:00:00Z", TimeDelta::days(1), "Wed 2026-11-25 16:00"),
    ] {
        assert_eq!(after(&madrid(), start, promised), deadline, "{start} + {promised}");
    }
}

#[test]
fn holidays_of_one_year_of_every_year_and_pauses_are_skipped() {
    let holidays = Holidays {
        days: [day("2026-12-08")].into(),
        yearly: [Yearly { month: 1, day: 6 }, Yearly { month: 2, day: 29 }].into(),
        pauses: vec![Days { from: day("2026-12-24"), until: day("2027-01-03") }],
    };
    let calendar = office(MADRID, &["09:00-17:00"], holidays);
    let one_day = TimeDelta::days(1);
    for (start, deadline) in [
        ("2026-12-07T11:00:00Z", "Wed 2026-12-09 11:00"),
        ("2026-12-23T11:00:00Z", "Mon 2027-01-04 11:00"),
        ("2026-12-30T11:00:00Z", "Mon 2027-01-04 16:00"),
        ("2027-01-05T11:00:00Z", "Thu 2027-01-07 11:00"),
        // 2028 is a leap year and 29 February 2028 a Tuesday; 2029 has no such day.
        ("2028-02-28T11:00:00Z", "Wed 2028-03-01 11:00"),
        ("2029-02-28T11:00:00Z", "Thu 2029-03-01 11:00"),
    ] {
        assert_eq!(after(&calendar, start, one_day), deadline, "{start}");
    }
}

#[test]
fn a_lunch_break_and_a_leap_day_count_as_what_they_are() {
    let spanish = office(MADRID, &["15:00-18:00", "09:00-14:00"], Holidays::default());
    assert_eq!(
        after(&spanish, "2026-11-25T12:00:00Z", TimeDelta::hours(2)),
        "Wed 2026-11-25 15:00"
    );
    assert_eq!(after(&spanish, "2026-11-25T12:00:00Z", TimeDelta::days(1)), "Thu 2026-11-26 12:00");
    assert_eq!(
        after(&madrid(), "2028-02-28T11:00:00Z", TimeDelta::days(2)),
        "Wed 2028-03-01 11:00"
    );
}

#[test]
fn working_hours_follow_the_clocks_on_the_wall_through_a_change() {
    // Friday noon before the clocks go forward, and before they go back: noon on Monday both times.
    for (start, deadline) in [
        ("2026-03-27T11:00:00Z", "Mon 2026-03-30 10:00"),
        ("2026-10-23T10:00:00Z", "Mon 2026-10-26 11:00"),
    ] {
        assert_eq!(after(&madrid(), start, TimeDelta::days(1)), deadline);
    }
    // A night shift on a Sunday: from 1 to 4 is two hours when the clocks skip one, and four when
    // they repeat one.
    let shift = open_at(&["01:00-04:00"]).unwrap();
    let night = Business::new(MADRID, &[Weekday::Sun], shift, Holidays::default());
    let night = Calendar::Business(Arc::new(night));
    for (from, until, open) in [
        ("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z", 2),
        ("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z", 4),
        ("2026-10-31T12:00:00Z", "2026-11-01T12:00:00Z", 3),
    ] {
        assert_eq!(night.between(utc(from), utc(until)), TimeDelta::hours(open), "{from}");
    }
}

#[test]
fn a_day_that_a_zone_skips_has_no_working_time() {
    let apia = office(chrono_tz::Pacific::Apia, &["09:00-17:00"], Holidays::default());
    // Friday, 30 December 2011 never was in Samoa: Thursday evening to Monday morning.
    let thursday_end = "2011-12-30T03:00:00Z";
    assert_eq!(after(&apia, thursday_end, TimeDelta::hours(1)), "Sun 2012-01-01 20:00");
}

#[test]
fn hours_without_time_are_no_working_day_and_what_never_opens_has_no_deadline() {
    for (open, outcome) in [
        (&[][..], Err(NoWorkingDay::Empty)),
        (&["17:00-09:00"], Err(NoWorkingDay::Backwards)),
        (&["09:00-09:00"], Err(NoWorkingDay::Backwards)),
        (&["09:00-13:00", "12:00-17:00"], Err(NoWorkingDay::Overlap)),
        (&["13:00-24:00", "09:00-13:00"], Ok(TimeDelta::hours(15))),
    ] {
        assert_eq!(open_at(open).map(|day| day.length()), outcome, "{open:?}");
    }
    let shut = Holidays {
        pauses: vec![Days { from: NaiveDate::MIN, until: NaiveDate::MAX }],
        ..Holidays::default()
    };
    let shut = office(Tz::UTC, &["09:00-17:00"], shut);
    assert_eq!(shut.after(utc("2026-11-25T11:00:00Z"), TimeDelta::hours(1)), Timestamp::MAX_UTC);
}

/// Any zone, any week, any two stretches of a day, a few holidays; a third of them around the clock.
fn any_office() -> impl Strategy<Value = Calendar> {
    let zone = prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec());
    let week = prop::collection::btree_set(0_u8..7, 1..=7);
    // In quarters of an hour: with a minute a week, a month of work is longer than anybody lives.
    let cuts = prop::collection::btree_set(1_u32..96, 4);
    (zone, week, cuts, any::<bool>(), prop::collection::vec((0_i64..25_000, 0_i64..20), 0..4))
        .prop_map(|(zone, week, cuts, around_the_clock, pauses)| {
            let week: Vec<Weekday> =
                week.into_iter().map(|d| Weekday::try_from(d).unwrap()).collect();
            let at = |quarter: u32| {
                NaiveTime::from_num_seconds_from_midnight_opt(quarter * 15 * 60, 0).unwrap()
            };
            let cuts: Vec<u32> = cuts.into_iter().collect();
            let open = match around_the_clock {
                true => vec![Hours { from: NaiveTime::MIN, until: None }],
                false => cuts
                    .chunks(2)
                    .map(|pair| Hours { from: at(pair[0]), until: Some(at(pair[1])) })
                    .collect(),
            };
            let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
            let pauses = pauses
                .into_iter()
                .map(|(day, length)| {
                    let from = epoch + TimeDelta::days(day);
                    Days { from, until: from + TimeDelta::days(length) }
                })
                .collect();
            let holidays = Holidays {
                pauses,
                yearly: [Yearly { month: 2, day: 29 }].into(),
                ..Holidays::default()
            };
            let day = WorkingDay::new(open).unwrap();
            Calendar::Business(Arc::new(Business::new(zone, &week, day, holidays)))
        })
}

fn any_moment() -> impl Strategy<Value = Timestamp> {
    (0_i64..2_100_000_000).prop_map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap())
}

fn up_to_a_month() -> impl Strategy<Value = TimeDelta> {
    (1_i64..2_600_000).prop_map(TimeDelta::seconds)
}

fn business(calendar: &Calendar) -> &Business {
    match calendar {
        Calendar::Business(business) => business,
        Calendar::Continuous => panic!("no business"),
    }
}

proptest! {
    #[test]
    fn what_is_added_is_measured_again_and_taken_away_again(
        office in any_office(), start in any_moment(), time in up_to_a_month(),
    ) {
        let end = office.after(start, time);
        prop_assert!(end > start);
        prop_assert_eq!(office.between(start, end), time);
        let begin = office.before(end, time);
        prop_assert!(begin >= start, "{} {}", begin, start);
        prop_assert_eq!(office.between(begin, end), time);
    }

    #[test]
    fn a_deadline_is_in_working_time(
        office in any_office(), start in any_moment(), time in up_to_a_month(),
    ) {
        let end = office.after(start, time);
        prop_assert!(business(&office).is_open(end), "{}", end);
        // The second before it was worked in.
        prop_assert_eq!(office.between(end - TimeDelta::seconds(1), end), TimeDelta::seconds(1));
    }

    #[test]
    fn later_starts_and_longer_promises_have_later_deadlines(
        office in any_office(), start in any_moment(), wait in 0_i64..1_000_000,
        one in up_to_a_month(), other in up_to_a_month(),
    ) {
        let later_start = start + TimeDelta::seconds(wait);
        prop_assert!(office.after(start, one) <= office.after(later_start, one));
        prop_assert!(office.before(start, one) <= office.before(later_start, one));
        let (short, long) = (one.min(other), one.max(other));
        prop_assert!(office.counted(short) <= office.counted(long));
        prop_assert!(office.after(start, short) <= office.after(start, long));
    }

    #[test]
    fn time_between_moments_adds_up(
        office in any_office(), a in any_moment(), b in 0_i64..3_000_000, c in 0_i64..3_000_000,
    ) {
        let (b, c) = (a + TimeDelta::seconds(b), a + TimeDelta::seconds(b + c));
        prop_assert_eq!(office.between(a, b) + office.between(b, c), office.between(a, c));
        prop_assert_eq!(office.between(b, a), TimeDelta::zero());
    }

    #[test]
    fn continuous_time_is_the_time_of_the_wall_clock(
        start in any_moment(), time in up_to_a_month(),
    ) {
        let (calendar, end) = (Calendar::Continuous, start + time);
        prop_assert_eq!(calendar.counted(time), time);
        prop_assert_eq!(calendar.after(start, time), end);
        prop_assert_eq!(calendar.before(end, time), start);
        prop_assert_eq!(calendar.between(start, end), time);
    }

    #[test]
    fn an_office_that_never_closes_keeps_continuous_time(
        zone in prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec()),
        start in any_moment(), time in up_to_a_month(),
    ) {
        let week: Vec<Weekday> = (0..7).map(|day| Weekday::try_from(day).unwrap()).collect();
        let always = Business::new(zone, &week, open_at(&["00:00-24:00"]).unwrap(), Holidays::default());
        let always = Calendar::Business(Arc::new(always));
        prop_assert_eq!(always.counted(time), time);
        prop_assert_eq!(always.after(start, time), start + time);
        prop_assert_eq!(always.before(start, time), start - time);
    }

    #[test]
    fn no_clock_on_a_wall_runs_backwards(
        zone in prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec()),
        at in any_moment(), step in 1_i64..200_000,
    ) {
        let local = at.naive_utc();
        prop_assert!(moment(local, zone) <= moment(local + TimeDelta::seconds(step), zone));
    }
}

#[test]
fn every_day_of_a_year_has_its_working_hours_in_every_zone() {
    for zone in chrono_tz::TZ_VARIANTS {
        let office = office(zone, &["09:00-17:00"], Holidays::default());
        let (from, until) = (utc("2026-01-03T12:00:00Z"), utc("2027-01-02T12:00:00Z"));
        // From a Saturday to a Saturday, 52 weeks of five days of eight hours.
        assert_eq!(office.between(from, until), TimeDelta::hours(52 * 5 * 8), "{zone}");
    }
}
