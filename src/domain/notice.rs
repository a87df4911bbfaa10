//! What a maintainer is told at once: a mail came into a case, or a mail of ours came back.
//!
//! Promises: unless the project configured it otherwise, nothing here is a report's text: the fields
//! that may hold some are `None` or empty then (invariant 8).

use serde::Serialize;

use super::case_id::CaseId;
use super::digest::Clock;

/// The facts of a notice.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Notice {
    /// The project's name.
    pub project: String,
    /// The reader's handle.
    pub reader: String,
    /// The case.
    pub case: CaseId,
    /// Its subject, or words in its place: always the same for a case, so that its mails are one
    /// thread.
    pub subject: String,
    /// What happened.
    pub news: News,
    /// The same, and who did it, in a few words.
    pub headline: String,
    /// Where the case stands.
    pub state: &'static str,
    /// How long ago the report arrived: `3 d old`.
    pub age: String,
    /// The clocks that run, in the reader's zone.
    pub clocks: Vec<Clock>,
    /// Who handles the case: `you`, a handle, `nobody yet`.
    pub handler: String,
    /// Whether its sender can be believed, where somebody looked; and what is odd about the name.
    pub sender: Vec<String>,
    /// What was noticed in the report.
    pub suggestions: Vec<String>,
    /// Files of the mail, and what they come to: `2 files, 34 kB`.
    pub files: Option<String>,
    /// Whom the mail names as its readers and who is not on the case.
    pub strangers: Vec<String>,
    /// What the mail says, quoted line by line.
    pub text: Option<String>,
    /// Whether there is more of the text than is quoted.
    pub is_cut: bool,
    /// Files that go with it.
    #[serde(skip)]
    pub enclosed: Vec<Enclosed>,
    /// Whether there are no more notices for now: too many came.
    pub is_last: bool,
    /// What can be done, as commands to be copied.
    pub commands: Vec<String>,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum News {
    /// A report is in.
    New,
    /// Somebody wrote into a case.
    FollowUp,
    /// A mail of ours to the reporter did not arrive.
    Undelivered,
}

/// A file that goes with a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosed {
    /// A name that no program is started for.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}
