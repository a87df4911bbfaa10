//! Many phrases looked for at once, where words begin.
//!
//! Relies on aho-corasick for an automaton that is small. It is asked at the beginnings of words and
//! nowhere else, since no phrase counts within one: most words are done with after two or three
//! letters, where a search through all of the text would walk over each byte of it. Promises: linear
//! in the text for phrases of bounded length.

use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};

/// A set of phrases, each with a number: its place in the list that the set was made from.
#[derive(Debug, Clone)]
pub struct Finder {
    automaton: Option<NFA>,
    /// Whether a phrase begins with this byte.
    begins: [bool; 256],
}

impl Default for Finder {
    fn default() -> Self {
        Self { automaton: None, begins: [false; 256] }
    }
}

impl Finder {
    /// Makes a set. A set too large to be searched for finds nothing; an empty phrase is nowhere.
    pub fn new<S: AsRef<str>>(phrases: &[S]) -> Self {
        let mut begins = [false; 256];
        for first in phrases.iter().filter_map(|phrase| phrase.as_ref().bytes().next()) {
            if let Some(begins) = begins.get_mut(usize::from(first)) {
                *begins = true;
            }
        }
        let bytes = phrases.iter().map(|phrase| phrase.as_ref().as_bytes());
        let mut builder = NFA::builder();
        let automaton = builder.match_kind(MatchKind::Standard).prefilter(false).build(bytes).ok();
        Self { automaton, begins }
    }

    /// Calls `found` for each phrase that begins where a word does, in the order of the text and the
    /// shorter before the longer. `joins` says which characters make up words: a phrase that begins
    /// with one does not begin right behind another.
    pub fn each(&self, text: &str, joins: impl Fn(char) -> bool, mut found: impl FnMut(Hit)) {
        let mut before = false;
        for (start, c) in text.char_indices() {
            let joined = joins(c);
            let within = before && joined;
            before = joined;
            let first = text.as_bytes().get(start).copied().unwrap_or_default();
            if !within && self.begins.get(usize::from(first)).copied().unwrap_or_default() {
                self.at(text, start, &mut found);
            }
        }
    }

    /// Calls `found` for each phrase that begins at this place.
    fn at(&self, text: &str, start: usize, found: &mut impl FnMut(Hit)) {
        let Some(automaton) = &self.automaton else { return };
        let Ok(mut state) = automaton.start_state(Anchored::Yes) else { return };
        for (nth, byte) in text.as_bytes().get(start..).unwrap_or_default().iter().enumerate() {
            state = automaton.next_state(Anchored::Yes, state, *byte);
            if !automaton.is_special(state) {
                continue;
            }
            if automaton.is_dead(state) {
                return;
            }
            let length = nth.saturating_add(1);
            let matches = if automaton.is_match(state) { automaton.match_len(state) } else { 0 };
            for phrase in (0..matches).map(|nth| automaton.match_pattern(state, nth)) {
                // A state also has the phrases that end here and began later.
                if automaton.pattern_len(phrase) == length {
                    let end = start.saturating_add(length);
                    found(Hit { phrase: phrase.as_usize(), start, end });
                }
            }
        }
    }
}

/// A phrase in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The number of the phrase.
    pub phrase: usize,
    /// The byte that it begins with.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrases: &[&str], text: &str) -> Vec<(usize, usize, usize)> {
        let mut found = Vec::new();
        Finder::new(phrases).each(text, char::is_alphanumeric, |hit| {
            found.push((hit.phrase, hit.start, hit.end));
        });
        found
    }

    #[test]
    fn phrases_are_found_where_words_begin_and_not_within_them() {
        assert_eq!(found(&["api", "key"], "an api key"), [(0, 3, 6), (1, 7, 10)]);
        assert_eq!(found(&["api"], "capital papi"), []);
        assert_eq!(found(&["api"], "apiary"), [(0, 0, 3)]);
    }

    #[test]
    fn all_phrases_of_a_place_are_found_and_the_same_phrase_under_both_its_numbers() {
        let all = found(&["see file", "see", "file", "see"], "see file");
        assert_eq!(all, [(1, 0, 3), (3, 0, 3), (0, 0, 8), (2, 4, 8)]);
    }

    #[test]
    fn a_phrase_that_begins_with_no_letter_is_found_anywhere() {
        assert_eq!(found(&["--", "附件"], "a--附件"), [(0, 1, 3), (1, 3, 9)]);
    }

    #[test]
    fn an_empty_phrase_is_nowhere() {
        assert_eq!(found(&["", "a"], "a"), [(1, 0, 1)]);
    }

    proptest::proptest! {
        #[test]
        fn it_finds_what_a_search_for_each_phrase_finds(text in "[ab é-]{0,40}") {
            let phrases = ["a", "ab", "b a", "é", "-", "a b"];
            let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            let mut expected: Vec<(usize, usize, usize)> = phrases
                .iter()
                .enumerate()
                .flat_map(|(number, phrase)| {
                    let starts = (0..text.len()).filter(|at| text[..].is_char_boundary(*at));
                    starts
                        .filter(|at| text[*at..].starts_with(phrase))
                        .filter(|at| !(joins(text[..*at].chars().next_back()) && joins(phrase.chars().next())))
                        .map(|at| (number, at, at + phrase.len()))
                        .collect::<Vec<_>>()
                })
                .collect();
            expected.sort_unstable();
            let mut got = found(&phrases, &text);
            got.sort_unstable();
            proptest::prop_assert_eq!(got, expected);
        }
    }
}
