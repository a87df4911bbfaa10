//! The threat model: which clause of the policy a report seems to fall under.
//!
//! A bare keyword proves nothing: a report *about* prototype pollution through a parsed request is
//! a vulnerability, one in which the application passes the hostile object is not. So a clause asks
//! for a topic anywhere, for a combination of phrases within one sentence that says what the attack
//! rests on, and for no combination that says it is the project's own fault after all
//! ([`Exclusion`]). Sentences that deny ("no malicious package is needed") or quote the policy
//! prove nothing either way. What strangers call the same thing, in many words and languages, has one
//! name (`@hostile`) in `threat.toml`, for every policy to use.
//!
//! Promises: linear in the text; at most one suggestion a clause, the strongest clause first.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::phrases::Phrases;
use super::report::{Report, Sentence, Setting};
use crate::domain::suggestion::{Excerpt, Suggestion, SuggestionKind};
use crate::policy::scope::{Cwe, Exclusion};

/// The most suggestions of this kind for one report: more clauses than that advise nobody.
const MOST_CLAUSES: usize = 2;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wording {
    words: BTreeMap<String, Vec<String>>,
    denials: Vec<String>,
    unless: Vec<Vec<String>>,
}

static WORDING: LazyLock<Wording> = LazyLock::new(|| {
    toml::from_str(include_str!("threat.toml")).unwrap_or(Wording {
        words: BTreeMap::new(),
        denials: Vec::new(),
        unless: Vec::new(),
    })
});
/// The names of the lists of words that every clause may use.
pub fn shared_words() -> impl Iterator<Item = &'static str> {
    WORDING.words.keys().map(String::as_str)
}

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
    cwe: Option<Cwe>,
    terms: Vec<Slot>,
    evidence: Vec<Combination>,
    unless: Vec<Combination>,
}

/// Slots that must all be met.
type Combination = Vec<Slot>;

/// Numbers of phrases of which one must be there.
#[derive(Debug, Clone)]
struct Slot {
    phrases: Vec<usize>,
    place: SlotPlace,
}

/// Where in the sentence a slot must be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SlotPlace {
    Anywhere,
    /// Shortly after the slot before it: "malicious package", not "a malicious user … a package".
    Following,
}

/// How many spaces may stand between the beginnings of a slot and of one that follows it; in scripts
/// that write none, two characters count as one.
const FOLLOWS_WITHIN: usize = 3;

/// Collects phrases and gives each a number.
#[derive(Default)]
struct Numbering(BTreeMap<String, usize>, Vec<String>);

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
        let (alternatives, place) = match alternatives.strip_prefix('+') {
            Some(rest) => (rest, SlotPlace::Following),
            None => (alternatives, SlotPlace::Anywhere),
        };
        let mut phrases = Vec::new();
        for alternative in alternatives.split('|').map(str::trim).filter(|a| !a.is_empty()) {
            match alternative.strip_prefix('@').and_then(|name| WORDING.words.get(name)) {
                Some(words) => phrases.extend(words.iter().map(|word| self.number(word))),
                None => phrases.push(self.number(alternative)),
            }
        }
        Slot { phrases, place }
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
                cwe: exclusion.cwe,
                terms: exclusion
                    .terms
                    .iter()
                    .cloned()
                    .chain(exclusion.cwe.map(String::from))
                    .map(|t| numbering.slot(&t))
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
        if self.clauses.is_empty() {
            return Vec::new();
        }
        let seen: Vec<Seen<'_>> =
            report.sentences.iter().map(|s| Seen::new(s, &self.phrases)).collect();
        let mut found: Vec<(usize, Suggestion)> =
            self.clauses.iter().filter_map(|clause| self.suggestion(clause, &seen)).collect();
        found.sort_by_key(|(strength, _)| std::cmp::Reverse(*strength));
        found.into_iter().take(MOST_CLAUSES).map(|(_, suggestion)| suggestion).collect()
    }

    fn suggestion(&self, clause: &Clause, seen: &[Seen<'_>]) -> Option<(usize, Suggestion)> {
        if !seen.iter().any(|s| clause.terms.iter().any(|t| s.meets(t))) {
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
        let weakness = clause.cwe.map(|c| format!(" ({c})")).unwrap_or_default();
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
    /// Numbers of phrases and where they begin, sorted.
    phrases: Vec<(usize, usize)>,
    bearing: Bearing,
}

impl<'a> Seen<'a> {
    fn new(sentence: &'a Sentence, phrases: &Phrases) -> Self {
        let mut found = Vec::new();
        phrases.each(&sentence.lower, |phrase, at| found.push((phrase, at)));
        found.sort_unstable();
        let denies = !found.is_empty()
            && sentence.setting == Setting::Prose
            && DENIALS.any_in(&sentence.lower);
        let bearing = if denies { Bearing::Denies } else { Bearing::Says };
        Self { sentence, phrases: found, bearing }
    }

    /// Where a slot is met.
    fn places<'s>(&'s self, slot: &'s Slot) -> impl Iterator<Item = usize> + 's {
        slot.phrases.iter().flat_map(move |phrase| {
            let from = self.phrases.partition_point(|(number, _)| number < phrase);
            self.phrases.iter().skip(from).take_while(move |(n, _)| n == phrase).map(|(_, at)| *at)
        })
    }

    fn meets(&self, slot: &Slot) -> bool {
        self.places(slot).next().is_some()
    }

    fn shows(&self, combination: &Combination) -> bool {
        let mut before: Vec<usize> = Vec::new();
        for slot in combination {
            let here: Vec<usize> = match slot.place {
                SlotPlace::Anywhere => self.places(slot).collect(),
                SlotPlace::Following => self
                    .places(slot)
                    .filter(|at| before.iter().any(|b| self.follows(*b, *at)))
                    .collect(),
            };
            if here.is_empty() {
                return false;
            }
            before = here;
        }
        true
    }

    /// Whether what begins at `at` follows what begins at `before` within a few words.
    fn follows(&self, before: usize, at: usize) -> bool {
        self.sentence.lower.get(before..at).is_some_and(|between| {
            let spaces = between.matches(' ').count();
            let dense = between.chars().filter(|c| ('\u{2E80}'..='\u{D7FF}').contains(c)).count();
            !between.is_empty() && spaces.saturating_add(dense / 2) <= FOLLOWS_WITHIN
        })
    }
}
