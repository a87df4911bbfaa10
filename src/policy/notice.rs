//! What is noticed in a mail that may be a report, before and after the store was asked.
//!
//! The look at the text is the expensive part and needs no state: it is done beforehand, on the
//! thread that judges. Which cases it resembles is only known within the store's transaction.

use std::collections::BTreeSet;

use crate::domain::case_id::CaseId;
use crate::domain::decision::Fingerprint;
use crate::domain::event::Change;
use crate::domain::judgement::{Format, Judgement, Kind};
use crate::domain::mail::Defect;
use crate::domain::suggestion::{Suggestion, SuggestionKind};
use crate::policy::handler;
use crate::policy::judge::Look;
use crate::policy::rules::Rules;
use crate::policy::suggest::duplicate::{self, KnownReport};
use crate::policy::suggest::{SuggestInput, Suggestions, fingerprint, suggest};

/// What was noticed in one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noticed {
    suggestions: Suggestions,
    substance: String,
    concerned: BTreeSet<String>,
}

/// Looks at a mail, if a person wrote it and its report can be read.
pub fn notice(look: &Look<'_>, judgement: &Judgement, rules: &Rules) -> Option<Noticed> {
    let by_person = matches!(judgement.kind, Kind::Submission | Kind::FollowUp);
    if !by_person || judgement.format != Some(Format::Whole) {
        return None;
    }
    let substance = look.own_text();
    let report = look.report();
    let mut suggestions = suggest(&SuggestInput {
        report: &report,
        substance: &substance,
        scope: &rules.scope,
        threat_model: &rules.threat_model,
        known: &[],
    });
    if look.mail().defects.contains(&Defect::Truncated) {
        suggestions.suggestions.insert(0, read_in_part());
    }
    let concerned = handler::concerned(&rules.maintainers, &report);
    Some(Noticed { suggestions, substance, concerned })
}

/// What a maintainer has to know before anything else.
fn read_in_part() -> Suggestion {
    let gist =
        "too large to be read whole: the rest of the mail is in the mailbox alone".to_owned();
    Suggestion { kind: SuggestionKind::ReadInPart, id: None, why: gist.clone(), gist }
}

impl Noticed {
    /// The numbers by which similar reports are looked for.
    pub fn bands(&self) -> Vec<u64> {
        self.suggestions.fingerprint.bands()
    }

    /// The handles of those who answer for what it is about.
    pub fn concerned(&self) -> &BTreeSet<String> {
        &self.concerned
    }

    /// What the acknowledgement asks.
    pub fn questions(&self) -> &[String] {
        &self.suggestions.questions
    }

    /// What the report is found by later.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint { bands: self.bands(), bytes: self.suggestions.fingerprint.to_bytes() }
    }

    /// The event that notes it all on the case `own`, with the known cases that it resembles.
    pub fn event(&self, own: CaseId, alike: &[(CaseId, Vec<u8>)]) -> Change {
        let known: Vec<KnownReport> = alike
            .iter()
            .filter(|(case, _)| *case != own)
            .filter_map(|(case, bytes)| {
                let fingerprint = fingerprint::Fingerprint::from_bytes(bytes)?;
                Some(KnownReport { case: *case, fingerprint })
            })
            .collect();
        let mut suggestions =
            duplicate::suggestions(&self.substance, &self.suggestions.fingerprint, &known);
        suggestions.extend(self.suggestions.suggestions.iter().cloned());
        Change::Noticed { suggestions, facts: self.suggestions.facts.clone() }
    }
}
