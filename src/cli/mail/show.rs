//! `mail show`: one mail, as a person can look at it without harm.

use std::io::{IsTerminal, Write};

use clap::Args;
use serde::Serialize;

use super::super::{Failure, json, table};
use super::{MailJson, unknown};
use crate::domain::address::displayable;
use crate::domain::shown::visible;
use crate::domain::views::Received;
use crate::mail::read::read;
use crate::store::Store;

/// What to show.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The mail, by its number in `mail list`, `case show` or the digest
    #[arg(value_name = "NUMBER")]
    number: i64,
    /// Its bytes as they arrived, into a file or a pipe
    #[arg(long, conflicts_with = "json")]
    raw: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// A mail with its text.
#[derive(Debug, Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    mail: MailJson<'a>,
    text: &'a str,
}

pub(super) async fn show(
    store: &Store,
    args: &ShowArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let (mail, raw) =
        store.received_mail(args.number).await?.ok_or_else(|| unknown(args.number))?;
    if args.raw {
        if std::io::stdout().is_terminal() {
            let why = "a mail's bytes may steer your terminal: send them into a file or a pipe";
            return Err(Failure::Wrong(why.to_owned()));
        }
        out.write_all(&raw)?;
        return Ok(());
    }
    let text = read(&raw, mail.size).text.text;
    if args.json {
        return json::print(out, &Whole { mail: MailJson::from(&mail), text: &text });
    }
    table::print(out, &format!("{}\n{}", head(&mail), visible(&text)))
}

/// What is known of a mail besides its text.
fn head(mail: &Received) -> String {
    let mut facts = table::table(&[]);
    let mut add = |name: &str, fact: String| {
        facts.add_row([name.to_owned(), fact]);
    };
    add("mail", mail.number.to_string());
    add("arrived", mail.at.format("%Y-%m-%d %H:%M UTC").to_string());
    add("from", mail.from.as_ref().map_or("nobody can be read".to_owned(), ToString::to_string));
    if let Some(sender) = &mail.sender {
        add("sender", displayable(&sender.to_string()));
    }
    add("subject", mail.subject.clone());
    add("kind", mail.judgement.kind.name().to_owned());
    for reason in &mail.judgement.reasons {
        add("because", format!("{}: {}", reason.rule, displayable(&reason.detail)));
    }
    if let Some(case) = mail.case {
        add("case", case.to_string());
    }
    if !mail.readers.is_empty() {
        let readers: Vec<_> = mail.readers.iter().map(|a| displayable(a.as_str())).collect();
        add("readers", readers.join(", "));
    }
    for file in &mail.files {
        let size = bytesize::ByteSize::b(file.size);
        add("file", format!("{} ({}, {size})", file.name, displayable(&file.media_type)));
    }
    add("size", bytesize::ByteSize::b(mail.size).to_string());
    if let Some(at) = mail.purged_at {
        add("purged", at.format("%Y-%m-%d %H:%M UTC").to_string());
    } else if mail.case.is_none() {
        add("to take it in", format!("embargod mail accept {}", mail.number));
    }
    table::lines(&facts)
}
