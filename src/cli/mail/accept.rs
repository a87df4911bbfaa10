//! `mail accept`: a person takes in as a report what was taken for something else.

use std::io::Write;
use std::sync::Arc;

use anyhow::anyhow;
use clap::Args;

use super::super::case::operator;
use super::super::{Failure, table};
use super::{unknown, whole};
use crate::daemon::desk::Desk;
use crate::daemon::overruling;
use crate::domain::address::{Address, Mailbox};
use crate::store::{Overruling, Store};

/// What to take in.
#[derive(Debug, Args)]
pub struct AcceptArgs {
    /// The mails, by their numbers in `mail list` or the digest
    #[arg(value_name = "NUMBER", required = true)]
    numbers: Vec<i64>,
    /// Whose report it is, where the mail does not say so
    #[arg(long, value_name = "ADDRESS")]
    from: Option<Address>,
}

pub(super) async fn accept(
    store: &Store,
    desk: &Arc<Desk>,
    args: AcceptArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    for number in args.numbers {
        let mail = store.received_mail(number).await?.ok_or_else(|| unknown(number))?;
        let mail = whole(mail)?;
        let reporter = args.from.clone().map(|address| Mailbox { name: None, address });
        match overruling::accept(desk, store, mail, reporter, operator()).await? {
            Overruling::Done(case) => {
                let told = format!("mail {number} is in {case}; `embargod case show {case}`\n");
                table::print(out, &told)?;
            }
            Overruling::NoSuchMail => return Err(unknown(number)),
            Overruling::HasCase(case) => {
                return Err(anyhow!(
                    "mail {number} is in {case} already; `embargod case split {case} --mail {number}` \
                     gives it a case of its own"
                )
                .into());
            }
            Overruling::Refused(why) => return Err(anyhow!("mail {number}: {why}").into()),
        }
    }
    Ok(())
}
