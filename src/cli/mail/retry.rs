//! `mail retry`: another try at mail that could not be read or decided on.

use std::io::Write;
use std::sync::Arc;

use anyhow::anyhow;
use clap::Args;

use super::super::{Failure, table};
use crate::daemon::again::{Again, again};
use crate::daemon::desk::Desk;
use crate::store::{OfMail, Store, Taken, WhichMail};

/// What to try again.
#[derive(Debug, Args)]
pub struct RetryArgs {
    /// Numbers, as the digest and `mail list --quarantined` show them
    #[arg(value_name = "NUMBER", required_unless_present = "all")]
    numbers: Vec<i64>,
    /// All that is quarantined
    #[arg(long, conflicts_with = "numbers")]
    all: bool,
}

pub(super) async fn retry(
    store: &Store,
    desk: &Arc<Desk>,
    args: &RetryArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let numbers = match args.all {
        true => quarantined(store).await?,
        false => args.numbers.clone(),
    };
    let mut failed = false;
    for number in numbers {
        let came_of_it = match again(store, desk, number).await? {
            Again::NotThere => {
                let why = format!(
                    "mail {number} is not quarantined: see `embargod mail list --quarantined`"
                );
                return Err(Failure::Failed(anyhow!(why)));
            }
            Again::NeverHad => {
                failed = true;
                "stays quarantined: its server never gave its content; look for it in the mailbox"
                    .to_owned()
            }
            Again::Fails(why) => {
                failed = true;
                format!("stays quarantined: {why}")
            }
            Again::Taken(taken) => words(&taken),
        };
        table::print(out, &format!("mail {number} {came_of_it}\n"))?;
    }
    if failed { Err(Failure::Told) } else { Ok(()) }
}

/// The numbers of all that is quarantined, the oldest first.
async fn quarantined(store: &Store) -> Result<Vec<i64>, Failure> {
    let which = WhichMail { of: OfMail::Quarantined, limit: u32::MAX, ..WhichMail::default() };
    let mut numbers: Vec<i64> =
        store.received(which).await?.iter().map(|mail| mail.number).collect();
    numbers.reverse();
    Ok(numbers)
}

fn words(taken: &Taken) -> String {
    match taken {
        Taken::SeenBefore => "was here before".to_owned(),
        Taken::Decided { judgement, case, letters } => {
            let rule = judgement.reasons.first().map_or("", |reason| reason.rule.as_str());
            let case = case.map_or("no case".to_owned(), |case| case.to_string());
            let letters = match letters {
                0 => "no mail goes out".to_owned(),
                1 => "1 mail goes out".to_owned(),
                more => format!("{more} mails go out"),
            };
            format!("is taken in: {case}, {rule}, {letters}")
        }
    }
}
