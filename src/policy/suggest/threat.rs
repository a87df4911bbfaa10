//! The threat model: which clause of the policy a report seems to fall under.
//!
//! A bare keyword proves nothing: a report *about* prototype pollution through a parsed request is
//! a vulnerability, one in which the application passes the hostile object is not. So a clause asks
//! for a topic anywhere, for a combination of phrases within one sentence that says what the attack
//! rests on, and for no combination that says it is the project's own fault after all
//! ([`Exclusion`]). Sentences that deny ("no malicious package is needed") or quote the policy
//! prove nothing either way.
//!
//! Promises: linear in the text; at most one suggestion a clause, the strongest clause first.

use std::sync::LazyLock;

use serde::Deserialize;

use super::phrases::Phrases;
use super::report::{Report, Sentence, Setting};
use crate::domain::suggestion::{Excerpt, Suggestion, SuggestionKind};
use crate::policy::exclusion::Exclusion;

/// The most suggestions of this kind for one report: more clauses than that advise nobody.
const MOST_CLAUSES: usize = 2;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wording {
    denials: Vec<String>,
    unless: Vec<Vec<String>>,
}

static WORDING: LazyLock<Wording> = LazyLock::new(|| {
    toml::from_str(include_str!("threat.toml"))
        .unwrap_or(Wording { denials: Vec::new(), unless: Vec::new() })
});
static DENIALS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(&WORDING.denials));

/// The clauses of a policy, made ready to be searched for. Build it once a configuration.
#[derive(Debug, Clone)]
pub struct ThreatModel {
    clauses: Vec<Clause>,
    /// Every alternative of every slot, once each.
    phrases: Phrases,
    unless: Vec<Combination>,
}

#[derive(Debug, Clone)]
struct Clause {
    id: String,
    title: String,
    cwe: Option<String>,
    terms: Slot,
    evidence: Vec<Combination>,
    unless: Vec<Combination>,
}

/// Slots that must all be met.
type Combination = Vec<Slot>;
/// Numbers of phrases of which one must be there.
type Slot = Vec<usize>;

/// Collects phrases and gives each a number.
#[derive(Default)]
struct Numbering(std::collections::BTreeMap<String, usize>, Vec<String>);

impl Numbering {
    fn number(&mut self, phrase: &str) -> usize {
        let next = self.1.len();
        let phrases = &mut self.1;
        *self.0.entry(phrase.trim().to_lowercase()).or_insert_with_key(|phrase| {
            phrases.push(phrase.clone());
            next
        })
    }

    fn slot(&mut self, alternatives: &str) -> Slot {
        alternatives.split('|').filter(|a| !a.trim().is_empty()).map(|a| self.number(a)).collect()
    }

    fn combinations(&mut self, data: &[Vec<String>]) -> Vec<Combination> {
        data.iter()
            .filter(|slots| !slots.is_empty())
            .map(|slots| slots.iter().map(|s| self.slot(s)).collect())
            .collect()
    }
}

impl ThreatModel {
    /// The model that a configuration's clauses make.
    pub fn new(exclusions: &[Exclusion]) -> Self {
        let mut numbering = Numbering::default();
        let clauses = exclusions
            .iter()
            .map(|exclusion| Clause {
                id: exclusion.id.clone(),
                title: exclusion.title.clone(),
                cwe: exclusion.cwe.clone(),
                terms: exclusion
                    .terms
                    .iter()
                    .chain(&exclusion.cwe)
                    .flat_map(|t| numbering.slot(t))
                    .collect(),
                evidence: match exclusion.evidence.as_slice() {
                    [] => exclusion.terms.iter().map(|t| vec![numbering.slot(t)]).collect(),
                    evidence => numbering.combinations(evidence),
                },
                unless: numbering.combinations(&exclusion.unless),
            })
            .collect();
        let unless = numbering.combinations(&WORDING.unless);
        Self { clauses, phrases: Phrases::new(&numbering.1), unless }
    }

    /// The clauses that a report seems to fall under.
    pub fn suggestions(&self, report: &Report<'_>) -> Vec<Suggestion> {
        let seen: Vec<Seen<'_>> =
            report.sentences.iter().map(|s| Seen::new(s, &self.phrases)).collect();
        let mut found: Vec<(usize, Suggestion)> =
            self.clauses.iter().filter_map(|clause| self.suggestion(clause, &seen)).collect();
        found.sort_by_key(|(strength, _)| std::cmp::Reverse(*strength));
        found.into_iter().take(MOST_CLAUSES).map(|(_, suggestion)| suggestion).collect()
    }

    fn suggestion(&self, clause: &Clause, seen: &[Seen<'_>]) -> Option<(usize, Suggestion)> {
        if !seen.iter().any(|s| s.meets(&clause.terms)) {
            return None;
        }
        if self.unless.iter().chain(&clause.unless).any(|c| seen.iter().any(|s| s.shows(c))) {
            return None;
        }
        let mut strength = 0_usize;
        let mut cited: Option<Excerpt> = None;
        for sentence in seen.iter().filter(|s| s.bearing == Bearing::Says) {
            let met = clause.evidence.iter().filter(|c| sentence.shows(c)).count();
            strength = strength.saturating_add(met);
            if met > 0 && cited.is_none() {
                cited = Some(sentence.sentence.excerpt());
            }
        }
        let cited = cited?;
        let weakness = clause.cwe.as_deref().map(|c| format!(" ({c})")).unwrap_or_default();
        let gist =
            format!("may fall under “{}”{weakness}, exclusion `{}`", clause.title, clause.id);
        let suggestion = Suggestion {
            kind: SuggestionKind::OutOfScope,
            id: Some(clause.id.clone()),
            why: format!("{gist}: {}", cited.cite()),
            gist,
        };
        Some((strength, suggestion))
    }
}

/// What a sentence can bear witness to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bearing {
    /// What it says.
    Says,
    /// Nothing: it denies, or quotes the policy.
    Denies,
}

/// A sentence and the phrases in it.
struct Seen<'a> {
    sentence: &'a Sentence,
    /// Numbers of phrases, sorted.
    phrases: Vec<usize>,
    bearing: Bearing,
}

impl<'a> Seen<'a> {
    fn new(sentence: &'a Sentence, phrases: &Phrases) -> Self {
        let mut numbers: Vec<usize> = phrases.find(&sentence.lower).map(|(n, _)| n).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let denies = !numbers.is_empty()
            && sentence.setting == Setting::Prose
            && DENIALS.any_in(&sentence.lower);
        let bearing = if denies { Bearing::Denies } else { Bearing::Says };
        Self { sentence, phrases: numbers, bearing }
    }

    fn meets(&self, slot: &Slot) -> bool {
        slot.iter().any(|n| self.phrases.binary_search(n).is_ok())
    }

    fn shows(&self, combination: &Combination) -> bool {
        combination.iter().all(|slot| self.meets(slot))
    }
}
