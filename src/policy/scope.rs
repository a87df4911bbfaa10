//! What the project answers for, and what its threat model leaves out: the policy's data.

use std::fmt;
use std::str::FromStr;

/// `[scope]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// The packages that the project maintains, as their registry names them. Empty: not stated, so
    /// that no report is ever somebody else's.
    pub packages: Vec<String>,
}

/// One of `[[release_lines]]`: a line of releases that gets fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseLine {
    /// Its name, such as `5.x`.
    pub name: String,
}

/// One of `[[exclusions]]`: a class of findings that is not a vulnerability here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// Its short name, in suggestions and commands.
    pub id: String,
    /// The weakness it speaks of, where there is one.
    pub cwe: Option<Cwe>,
    /// What a person calls it.
    pub title: String,
    /// What names the class.
    pub terms: Vec<String>,
    /// Combinations of phrases of which one, in a sentence, says that the attack rests on what is
    /// trusted. Where there is none, a term alone does.
    pub evidence: Vec<Vec<String>>,
    /// Combinations of phrases of which one says that the report is about the project after all.
    pub unless: Vec<Vec<String>>,
    /// What a reporter is told, if a maintainer closes the case for it.
    pub reply: Option<String>,
}

/// A number of the Common Weakness Enumeration, `CWE-1357`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
