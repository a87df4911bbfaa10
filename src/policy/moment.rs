//! Times as people write them: an hour needs a zone to mean anything.
//!
//! Accepted are RFC 3339 (`2026-12-24T18:00Z`, `2026-12-24 18:00+01:00`), and a date and an hour,
//! alone or followed by a name of the time zone database (`2026-12-24 18:00 Europe/Madrid`). Promises:
//! an hour that the clocks of a zone skip or show twice is refused, not guessed.

use chrono::{DateTime, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::domain::Timestamp;

/// A time as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// With its distance from UTC.
    Exact(Timestamp),
    /// A day and an hour, on the clocks of a zone or of whoever reads it.
    Local(NaiveDateTime, Option<Tz>),
    /// A day without an hour.
    Day(NaiveDate),
}

/// Why a text is no time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoMoment {
    /// It is none.
    #[error("{0:?} is no time: write 2026-12-24T18:00Z, or \"2026-12-24 18:00 Europe/Madrid\"")]
    Unknown(String),
    /// A day without an hour, where the hour matters.
    #[error("{0} has no hour: write \"{0} 18:00 Europe/Madrid\" or {0}T18:00Z")]
    NoHour(NaiveDate),
    /// The zone does not exist.
    #[error("{0:?} is no name of the time zone database, such as Europe/Madrid")]
    NoZone(String),
    /// The clocks skip that hour.
    #[error("the clocks of {1} skip {0}: write another hour")]
    Skipped(NaiveDateTime, Tz),
    /// The clocks show that hour twice.
    #[error(
        "the clocks of {1} show {0} twice: write it with its distance from UTC, such as +01:00"
    )]
    Twice(NaiveDateTime, Tz),
}

impl std::str::FromStr for Moment {
    type Err = NoMoment;

    fn from_str(text: &str) -> Result<Self, NoMoment> {
        let text = text.trim();
        if let Some(at) = exact(text) {
            return Ok(Self::Exact(at));
        }
        if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return Ok(Self::Day(day));
        }
        let unknown = || NoMoment::Unknown(text.to_owned());
        let (day, rest) = text.split_once([' ', 'T']).ok_or_else(unknown)?;
        let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").map_err(|_| unknown())?;
        let (hour, zone) = match rest.trim().split_once(' ') {
            Some((hour, zone)) => (hour, Some(zone.trim())),
            None => (rest.trim(), None),
        };
        let hour = ["%H:%M", "%H:%M:%S"]
            .into_iter()
            .find_map(|form| NaiveTime::parse_from_str(hour, form).ok())
            .ok_or_else(unknown)?;
        let zone = zone
            .map(|zone| zone.parse::<Tz>().map_err(|_| NoMoment::NoZone(zone.to_owned())))
            .transpose()?;
        Ok(Self::Local(day.and_time(hour), zone))
    }
}

/// RFC 3339, with or without seconds, with a space or a `T`.
fn exact(text: &str) -> Option<Timestamp> {
    let text = match text.strip_suffix(['Z', 'z']) {
        Some(local) => format!("{local}+00:00"),
        None => text.to_owned(),
    };
    let forms =
        ["%Y-%m-%dT%H:%M:%S%:z", "%Y-%m-%dT%H:%M%:z", "%Y-%m-%d %H:%M:%S%:z", "%Y-%m-%d %H:%M%:z"];
    let read = forms.into_iter().find_map(|form| DateTime::parse_from_str(&text, form).ok())?;
    Some(read.with_timezone(&Utc))
}

impl Moment {
    /// The time that is meant by somebody whose clock hangs in `home`.
    ///
    /// # Errors
    /// [`NoMoment`] where it is a day alone, or an hour that is none or two.
    pub fn at(self, home: Tz) -> Result<Timestamp, NoMoment> {
        match self {
            Self::Exact(at) => Ok(at),
            Self::Local(local, zone) => resolved(local, zone.unwrap_or(home)),
            Self::Day(day) => Err(NoMoment::NoHour(day)),
        }
    }

    /// The same, where a day alone means its last second.
    ///
    /// # Errors
    /// [`NoMoment`] where it is an hour that is none or two.
    pub fn at_the_latest(self, home: Tz) -> Result<Timestamp, NoMoment> {
        match self {
            Self::Day(day) => {
                let last = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or(NaiveTime::MIN);
                resolved(day.and_time(last), home)
            }
            other => other.at(home),
        }
    }
}

fn resolved(local: NaiveDateTime, zone: Tz) -> Result<Timestamp, NoMoment> {
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(at) => Ok(at.with_timezone(&Utc)),
        MappedLocalTime::Ambiguous(..) => Err(NoMoment::Twice(local, zone)),
        MappedLocalTime::None => Err(NoMoment::Skipped(local, zone)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Result<String, NoMoment> {
        let home = chrono_tz::Europe::Madrid;
        text.parse::<Moment>()?.at(home).map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string())
    }

    #[test]
    fn a_time_is_read_in_the_forms_that_people_write() {
        for (text, meant) in [
            ("2026-12-24T18:00Z", "2026-12-24T18:00:00Z"),
            ("2026-12-24T18:00:30z", "2026-12-24T18:00:30Z"),
            ("2026-12-24 18:00+01:00", "2026-12-24T17:00:00Z"),
            ("2026-12-24 18:00", "2026-12-24T17:00:00Z"),
            (" 2026-12-24 18:00 America/New_York ", "2026-12-24T23:00:00Z"),
            ("2026-07-24T18:00", "2026-07-24T16:00:00Z"),
        ] {
            assert_eq!(at(text).as_deref(), Ok(meant), "{text}");
        }
    }

    #[test]
    fn an_hour_that_means_nothing_or_two_things_is_refused() {
        for (text, problem) in [
            ("2026-12-24", "has no hour"),
            ("tomorrow", "is no time"),
            ("2026-02-30 10:00", "is no time"),
            ("2026-12-24 18:00 Europe/Madird", "time zone database"),
            ("2026-03-29 02:30", "skip"),
            ("2026-10-25 02:30", "twice"),
        ] {
            let error = at(text).unwrap_err().to_string();
            assert!(error.contains(problem), "{text}: {error}");
        }
    }

    #[test]
    fn a_day_as_a_deadline_means_its_last_second() {
        let day = "2026-12-24".parse::<Moment>().unwrap();
        let at = day.at_the_latest(chrono_tz::UTC).unwrap();
        assert_eq!(at.to_string(), "2026-12-24 23:59:59 UTC");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,40}|[0-9TZ:+ -]{0,30}") {
            let _ = text.parse::<Moment>().map(|moment| moment.at(chrono_tz::UTC));
        }
    }
}
