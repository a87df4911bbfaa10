//! A maintainer's daily work queue, in words and in order, before it has a form.
//!
//! Promises (invariant 8): case numbers, ages, clocks, handlers and subjects, never a word of a
//! report's text and no address of a reporter. Every text is fit to be shown on one line.

use chrono::NaiveDate;
use serde::Serialize;

use super::Timestamp;

/// The content of one digest for one reader.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Digest {
    /// The project's name.
    pub project: String,
    /// The reader's handle.
    pub reader: String,
    /// The moment it was made.
    pub at: Timestamp,
    /// The day it is for, in the reader's zone.
    pub day: NaiveDate,
    /// The day as a subject shows it: `23 Nov`.
    pub short_day: String,
    /// The moment it was made, in words: `Monday, 23 November 2026, 08:00 CET`.
    pub made: String,
    /// The work in a few words: `2 overdue, 3 new`.
    pub headline: String,
    /// The work, most urgent first. No section is empty.
    pub sections: Vec<Section>,
    /// Machines' mail that was set aside, as one line of counts.
    pub set_aside: Option<String>,
    /// How many open cases were taken in without an answer: over a cap, or of a doubtful sender.
    pub unanswered: usize,
    /// How well the promises were kept, on the day of the week when that is told.
    pub figures: Option<Figures>,
}

/// How well the promises were kept, and how much work there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Both answers, over a week and over a quarter of a year.
    pub answers: Vec<AnswerFigures>,
    /// What came and went in the week: `5 new, 3 closed, 2 sent back`.
    pub flow: String,
    /// The open cases by age, the youngest first.
    pub open: Vec<Bar>,
    /// The open cases by handler, the most first.
    pub load: Vec<Bar>,
}

/// How soon an answer came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnswerFigures {
    /// Which answer: `Acknowledgement`.
    pub answer: &'static str,
    /// Over which time: `7 days`.
    pub period: &'static str,
    /// Half of them took no longer: `2 h`. `None` where there was none.
    pub median: Option<String>,
    /// Nine tenths of them took no longer: `20 h`.
    pub ninetieth: Option<String>,
    /// Of a hundred promises that were kept or broken, how many were kept.
    pub kept: Option<u32>,
    /// Of how many that is: `11 of 12`.
    pub of: String,
}

/// A number that is shown as a bar beside others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bar {
    /// What is counted: `2 to 6 days`.
    pub label: String,
    /// How many.
    pub count: u32,
    /// How long the bar is, in hundredths of the longest.
    pub length: u32,
}

/// Lines that call for the same kind of attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Which attention.
    pub heading: Heading,
    /// Its title for a reader: `Overdue`.
    pub title: String,
    /// How many there are: `2 overdue`.
    pub counted: String,
    /// How many there are, shown or not.
    pub count: usize,
    /// What to do about its lines, where that is the same for all.
    pub advice: Option<String>,
    /// The lines: the reader's own cases first, then by urgency. At most as many as are read.
    pub lines: Vec<Line>,
    /// What was cut, and where to see it.
    pub more: Option<More>,
}

/// Lines that a section leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct More {
    /// How many.
    pub count: usize,
    /// The command that shows them.
    pub command: &'static str,
}

/// The sections of a digest, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Heading {
    /// A clock that the law set runs.
    Legal,
    /// A promise is broken.
    Overdue,
    /// A promise falls due within a day.
    DueSoon,
    /// Arrived since the last digest.
    New,
    /// Open, with time left, and the next step is the project's.
    WaitingForUs,
    /// The reporter was asked something.
    WaitingForReporter,
    /// Sent back; a person can overrule it.
    SentBack,
    /// Could not be read.
    Quarantined,
    /// Mail of ours that did not arrive, or was held back.
    Undelivered,
    /// An embargo ends within two weeks.
    EmbargoEnding,
    /// New mail in known cases.
    FollowUps,
    /// Ended since the last digest.
    Closed,
}

/// One case, or one mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// `EMB-2026-0001`, or `mail 12` where there is no case.
    pub number: String,
    /// The subject, or what else the line is about.
    pub subject: String,
    /// When it began.
    pub since: Timestamp,
    /// How long ago that is: `3 d old`, `5 h ago`.
    pub age: String,
    /// The promise that runs out next.
    pub clock: Option<Clock>,
    /// Who handles the case: `you`, a handle, or nobody yet.
    pub handler: Option<String>,
    /// Whether the reader handles the case.
    pub own: bool,
    /// Why it is here, where the heading does not say it all: a rule, a server's words.
    pub why: Option<String>,
    /// What was noticed in the report.
    pub suggestions: Vec<String>,
    /// The command that acts on it, on one line, to be copied.
    pub command: Option<String>,
}

/// A promise and the time left to keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// What is promised: `respond`.
    pub promise: &'static str,
    /// `respond in 5 h`, `overdue by 2 d`.
    pub words: String,
    /// The deadline.
    pub deadline: Timestamp,
    /// The deadline in the reader's zone: `Tue 24 Nov, 09:00`.
    pub at: String,
    /// How urgent it is.
    pub urgency: Urgency,
}

/// How urgent a promise is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// The deadline has passed.
    Overdue,
    /// Less than a day is left.
    Soon,
    /// There is time.
    Later,
}
