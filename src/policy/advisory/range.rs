//! Ranges of versions as people write them: read into spans, or refused with the reason.
//!
//! npm's grammar is the crate's. Everywhere else a range is comparators (`>= 1.0, < 2.0`, several of
//! them apart by `||`), the form that every registry's users understand. Promises: what cannot be
//! told exactly is refused, never guessed.

use std::sync::LazyLock;

use nodejs_semver::{Range, Version};
use regex::Regex;

use super::ecosystem::Numbering;
use super::span::{End, Span, merged, next, shown};

/// Why a text is no range that could be published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    /// It is not written as a range.
    #[error("{0:?} is not read as a range of versions: write it like \">= 4.0.0, < 4.21.2\"")]
    NotARange(String),
    /// A number in it is not a version here.
    #[error("{version:?} in {text:?} is not a semantic version such as 4.21.2")]
    NotAVersion {
        /// What should be one.
        version: String,
        /// The whole text.
        text: String,
    },
    /// It begins after a version, and what the next one is, is not known.
    #[error("{0:?} begins after a version: begin it with >= and the first affected version")]
    BeginsAfter(String),
    /// No version is in it.
    #[error("{0:?} has no version in it")]
    Empty(String),
}

/// Affected versions, with an order or without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Versions {
    /// In order, apart from each other.
    Ordered(Vec<Span<Version>>),
    /// As they were stated.
    Stated(Vec<Span<String>>),
}

impl Versions {
    /// The spans as they are written down.
    pub fn spans(&self) -> Vec<Span<String>> {
        match self {
            Self::Ordered(spans) => {
                spans.iter().map(|span| span.clone().map(|version| version.to_string())).collect()
            }
            Self::Stated(spans) => spans.clone(),
        }
    }

    /// The spans as people are shown them.
    pub fn words(&self) -> Vec<String> {
        let spans = match self {
            Self::Ordered(spans) => shown(spans),
            Self::Stated(spans) => spans.clone(),
        };
        spans.iter().map(Span::to_string).collect()
    }
}

/// Reads ranges, each of which adds to the others.
///
/// # Errors
/// [`Unclear`] for the first that cannot be told exactly.
pub fn read(numbering: Numbering, ranges: &[&str]) -> Result<Versions, Unclear> {
    match numbering {
        Numbering::Npm | Numbering::Semantic => {
            let read = ranges.iter().map(|text| ordered(numbering, text));
            let spans = read.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
            Ok(Versions::Ordered(merged(spans)))
        }
        Numbering::Stated => {
            let read = ranges.iter().map(|text| stated(text));
            let spans = read.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
            Ok(Versions::Stated(spans))
        }
    }
}

/// Reads a range whose versions have an order.
///
/// # Errors
/// [`Unclear`] where it is none.
pub fn ordered(numbering: Numbering, text: &str) -> Result<Vec<Span<Version>>, Unclear> {
    let read = |alternative| match numbering {
        Numbering::Npm => npm(alternative, text),
        Numbering::Semantic | Numbering::Stated => bounded(alternative, text),
    };
    text.split("||").map(read).collect::<Result<_, _>>().map(merged)
}

/// An alternative of npm's, comparator by comparator: of several that contradict each other the crate
/// makes alternatives, and it passes over words that it does not know.
fn npm(alternative: &str, text: &str) -> Result<Span<Version>, Unclear> {
    let not_a_range = || Unclear::NotARange(text.to_owned());
    let mut whole = Whole::new(text);
    for comparator in npm_comparators(alternative).ok_or_else(not_a_range)? {
        // Asked what may be installed, the crate takes this for everything but pre-releases.
        if comparator == "*" {
            continue;
        }
        let (is_end, plain) = match comparator.strip_prefix("<=") {
            // The crate's end of "<=1.2" is a number; that of "1.2" is right.
            Some(end) => (true, end),
            None => (false, comparator.as_str()),
        };
        let read = Range::parse(plain).map_err(|_| not_a_range())?.to_string();
        let mut span = bounded(&read, text)?;
        if is_end {
            span.from = None;
        }
        whole.narrow(&span)?;
    }
    Ok(whole.span)
}

/// An alternative of comparators with whole versions.
fn bounded(alternative: &str, text: &str) -> Result<Span<Version>, Unclear> {
    let mut whole = Whole::new(text);
    let set = comparators(alternative).ok_or_else(|| Unclear::NotARange(text.to_owned()))?;
    for (operator, written) in set {
        let version = Version::parse(written).map_err(|_| Unclear::NotAVersion {
            version: written.to_owned(),
            text: text.to_owned(),
        })?;
        whole.narrow(&match operator {
            Operator::Same => Span { from: Some(version.clone()), to: End::With(version) },
            Operator::From => Span { from: Some(version), to: End::Open },
            Operator::After => Span { from: Some(next(&version)), to: End::Open },
            Operator::With => Span { from: None, to: End::With(version) },
            Operator::Before => Span { from: None, to: End::Before(version) },
        })?;
    }
    Ok(whole.span)
}

