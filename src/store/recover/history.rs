//! The events that stand without those that are lost, and the cases that they add up to.
//!
//! Relies on [`Case::open`] and [`Case::apply`] alone, the same that made the rows: so a check of
//! the new store comes to the same cases.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row};

use super::{Copied, salvage};
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::event::{Change, Event};
use crate::store::cases;
use crate::store::chain::{GENESIS, Salvaged};
use crate::store::error::StoreError;
use crate::store::keys::{case_id, case_key, time};

/// What became of the events.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Cases there are.
    pub cases: u64,
    /// The keys of those that rows tell of and no event opens.
    pub lost: BTreeSet<i64>,
    /// Events that do not stand.
    pub dropped: u64,
    /// The first event whose place in the chain is another than it was.
    pub chained_anew: Option<i64>,
}

/// Reads the events into a table of their own, each by the number that it had.
pub(super) fn salvage(old: &Connection, new: &Connection) -> Result<Copied, StoreError> {
    new.execute_batch(
        "CREATE TEMP TABLE salvaged (number INTEGER PRIMARY KEY, case_key, at, actor, kind, change,
            salt, change_digest, hash);
         CREATE INDEX temp.salvaged_of_case ON salvaged (case_key)",
    )?;
    salvage::copy(old, new, "events", "temp.salvaged")
}

/// Writes the events that stand, and the cases.
pub(super) fn tell_again(new: &Connection) -> Result<History, StoreError> {
    let mut history = History::default();
    let keys = keys(new)?;
    for &key in &keys {
        if standing(new, case_id(key)?, &BTreeSet::new())?.case.is_none() {
            history.lost.insert(key);
        }
    }
    for &key in &keys {
        let standing = standing(new, case_id(key)?, &history.lost)?;
        for number in standing.fallen {
            new.prepare_cached("DELETE FROM temp.salvaged WHERE number = ?1")?.execute([number])?;
            history.dropped = history.dropped.saturating_add(1);
        }
        if let Some(case) = standing.case {
            cases::save(new, &case)?;
            history.cases = history.cases.saturating_add(1);
        }
    }
    history.chained_anew = chain(new)?;
    Ok(history)
}

/// Every case that anything tells of.
fn keys(new: &Connection) -> Result<Vec<i64>, StoreError> {
    let mut statement = new.prepare(
        "SELECT case_key FROM temp.salvaged UNION SELECT case_key FROM incoming
         WHERE case_key IS NOT NULL UNION SELECT case_key FROM outbox WHERE case_key IS NOT NULL",
    )?;
    let keys = statement.query_map([], |row| row.get(0))?;
    Ok(keys.collect::<Result<_, _>>()?)
}

/// What is left of one case.
struct Standing {
    case: Option<Case>,
    /// The events that do not stand.
    fallen: Vec<i64>,
}

fn standing(new: &Connection, id: CaseId, lost: &BTreeSet<i64>) -> Result<Standing, StoreError> {
    let mut statement = new.prepare_cached(
        "SELECT number, case_key, at, actor, kind, change, salt, change_digest
         FROM temp.salvaged WHERE case_key = ?1 ORDER BY number",
    )?;
    let mut rows = statement.query([case_key(id)])?;
    let mut case: Option<Case> = None;
    let (mut erased, mut told, mut fallen) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        match read(row) {
            Readable::Erased if case.is_none() => erased.push(number),
            Readable::Event(event)
                if !leads_to(&event, lost) && take(&mut case, id, &event, erased.is_empty()) =>
            {
                told.push(number);
            }
            Readable::Erased | Readable::Event(_) | Readable::Nothing => fallen.push(number),
        }
    }
    if case.is_none() {
        fallen.append(&mut erased);
    }
    Ok(Standing { case, fallen })
}

/// Whether an event ties its case to one that is lost.
fn leads_to(event: &Event, lost: &BTreeSet<i64>) -> bool {
    matches!(event.change, Change::Merged { into } if lost.contains(&case_key(into)))
}

/// Opens the case with an event, or changes it by one; whether that could be done. What was erased
/// before is made up for by a purge alone.
fn take(case: &mut Option<Case>, id: CaseId, event: &Event, nothing_erased: bool) -> bool {
    match case {
        Some(case) => case.apply(event).is_ok(),
        None => {
            let is_purge = matches!(event.change, Change::Purged { .. });
            *case = Some(event)
                .filter(|_| is_purge != nothing_erased)
                .and_then(|event| Case::open(id, event));
            case.is_some()
        }
    }
}

enum Readable {
    Event(Box<Event>),
    Erased,
    Nothing,
}

/// What a row says, where it says anything.
fn read(row: &Row<'_>) -> Readable {
    let Ok(salvaged) = salvaged(row) else { return Readable::Nothing };
    if !salvaged.is_whole() {
        return Readable::Nothing;
    }
    let Some(change) = &salvaged.change else { return Readable::Erased };
    match (serde_json::from_str(&salvaged.actor), serde_json::from_str(change), time(salvaged.at)) {
        (Ok(actor), Ok(change), Ok(at)) => Readable::Event(Box::new(Event { at, actor, change })),
        _ => Readable::Nothing,
    }
}

fn salvaged(row: &Row<'_>) -> rusqlite::Result<Salvaged> {
    Ok(Salvaged {
        case_key: row.get(1)?,
        at: row.get(2)?,
        actor: row.get(3)?,
        kind: row.get(4)?,
        change: row.get(5)?,
        salt: row.get(6)?,
        change_digest: row.get(7)?,
    })
}

/// Chains what is left, in its order. Returns the first event that has another place than it had.
fn chain(new: &Connection) -> Result<Option<i64>, StoreError> {
    let mut statement = new.prepare(
        "SELECT number, case_key, at, actor, kind, change, salt, change_digest, hash
         FROM temp.salvaged ORDER BY number",
    )?;
    let mut rows = statement.query([])?;
    let (mut last, mut anew) = ((0, GENESIS), None);
    while let Some(row) = rows.next()? {
        last = salvaged(row)?.append(new, last)?;
        if anew.is_none() && row.get_ref(8)?.as_blob().ok() != Some(last.1.as_slice()) {
            anew = Some(last.0);
        }
    }
    // Digests know by the number of an event what they have told.
    new.execute(
        "UPDATE digests SET events =
            (SELECT count(*) FROM temp.salvaged WHERE salvaged.number <= digests.events)",
        [],
    )?;
    Ok(anew)
}
