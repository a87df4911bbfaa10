//! Which promise of a case runs out next, and how that is said.

use chrono::{Datelike, TimeDelta};
use chrono_tz::Tz;

use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::digest::{Clock, Urgency};
use crate::domain::exploited::{Duty, Report};
use crate::domain::state::State;

/// What runs out first of a case: what the law wants before what was promised.
pub fn next_promise(case: &Case) -> Option<(&'static str, Timestamp)> {
    let promised = || promise(case).map(|(promise, by)| (promise.name(), by));
    next_duty(case).or_else(promised)
}

/// A promise to the reporter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Promise {
    Acknowledge,
    Respond,
    Update,
    Disclose,
}

impl Promise {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Respond => "respond",
            Self::Update => "update reporter",
            Self::Disclose => "disclose",
        }
    }
}

/// The promise to the reporter that runs out first. Promises stand still while an answer of the
/// reporter is waited for.
pub(super) fn promise(case: &Case) -> Option<(Promise, Timestamp)> {
    let unless = |kept: bool, deadline: Option<Timestamp>| deadline.filter(|_| !kept);
    let stands_still = matches!(case.state, State::Returned | State::Closed);
    [
        (Promise::Acknowledge, unless(case.acknowledged_at.is_some(), case.acknowledge_by)),
        (Promise::Respond, unless(case.responded_at.is_some(), case.respond_by)),
        (Promise::Update, case.next_update_by),
        (Promise::Disclose, unless(case.disclosed_at.is_some(), case.disclose_by)),
        (Promise::Disclose, embargo(case)),
    ]
    .into_iter()
    .filter_map(|(promise, deadline)| Some((promise, deadline?)))
    .min_by_key(|(_, deadline)| *deadline)
    .filter(|_| !stands_still && case.awaiting.is_none())
}

/// The next report to the authorities: it waits for no state and nobody's answer.
pub fn next_duty(case: &Case) -> Option<(&'static str, Timestamp)> {
    let due = duties(case).filter_map(|duty| Some((words(duty.report), duty.by?)));
    due.min_by_key(|(_, by)| *by)
}

/// The reports to the authorities that are still to be made, due or not.
pub(super) fn duties(case: &Case) -> impl Iterator<Item = Duty> {
    let duties = case.exploited.as_ref().map(|known| known.duties(case.fix_out_at()));
    duties.into_iter().flatten().filter(|duty| duty.made_at.is_none())
}

fn words(report: Report) -> &'static str {
    match report {
        Report::EarlyWarning => "early warning",
        Report::Notification => "notification",
        Report::FinalReport => "final report",
    }
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
