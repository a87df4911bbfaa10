//! Many phrases looked for at once, at the borders of words, in one pass over a text.
//!
//! A phrase is in lower case, begins at the start of a word, and ends at the end of one unless it
//! ends in `*`. In scripts that put no spaces between words a border is found everywhere.

use aho_corasick::{AhoCorasick, MatchKind};

/// A set of phrases, each with a number: its place in the list it was made from.
#[derive(Debug, Clone)]
pub struct Phrases {
    search: Option<AhoCorasick>,
    open_ended: Vec<Ending>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Word,
    Anywhere,
}

impl Phrases {
    /// Makes a set. A set too large to be searched for finds nothing.
    pub fn new<S: AsRef<str>>(phrases: &[S]) -> Self {
        let mut bare = Vec::with_capacity(phrases.len());
        let mut open_ended = Vec::with_capacity(phrases.len());
        for phrase in phrases {
            let phrase = phrase.as_ref().to_lowercase();
            let (text, ending) = match phrase.strip_suffix('*') {
                Some(stem) => (stem.to_owned(), Ending::Anywhere),
                None => (phrase, Ending::Word),
            };
            bare.push(text);
            open_ended.push(ending);
        }
        let search = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&bare).ok();
        Self { search, open_ended }
    }

    /// The numbers of the phrases in a text (in lower case), with the place where each begins, in
    /// the text's order. A phrase may come several times.
    pub fn find<'t>(&'t self, lower: &'t str) -> impl Iterator<Item = (usize, usize)> + 't {
        self.search
            .iter()
            .flat_map(move |s| s.find_overlapping_iter(lower))
            .filter(|m| !m.is_empty())
            .filter(move |m| {
                let ending = self.open_ended.get(m.pattern().as_usize()).copied();
                starts_word(lower, m.start())
                    && (ending == Some(Ending::Anywhere) || ends_word(lower, m.end()))
            })
            .map(|m| (m.pattern().as_usize(), m.start()))
    }

    /// Whether any of them is in a text (in lower case).
    pub fn any_in(&self, lower: &str) -> bool {
        self.find(lower).next().is_some()
    }
}

fn starts_word(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|t| t.chars().next_back());
    let first = text.get(at..).and_then(|t| t.chars().next());
    !joined(before, first)
}

fn ends_word(text: &str, at: usize) -> bool {
    let last = text.get(..at).and_then(|t| t.chars().next_back());
    let after = text.get(at..).and_then(|t| t.chars().next());
    !joined(last, after)
}

/// Whether two neighbours belong to one word. Ideographs, kana and Hangul join nothing: Chinese and
/// Japanese write no spaces, and Korean hangs its particles on the noun.
fn joined(left: Option<char>, right: Option<char>) -> bool {
    let in_word = |c: Option<char>| {
        c.is_some_and(|c| {
            (c.is_alphanumeric() || c == '_') && !('\u{2E80}'..='\u{D7FF}').contains(&c)
        })
    };
    in_word(left) && in_word(right)
}
