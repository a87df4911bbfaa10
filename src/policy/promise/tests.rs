//! Deadlines, what letters call them, and what is left of them.

use std::sync::Arc;

use chrono::Weekday;
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::policy::calendar::{Business, Holidays, WorkingDay};

fn utc(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Nine to five, Monday to Friday, in UTC.
fn working(within: TimeDelta) -> Promise {
    let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    let business = Business::new(Tz::UTC, &week, WorkingDay::default(), Holidays::default());
    Promise { within, calendar: Calendar::Business(Arc::new(business)) }
}

#[test]
fn a_letter_says_whether_days_are_working_days() {
    for (promise, words) in [
        (Promise::continuous(TimeDelta::hours(48)), "48 hours"),
        (Promise::continuous(TimeDelta::days(14)), "14 days"),
        (Promise::continuous(TimeDelta::minutes(90)), "90 minutes"),
        (working(TimeDelta::days(14)), "14 working days"),
        (working(TimeDelta::hours(48)), "2 working days"),
        (working(TimeDelta::hours(36)), "2 working days"),
        (working(TimeDelta::hours(24)), "1 working day"),
        (working(TimeDelta::hours(4)), "4 hours of working time"),
        (working(TimeDelta::hours(28)), "12 hours of working time"),
    ] {
        assert_eq!(promise.in_words(), words);
    }
}

#[test]
fn half_and_a_fifth_are_counted_back_from_the_deadline() {
    let promise = Promise::continuous(TimeDelta::hours(50));
    let deadline = promise.by(utc("2026-11-25T10:00:00Z"));
    assert_eq!(promise.left(Part::Half, deadline, None), utc("2026-11-26T11:00:00Z"));
    assert_eq!(promise.left(Part::Fifth, deadline, None), utc("2026-11-27T02:00:00Z"));
    // Five working days from Thursday noon: half of them are left on Monday, a fifth on Wednesday.
    let promise = working(TimeDelta::days(5));
    let deadline = promise.by(utc("2026-11-26T12:00:00Z"));
    assert_eq!(deadline, utc("2026-12-03T12:00:00Z"));
    assert_eq!(promise.left(Part::Half, deadline, None), utc("2026-11-30T16:00:00Z"));
    assert_eq!(promise.left(Part::Fifth, deadline, None), utc("2026-12-02T12:00:00Z"));
}

#[test]
fn a_pause_leaves_as_much_of_the_promise_as_there_was() {
    let promise = working(TimeDelta::days(2));
    // Four hours of work are left on Friday at 16:00; they go on on Monday at 10:00.
    let moved = promise.resumed(
        utc("2026-11-30T12:00:00Z"),
        utc("2026-11-27T16:00:00Z"),
        utc("2026-11-30T10:00:00Z"),
    );
    assert_eq!(moved, utc("2026-11-30T14:00:00Z"));
    // What was overdue already stays overdue.
    let overdue = utc("2026-11-20T12:00:00Z");
    let now = utc("2026-11-30T10:00:00Z");
    assert_eq!(promise.resumed(overdue, utc("2026-11-27T16:00:00Z"), now), overdue);
}

#[test]
fn a_clock_that_would_start_while_nobody_is_there_starts_when_they_are_back() {
    let closed = ClosedSeason {
        from: utc("2026-12-23T23:00:00Z"),
        until: utc("2027-01-06T23:00:00Z"),
        zone: Tz::UTC,
        message: None,
    };
    let promises = Promises { closed: Some(closed), ..Promises::default() };
    for (start, deadline) in [
        ("2026-12-23T22:59:59Z", "2026-12-25T22:59:59Z"),
        ("2026-12-23T23:00:00Z", "2027-01-08T23:00:00Z"),
        ("2027-01-06T22:59:59Z", "2027-01-08T23:00:00Z"),
        ("2027-01-06T23:00:00Z", "2027-01-08T23:00:00Z"),
        ("2027-01-07T23:00:00Z", "2027-01-09T23:00:00Z"),
    ] {
        assert_eq!(promises.acknowledge_by(utc(start)), utc(deadline), "{start}");
        assert_eq!(promises.respond_by(utc(start)), utc(deadline), "{start}");
    }
}

proptest! {
    #[test]
    fn no_later_start_has_an_earlier_deadline_not_even_around_a_closed_season(
        start in 1_795_000_000_i64..1_800_000_000,
        wait in 0_i64..1_000_000,
        from in 1_795_000_000_i64..1_800_000_000,
        length in 0_i64..3_000_000,
        within in 1_i64..1_000_000,
        at_work in any::<bool>(),
    ) {
        let at = |seconds| Timestamp::from_timestamp(seconds, 0).unwrap();
        let within = TimeDelta::seconds(within);
        let promise = if at_work { working(within) } else { Promise::continuous(within) };
        let closed = ClosedSeason { from: at(from), until: at(from + length), zone: Tz::UTC, message: None };
        let promises = Promises {
            respond: promise,
            closed: Some(closed.clone()),
            ..Promises::default()
        };
        let (one, other) = (promises.respond_by(at(start)), promises.respond_by(at(start + wait)));
        prop_assert!(one <= other);
        // Nothing falls due in a season in which its clock would have started.
        prop_assert!(!closed.contains(at(start)) || one > closed.until);
    }
}
