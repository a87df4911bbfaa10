//! `case advisory`: the documents of a case, at any time.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::super::Failure;
use super::super::table;
use super::documents::{Existing, Written, write};
use super::unknown;
use crate::config::Settings;
use crate::domain::Timestamp;
use crate::domain::case_id::CaseId;
use crate::policy::advisory::{Advisory, Format, Status};
use crate::store::Store;

/// Print or write the advisory of a case, complete or as a draft.
///
/// Shows one document, the Markdown page unless --format says otherwise; with --out it writes
/// all four into a folder, or just the one. What a document still lacks is said on stderr.
#[derive(Debug, Args)]
pub struct AdvisoryArgs {
    /// The case, such as EMB-2026-0001
    #[arg(value_name = "CASE")]
    id: CaseId,
    /// Which document
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    format: Option<String>,
    /// Write into this folder instead
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace files that say something else
    #[arg(long, requires = "out")]
    replace: bool,
}

fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(Format::ALL.map(Format::name))
}

pub(super) async fn advisory(
    store: &Store,
    settings: &Settings,
    now: Timestamp,
    args: &AdvisoryArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let file = store.case_file(args.id).await?.ok_or_else(|| unknown(args.id))?;
    let advisory = Advisory::of(&file, &settings.disclosure.publisher, now);
    let asked = Format::ALL.into_iter().filter(|format| match &args.format {
        Some(name) => format.name() == name,
        None => true,
    });
    let asked: Vec<Format> = asked.collect();
    match &args.out {
        Some(folder) => {
            let existing = if args.replace { Existing::Replace } else { Existing::Keep };
            let written = write(&advisory, &asked, folder, existing)?;
            table::print(out, &in_words(&advisory, &written))?;
        }
        None => {
            let format = asked.first().copied().unwrap_or(Format::Markdown);
            let document = advisory.document(format).map_err(anyhow::Error::from)?;
            table::print(out, &document)?;
            tell_missing(&advisory, &[format]);
        }
    }
    Ok(())
}

/// A line a document: where it is, and whether it can be published.
pub fn in_words(advisory: &Advisory, written: &[Written]) -> String {
    let mut rows = table::table(&[]);
    for document in written {
        let status = match advisory.status(document.format) {
            Status::Final => "complete",
            Status::Draft => "draft",
        };
        rows.add_row([document.format.title(), status, &document.path.display().to_string()]);
    }
    let formats: Vec<Format> = written.iter().map(|document| document.format).collect();
    table::lines(&rows) + &missing_in_words(advisory, &formats)
}

/// What documents lack, a line each; what one lacks alone is named with it.
fn missing_in_words(advisory: &Advisory, formats: &[Format]) -> String {
    let mut lines: Vec<(String, Vec<Format>)> = Vec::new();
    for format in formats {
        for missing in advisory.missing(*format) {
            let words = missing.words();
            match lines.iter_mut().find(|(known, _)| *known == words) {
                Some((_, of)) => of.push(*format),
                None => lines.push((words, vec![*format])),
            }
        }
    }
    if lines.is_empty() {
        return String::new();
    }
    let mut text = "\nBefore it can be published:\n".to_owned();
    for (words, of) in lines {
        let of = match of.len() == formats.len() {
            true => String::new(),
            false => {
                let names: Vec<&str> = of.iter().map(|format| format.title()).collect();
                format!(" ({})", names.join(", "))
            }
        };
        text.push_str(&format!("  {words}{of}\n"));
    }
    text
}

/// On stderr, so that the document alone is on stdout.
fn tell_missing(advisory: &Advisory, formats: &[Format]) {
    let text = missing_in_words(advisory, formats);
    let _ = std::io::stderr().write_all(text.trim_start().as_bytes());
}
