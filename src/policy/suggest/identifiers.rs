//! What two reports of one flaw share even where they share no sentence: advisory ids, stack
//! frames, paths, functions.
//!
//! Promises: linear in the text; at most [`MOST`] identifiers, the strongest first, each once.

use super::hash::hash;
use super::report::MOST_TEXT;
use super::report::beginning;

/// The most identifiers of one report.
pub const MOST: usize = 48;

/// What an identifier is, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// `CWE-1321`: shared by many reports that have nothing else in common.
    Weakness,
    /// `res.redirect`, `parseQuery`.
    Function,
    /// `/admin/..%2f`: the path of a request.
    Target,
    /// `lib/response.js`.
    Path,
    /// `lib/response.js:914`.
    Frame,
    /// `CVE-2024-1234`, `GHSA-…`.
    Advisory,
}

impl Sort {
    const ALL: [Self; 6] =
        [Self::Weakness, Self::Function, Self::Target, Self::Path, Self::Frame, Self::Advisory];

    /// How much a shared identifier of this sort says.
    pub fn weight(self) -> f64 {
        match self {
            Self::Weakness => 0.5,
            Self::Function => 2.0,
            Self::Target => 2.0,
            Self::Path => 3.0,
            Self::Frame => 5.0,
            Self::Advisory => 6.0,
        }
    }
}

/// An identifier without its text: what is stored. The top three bits are its sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark(pub u64);

impl Mark {
    const SHIFT: u32 = 61;

    fn new(sort: Sort, name: &str) -> Self {
        let place = Sort::ALL.iter().position(|s| *s == sort).unwrap_or_default() as u64;
        let body = hash(name.as_bytes()).wrapping_shl(3).wrapping_shr(3);
        Self(place.wrapping_shl(Self::SHIFT) | body)
    }

    /// What it is.
    pub fn sort(self) -> Sort {
        let place = usize::try_from(self.0.wrapping_shr(Self::SHIFT)).unwrap_or_default();
        Sort::ALL.get(place).copied().unwrap_or(Sort::Weakness)
    }
}

/// An identifier of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    /// As it is compared.
    pub mark: Mark,
    /// As it was written.
    pub name: String,
}

/// What nearly every proof of concept has, and so tells nothing.
const COMMON: &[&str] = &[
    "app.get",
    "app.use",
    "app.post",
    "app.listen",
    "app.set",
    "console.log",
    "console.error",
    "require",
    "res.send",
    "res.json",
    "res.end",
    "express",
    "express.json",
    "express.urlencoded",
    "express.static",
    "json.parse",
    "json.stringify",
    "req.body",
    "req.query",
    "req.params",
    "function",
    "alert",
    "index.js",
    "app.js",
    "server.js",
    "poc.js",
    "package.json",
    "test.js",
    "object.prototype",
    "main",
];

/// The identifiers of a text.
pub fn identifiers(text: &str) -> Vec<Identifier> {
    let mut found: Vec<Identifier> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let lines =
        beginning(text, MOST_TEXT).lines().map(str::trim_start).filter(|l| !l.starts_with('>'));
    for raw in lines.flat_map(str::split_whitespace) {
        // Most words are no more than letters, with a large one in front at the most.
        if raw.bytes().skip(1).all(|b| b.is_ascii_lowercase()) {
            continue;
        }
        let word = raw.trim_matches(|c: char| !c.is_alphanumeric() && !"/_$.%?".contains(c));
        let word = word.trim_end_matches(['.', '?']);
        if word.len() < 4 || word.len() > 200 {
            continue;
        }
        let Some((sort, name)) = sort_of(word) else { continue };
        let lower = name.to_lowercase();
        if COMMON.contains(&lower.as_str()) {
            continue;
        }
        let mark = Mark::new(sort, &lower);
        if seen.insert(mark) {
            found.push(Identifier { mark, name: name.to_owned() });
        }
    }
    found.sort_by_key(|i| std::cmp::Reverse(i.mark.sort()));
    found.truncate(MOST);
    found
}

fn sort_of(word: &str) -> Option<(Sort, &str)> {
    let begins =
        |with: &str| word.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    let numbered =
        |rest: &str| rest.bytes().all(|b| b.is_ascii_digit() || b == b'-') && rest.len() > 1;
    if begins("CVE-") && word.get(4..).is_some_and(numbered) || begins("GHSA-") {
        return Some((Sort::Advisory, word));
    }
    if begins("CWE-") && word.get(4..).is_some_and(numbered) {
        return Some((Sort::Weakness, word));
    }
    if word.contains("://") {
        return None;
    }
    if let Some(frame) = frame_or_path(word) {
        return Some(frame);
    }
    if word.starts_with(['/', '?']) && word.contains(['%', '?', '=', '[']) {
        return Some((Sort::Target, word));
    }
    let name = word.split('(').next().unwrap_or(word);
    let called = name.len() < word.len();
    let legal = name.chars().all(|c| c.is_ascii_alphanumeric() || "_$.".contains(c))
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$');
    let dotted = name.split_once('.').is_some_and(|(object, member)| {
        object.len() > 1 && member.starts_with(|c: char| c.is_ascii_lowercase()) && member.len() > 2
    });
    let camel = name.chars().any(|c| c.is_ascii_uppercase())
        && name.starts_with(|c: char| c.is_ascii_lowercase());
    let snake = name.contains('_');
    (legal && name.len() > 3 && (called || camel || snake || (dotted && is_code_object(name))))
        .then_some((Sort::Function, name))
}

/// Dotted words in prose are host names more often than code.
fn is_code_object(name: &str) -> bool {
    let object = name.split('.').next().unwrap_or_default();
    matches!(
        object,
        "req"
            | "res"
            | "app"
            | "router"
            | "express"
            | "request"
            | "response"
            | "this"
            | "path"
            | "qs"
            | "utils"
    )
}

/// `lib/response.js`, `/srv/app/node_modules/express/lib/response.js:914:10`.
fn frame_or_path(word: &str) -> Option<(Sort, &str)> {
    const ENDINGS: &[&str] = &[".js", ".mjs", ".cjs", ".ts", ".c", ".cc", ".py", ".rb", ".go"];
    let file = word.split([':', '#', '?']).next().unwrap_or(word);
    if !ENDINGS.iter().any(|e| file.ends_with(e)) || file.contains(['(', '=', ',']) {
        return None;
    }
    // A path on the reporter's disk and the same path in the repository are one.
    let own = file.rsplit("node_modules/").next().unwrap_or(file);
    let own = own
        .split_once("/lib/")
        .map_or(own, |(before, _)| own.get(before.len().saturating_add(1)..).unwrap_or(own));
    if COMMON.contains(&own.to_ascii_lowercase().as_str()) {
        return None;
    }
    let start = word.len().checked_sub(file.len()).and(word.find(own))?;
    let rest = word.get(start..)?;
    match rest.get(own.len()..).and_then(|r| r.strip_prefix([':', '#'])) {
        Some(number) => {
            let digits = number.trim_start_matches('L').find(|c: char| !c.is_ascii_digit());
            let line = digits.map_or(number, |at| {
                let lead = number.len().saturating_sub(number.trim_start_matches('L').len());
                number.get(..at.saturating_add(lead)).unwrap_or(number)
            });
            let end = own.len().saturating_add(1).saturating_add(line.len());
            Some((Sort::Frame, rest.get(..end)?)).filter(|_| !line.is_empty())
        }
        None => Some((Sort::Path, own)),
    }
}
