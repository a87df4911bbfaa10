//! What `case disclose` and `case embargo` do besides the change itself: the documents of the advisory,
//! and a word about lists that keep a secret for a shorter time.

use std::io::Write;
use std::path::Path;

use super::super::{Failure, table};
use super::documents::{self, Existing};
use super::{advisory, unknown};
use crate::daemon::desk::Desk;
use crate::domain::Timestamp;
use crate::domain::case_id::CaseId;
use crate::domain::event::{Change, Event};
use crate::policy::advisory::{Advisory, Format};
use crate::policy::disclosure::too_long;
use crate::store::Store;

/// Whether the documents of a case could be put into the configured folder: looked at before the case
/// is disclosed, so that what is in the way stops the disclosure and not its half.
///
/// # Errors
/// Where something else is in the way.
pub(super) async fn may_be_written(
    store: &Store,
    desk: &Desk,
    id: CaseId,
    now: Timestamp,
) -> Result<(), Failure> {
    let Some(folder) = &desk.rules.disclosure.folder else { return Ok(()) };
    documents::may_be_written(&composed(store, desk, id, now).await?, &Format::ALL, folder)
}

/// Puts the documents of a case that was just disclosed into the configured folder, if there is one.
///
/// # Errors
/// Where they cannot be written; the case is disclosed all the same, and the error says how to go on.
pub(super) async fn publish(
    store: &Store,
    desk: &Desk,
    id: CaseId,
    now: Timestamp,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let Some(folder) = &desk.rules.disclosure.folder else { return Ok(()) };
    let advisory = composed(store, desk, id, now).await?;
    let written = documents::write(&advisory, &Format::ALL, folder, Existing::Keep)
        .map_err(|failure| go_on(&failure, id, folder))?;
    table::print(out, &advisory::in_words(&advisory, &written))
}

fn go_on(failure: &Failure, id: CaseId, folder: &Path) -> Failure {
    let again = format!("embargod case advisory {id} --out {}", folder.display());
    Failure::Failed(anyhow::anyhow!(
        "{id} is disclosed, but its documents are not written: {failure}; then `{again}`"
    ))
}

async fn composed(
    store: &Store,
    desk: &Desk,
    id: CaseId,
    now: Timestamp,
) -> Result<Advisory, Failure> {
    let file = store.case_file(id).await?.ok_or_else(|| unknown(id))?;
    Ok(Advisory::of(&file, &desk.rules.disclosure.publisher, now))
}

/// The lists that would not keep the secret as long as an embargo that was just set.
pub(super) fn warnings<'e>(
    events: impl Iterator<Item = &'e Event>,
    desk: &Desk,
    now: Timestamp,
) -> String {
    let set = events.filter_map(|event| match event.change {
        Change::Embargoed { until } => until,
        _ => None,
    });
    let lists = &desk.rules.disclosure.embargo_lists;
    let told = set.flat_map(|until| too_long(lists, until, now));
    told.map(|list| format!("{}\n", list.words())).collect()
}
