//! What a maintainer is told after a mail with commands: what was done, what went to the reporter, or
//! why nothing was.
//!
//! Promises: of a mail that is not believed nothing is repeated but the address that it names.

use serde::Serialize;

use super::case_id::CaseId;

/// The facts of a confirmation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Confirmation {
    /// The project's name.
    pub project: String,
    /// The reader's handle.
    pub reader: String,
    /// The case of the mail that was answered; `None` where that was about many.
    pub case: Option<CaseId>,
    /// The subject of that case, or words in its place.
    pub subject: Option<String>,
    /// What came of it, in a few words.
    pub headline: String,
    /// Why nothing was done.
    pub refused: Option<Refused>,
    /// What was done, a command each.
    pub done: Vec<Done>,
    /// The cases that changed, as they stand after it.
    pub cases: Vec<Standing>,
    /// What was written to people outside.
    pub sent: Vec<Sent>,
    /// What else to know.
    pub remarks: Vec<String>,
    /// The commands that there are.
    pub help: Vec<Form>,
}

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The line in whose way it stood, where it was one.
    pub line: Option<String>,
    /// Why.
    pub why: String,
    /// The mail, where it is not believed to be the reader's.
    pub doubted: Option<Doubted>,
}

/// A mail that is not believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doubted {
    /// When it came.
    pub at: String,
    /// The address that it says it is from.
    pub from: String,
    /// How to go on for whoever did write it.
    pub way: String,
}

/// A command that was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Its line.
    pub line: String,
    /// What happened, each with its case.
    pub events: Vec<String>,
}

/// Where a case stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The case.
    pub case: CaseId,
    /// Its state.
    pub state: &'static str,
    /// Who handles it.
    pub handler: Option<String>,
}

/// A letter that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// Who gets it: `the reporter of EMB-2026-0001`.
    pub to: String,
    /// Whether it stays here, since embargod only observes.
    pub held: bool,
    /// Its subject.
    pub subject: String,
    /// Its text, quoted line by line.
    pub text: String,
}

/// The form of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Form {
    /// How it is written.
    pub usage: &'static str,
    /// What it does.
    pub does: &'static str,
}
