//! Working time and the days without it: `[calendar]`, `[closed_season]`, and spans of days
//! elsewhere in the file.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;

use super::error::ConfigError;
use super::holidays;
use super::section::Section;
use super::value::Value;
use crate::domain::Timestamp;
use crate::policy::calendar::{Business, Days, Holidays, Hours, WorkingDay, Yearly, start_of_day};
use crate::policy::season::ClosedSeason;

/// The calendar of working time, whether or not a promise is counted by it.
pub(super) struct Working {
    /// Where its clocks hang, and on which days of the file begin.
    pub(super) zone: Tz,
    /// The calendar.
    pub(super) calendar: Arc<Business>,
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("Monday", Weekday::Mon),
    ("Tuesday", Weekday::Tue),
    ("Wednesday", Weekday::Wed),
    ("Thursday", Weekday::Thu),
    ("Friday", Weekday::Fri),
    ("Saturday", Weekday::Sat),
    ("Sunday", Weekday::Sun),
];

const HOURS: &str = "hours such as [\"09:00-17:00\"] or [\"09:00-13:00\", \"14:00-24:00\"]";

/// Reads `[calendar]`; `usual` is the zone where it names none.
pub(super) fn working(mut section: Section<'_>, usual: Tz) -> Result<Working, ConfigError> {
    let weekdays = section.optional("days", |value| {
        let days = value.list(|value| value.one_of(&WEEKDAYS))?;
        match days.is_empty() {
            true => Err(value.error("without days nobody ever works", "at least one day")),
            false => Ok(days),
        }
    })?;
    let usual_week = || WEEKDAYS.iter().take(5).map(|(_, weekday)| *weekday).collect();
    let day = section.optional("hours", |value| {
        WorkingDay::new(value.list(hours)?).map_err(|error| value.error(error.to_string(), HOURS))
    })?;
    let zone = section.optional("timezone", Value::time_zone)?.unwrap_or(usual);
    let mut holidays = Holidays::default();
    for holiday in section.optional("holidays", |value| value.list(holiday))?.unwrap_or_default() {
        match holiday {
            Holiday::Once(day) => drop(holidays.days.insert(day)),
            Holiday::Yearly(day) => drop(holidays.yearly.insert(day)),
        }
    }
    holidays.days.extend(section.optional("holidays_file", holidays::read)?.unwrap_or_default());
    holidays.pauses = section.optional("pauses", spans)?.unwrap_or_default();
    let weekdays: Vec<Weekday> = weekdays.unwrap_or_else(usual_week);
    let business = Business::new(zone, &weekdays, day.unwrap_or_default(), holidays);
    Ok(Working { zone, calendar: Arc::new(business) })
}

/// Reads `[closed_season]`, whose days begin and end on the clocks of `zone`.
pub(super) fn closed_season(
    mut section: Section<'_>,
    zone: Tz,
) -> Result<Option<ClosedSeason>, ConfigError> {
    if section.is_absent() {
        return Ok(None);
    }
    let (from, until) = moments(span(&mut section)?, zone);
    let message = section.optional("message", Value::paragraphs)?;
    Ok(Some(ClosedSeason { from, until, zone, message }))
}

/// The first moment of a span of days and the first after it.
pub(super) fn moments(days: Days, zone: Tz) -> (Timestamp, Timestamp) {
    let after = days.until.succ_opt().unwrap_or(days.until);
    (start_of_day(days.from, zone), start_of_day(after, zone))
}

/// Spans of days, `[{ from = 2026-12-24, until = 2027-01-06 }]`.
pub(super) fn spans(value: &Value<'_>) -> Result<Vec<Days>, ConfigError> {
    let allowed = "{ from = 2026-12-24, until = 2027-01-06 }, both days included";
    value.list(|value| span(&mut value.table(&["from", "until"], allowed)?))
}

fn span(section: &mut Section<'_>) -> Result<Days, ConfigError> {
    let from = section.required("from", Value::day)?;
    let until = section.required("until", |value| match value.day()? {
        until if until < from => Err(value.error("is before from", "a day from then on")),
        until => Ok(until),
    })?;
    Ok(Days { from, until })
}

enum Holiday {
    Once(NaiveDate),
    Yearly(Yearly),
}

/// `2026-12-08`, or `12-25` for every year.
fn holiday(value: &Value<'_>) -> Result<Holiday, ConfigError> {
    let allowed = "a day, 2026-12-08, or a day of every year, \"12-25\"";
    // A leap year, so that it has every day that any year has.
    let yearly = value.text(allowed).ok().and_then(|text| {
        let day = NaiveDate::parse_from_str(&format!("2024-{text}"), "%Y-%m-%d").ok()?;
        Some(Yearly::of(day))
    });
    match yearly {
        Some(yearly) => Ok(Holiday::Yearly(yearly)),
        None => value.day().map(Holiday::Once).map_err(|error| value.error(error.problem, allowed)),
    }
}

/// `09:00-17:00`; `24:00` is midnight at the end of the day.
fn hours(value: &Value<'_>) -> Result<Hours, ConfigError> {
    let text = value.text(HOURS)?;
    let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
    let read = text.split_once('-').and_then(|(from, until)| {
        let until = match until.trim() {
            "24:00" => None,
            until => Some(time(until)?),
        };
        Some(Hours { from: time(from)?, until })
    });
    read.ok_or_else(|| value.error(format!("{text:?} are no hours"), HOURS))
}
