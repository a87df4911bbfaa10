//! `embargod screen`: judges mail files by the policy, without a store and without sending.
//!
//! Promises: every mail of every source gets one line (`--json`) or a few (for a person); a source
//! that cannot be read is named at the end, after all others were judged; a reader that goes away
//! is no error.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use serde::Serialize;

use super::Failure;
use super::sources::{self, Source};
use crate::config::{Secrets, Settings, locate};
use crate::daemon::desk::rules;
use crate::domain::address::displayable;
use crate::domain::judgement::{Format, Judgement, Kind, Reason};
use crate::domain::mail::Mail;
use crate::mail::read::read;
use crate::policy::judge::{Look, Surroundings, judge};

/// How much of a mail is read where no configuration says so.
const DEFAULT_LIMIT: u64 = 25 * 1024 * 1024;

/// Judge mail files by the policy, without a store and without sending.
#[derive(Debug, Clone, Args)]
pub struct ScreenArgs {
    /// Print one JSON object a line.
    #[arg(long)]
    pub json: bool,
    /// Mail files, mbox files, Maildirs, folders of .eml files; `-` reads one mail from stdin.
    #[arg(required = true, value_name = "FILE|DIR|-")]
    pub paths: Vec<PathBuf>,
}

/// One line of `screen --json`.
#[derive(Debug, Serialize)]
struct Line<'a> {
    file: &'a str,
    kind: Kind,
    format: Option<Format>,
    reasons: &'a [Reason],
    from: Option<&'a str>,
    subject: &'a str,
    message_id: Option<String>,
}

/// Screens by the configuration, where there is one: it knows the project and its maintainers.
///
/// # Errors
/// 1 where a source cannot be read, 2 where the configuration that was named is wrong.
pub fn screen(config: Option<&Path>, args: &ScreenArgs) -> Result<(), Failure> {
    let settings = match (config, locate(config)) {
        (None, Err(_)) => None,
        (_, found) => Some(Settings::load(&found?, Secrets::Skip)?),
    };
    let surroundings = settings.as_ref().map(|s| rules(s).surroundings()).unwrap_or_default();
    let limit = settings.map_or(DEFAULT_LIMIT, |settings| settings.limits.message_bytes);
    let mut out = BufWriter::new(io::stdout().lock());
    Ok(judge_all(args, &surroundings, limit, &mut out)?)
}

/// Judges all mails of the given sources. `limit` is the number of bytes that are read of a mail.
///
/// # Errors
///
/// A source that cannot be read, after all others were judged; an output that cannot be written to.
pub fn judge_all(
    args: &ScreenArgs,
    surroundings: &Surroundings,
    limit: u64,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut unread = Vec::new();
    for path in &args.paths {
        let mut each = |source: Source| -> io::Result<()> {
            let mail = read(&source.raw, source.size);
            let judgement = judge(&Look::at(&mail), surroundings);
            let name = source.spot.to_string();
            if args.json {
                let line = line(&name, &mail, &judgement);
                serde_json::to_writer(&mut *out, &line)?;
                out.write_all(b"\n")
            } else {
                explain(&name, &mail, &judgement, out)
            }
        };
        match sources::each(path, limit, &mut each, &mut unread) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
    match out.flush() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error.into()),
        _ => {}
    }
    if !unread.is_empty() {
        bail!(unread.join("\n"));
    }
    Ok(())
}

fn line<'a>(file: &'a str, mail: &'a Mail, judgement: &'a Judgement) -> Line<'a> {
    Line {
        file,
        kind: judgement.kind,
        format: judgement.format,
        reasons: &judgement.reasons,
        from: mail.author().map(|author| author.address.as_str()),
        subject: &mail.subject,
        message_id: mail.message_id.as_ref().map(|id| format!("<{}>", id.0)),
    }
}

/// A few lines for a person.
fn explain(file: &str, mail: &Mail, judgement: &Judgement, out: &mut dyn Write) -> io::Result<()> {
    let kind = word(&judgement.kind);
    let verdict = match judgement.format {
        Some(format) if format.is_sent_back() && judgement.kind == Kind::Submission => {
            format!("{kind}, {}: sent back with a request for the whole report", word(&format))
        }
        Some(format) => format!("{kind}, {}", word(&format)),
        None => format!("{kind}: recorded, never answered"),
    };
    let from =
        mail.author().map_or_else(|| "nobody that can be read".to_owned(), ToString::to_string);
    writeln!(out, "{}", displayable(file))?;
    writeln!(out, "  {verdict}")?;
    writeln!(out, "  from {from}: {}", displayable(&mail.subject))?;
    for reason in &judgement.reasons {
        writeln!(out, "  {}: {}", reason.rule, displayable(&reason.detail))?;
    }
    Ok(())
}

/// The word that the interface uses for a value.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(ToOwned::to_owned))
        .unwrap_or_default()
}
