//! `follow`, `unfollow`, `add-cc`, `drop-cc`: who hears of a case besides its handler and its reporter.

use clap::Args;

use super::super::super::Failure;
use super::super::targets::{Cases, Trial, cases_and_words, joined};
use super::Order;
use crate::domain::address::Address;
use crate::policy::verbs::Request;

/// Which cases to follow.
#[derive(Debug, Args)]
pub struct FollowArgs {
    #[command(flatten)]
    cases: Cases,
    /// The handle of the maintainer who is told
    #[arg(long = "as", value_name = "HANDLE")]
    handle: Option<String>,
}

impl FollowArgs {
    pub(super) fn order(self, request: fn(Option<String>) -> Request) -> Order {
        Order::each(self.cases.ids, self.cases.trial, request(self.handle))
    }
}

/// Who gets our letters too.
#[derive(Debug, Args)]
pub struct CopyArgs {
    /// The cases, and the address
    #[arg(value_name = "CASE", required = true, num_args = 2..)]
    words: Vec<String>,
    #[command(flatten)]
    trial: Trial,
}

impl CopyArgs {
    pub(super) fn order(self, request: fn(Address) -> Request) -> Result<Order, Failure> {
        let (ids, words) = cases_and_words(&self.words)?;
        let address = joined(&words, "an address")?.parse::<Address>();
        let address = address.map_err(|error| Failure::Wrong(error.to_string()))?;
        Ok(Order::each(ids, self.trial, request(address)))
    }
}
