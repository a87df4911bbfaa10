//! `embargo`, `extend`, `credit`, `describe`, `disclose`, `exploited`: what is told to the world.

use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args};

use super::super::super::Failure;
use super::super::targets::{Cases, Trial, cases_and_words, joined};
use super::{Order, Place};
use crate::domain::advisory::Advisory;
use crate::domain::exploited::Report;
use crate::policy::moment::Moment;
use crate::policy::verbs::Request;

/// Until when nothing is published.
#[derive(Debug, Args)]
pub struct EmbargoArgs {
    /// The cases, and the time with its hour and zone
    #[arg(value_name = "CASE", required = true)]
    words: Vec<String>,
    /// End the embargo now
    #[arg(long)]
    lift: bool,
    #[command(flatten)]
    trial: Trial,
}

impl EmbargoArgs {
    pub(super) fn order(self, place: &Place) -> Result<Order, Failure> {
        let (ids, words) = cases_and_words(&self.words)?;
        let until = match (self.lift, words.is_empty()) {
            (true, true) => None,
            (true, false) => {
                return Err(Failure::Wrong("either a time or --lift, not both".to_owned()));
            }
            (false, _) => {
                let time = joined(&words, "the time, such as 2026-12-24T18:00Z, or --lift,")?;
                Some(time.parse::<Moment>()?.at(place.zone)?)
            }
        };
        Ok(Order::each(ids, self.trial, Request::Embargo { until }))
    }
}

/// How long disclosure takes.
#[derive(Debug, Args)]
pub struct ExtendArgs {
    /// The cases, and the new day or time
    #[arg(value_name = "CASE", required = true, num_args = 2..)]
    words: Vec<String>,
    /// Why it takes longer
    #[arg(long, value_name = "TEXT", required = true)]
    reason: String,
    #[command(flatten)]
    trial: Trial,
}

impl ExtendArgs {
    pub(super) fn order(self, place: &Place) -> Result<Order, Failure> {
        let (ids, words) = cases_and_words(&self.words)?;
        let day = joined(&words, "the new day, such as 2027-03-31,")?.parse::<Moment>()?;
        let disclose_by = day.at_the_latest(place.zone)?;
        Ok(Order::each(ids, self.trial, Request::Extend { disclose_by, why: self.reason }))
    }
}

/// Whom to credit.
#[derive(Debug, Args)]
pub struct CreditArgs {
    /// The cases, and the name as its owner wants it
    #[arg(value_name = "CASE", required = true, num_args = 2..)]
    words: Vec<String>,
    #[command(flatten)]
    trial: Trial,
}

impl CreditArgs {
    pub(super) fn order(self) -> Result<Order, Failure> {
        let (ids, words) = cases_and_words(&self.words)?;
        let name = joined(&words, "the name")?;
        Ok(Order::each(ids, self.trial, Request::Credit { name }))
    }
}

/// What to state.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("facts").required(true).multiple(true).args(["title", "summary", "workaround", "cvss", "cwe", "cve", "references"])))]
pub struct DescribeArgs {
    #[command(flatten)]
    cases: Cases,
    /// The problem in one line
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// The problem in a few paragraphs
    #[arg(long, value_name = "TEXT")]
    summary: Option<String>,
    /// What helps where there is no fix
    #[arg(long, value_name = "TEXT")]
    workaround: Option<String>,
    /// The severity, as a CVSS vector of version 3.0, 3.1 or 4.0; several times for several vectors, which replace
    /// the old ones
    #[arg(long, value_name = "VECTOR")]
    cvss: Vec<String>,
    /// The weakness, such as CWE-22
    #[arg(long, value_name = "CWE")]
    cwe: Option<String>,
    /// The public number, such as CVE-2026-12345
    #[arg(long, value_name = "CVE")]
    cve: Option<String>,
    /// A web page that tells more; several times for several pages, which replace the old ones
    #[arg(long = "reference", value_name = "URL")]
    references: Vec<String>,
}

impl DescribeArgs {
    pub(super) fn order(self) -> Order {
        let Self { cases, title, summary, workaround, cvss, cwe, cve, references } = self;
        let facts = Advisory { title, summary, workaround, cvss, cwe, cve, references };
        Order::each(cases.ids, cases.trial, Request::Describe(facts))
    }
}

/// What is public.
#[derive(Debug, Args)]
pub struct DiscloseArgs {
    #[command(flatten)]
    cases: Cases,
    /// What else the reporter is told
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
}

impl DiscloseArgs {
    pub(super) fn order(self) -> Order {
        Order::each(self.cases.ids, self.cases.trial, Request::Disclose { message: self.message })
    }
}

/// What the authorities are told.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["known_since", "made"])))]
pub struct ExploitedArgs {
    #[command(flatten)]
    cases: Cases,
    /// Since when the project knows of it, with hour and zone
    #[arg(long, value_name = "TIME")]
    known_since: Option<Moment>,
    /// Which report was made to the authorities now
    #[arg(long, value_name = "REPORT", value_parser = PossibleValuesParser::new(Report::ALL.map(Report::name)))]
    made: Option<String>,
}

impl ExploitedArgs {
    pub(super) fn order(self, place: &Place) -> Result<Order, Failure> {
        let made = self.made.as_deref().and_then(Report::named);
        let request = match (self.known_since, made) {
            (Some(since), _) => Request::Exploited { known_since: since.at(place.zone)? },
            (None, Some(report)) => Request::MakeReport { report },
            (None, None) => {
                return Err(Failure::Wrong("--known-since TIME, or --made REPORT".to_owned()));
            }
        };
        Ok(Order::each(self.cases.ids, self.cases.trial, request))
    }
}
