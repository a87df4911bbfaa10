//! Which promise of a case runs out next, and how that is said.

use chrono::{Datelike, TimeDelta};
use chrono_tz::Tz;

use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::digest::{Clock, Urgency};
use crate::domain::due::Running;
use crate::policy::clocks;

/// What is to be seen to first of a case: what the law wants before what was promised.
pub fn next_promise(case: &Case) -> Option<(&'static str, Timestamp)> {
    clocks::running(case).first().map(named)
}

/// The promise to the reporter that runs out first.
pub(super) fn promise(case: &Case) -> Option<Running> {
    clocks::promises(case).first().copied()
}

/// The next report to the authorities.
pub fn next_duty(case: &Case) -> Option<(&'static str, Timestamp)> {
    clocks::duties(case).first().map(named)
}

fn named(running: &Running) -> (&'static str, Timestamp) {
    (running.due.words(), running.deadline)
}

/// Until when nothing is published of a case that is not disclosed yet: as planned, or as promised.
pub(super) fn embargo(case: &Case) -> Option<Timestamp> {
    case.embargo_until.or(case.disclose_by).filter(|_| case.disclosed_at.is_none())
}

/// A promise as a digest shows it.
pub fn clock(promise: &'static str, deadline: Timestamp, now: Timestamp, zone: Tz) -> Clock {
    let left = deadline.signed_duration_since(now);
    let (words, urgency) = if left < TimeDelta::zero() {
        (format!("overdue by {}", length(left)), Urgency::Overdue)
    } else if left < TimeDelta::minutes(1) {
        (format!("{promise} now"), Urgency::Soon)
    } else if left <= TimeDelta::hours(24) {
        (format!("{promise} in {}", length(left)), Urgency::Soon)
    } else {
        (format!("{promise} in {}", length(left)), Urgency::Later)
    };
    Clock { promise, words, deadline, at: moment(deadline, now, zone), urgency }
}

/// A moment near now, on the clocks of a zone: `Tue 24 Nov, 09:00`, and the year if it is another.
pub fn moment(at: Timestamp, now: Timestamp, zone: Tz) -> String {
    let (at, now) = (at.with_timezone(&zone), now.with_timezone(&zone));
    let form = if at.year() == now.year() { "%a %-d %b, %H:%M" } else { "%a %-d %b %Y, %H:%M" };
    at.format(form).to_string()
}

/// A day near now in a zone: `Wed 6 Jan`, and the year if it is another.
pub fn day(at: Timestamp, now: Timestamp, zone: Tz) -> String {
    let (at, now) = (at.with_timezone(&zone), now.with_timezone(&zone));
    let form = if at.year() == now.year() { "%a %-d %b" } else { "%a %-d %b %Y" };
    at.format(form).to_string()
}

/// A length of time, by the unit that a person would use; its sign does not matter.
pub fn length(time: TimeDelta) -> String {
    let minutes = time.num_minutes().saturating_abs();
    match minutes {
        0..90 => format!("{minutes} min"),
        90..2880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_said_in_the_unit_that_a_person_would_use() {
        for (time, words) in [
            (TimeDelta::seconds(20), "0 min"),
            (TimeDelta::minutes(-89), "89 min"),
            (TimeDelta::minutes(90), "1 h"),
            (TimeDelta::hours(47), "47 h"),
            (TimeDelta::hours(48), "2 d"),
            (TimeDelta::days(400), "400 d"),
        ] {
            assert_eq!(length(time), words);
        }
    }
}
