//! `accept`, `close`, `reopen`, `merge`, `split`, `link`: the ends of cases, and what ties them.

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::super::super::Failure;
use super::super::targets::{Cases, Trial};
use super::Order;
use crate::domain::case_id::CaseId;
use crate::domain::state::Disposition;
use crate::policy::verbs::{Ending, Request};

/// What to accept.
#[derive(Debug, Args)]
pub struct AcceptArgs {
    #[command(flatten)]
    cases: Cases,
}

impl AcceptArgs {
    pub(super) fn order(self) -> Order {
        Order::each(self.cases.ids, self.cases.trial, Request::Accept)
    }
}

/// What to close, and how.
#[derive(Debug, Args)]
pub struct CloseArgs {
    #[command(flatten)]
    cases: Cases,
    /// How it ends; the reporter is told, except of spam
    #[arg(long = "as", value_name = "DISPOSITION", value_parser = dispositions())]
    disposition: String,
    /// With out-of-scope: the clause of the threat model, by its id in [[exclusions]]
    #[arg(long, value_name = "ID")]
    exclusion: Option<String>,
    /// With third-party: the module that the problem is in
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// With duplicate: the case that has the problem already
    #[arg(long, value_name = "CASE")]
    of: Option<CaseId>,
    /// What else the reporter is told
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
}

fn dispositions() -> PossibleValuesParser {
    PossibleValuesParser::new(Disposition::ALL.map(Disposition::name))
}

impl CloseArgs {
    pub(super) fn order(self) -> Result<Order, Failure> {
        let disposition = Disposition::named(&self.disposition)
            .ok_or_else(|| Failure::Wrong("--as: unknown disposition".to_owned()))?;
        let ending = Ending {
            disposition,
            exclusion: self.exclusion,
            package: self.package,
            of: self.of,
            message: self.message,
        };
        Ok(Order::each(self.cases.ids, self.cases.trial, Request::Close(ending)))
    }
}

/// What to open again.
#[derive(Debug, Args)]
pub struct ReopenArgs {
    #[command(flatten)]
    cases: Cases,
    /// Why, for the other maintainers
    #[arg(long, value_name = "TEXT", default_value = "no reason given")]
    reason: String,
}

impl ReopenArgs {
    pub(super) fn order(self) -> Order {
        Order::each(self.cases.ids, self.cases.trial, Request::Reopen { why: self.reason })
    }
}

/// What to merge into what.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// The cases that end
    #[arg(value_name = "CASE", required = true)]
    ids: Vec<CaseId>,
    /// The case that goes on
    #[arg(value_name = "INTO")]
    into: CaseId,
    #[command(flatten)]
    trial: Trial,
}

impl MergeArgs {
    pub(super) fn order(self) -> Result<Order, Failure> {
        Ok(Order::each(self.ids, self.trial, Request::Merge { into: self.into }))
    }
}

/// What to split.
#[derive(Debug, Args)]
pub struct SplitArgs {
    /// The case, such as EMB-2026-0001
    #[arg(value_name = "CASE")]
    id: CaseId,
    /// The mail that moves to the new case, by its number in `case show`
    #[arg(long, value_name = "NUMBER")]
    mail: Option<i64>,
    /// What the new case is about; its subject, if not the mail's
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    #[command(flatten)]
    trial: Trial,
}

impl SplitArgs {
    pub(super) fn order(self) -> Order {
        let request = Request::Split { mail: self.mail, subject: self.subject };
        Order::each(vec![self.id], self.trial, request)
    }
}

/// What to link.
#[derive(Debug, Args)]
pub struct LinkArgs {
    /// Two cases or more: the first is linked with each of the others
    #[arg(value_name = "CASE", required = true, num_args = 2..)]
    ids: Vec<CaseId>,
    #[command(flatten)]
    trial: Trial,
}

impl LinkArgs {
    pub(super) fn order(self) -> Result<Order, Failure> {
        let Some((first, others)) = self.ids.split_first() else {
            return Err(Failure::Wrong("link which cases? Name two or more".to_owned()));
        };
        let link = |with: &CaseId| (*first, Request::Link { with: *with });
        Ok(Order { requests: others.iter().map(link).collect(), trial: self.trial })
    }
}
