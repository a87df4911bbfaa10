//! What a careful maintainer would notice in a report. Suggestions only: nothing here acts.
//!
//! Relies on the visible text of a mail, on `[scope]` and `[[exclusions]]`, and on the known
//! reports that share a band with this one. The words of each language are data in the `*.toml`
//! files beside the code. Promises: total, linear in the text (of which the first
//! [`report::MOST_TEXT`] bytes are read), and bounded: at most [`MOST_SUGGESTIONS`] suggestions.

pub mod duplicate;
pub mod fingerprint;
pub mod hash;
pub mod identifiers;
pub mod missing;
mod package_words;
pub mod packages;
pub mod phrases;
pub mod report;
pub mod scope;
pub mod severity;
pub mod split;
pub mod threat;
mod version;

use crate::domain::suggestion::{Facts, Suggestion};

use crate::policy::scope::Scope;
use duplicate::KnownReport;
use fingerprint::Fingerprint;
use report::Report;
use threat::ThreatModel;

/// The most suggestions that one report can get, by the limits of each kind.
pub const MOST_SUGGESTIONS: usize = 16;

/// What the suggestions rest on.
#[derive(Debug, Clone, Copy)]
pub struct SuggestInput<'a> {
    /// What a person sees of the mail.
    pub report: &'a Report<'a>,
    /// What its writer wrote in it: fingerprints are made of that.
    pub substance: &'a str,
    /// What the project answers for.
    pub scope: &'a Scope,
    /// What is no vulnerability here.
    pub threat_model: &'a ThreatModel,
    /// The known reports that share a band with this one ([`Fingerprint::bands`]).
    pub known: &'a [KnownReport],
}

/// What was noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestions {
    /// The facts of the report, found or not.
    pub facts: Facts,
    /// What the acknowledgement asks: a question for each missing fact, in our own words.
    pub questions: Vec<String>,
    /// What a maintainer is shown: duplicates, scope and threat model first.
    pub suggestions: Vec<Suggestion>,
    /// What the report is known by later.
    pub fingerprint: Fingerprint,
}

/// Looks at one report.
pub fn suggest(input: &SuggestInput<'_>) -> Suggestions {
    let SuggestInput { report, substance, .. } = *input;
    let fingerprint = Fingerprint::of(substance);
    let ours = input.scope.ours();
    let facts = missing::facts(report, &ours);
    let mut suggestions = duplicate::suggestions(substance, &fingerprint, input.known);
    suggestions.extend(ours.suggestion(report));
    suggestions.extend(input.threat_model.suggestions(report));
    suggestions.extend(split::suggestion(report));
    suggestions.extend(missing::suggestion(&facts));
    suggestions.extend(severity::suggestions(report));
    suggestions.truncate(MOST_SUGGESTIONS);
    Suggestions { questions: missing::questions(&facts), facts, suggestions, fingerprint }
}
