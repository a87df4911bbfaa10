//! From what a clock on a wall shows to the moment at which it shows it.

use chrono::{DateTime, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

use crate::domain::Timestamp;

/// The moment at which the clocks of a zone show `local`. A time that they skip is the first moment
/// after the gap, a time that they show twice is the first of the two: so a later time on the wall
/// is never an earlier moment.
pub fn moment(local: NaiveDateTime, zone: Tz) -> Timestamp {
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => at.with_timezone(&Utc),
        MappedLocalTime::None => GapInfo::new(&local, &zone)
            .and_then(|gap| gap.end)
            .map_or(local.and_utc(), |end: DateTime<Tz>| end.with_timezone(&Utc)),
    }
}

/// The moment at which a day begins in a zone.
pub fn start_of_day(day: NaiveDate, zone: Tz) -> Timestamp {
    moment(day.and_time(NaiveTime::MIN), zone)
}
