//! What may be told of a closed case to anybody: the record that `case export --redacted` prints.
//!
//! Promises: pure; made of a list of what may be told, so that what is new in a case is not told until
//! somebody adds it here. No word of a mail, no name or address, no handle and no note of a maintainer
//! is in it. What the vulnerability is (versions, lines, the advisory's number, who is credited) is in
//! it only once it was disclosed: then all of that stands in the advisory too.

mod markdown;

use serde::Serialize;

use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::event::{Actor, Change, Event};
use crate::domain::judgement::Format;
use crate::domain::line::{Line, Repair};
use crate::domain::state::{Disposition, State};

/// A record that can be published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The case.
    pub id: CaseId,
    /// How it ended; `None` where it was imported and nobody has said.
    pub disposition: Option<Disposition>,
    /// When the report arrived.
    pub received_at: Timestamp,
    /// When the case was closed.
    pub closed_at: Timestamp,
    /// The clocks that ran out or were met.
    pub promises: Vec<Promise>,
    /// What was disclosed; `None` where nothing was.
    pub disclosed: Option<Disclosed>,
    /// What happened, oldest first.
    pub timeline: Vec<Moment>,
}

/// A promise and whether it was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Promise {
    /// What was promised.
    pub what: &'static str,
    /// By when.
    pub by: Timestamp,
    /// When it was done, if it was.
    pub done_at: Option<Timestamp>,
    /// Whether that was in time.
    pub kept: bool,
}

/// What everybody knows since the disclosure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Disclosed {
    /// When.
    pub at: Timestamp,
    /// The problem in one line, as maintainers stated it.
    pub title: Option<String>,
    /// The public number.
    pub cve: Option<String>,
    /// Affected versions.
    pub affected: Vec<String>,
    /// What became of each line of releases.
    pub releases: Vec<Release>,
    /// Who is credited, as they want to be named.
    pub credits: Vec<String>,
}

/// A line of releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Release {
    /// The line.
    pub line: String,
    /// The release with the fix, if there is one.
    pub version: Option<String>,
    /// What became of it.
    pub outcome: &'static str,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// By whom: the reporter, the project, or its policy.
    pub by: &'static str,
    /// What.
    pub what: String,
}

/// Why there is nothing to publish.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotYet {
    /// It goes on.
    #[error("{case} is {state}: only a closed case has a record to publish", state = .state.name())]
    Open {
        /// The case.
        case: CaseId,
        /// Where it stands.
        state: State,
    },
    /// Nothing of it may be known yet.
    #[error(
        "{case} is under embargo until {}: its record can be published after that", moment(.until)
    )]
    Embargo {
        /// The case.
        case: CaseId,
        /// Until when.
        until: Timestamp,
    },
}

impl Record {
    /// The record of a case.
    ///
    /// # Errors
    /// [`NotYet`], where the case is open or under embargo.
    pub fn of(case: &Case, events: &[Event], now: Timestamp) -> Result<Self, NotYet> {
        let Some(closed_at) = case.closed_at else {
            return Err(NotYet::Open { case: case.id, state: case.state });
        };
        if let Some(until) = case.embargo_until.filter(|until| *until > now) {
            return Err(NotYet::Embargo { case: case.id, until });
        }
        Ok(Self {
            id: case.id,
            disposition: case.disposition,
            received_at: case.received_at,
            closed_at,
            promises: promises(case, now),
            disclosed: case.disclosed_at.map(|at| disclosed(case, at)),
            timeline: timeline(case, events),
        })
    }
}

/// The promises that were kept, or whose time is over: of the others nobody can say yet.
fn promises(case: &Case, now: Timestamp) -> Vec<Promise> {
    let disclose_by = case.disclose_by.filter(|_| case.disclosed_at.is_some());
    let promises = [
        ("acknowledgement", case.acknowledge_by, case.acknowledged_at),
        ("detailed answer", case.respond_by, case.responded_at),
        ("disclosure", disclose_by, case.disclosed_at),
    ];
    let promise = |(what, by, done_at): (_, Option<Timestamp>, Option<Timestamp>)| {
        let by = by.filter(|by| done_at.is_some() || *by <= now)?;
        Some(Promise { what, by, done_at, kept: done_at.is_some_and(|at| at <= by) })
    };
    promises.into_iter().filter_map(promise).collect()
}

