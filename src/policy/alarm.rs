//! When embargod's own silence is an alarm.
//!
//! Promises: pure; says each thing that is wrong once, with what to do about it, and nothing of
//! anybody's mail.

use std::fmt;

use chrono::TimeDelta;

use crate::domain::Timestamp;
use crate::domain::vitals::Vitals;

/// How long what may last before it is an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// That the inbox was not read to its end.
    pub stale_after: TimeDelta,
    /// That a mail waits to be sent.
    pub outbox_after: TimeDelta,
    /// That a canary is on its way.
    pub canary_within: TimeDelta,
}

impl Default for Bounds {
    fn default() -> Self {
        // An inbox is looked at every five minutes at the least; a server that defers a mail at
        // first (greylisting) takes it within the hour.
        Self {
            stale_after: TimeDelta::minutes(30),
            outbox_after: TimeDelta::hours(4),
            canary_within: TimeDelta::hours(1),
        }
    }
}

/// Something that is wrong with embargod's work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// No daemon is at work.
    NotRunning,
    /// The inbox was not read for too long.
    Stale {
        /// When it last was, if ever.
        looked_at: Option<Timestamp>,
    },
    /// Mail is not sent.
    Outbox {
        /// How many mails wait.
        waiting: u64,
        /// Since when the first of them does.
        since: Timestamp,
    },
    /// A digest did not reach its reader.
    Digest {
        /// Whose.
        handle: String,
        /// When it was given up.
        at: Timestamp,
    },
    /// The mail that embargod wrote to the project did not come in.
    Canary {
        /// When it was written.
        since: Timestamp,
    },
}

impl Problem {
    /// Every name of a kind of problem.
    pub const NAMES: [&'static str; 5] =
        ["not-running", "stale-inbox", "full-outbox", "lost-digest", "lost-canary"];

    /// Its name in JSON and in metrics.
    pub fn name(&self) -> &'static str {
        let [not_running, stale, outbox, digest, canary] = Self::NAMES;
        match self {
            Self::NotRunning => not_running,
            Self::Stale { .. } => stale,
            Self::Outbox { .. } => outbox,
            Self::Digest { .. } => digest,
            Self::Canary { .. } => canary,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRunning => f.write_str("embargod does not run: start it"),
            Self::Stale { looked_at: Some(at) } => write!(
                f,
                "the inbox was last read to its end at {}: `embargod check` says what is in the way",
                shown(*at)
            ),
            Self::Stale { looked_at: None } => f.write_str(
                "the inbox was never read to its end: `embargod check` says what is in the way",
            ),
            Self::Outbox { waiting: 1, since } => write!(
                f,
                "a mail waits to be sent since {}: `embargod check` says what is in the way",
                shown(*since)
            ),
            Self::Outbox { waiting, since } => write!(
                f,
                "{waiting} mails wait to be sent, the first since {}: `embargod check` says what is \
                 in the way",
                shown(*since)
            ),
            Self::Digest { handle, at } => write!(
                f,
                "the digest for {handle} was given up at {}: see the address in [[maintainers]], and \
                 read it with `embargod digest --for {handle}`",
                shown(*at)
            ),
            Self::Canary { since } => write!(
                f,
                "the canary written at {} did not come back: a mail to the project may not come in; \
                 write one yourself, and see `canary_every` in [alarm]",
                shown(*since)
            ),
        }
    }
}

fn shown(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// What is wrong with the work of a daemon that runs.
pub fn problems(vitals: &Vitals, bounds: &Bounds, now: Timestamp) -> Vec<Problem> {
    let mut found = Vec::new();
    let longer = |since: Timestamp, than: TimeDelta| now.signed_duration_since(since) > than;
    // A daemon that has just begun is not late yet.
    let quiet_since = vitals.looked_at.max(vitals.since);
    if quiet_since.is_some_and(|since| longer(since, bounds.stale_after)) {
        found.push(Problem::Stale { looked_at: vitals.looked_at });
    }
    if let Some(since) = vitals.waits_since.filter(|since| longer(*since, bounds.outbox_after)) {
        found.push(Problem::Outbox { waiting: vitals.waiting, since });
    }
    let lost = vitals.digests_lost.iter();
    found.extend(lost.map(|(handle, at)| Problem::Digest { handle: handle.clone(), at: *at }));
    // One that came back while nobody looked is given its time to be taken in.
    if let Some(since) = vitals.canary_out
        && longer(since.max(vitals.since.unwrap_or(since)), bounds.canary_within)
    {
        found.push(Problem::Canary { since });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(n: i64) -> Timestamp {
        Timestamp::from_timestamp(1_795_000_000 + n * 60, 0).unwrap()
    }

    fn names(vitals: &Vitals, at: i64) -> Vec<&'static str> {
        problems(vitals, &Bounds::default(), minute(at)).iter().map(Problem::name).collect()
    }

    #[test]
    fn an_inbox_that_is_not_read_is_an_alarm_after_half_an_hour() {
        let vitals =
            Vitals { since: Some(minute(0)), looked_at: Some(minute(9)), ..Vitals::default() };
        assert!(names(&vitals, 39).is_empty());
        assert_eq!(names(&vitals, 40), ["stale-inbox"]);
        // A restart is given its time.
        let vitals = Vitals { since: Some(minute(40)), ..vitals };
        assert!(names(&vitals, 70).is_empty());
        assert_eq!(names(&vitals, 71), ["stale-inbox"]);
    }

    #[test]
    fn a_canary_that_does_not_come_back_is_an_alarm_after_an_hour_of_work() {
        let out = Vitals { canary_out: Some(minute(0)), ..Vitals::default() };
        assert!(names(&out, 60).is_empty());
        assert_eq!(names(&out, 61), ["lost-canary"]);
        let restarted = Vitals { looked_at: Some(minute(150)), since: Some(minute(100)), ..out };
        assert!(names(&restarted, 160).is_empty());
        assert_eq!(names(&restarted, 161), ["lost-canary"]);
    }

    #[test]
    fn mail_that_waits_for_long_and_digests_given_up_are_alarms() {
        let vitals = Vitals {
            since: Some(minute(500)),
            waiting: 3,
            waits_since: Some(minute(0)),
            digests_lost: vec![("ada".to_owned(), minute(100))],
            ..Vitals::default()
        };
        assert_eq!(names(&vitals, 241), ["full-outbox", "lost-digest"]);
        assert_eq!(names(&Vitals { waits_since: None, ..vitals }, 241), ["lost-digest"]);
    }
}
