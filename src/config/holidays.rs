//! A calendar file of holidays (iCalendar, RFC 5545), as public calendars and programs export it.
//!
//! The only place that names the crate. Every day that an event touches is a holiday; an event that
//! recurs is followed to the end of [`LAST_YEAR`]. Times of day are ignored: what is in a calendar
//! of holidays is a day off.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use icalendar::rrule::{RRule, Tz, Unvalidated};
use icalendar::{Calendar, CalendarDateTime, Component, DatePerhapsTime, Event};

use super::error::ConfigError;
use super::value::Value;

/// A recurring holiday is followed to the end of this year.
const LAST_YEAR: i32 = 2099;

/// Days of one event at the most: more is a mistake, or a file that means harm.
const MOST: u16 = 20_000;

/// No honest calendar of holidays is larger.
const LARGEST: u64 = 4 * 1024 * 1024;

/// The days in the file that a value names.
pub(super) fn read(value: &Value<'_>) -> Result<BTreeSet<NaiveDate>, ConfigError> {
    let path = value.path()?;
    let allowed = "an iCalendar file (.ics) of holidays";
    let error = |why: String| value.error(format!("{}: {why}", path.display()), allowed);
    // A device has no size, and no end.
    let mut text = String::new();
    let read = File::open(&path)
        .and_then(|file| file.take(LARGEST.saturating_add(1)).read_to_string(&mut text))
        .map_err(|e| error(format!("cannot be read: {e}")))?;
    if read as u64 > LARGEST {
        return Err(error("is larger than 4 MiB".to_owned()));
    }
    days_of(&text).map_err(error)
}

/// The days that a calendar's events touch.
fn days_of(text: &str) -> Result<BTreeSet<NaiveDate>, String> {
    let calendar: Calendar = text.parse().map_err(|_| "is no iCalendar file".to_owned())?;
    let mut days = BTreeSet::new();
    for event in calendar.events() {
        let named = || format!("the event {:?}", event.get_summary().unwrap_or("without a name"));
        let first = event.get_start().map(|start| day_of(&start));
        let first = first.ok_or_else(|| format!("{} has no beginning", named()))?;
        let length = length(event, first);
        for begins in beginnings(event, first).map_err(|why| format!("{}: {why}", named()))? {
            days.extend(begins.iter_days().take(length));
        }
    }
    if days.is_empty() {
        return Err("has no event".to_owned());
    }
    Ok(days)
}

fn day_of(time: &DatePerhapsTime) -> NaiveDate {
    match time {
        DatePerhapsTime::Date(day) => *day,
        DatePerhapsTime::DateTime(CalendarDateTime::Floating(time)) => time.date(),
        DatePerhapsTime::DateTime(CalendarDateTime::Utc(time)) => time.date_naive(),
        DatePerhapsTime::DateTime(CalendarDateTime::WithTimezone { date_time, .. }) => {
            date_time.date()
        }
    }
}

/// How many days an event touches. Its end is the first moment after it (RFC 5545 section 3.6.1), so
/// a day that ends at midnight is one day.
fn length(event: &Event, first: NaiveDate) -> usize {
    let last = event.get_end().map_or(first, |end| {
        let ends_with_day = match &end {
            DatePerhapsTime::Date(_) => true,
            DatePerhapsTime::DateTime(time) => time_of(time) == NaiveTime::MIN,
        };
        let day = day_of(&end);
        if ends_with_day { day.pred_opt().unwrap_or(day) } else { day }
    });
    let days = last.signed_duration_since(first).max(TimeDelta::zero()).num_days();
    usize::try_from(days).unwrap_or(0).min(usize::from(MOST)).saturating_add(1)
}

fn time_of(time: &CalendarDateTime) -> NaiveTime {
    match time {
        CalendarDateTime::Floating(time) => time.time(),
        CalendarDateTime::Utc(time) => time.time(),
        CalendarDateTime::WithTimezone { date_time, .. } => date_time.time(),
    }
}

/// The days on which an event begins, as often as it recurs.
fn beginnings(event: &Event, first: NaiveDate) -> Result<BTreeSet<NaiveDate>, String> {
    let mut days: BTreeSet<NaiveDate> = match event.property_value("RRULE") {
        None => [first].into(),
        Some(rule) => recurring(rule, first)?,
    };
    days.extend(listed(event, "RDATE"));
    for day in listed(event, "EXDATE") {
        days.remove(&day);
    }
    Ok(days)
}

/// The days that a property lists.
fn listed(event: &Event, property: &str) -> Vec<NaiveDate> {
    let many = event.multi_properties().get(property).into_iter().flatten();
    let all = event.properties().get(property).into_iter().chain(many);
    all.flat_map(|property| property.value().split(',').filter_map(date)).collect()
}

/// The date in a date or a date with a time: `20261225`, `20261225T000000Z`.
fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text.trim().get(..8)?, "%Y%m%d").ok()
}

