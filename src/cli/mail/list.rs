//! `mail list`: mail as a table or as JSON, the newest first.

use std::io::Write;

use clap::Args;

use super::super::{Failure, json, table};
use super::MailJson;
use crate::domain::Timestamp;
use crate::domain::judgement::Kind;
use crate::domain::views::Received;
use crate::policy::digest::clock;
use crate::store::{OfMail, Store, WhichMail};

/// What to list.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Mail of cases too
    #[arg(long)]
    all: bool,
    /// Only what could not be read or decided on
    #[arg(long, conflicts_with = "all")]
    quarantined: bool,
    /// Only mail of this kind; may be given several times
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Vec<Kind>,
    /// At most so many, the newest
    #[arg(long, short = 'L', value_name = "N", default_value_t = 100)]
    limit: u32,
    /// Only mail older than this one, by its number
    #[arg(long, value_name = "NUMBER")]
    before: Option<i64>,
    /// One JSON array
    #[arg(long)]
    json: bool,
}

fn kind(name: &str) -> Result<Kind, String> {
    Kind::ALL
        .into_iter()
        .find(|kind| kind.name() == name)
        .ok_or_else(|| format!("the kinds are {}", Kind::ALL.map(Kind::name).join(", ")))
}

pub(super) async fn list(
    store: &Store,
    now: Timestamp,
    args: &ListArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let of = match (args.all, args.quarantined) {
        (_, true) => OfMail::Quarantined,
        (true, false) => OfMail::All,
        (false, false) => OfMail::NoCase,
    };
    let which = WhichMail { kinds: args.kind.clone(), of, before: args.before, limit: args.limit };
    let mails = store.received(which).await?;
    if args.json {
        return json::print(out, &mails.iter().map(MailJson::from).collect::<Vec<_>>());
    }
    if mails.is_empty() {
        return table::print(out, "No such mail.\n");
    }
    let mut shown = table::table(&["MAIL", "AGE", "KIND", "RULE", "CASE", "FROM", "SUBJECT"]);
    for mail in &mails {
        shown.add_row(row(mail, now));
    }
    table::print(out, &table::lines(&shown))
}

fn row(mail: &Received, now: Timestamp) -> [String; 7] {
    let rule = mail.judgement.reasons.first().map(|reason| reason.rule.clone());
    [
        mail.number.to_string(),
        clock::length(now.signed_duration_since(mail.at)),
        mail.judgement.kind.name().to_owned(),
        rule.unwrap_or_default(),
        mail.case.map(|case| case.to_string()).unwrap_or_default(),
        // By address: a name says nothing about who wrote.
        mail.from.as_ref().map(|from| from.address.to_string()).unwrap_or_default(),
        mail.subject.clone(),
    ]
}
