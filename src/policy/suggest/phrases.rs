//! Many phrases looked for at once, at the borders of words, in one pass over a text.
//!
//! A phrase is in lower case, begins at the start of a word, and ends at the end of one unless it
//! ends in `*`. In scripts that put no spaces between words a border is found everywhere.

use crate::policy::finder::Finder;

/// A set of phrases, each with a number: its place in the list it was made from.
#[derive(Debug, Clone)]
pub struct Phrases {
    finder: Finder,
    endings: Vec<Ending>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Word,
    Anywhere,
}

impl Phrases {
    /// Makes a set. A set too large to be searched for finds nothing.
    pub fn new<S: AsRef<str>>(phrases: &[S]) -> Self {
        let (bare, endings): (Vec<String>, Vec<Ending>) = phrases
            .iter()
            .map(|phrase| {
                let phrase = phrase.as_ref().to_lowercase();
                match phrase.strip_suffix('*') {
                    Some(stem) => (stem.to_owned(), Ending::Anywhere),
                    None => (phrase, Ending::Word),
                }
            })
            .unzip();
        Self { finder: Finder::new(&bare), endings }
    }

    /// Calls `found` with the number of each phrase in a text (in lower case) and the place where it
    /// begins, in the text's order. A phrase may come several times.
    pub fn each(&self, lower: &str, mut found: impl FnMut(usize, usize)) {
        self.finder.each(lower, in_word, |hit| {
            let ending = self.endings.get(hit.phrase).copied();
            if ending == Some(Ending::Anywhere) || ends_word(lower, hit.end) {
                found(hit.phrase, hit.start);
            }
        });
    }

    /// Whether any of them is in a text (in lower case).
    pub fn any_in(&self, lower: &str) -> bool {
        let mut any = false;
        self.each(lower, |_, _| any = true);
        any
    }
}

/// Several sets of phrases, looked for at once.
#[derive(Debug, Clone)]
pub struct Sets {
    phrases: Phrases,
    /// The set of each phrase.
    of: Vec<usize>,
}

/// Which of several sets have a phrase in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Met(u32);

impl Sets {
    /// Makes sets, of which each has the number of its place. There are at most 32.
    pub fn new(sets: &[&[String]]) -> Self {
        let all: Vec<&String> = sets.iter().flat_map(|set| set.iter()).collect();
        let numbered = sets.iter().enumerate();
        let of = numbered.flat_map(|(number, set)| std::iter::repeat_n(number, set.len()));
        Self { phrases: Phrases::new(&all), of: of.collect() }
    }

    /// Which of them have a phrase in a text (in lower case).
    pub fn met_in(&self, lower: &str) -> Met {
        let mut met = 0_u32;
        self.phrases.each(lower, |phrase, _| {
            let set = self.of.get(phrase).and_then(|set| u32::try_from(*set).ok());
            met |= set.and_then(|set| 1_u32.checked_shl(set)).unwrap_or_default();
        });
        Met(met)
    }
}

impl Met {
    /// Whether the set of this number is one of them.
    pub fn has(self, set: usize) -> bool {
        let bit = u32::try_from(set).ok().and_then(|set| 1_u32.checked_shl(set));
        bit.is_some_and(|bit| self.0 & bit != 0)
    }
}

fn ends_word(text: &str, at: usize) -> bool {
    let last = text.get(..at).and_then(|t| t.chars().next_back());
    let after = text.get(at..).and_then(|t| t.chars().next());
    !(last.is_some_and(in_word) && after.is_some_and(in_word))
}

/// Whether a character and a neighbour like it belong to one word. Ideographs, kana and Hangul join
/// nothing: Chinese and Japanese write no spaces, and Korean hangs its particles on the noun.
fn in_word(c: char) -> bool {
    match c.is_ascii() {
        true => c.is_ascii_alphanumeric() || c == '_',
        false => c.is_alphanumeric() && !('\u{2E80}'..='\u{D7FF}').contains(&c),
    }
}
