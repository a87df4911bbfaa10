//! `case list` and `case show`.

use std::io::Write;

use clap::Args;

use super::super::json::{self, CaseFileJson};
use super::super::{Failure, table};
use super::sheet::sheet;
use super::unknown;
use crate::domain::Timestamp;
use crate::domain::address::Address;
use crate::domain::case_id::CaseId;
use crate::store::Store;

/// What to show.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The case, such as EMB-2026-0001
    #[arg(value_name = "CASE")]
    id: CaseId,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) async fn show(
    store: &Store,
    project: &Address,
    now: Timestamp,
    args: &ShowArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let file = store.case_file(args.id).await?.ok_or_else(|| unknown(args.id))?;
    if args.json {
        return json::print(out, &CaseFileJson::new(&file, project));
    }
    table::print(out, &sheet(&file, now))
}
