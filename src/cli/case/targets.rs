//! The words of a command line that begins with cases and goes on with something else.

use clap::Args;

use super::super::Failure;
use crate::domain::case_id::CaseId;

/// The cases of a command, and whether it is only tried.
#[derive(Debug, Args)]
pub struct Cases {
    /// The cases, such as EMB-2026-0001; each is a change of its own
    #[arg(value_name = "CASE", required = true)]
    pub ids: Vec<CaseId>,
    #[command(flatten)]
    pub trial: Trial,
}

/// Whether a command is only tried.
#[derive(Debug, Clone, Copy, Args)]
pub struct Trial {
    /// Show what would happen and what mail would go out; change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Parts the cases at the front from the words after them.
///
/// # Errors
/// [`Failure::Wrong`] where there is no case, or a word looks like a mistyped one.
pub fn cases_and_words(words: &[String]) -> Result<(Vec<CaseId>, Vec<String>), Failure> {
    let mut ids = Vec::new();
    let mut rest = words.iter();
    while let Some(Ok(id)) = rest.as_slice().first().map(|word| word.parse::<CaseId>()) {
        ids.push(id);
        rest.next();
    }
    let rest: Vec<String> = rest.cloned().collect();
    let mistyped = rest.iter().find(|word| word.to_ascii_uppercase().starts_with("EMB-"));
    match (mistyped, ids.is_empty(), rest.first()) {
        (Some(word), ..) => Err(Failure::Wrong(format!(
            "{word:?} stands where no case number can stand, or is none"
        ))),
        (None, true, Some(word)) => Err(Failure::Wrong(format!(
            "{word:?} is no case number: expected one such as EMB-2026-0001"
        ))),
        (None, true, None) => {
            Err(Failure::Wrong("which case? Name one, such as EMB-2026-0001".to_owned()))
        }
        (None, false, _) => Ok((ids, rest)),
    }
}

/// The words after the cases, where there have to be some.
///
/// # Errors
/// [`Failure::Wrong`], naming what is missing.
pub fn joined(words: &[String], what: &str) -> Result<String, Failure> {
    match words {
        [] => Err(Failure::Wrong(format!("{what} is missing after the cases"))),
        some => Ok(some.join(" ")),
    }
}
