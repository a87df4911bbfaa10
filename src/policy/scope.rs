//! What the project answers for, and what its threat model leaves out: the policy's data.
//!
//! A *combination* of an exclusion is a list of slots that must all be met within one sentence, in
//! any order; a slot is alternatives parted by `|`; an alternative is a phrase in lower case that
//! stands at the start of a word, and ends with one unless it ends in `*`. A slot that begins with
//! `+` has to follow the slot before it within three words. An alternative that begins with `@` names
//! a list of words that the program brings along.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// `[scope]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// The packages that the project maintains, as their registry names them; `@scope/*` stands for
    /// all of a scope. Empty: not stated, so that no report is ever somebody else's.
    #[serde(default)]
    pub packages: Vec<String>,
}

/// One of `[[release_lines]]`: a line of releases that gets fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseLine {
    /// Its name, such as `5.x`.
    pub name: String,
    /// The last day on which it gets fixes; without one it gets them until it is removed.
    pub end_of_support: Option<NaiveDate>,
}

impl ReleaseLine {
    /// Whether it gets fixes on a day.
    pub fn is_maintained(&self, day: NaiveDate) -> bool {
        self.end_of_support.is_none_or(|last| day <= last)
    }
}

/// One of `[[exclusions]]`: a class of findings that is not a vulnerability here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// Its short name, in suggestions and commands.
    pub id: String,
    /// The weakness it speaks of, where there is one.
    #[serde(default)]
    pub cwe: Option<Cwe>,
    /// What a person calls it.
    pub title: String,
    /// What names the class.
    #[serde(default)]
    pub terms: Vec<String>,
    /// Combinations of phrases of which one, in a sentence, says that the attack rests on what is
    /// trusted. Where there is none, a term alone does.
    #[serde(default)]
    pub evidence: Vec<Vec<String>>,
    /// Combinations of phrases of which one says that the report is about the project after all.
    #[serde(default)]
    pub unless: Vec<Vec<String>>,
    /// What a reporter is told, if a maintainer closes the case for it.
    #[serde(default)]
    pub reply: Option<String>,
}

/// A number of the Common Weakness Enumeration, `CWE-1357`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cwe(pub u32);

/// Why a text is not a CWE number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a CWE number: expected the form CWE-1357")]
pub struct NotACwe(String);

impl fmt::Display for Cwe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CWE-{}", self.0)
    }
}

impl FromStr for Cwe {
    type Err = NotACwe;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = || {
            let (prefix, digits) = text.trim().split_once('-')?;
            let plain = prefix.eq_ignore_ascii_case("CWE")
                && !digits.starts_with('0')
                && digits.bytes().all(|b| b.is_ascii_digit());
            // The list has about 1,400 entries; five digits leave it room.
            plain.then(|| digits.parse().ok()).flatten().filter(|number| *number < 100_000)
        };
        number().map(Self).ok_or_else(|| NotACwe(text.to_owned()))
    }
}

impl TryFrom<String> for Cwe {
    type Error = NotACwe;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Cwe> for String {
    fn from(cwe: Cwe) -> Self {
        cwe.to_string()
    }
}
