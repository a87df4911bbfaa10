//! By what a request came: a command of the shell, or a line of a mail.
//!
//! A refusal says the way out, and that has to be one that its reader can take from where they are.

use crate::domain::case_id::CaseId;

/// By what a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// A command of the shell.
    Shell,
    /// A line of a mail.
    Mail {
        /// The case of the mail that it answers; `None` where that is about several, so that a line
        /// names its own.
        about: Option<CaseId>,
    },
}

impl Medium {
    /// A step to take with a case, as it is written there: behind `embargod case`, or behind the `!`.
    pub(super) fn step(self, case: CaseId, shell: &str, mail: &str) -> String {
        match self {
            Self::Shell => format!("`embargod case {shell}`"),
            Self::Mail { about } if about == Some(case) => format!("`!{mail}`"),
            Self::Mail { .. } => format!("`!{case} {mail}`"),
        }
    }

    /// What there is to say there, and nowhere else.
    pub(super) fn says(self, shell: &str, mail: &str) -> String {
        match self {
            Self::Shell => shell.to_owned(),
            Self::Mail { .. } => mail.to_owned(),
        }
    }
}