fn disclosed(case: &Case, at: Timestamp) -> Disclosed {
    let release = |line: &Line| Release {
        line: line.name.clone(),
        version: line.version().map(str::to_owned),
        outcome: match line.repair {
            Repair::NotAffected => "not affected",
            Repair::Missing | Repair::Ready { .. } => "not released",
            Repair::Released { .. } => "released",
            Repair::Refused { .. } => "no fix",
        },
    };
    Disclosed {
        at,
        title: case.advisory.title.clone(),
        cve: case.advisory.cve.clone(),
        affected: case.affected.clone(),
        releases: case.lines.iter().map(release).collect(),
        credits: case.credits.clone(),
    }
}

fn timeline(case: &Case, events: &[Event]) -> Vec<Moment> {
    let is_public = case.disclosed_at.is_some();
    let told = |event: &Event| {
        let what = words(&event.change, is_public)?;
        let by = match event.actor {
            Actor::Reporter => "reporter",
            Actor::Policy => "policy",
            Actor::Maintainer(_) | Actor::Operator(_) => "project",
        };
        Some(Moment { at: event.at, by, what })
    };
    events.iter().filter_map(told).collect()
}

/// What may be said of an event, if anything may.
fn words(change: &Change, is_public: bool) -> Option<String> {
    let of_the_problem = |words: String| is_public.then_some(words);
    let always = match change {
        Change::Opened { .. } => "the report arrived",
        Change::Imported => "imported from an archive",
        Change::Archived => "its thread ended in the archive",
        Change::Returned { format, .. } => match format {
            Format::LinkOnly => "sent back: the report was only behind a link",
            Format::AttachmentOnly => "sent back: the report was only in an attachment",
            _ => "sent back: there was no report in the body",
        },
        Change::Accepted { .. } => "taken in",
        Change::Acknowledged { .. } => "acknowledged",
        Change::Responded { .. } => "a person's answer went out",
        Change::Answered { .. } => "a person answered elsewhere",
        Change::Asked { .. } => "a question to the reporter went out; the clocks stood still",
        Change::FollowUp { .. } => "mail came in",
        Change::Undelivered { .. } => "a mail could not be delivered",
        Change::Closed { .. } => "closed",
        Change::Merged { .. } => "merged into another case",
        Change::Reopened { .. } => "opened again",
        Change::Disclosed => "the advisory was published",
        Change::Purged { .. } => "what was personal in it was erased",
        Change::Confirmed { .. } => return of_the_problem("confirmed".to_owned()),
        Change::Audited { .. } => {
            return of_the_problem("the code was searched for similar problems".to_owned());
        }
        Change::FixReady { line } => return of_the_problem(format!("{line}: the fix was ready")),
        Change::FixRefused { line, .. } => {
            return of_the_problem(format!("{line}: it was decided that there will be no fix"));
        }
        Change::LineReleased { line, version } => {
            return of_the_problem(format!("{line}: released as {version}"));
        }
        Change::Embargoed { until: Some(until) } => {
            return of_the_problem(format!("an embargo until {} was agreed on", moment(until)));
        }
        Change::Embargoed { until: None } => {
            return of_the_problem("the embargo was lifted".to_owned());
        }
        Change::Extended { disclose_by, .. } => {
            return of_the_problem(format!("disclosure was promised by {}", moment(disclose_by)));
        }
        Change::Exploited { .. } => return of_the_problem("found to be exploited".to_owned()),
        Change::ReportMade { report } => {
            return of_the_problem(format!("the {} was made to the authorities", report.name()));
        }
        Change::Preceded { .. }
        | Change::SenderChecked { .. }
        | Change::SenderDoubted { .. }
        | Change::Withheld { .. }
        | Change::Assigned { .. }
        | Change::Unassigned
        | Change::MachineMail { .. }
        | Change::Noticed { .. }
        | Change::Wrote { .. }
        | Change::Resumed { .. }
        | Change::Described { .. }
        | Change::Credited { .. }
        | Change::Absorbed { .. }
        | Change::Linked { .. }
        | Change::Followed { .. }
        | Change::Unfollowed { .. }
        | Change::CcAdded { .. }
        | Change::CcDropped { .. }
        | Change::CommandRefused { .. }
        | Change::Noted { .. }
        | Change::Held { .. } => return None,
    };
    Some(always.to_owned())
}

fn moment(at: &Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
