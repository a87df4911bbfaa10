//! A new store out of what can be read of a damaged one.
//!
//! Relies on what a store has twice: a case is what its events add up to, and counts, clocks and
//! indexes follow from the rows. Promises: the damaged file is not changed; every row that can be
//! read and stands by itself is in the new store; a mail whose case is lost is set aside, so that
//! its case can be made anew from its bytes; the new store is sound, and begins its look through
//! the inbox anew, so that what the mailbox still has comes back; what is lost is told.

mod history;
mod references;
mod salvage;

use std::path::Path;

use super::connection::{self, Access};
use super::error::StoreError;
use super::keys::case_id;
use super::verify::{self, Progress, Report, What};
use crate::domain::case_id::CaseId;

/// Tables whose rows follow from those of others: triggers fill them, or events add up to them.
const MADE_ANEW: [&str; 4] = ["cases", "events", "handler_load", "watch"];

/// What became of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Its name.
    pub table: String,
    /// Rows that were read.
    pub rows: u64,
    /// Why not every row was; nobody can say how many are missing.
    pub damage: Option<String>,
}

/// What became of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// Its tables, but for those that follow from the others.
    pub tables: Vec<Copied>,
    /// Cases that were made from their events.
    pub cases: u64,
    /// Cases whose beginning nothing readable tells of.
    pub lost: Vec<CaseId>,
    /// Events that could be read, and do not stand without others that are lost.
    pub dropped: u64,
    /// The first event whose place in the chain is another than it was.
    pub chained_anew: Option<i64>,
    /// Mails that are set aside: their case, or their bytes, are lost.
    pub set_aside: u64,
    /// What a check of the new store finds.
    pub report: Report,
}

impl Recovered {
    /// Whether nothing is lost, as far as anybody can say.
    pub fn is_whole(&self) -> bool {
        self.tables.iter().all(|table| table.damage.is_none())
            && self.lost.is_empty()
            && self.dropped == 0
            && self.chained_anew.is_none()
            && self.set_aside == 0
            && self.report.is_sound()
    }
}

/// Makes a store of the empty file `to` of what can be read of the one at `from`.
pub(super) fn recover(
    from: &Path,
    to: &Path,
    tell: &mut dyn FnMut(What, Progress),
) -> Result<Recovered, StoreError> {
    let old = salvage::open(from)?;
    let new = connection::open(to, Access::Write)?;
    // Rows come in the order of their tables, and some refer to lost ones until the end.
    new.pragma_update(None, "foreign_keys", false)?;
    new.pragma_update(None, "temp_store", "MEMORY")?;
    new.execute_batch("BEGIN IMMEDIATE")?;
    let mut tables = Vec::new();
    for table in salvage::tables_of(&new)? {
        if !MADE_ANEW.contains(&table.as_str()) {
            tables.push(salvage::copy(&old, &new, &table, &table)?);
        }
    }
    tables.push(history::salvage(&old, &new)?);
    let history = history::tell_again(&new)?;
    let set_aside = references::mend(&new)?;
    new.execute_batch("COMMIT; DROP TABLE temp.salvaged")?;
    // One file without companions, as a backup is.
    new.pragma_update(None, "journal_mode", "DELETE")?;
    new.close().map_err(|(_, error)| StoreError::from(error))?;
    let report = verify::verify(to, tell)?;
    let lost = history.lost.into_iter().map(case_id).collect::<Result<_, _>>()?;
    let history::History { cases, dropped, chained_anew, .. } = history;
    Ok(Recovered { tables, cases, lost, dropped, chained_anew, set_aside, report })
}
