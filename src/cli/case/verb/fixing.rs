//! `confirm`, `fix`, `release`: from a confirmed problem to released fixes.

use clap::Args;

use super::super::super::Failure;
use super::super::targets::{Trial, cases_and_words};
use super::Order;
use crate::domain::case_id::CaseId;
use crate::policy::verbs::Request;

/// What is affected.
#[derive(Debug, Args)]
pub struct ConfirmArgs {
    /// The cases, such as EMB-2026-0001; each is a change of its own
    #[arg(value_name = "CASE")]
    ids: Vec<CaseId>,
    /// Affected versions, such as '>= 4.0.0, < 4.3.2'; one range or several
    #[arg(long, value_name = "RANGE", required = true, num_args = 1..)]
    affected: Vec<String>,
    /// An affected line of releases, such as 4.x; without it all that are maintained
    #[arg(long = "line", value_name = "LINE")]
    lines: Vec<String>,
    #[command(flatten)]
    trial: Trial,
}

impl ConfirmArgs {
    pub(super) fn order(self) -> Result<Order, Failure> {
        // An option that takes several words takes the cases after it, too.
        let (last, mut affected): (Vec<String>, Vec<String>) =
            self.affected.into_iter().partition(|word| word.parse::<CaseId>().is_ok());
        affected.dedup();
        let words: Vec<String> = self.ids.iter().map(CaseId::to_string).chain(last).collect();
        let (ids, _) = cases_and_words(&words)?;
        let request = Request::Confirm { affected, lines: self.lines };
        Ok(Order::each(ids, self.trial, request))
    }
}

/// Which fix.
#[derive(Debug, Args)]
pub struct FixArgs {
    /// The cases, such as EMB-2026-0001
    #[arg(value_name = "CASE", required = true)]
    ids: Vec<CaseId>,
    /// The line of releases, such as 5.x
    #[arg(value_name = "LINE")]
    line: String,
    /// There will be no fix of this line, for this reason
    #[arg(long = "none", value_name = "REASON")]
    none: Option<String>,
    #[command(flatten)]
    trial: Trial,
}

impl FixArgs {
    pub(super) fn order(self) -> Order {
        let line = self.line;
        let request = match self.none {
            None => Request::Fix { line },
            Some(why) => Request::RefuseFix { line, why },
        };
        Order::each(self.ids, self.trial, request)
    }
}

/// Which release.
#[derive(Debug, Args)]
pub struct ReleaseArgs {
    /// The cases, the line of releases and the version
    #[arg(value_name = "CASE", required = true, num_args = 3..)]
    words: Vec<String>,
    /// What else the reporter is told, if this was the last line
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    #[command(flatten)]
    trial: Trial,
}

impl ReleaseArgs {
    pub(super) fn order(self) -> Result<Order, Failure> {
        let (ids, words) = cases_and_words(&self.words)?;
        let [line, version] = words.as_slice() else {
            let hint =
                "after the cases come the line of releases and the version, such as 5.x 5.2.1";
            return Err(Failure::Wrong(hint.to_owned()));
        };
        let request = Request::Release {
            line: line.clone(),
            version: version.clone(),
            message: self.message,
        };
        Ok(Order::each(ids, self.trial, request))
    }
}