/// The days of a rule. All of it is computed in UTC, where every day has its midnight: the rule's
/// end is therefore taken out of its text and put back as a day.
fn recurring(rule: &str, first: NaiveDate) -> Result<BTreeSet<NaiveDate>, String> {
    let (ends, parts): (Vec<&str>, Vec<&str>) =
        rule.split(';').partition(|part| part.to_uppercase().starts_with("UNTIL="));
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc().with_timezone(&Tz::UTC);
    let wrong = |error: &dyn std::fmt::Display| {
        format!("{rule:?} is no rule that can be followed: {error}")
    };
    let mut read: RRule<Unvalidated> = parts.join(";").parse().map_err(|error| wrong(&error))?;
    if let Some(end) = ends.first() {
        let day = end.split_once('=').and_then(|(_, day)| date(day));
        read = read.until(midnight(day.ok_or_else(|| wrong(&"its UNTIL is no day"))?));
    }
    let set = read.build(midnight(first)).map_err(|error| wrong(&error))?;
    let last = NaiveDate::from_ymd_opt(LAST_YEAR, 12, 31).unwrap_or(NaiveDate::MAX);
    let days = set.before(midnight(last)).all(MOST);
    if days.limited {
        return Err(wrong(&"it never comes to an end"));
    }
    Ok(days.dates.iter().map(chrono::DateTime::date_naive).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(events: &str) -> Result<Vec<String>, String> {
        let text = format!("BEGIN:VCALENDAR\nVERSION:2.0\n{events}\nEND:VCALENDAR\n");
        let days = days_of(&text.replace('\n', "\r\n"))?;
        assert_eq!(days_of(&text), Ok(days.clone()), "line ends make a difference");
        Ok(days.iter().map(NaiveDate::to_string).collect())
    }

    fn event(lines: &str) -> String {
        format!("BEGIN:VEVENT\nUID:1\nSUMMARY:A day off\n{lines}\nEND:VEVENT")
    }

    #[test]
    fn a_day_a_run_of_days_and_a_day_with_hours_are_the_days_that_they_touch() {
        for (lines, expected) in [
            ("DTSTART;VALUE=DATE:20261208", vec!["2026-12-08"]),
            ("DTSTART;VALUE=DATE:20261208\nDTEND;VALUE=DATE:20261209", vec!["2026-12-08"]),
            (
                "DTSTART;VALUE=DATE:20261231\nDTEND;VALUE=DATE:20270102",
                vec!["2026-12-31", "2027-01-01"],
            ),
            ("DTSTART:20261208T090000Z\nDTEND:20261208T170000Z", vec!["2026-12-08"]),
            (
                "DTSTART;TZID=Europe/Madrid:20261208T000000\nDTEND;TZID=Europe/Madrid:20261209T000000",
                vec!["2026-12-08"],
            ),
        ] {
            assert_eq!(days(&event(lines)).unwrap(), expected, "{lines}");
        }
    }

    #[test]
    fn what_recurs_is_followed_with_its_exceptions() {
        let yearly = days(&event("DTSTART;VALUE=DATE:20241225\nRRULE:FREQ=YEARLY")).unwrap();
        assert_eq!(yearly.len(), 76);
        assert_eq!(yearly.last().unwrap(), "2099-12-25");
        let leap = days(&event("DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY;COUNT=3")).unwrap();
        assert_eq!(leap, ["2024-02-29", "2028-02-29", "2032-02-29"]);
        let ends = "DTSTART;VALUE=DATE:20260501\nRRULE:FREQ=YEARLY;UNTIL=20280501\n\
                    EXDATE;VALUE=DATE:20270501\nRDATE;VALUE=DATE:20270503";
        assert_eq!(days(&event(ends)).unwrap(), ["2026-05-01", "2027-05-03", "2028-05-01"]);
        // The last Thursday of November, with the day after it.
        let thanks = "DTSTART;VALUE=DATE:20261126\nDTEND;VALUE=DATE:20261128\n\
                      RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=2";
        let expected = ["2026-11-26", "2026-11-27", "2027-11-25", "2027-11-26"];
        assert_eq!(days(&event(thanks)).unwrap(), expected);
    }

    #[test]
    fn what_is_no_calendar_of_holidays_is_refused_and_nothing_panics() {
        for (text, part) in [
            ("", "has no event"),
            (&event("DTSTART:soon"), "\"A day off\" has no beginning"),
            (&event("DTSTART;VALUE=DATE:20261208\nRRULE:FREQ=NEVER"), "no rule"),
            (&event("DTSTART;VALUE=DATE:20261208\nRRULE:FREQ=SECONDLY"), "never comes to an end"),
        ] {
            let error = days(text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        assert_eq!(days_of("holidays: all of them").unwrap_err(), "is no iCalendar file");
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,200}", lines in "[A-Z0-9:;=,\\n-]{0,200}") {
            let _ = days_of(&text);
            let _ = days(&event(&lines));
        }
    }
}
