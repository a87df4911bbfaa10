//! Whether a report resembles one that is already known: a suggestion with a score and the three
//! strongest traits in common. A person decides.

use super::fingerprint::Fingerprint;
use super::identifiers::identifiers;
use crate::domain::case_id::CaseId;
use crate::domain::suggestion::{Suggestion, SuggestionKind};

/// The least score that is worth a person's look.
pub const WORTH_A_LOOK: f64 = 0.4;
const MOST_SUGGESTIONS: usize = 3;
const MOST_TRAITS: usize = 3;

/// A known case that shares a band with the new report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownReport {
    /// Its case.
    pub case: CaseId,
    /// Its report's fingerprint.
    pub fingerprint: Fingerprint,
}

/// The known cases that a text resembles, the most alike first.
pub fn suggestions(text: &str, own: &Fingerprint, known: &[KnownReport]) -> Vec<Suggestion> {
    let mut alike: Vec<_> = known
        .iter()
        .map(|report| (report.case, own.similarity(&report.fingerprint)))
        .filter(|(_, similarity)| similarity.score >= WORTH_A_LOOK)
        .collect();
    if alike.is_empty() {
        return Vec::new();
    }
    alike.sort_by(|(_, a), (_, b)| b.score.total_cmp(&a.score));
    let names = identifiers(text);
    alike
        .into_iter()
        .take(MOST_SUGGESTIONS)
        .map(|(case, similarity)| {
            let mut traits: Vec<String> = Vec::new();
            if similarity.wording >= 0.2 {
                traits.push(format!("{:.0} % of the wording", similarity.wording * 100.0));
            }
            let shared =
                similarity.shared.iter().filter_map(|mark| names.iter().find(|n| n.mark == *mark));
            traits.extend(shared.map(|n| format!("`{}`", n.name)));
            traits.truncate(MOST_TRAITS);
            let gist = format!("resembles {case} (score {:.2})", similarity.score);
            Suggestion {
                kind: SuggestionKind::Duplicate,
                id: Some(case.to_string()),
                why: format!("{gist}: both have {}", traits.join(", ")),
                gist,
            }
        })
        .collect()
}
