//! The number under which a case is known to everybody: `EMB-2026-0001`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A case number: the year it was opened (UTC) and a running number within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CaseId {
    /// The year of opening.
    pub year: i32,
    /// The number within the year, from 1.
    pub number: u32,
}

/// Why a text is not a case number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a case number: expected the form EMB-2026-0001")]
pub struct NotACaseId(String);

impl CaseId {
    /// The first case number that stands in a text, such as a subject line.
    pub fn find_in(text: &str) -> Option<Self> {
        let upper = text.to_ascii_uppercase();
        upper.match_indices("EMB-").find_map(|(start, _)| {
            let rest = upper.get(start..)?;
            let end =
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(rest.len());
            rest.get(..end)?.trim_end_matches('-').parse().ok()
        })
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EMB-{}-{:04}", self.year, self.number)
    }
}

impl FromStr for CaseId {
    type Err = NotACaseId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let upper = text.trim().to_ascii_uppercase();
            let (year, number) = upper.strip_prefix("EMB-")?.split_once('-')?;
            let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
            if year.len() != 4 || !digits(year) || !digits(number) || number.len() < 4 {
                return None;
            }
            let id = Self { year: year.parse().ok()?, number: number.parse().ok()? };
            (id.number > 0).then_some(id)
        };
        parse().ok_or_else(|| NotACaseId(text.to_owned()))
    }
}

impl TryFrom<String> for CaseId {
    type Error = NotACaseId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<CaseId> for String {
    fn from(id: CaseId) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_number_is_found_in_a_subject_that_clients_have_decorated() {
        let id = CaseId { year: 2026, number: 12 };
        for subject in [
            "Re: [EMB-2026-0012] report",
            "AW: emb-2026-0012",
            "Fwd: (EMB-2026-0012)",
            "EMB-x EMB-2026-0012- more",
        ] {
            assert_eq!(CaseId::find_in(subject), Some(id), "{subject}");
        }
        for subject in ["", "EMB-", "EMB-2026-", "EMB-26-0001", "EMB-2026-0000", "REMEMBER-2026"] {
            assert_eq!(CaseId::find_in(subject), None, "{subject}");
        }
    }
}
