//! Reminders to the people who handle cases: which have been given, and what one says.
//!
//! Promises (invariant 8): a reminder shows what a digest may show, and nothing more.

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::case::Case;
use super::case_id::CaseId;
use super::digest::Clock;
use super::due::Due;

/// How far a clock has run, of the points at which people are reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Half of the promised time is left, or less.
    Half,
    /// A fifth is left, or less.
    FourFifths,
    /// Nothing is left.
    Deadline,
}

/// Up to where people were reminded of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminded {
    /// Which clock.
    pub due: Due,
    /// Its deadline then: a clock that was moved starts over.
    pub deadline: Timestamp,
    /// The last point of it that was dealt with; `None` where it was only seen to have moved.
    pub stage: Option<Stage>,
}

/// A case whose clocks are looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    /// The case.
    pub case: Case,
    /// What people were reminded of before.
    pub reminded: Vec<Reminded>,
}

/// What a look at the clocks of a case came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Which case.
    pub case: CaseId,
    /// What people are now reminded of.
    pub reminded: Vec<Reminded>,
    /// When its clocks are to be looked at again; `None`: when it changes.
    pub next: Option<Timestamp>,
}

/// What a person is reminded of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reminder {
    /// The project's name.
    pub project: String,
    /// The reader's handle.
    pub reader: String,
    /// What it is about, in a few words.
    pub headline: String,
    /// The clocks, the most urgent first. Never empty.
    pub lines: Vec<Line>,
    /// How many more there are than are shown.
    pub more: usize,
}

impl Reminder {
    /// The case, where it is about one alone.
    pub fn case(&self) -> Option<CaseId> {
        let mut cases = self.lines.iter().map(|line| line.case);
        let first = cases.next()?;
        (self.more == 0 && cases.all(|case| case == first)).then_some(first)
    }
}

/// One clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The case.
    pub case: CaseId,
    /// Its subject, or words in its place.
    pub subject: String,
    /// The promise, with the time left in the reader's zone.
    pub clock: Clock,
    /// How far it has run: `half of the time is left`.
    pub stage: &'static str,
    /// Who handles the case: `you`, a handle, `nobody yet`; with the end of an absence.
    pub handler: String,
    /// What meets the promise.
    pub commands: Vec<String>,
}
