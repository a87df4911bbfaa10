//! What the project promised, and by when.
//!
//! Every deadline is computed here and nowhere else, so that the one that a letter names is the one
//! that is kept. Promises: pure; a later start never gives an earlier deadline.

use chrono::TimeDelta;

use crate::domain::Timestamp;
use crate::policy::calendar::Calendar;
use crate::policy::season::ClosedSeason;

/// A promise: to do something within a length of time, counted by a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// The length, as it was promised.
    pub within: TimeDelta,
    /// Which time counts.
    pub calendar: Calendar,
}

impl Promise {
    /// A promise in time that never stands still.
    pub fn continuous(within: TimeDelta) -> Self {
        Self { within, calendar: Calendar::Continuous }
    }

    /// By when it is to be kept if its clock starts at `start`.
    pub fn by(&self, start: Timestamp) -> Timestamp {
        self.calendar.after(start, self.calendar.counted(self.within))
    }

    /// The moment at which only a part of the time that was given is left until the deadline: of the
    /// promised time, or of what there was of it when a person set the deadline at `set_at`.
    pub fn left(&self, part: Part, deadline: Timestamp, set_at: Option<Timestamp>) -> Timestamp {
        let promised = self.calendar.counted(self.within);
        let given = set_at.map(|at| self.calendar.between(at, deadline));
        let whole = given.map_or(promised, |given| given.min(promised));
        let time = TimeDelta::seconds(whole.num_seconds().checked_div(part.divisor()).unwrap_or(0));
        self.calendar.before(deadline, time)
    }

    /// Where a deadline lies after a pause: as much of the promise is left then as before it.
    pub fn resumed(&self, deadline: Timestamp, paused: Timestamp, resumed: Timestamp) -> Timestamp {
        if deadline <= paused {
            return deadline;
        }
        self.calendar.after(resumed, self.calendar.between(paused, deadline))
    }

    /// Its length as a letter says it: `14 days`, `48 hours`, `2 working days`.
    pub fn in_words(&self) -> String {
        let Calendar::Business(business) = &self.calendar else { return in_words(self.within) };
        let (time, day) = (self.calendar.counted(self.within), business.working_day());
        let days = time.num_seconds().checked_div(day.num_seconds()).unwrap_or_default();
        let whole = time.num_seconds().checked_rem(day.num_seconds()) == Some(0);
        match days {
            1 if whole => "1 working day".to_owned(),
            _ if whole => format!("{days} working days"),
            _ => format!("{} of working time", in_words(time)),
        }
    }
}

/// How much of a promised time is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A half.
    Half,
    /// A fifth.
    Fifth,
}

impl Part {
    fn divisor(self) -> i64 {
        match self {
            Self::Half => 2,
            Self::Fifth => 5,
        }
    }
}

/// The promises of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promises {
    /// From arrival to the acknowledgement.
    pub acknowledge: Promise,
    /// From the acknowledgement to a person's detailed answer.
    pub respond: Promise,
    /// Between two messages to the reporter while the case is open.
    pub update: Promise,
    /// From arrival to disclosure.
    pub disclose: Promise,
    /// How long an answer of the reporter is waited for before closing the case is suggested. Nobody's
    /// promise, and counted on the wall clock.
    pub silent_after: TimeDelta,
    /// When nobody takes reports in: a clock that would start then starts at its end.
    pub closed: Option<ClosedSeason>,
}

impl Default for Promises {
    fn default() -> Self {
        Self {
            acknowledge: Promise::continuous(TimeDelta::hours(48)),
            respond: Promise::continuous(TimeDelta::hours(48)),
            update: Promise::continuous(TimeDelta::days(14)),
            disclose: Promise::continuous(TimeDelta::days(90)),
            silent_after: TimeDelta::days(30),
            closed: None,
        }
    }
}

impl Promises {
    /// By when a report that arrived at `arrived` is to be acknowledged.
    pub fn acknowledge_by(&self, arrived: Timestamp) -> Timestamp {
        self.acknowledge.by(self.starts(arrived))
    }

    /// By when a person is to answer a report that was acknowledged at `acknowledged`.
    pub fn respond_by(&self, acknowledged: Timestamp) -> Timestamp {
        self.respond.by(self.starts(acknowledged))
    }

    /// By when a reporter who was told something at `told` is to hear more.
    pub fn update_by(&self, told: Timestamp) -> Timestamp {
        self.update.by(self.starts(told))
    }

    /// By when the problem of a report that arrived at `arrived` is to be disclosed.
    pub fn disclose_by(&self, arrived: Timestamp) -> Timestamp {
        self.disclose.by(self.starts(arrived))
    }

    /// The closed season, if a moment lies in it.
    pub fn closed_at(&self, at: Timestamp) -> Option<&ClosedSeason> {
        self.closed.as_ref().filter(|season| season.contains(at))
    }

    /// When a clock starts for what happened at `at`.
    fn starts(&self, at: Timestamp) -> Timestamp {
        self.closed.as_ref().map_or(at, |season| season.reopens(at))
    }
}

/// A length of time as a letter says it: `14 days`, `48 hours`.
pub fn in_words(length: TimeDelta) -> String {
    let plural = |n: i64, unit: &str| match n {
        1 => format!("1 {unit}"),
        _ => format!("{n} {unit}s"),
    };
    let minutes = length.num_minutes();
    match (minutes % 1440, minutes % 60) {
        (0, _) if length.num_days() > 2 => plural(length.num_days(), "day"),
        (_, 0) => plural(length.num_hours(), "hour"),
        _ => plural(minutes, "minute"),
    }
}

#[cfg(test)]
mod tests;