/// What several comparators have in common.
struct Whole<'a> {
    span: Span<Version>,
    text: &'a str,
}

impl<'a> Whole<'a> {
    fn new(text: &'a str) -> Self {
        Self { span: Span { from: None, to: End::Open }, text }
    }

    fn narrow(&mut self, span: &Span<Version>) -> Result<(), Unclear> {
        let empty = || Unclear::Empty(self.text.to_owned());
        self.span = self.span.overlap(span).ok_or_else(empty)?;
        Ok(())
    }
}

/// Reads a range whose versions have no order here: at most one beginning and one end.
fn stated(text: &str) -> Result<Vec<Span<String>>, Unclear> {
    let not_a_range = || Unclear::NotARange(text.to_owned());
    let mut spans = Vec::new();
    for set in text.split("||").map(comparators) {
        let set = set.ok_or_else(not_a_range)?;
        let version = |written: &str| written.to_owned();
        let span = match set.as_slice() {
            [] => Span { from: None, to: End::Open },
            [(Operator::After, _), ..] => return Err(Unclear::BeginsAfter(text.to_owned())),
            [(Operator::Same, only)] => {
                Span { from: Some(version(only)), to: End::With(version(only)) }
            }
            [(Operator::From, from)] => Span { from: Some(version(from)), to: End::Open },
            [(Operator::With, to)] => Span { from: None, to: End::With(version(to)) },
            [(Operator::Before, to)] => Span { from: None, to: End::Before(version(to)) },
            [(Operator::From, from), (Operator::With, to)] => {
                Span { from: Some(version(from)), to: End::With(version(to)) }
            }
            [(Operator::From, from), (Operator::Before, to)] => {
                Span { from: Some(version(from)), to: End::Before(version(to)) }
            }
            _ => return Err(not_a_range()),
        };
        spans.push(span);
    }
    Ok(spans)
}

/// How a version bounds a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Same,
    From,
    After,
    With,
    Before,
}

/// The comparators of an alternative; `*` has none. `None` where it is written in another way.
fn comparators(text: &str) -> Option<Vec<(Operator, &str)>> {
    let mut set = Vec::new();
    let mut rest = text.trim();
    if rest == "*" {
        return Some(set);
    }
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let operators = [
            (">=", Operator::From),
            ("<=", Operator::With),
            (">", Operator::After),
            ("<", Operator::Before),
            ("==", Operator::Same),
            ("=", Operator::Same),
        ];
        let (operator, after) = operators
            .into_iter()
            .find_map(|(sign, operator)| Some((operator, rest.strip_prefix(sign)?)))
            .unwrap_or((Operator::Same, rest));
        let after = after.trim_start();
        let end = after.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(after.len());
        let (version, after) = after.split_at_checked(end)?;
        if !is_version(version) {
            return None;
        }
        set.push((operator, version));
        rest = after.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
    }
    Some(set)
}

/// The comparators of an alternative as npm has them, each with its sign: `>=4`, `^1.2`, `1 - 2`.
/// `None` where there is something else between them.
fn npm_comparators(text: &str) -> Option<Vec<String>> {
    static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"^([<>=^~]*)(v?(?:[0-9]+|[xX*])(?:\.(?:[0-9]+|[xX*])){0,2}(?:[-+][0-9A-Za-z.+-]+)?)?$",
        )
        .ok()
    });
    let mut comparators: Vec<String> = Vec::new();
    let mut sign = String::new();
    let mut to = false;
    for word in text.split([',', ' ', '\t', '\n']).filter(|word| !word.is_empty()) {
        if word == "-" {
            to = true;
            continue;
        }
        let parts = WORD.as_ref()?.captures(word)?;
        sign.push_str(parts.get(1)?.as_str());
        let Some(version) = parts.get(2) else { continue };
        let comparator = format!("{}{}", std::mem::take(&mut sign), version.as_str());
        match std::mem::take(&mut to) {
            true => comparators.last_mut()?.push_str(&format!(" - {comparator}")),
            false => comparators.push(comparator),
        }
    }
    (sign.is_empty() && !to && !comparators.is_empty()).then_some(comparators)
}

/// Whether a word can be a version at all: it has a digit, and no sign of another grammar.
fn is_version(word: &str) -> bool {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_' | ':' | '!');
    word.len() <= 128 && word.chars().all(plain) && word.chars().any(|c| c.is_ascii_digit())
}
