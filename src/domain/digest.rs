//! A maintainer's daily work queue, in words and in order, before it has a form.
//!
//! Promises (invariant 8): case numbers, ages, clocks, handlers and subjects, never a word of a
//! report's text and no address of a reporter. Every text is fit to be shown on one line.

use chrono::NaiveDate;
use serde::Serialize;

/// The content of one digest for one reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Digest {
    /// The project's name.
    pub project: String,
    /// The reader's handle.
    pub reader: String,
    /// The day it is for, in the digest's zone.
    pub day: NaiveDate,
    /// The day as a subject shows it: `23 Nov`.
    pub short_day: String,
    /// The moment it was made: `Monday, 23 November 2026, 08:00 CET`.
    pub made: String,
    /// The work in a few words: `2 overdue, 3 new`.
    pub headline: String,
    /// The work, most urgent first. No section is empty.
    pub sections: Vec<Section>,
    /// Machines' mail that was set aside, as one line of counts.
    pub set_aside: Option<String>,
}

/// Lines that call for the same kind of attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Which attention.
    pub heading: Heading,
    /// Its title for a reader.
    pub title: String,
    /// What to do about its lines, where that is the same for all.
    pub advice: Option<String>,
    /// The lines: the reader's own cases first, then by urgency.
    pub lines: Vec<Line>,
}

/// The sections of a digest, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Heading {
    /// A promise is broken.
    Overdue,
    /// A promise falls due within a day.
    DueSoon,
    /// Arrived since the last digest.
    New,
    /// Open, with time left.
    Waiting,
    /// Sent back; a person can overrule it.
    SentBack,
    /// Could not be read.
    Quarantined,
    /// Mail of ours that did not arrive.
    Undelivered,
    /// New mail in known cases.
    FollowUps,
}

/// One case, or one mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// `EMB-2026-0001`, or `mail 12` where there is no case.
    pub number: String,
    /// The subject, or what else the line is about.
    pub subject: String,
    /// How long ago it began: `3 d`.
    pub age: String,
    /// The promise that runs out next.
    pub clock: Option<Clock>,
    /// Who handles the case: `you`, a handle, or nobody yet.
    pub handler: Option<String>,
    /// Why it is here, where the heading does not say it all: a rule, a server's words.
    pub why: Option<String>,
    /// The command that acts on it.
    pub command: Option<String>,
}

/// A promise and the time left to keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// What is promised: `respond`.
    pub promise: &'static str,
    /// `respond in 5 h`, `overdue by 2 d`.
    pub words: String,
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
