//! A clause of the project's threat model: what is not a vulnerability here, and how a report that
//! falls under it is known. All of it is data, from `[[exclusions]]` of the configuration.
//!
//! A *combination* is a list of slots that must all be met within one sentence, in any order; a
//! slot is alternatives parted by `|`; an alternative is a phrase in lower case that stands at the
//! start of a word, and ends with one unless it ends in `*`. A slot that begins with `+` has to
//! follow the slot before it within three words.

use serde::{Deserialize, Serialize};

/// One `[[exclusions]]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// Its id, by which `case close --exclusion` names it.
    pub id: String,
    /// The weakness it speaks of, such as `CWE-1357`.
    #[serde(default)]
    pub cwe: Option<String>,
    /// The clause, as the policy has it.
    pub title: String,
    /// What names the class. Without `evidence`, a term in a sentence is enough for a suggestion;
    /// with it, a term only says that the report may be about the class.
    #[serde(default)]
    pub terms: Vec<String>,
    /// Combinations of which one, in a sentence, says that the attack rests on what is trusted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Vec<String>>,
    /// Combinations of which one, anywhere, says that the report is about the project after all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<Vec<String>>,
    /// What the reporter is told when a person closes the case by this clause.
    #[serde(default)]
    pub reply: String,
}
