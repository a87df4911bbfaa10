//! What a careful maintainer would notice in a report: advice for people, never an action.
//!
//! Promises: a [`Suggestion`] says why in words for a person. [`Suggestion::gist`] says the same
//! without a word of the reporter's, for a digest that may not show a report's text.

use serde::{Deserialize, Serialize};

/// What a suggestion is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuggestionKind {
    /// The report lacks facts that the acknowledgement asks for.
    MissingFacts,
    /// It is about a package that is not the project's.
    ThirdParty,
    /// A clause of the threat model seems to exclude it.
    OutOfScope,
    /// It carries a CVSS vector.
    Severity,
    /// It names a weakness by its CWE id.
    Weakness,
    /// It resembles another case.
    Duplicate,
    /// It seems to hold several reports.
    Split,
    /// It passes a limit of size: not all of it was read.
    ReadInPart,
}

impl SuggestionKind {
    /// Its name, as in `--json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::MissingFacts => "missing-facts",
            Self::ThirdParty => "third-party",
            Self::OutOfScope => "out-of-scope",
            Self::Severity => "severity",
            Self::Weakness => "weakness",
            Self::Duplicate => "duplicate",
            Self::Split => "split",
            Self::ReadInPart => "read-in-part",
        }
    }
}

/// One thing noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// What it is about.
    pub kind: SuggestionKind,
    /// What it points to: an exclusion's id, a package, a CVSS vector, a CWE id, a case.
    pub id: Option<String>,
    /// Why, with the sentence of the report it rests on. For maintainers only.
    pub why: String,
    /// Why, without a word of the reporter's: fit for a digest.
    pub gist: String,
}

/// The facts that a report should have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// Which version is affected.
    pub version: Finding,
    /// How to see it happen: steps or a proof of concept.
    pub steps: Finding,
    /// What an attacker gains.
    pub impact: Finding,
    /// Which part of the project is affected.
    pub component: Finding,
}

impl Facts {
    /// Each fact with what was found of it, in the order in which they are asked for.
    pub fn each(&self) -> [(Fact, &Finding); 4] {
        [
            (Fact::Version, &self.version),
            (Fact::Steps, &self.steps),
            (Fact::Impact, &self.impact),
            (Fact::Component, &self.component),
        ]
    }

    /// The facts that were not found.
    pub fn missing(&self) -> impl Iterator<Item = Fact> {
        self.each().into_iter().filter(|(_, found)| **found == Finding::NotFound).map(|(f, _)| f)
    }
}

/// A fact that a report should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// Which version is affected.
    Version,
    /// Steps or a proof of concept.
    Steps,
    /// What an attacker gains.
    Impact,
    /// Which part of the project is affected.
    Component,
}

impl Fact {
    /// What a maintainer calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Version => "affected version",
            Self::Steps => "steps or proof of concept",
            Self::Impact => "impact",
            Self::Component => "component",
        }
    }
}

/// Whether and where a fact was found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// In this place.
    Found(Excerpt),
    /// Nowhere.
    #[default]
    NotFound,
}

/// A sentence of a report and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// The line of the visible text, from 1; 0 is the subject.
    pub line: u32,
    /// The sentence, on one line, cut to a bounded length.
    pub sentence: String,
}

impl Excerpt {
    /// `line 12: “…”`, or `subject: “…”`.
    pub fn cite(&self) -> String {
        format!("{}: “{}”", self.place(), self.sentence)
    }

    /// `line 12`, or `subject`.
    pub fn place(&self) -> String {
        match self.line {
            0 => "subject".to_owned(),
            line => format!("line {line}"),
        }
    }
}
