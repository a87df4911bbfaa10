//! `case export`: what may be told of a closed case to anybody.

use std::io::Write;

use anyhow::Error;
use clap::Args;

use super::super::{Failure, json, table};
use super::unknown;
use crate::domain::Timestamp;
use crate::domain::case_id::CaseId;
use crate::policy::record::Record;
use crate::store::Store;

/// Print the record of a closed case that can be published
///
/// Its timeline, how it ended, which promises were kept, and, once it was disclosed, the affected and
/// the fixed versions, the advisory's number and the agreed credits. No word of a mail, no name or
/// address and no note of a maintainer is in it. An open case or one under embargo has none yet.
#[derive(Debug, Args)]
#[command(after_help = "Example: embargod case export EMB-2026-0001 --redacted > record.md")]
pub struct ExportArgs {
    /// The case, such as EMB-2026-0001
    #[arg(value_name = "CASE")]
    id: CaseId,
    /// Leave out all that is personal or private: there is no other record
    #[arg(long, required = true)]
    redacted: bool,
    /// One JSON object instead of Markdown
    #[arg(long)]
    json: bool,
}

pub(super) async fn export(
    store: &Store,
    now: Timestamp,
    args: &ExportArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let file = store.case_file(args.id).await?.ok_or_else(|| unknown(args.id))?;
    let record = Record::of(&file.case, &file.events, now).map_err(Error::from)?;
    if args.json {
        return json::print(out, &record);
    }
    table::print(out, &record.markdown())
}
