//! Rows that refer to lost ones: they stand without, or they go too.

use rusqlite::{Connection, params};

use super::salvage;
use crate::domain::place::ARCHIVE;
use crate::store::error::StoreError;
use crate::store::{identity, verify};

/// Tables whose rows outlive their case.
const OUTLIVING: [&str; 4] = ["cases", "events", "incoming", "outbox"];

/// Mends every reference. Returns how many mails are set aside.
pub(super) fn mend(new: &Connection) -> Result<u64, StoreError> {
    let caseless = of_lost_cases(new)?;
    new.execute_batch(
        "DELETE FROM sightings WHERE incoming NOT IN (SELECT number FROM incoming)
            OR folder NOT IN (SELECT number FROM folders);
         DELETE FROM attempts WHERE folder NOT IN (SELECT number FROM folders);
         UPDATE digests SET outbox = NULL WHERE outbox NOT IN (SELECT number FROM outbox);
         UPDATE folders SET uid_validity = 0, uid = 0;",
    )?;
    seen_nowhere(new)?;
    let bytes = without_their_bytes(new)?;
    Ok(caseless.saturating_add(bytes))
}

fn of_lost_cases(new: &Connection) -> Result<u64, StoreError> {
    let mails = new.execute(
        "UPDATE incoming SET case_key = NULL, kind = 'malformed', format = NULL,
            quarantined = 'its case was lost with a part of the store'
         WHERE case_key NOT IN (SELECT key FROM cases)",
        [],
    )?;
    new.execute_batch(
        "UPDATE outbox SET status = 'held' WHERE status = 'queued'
            AND case_key NOT IN (SELECT key FROM cases);
         UPDATE outbox SET case_key = NULL WHERE case_key NOT IN (SELECT key FROM cases);",
    )?;
    for table in salvage::tables_of(new)? {
        let outlives = OUTLIVING.contains(&table.as_str());
        if !outlives && salvage::columns_of(new, &table)?.iter().any(|name| name == "case_key") {
            let gone = "case_key NOT IN (SELECT key FROM cases)";
            new.execute(&format!("DELETE FROM {table} WHERE {gone}"), [])?;
        }
    }
    Ok(u64::try_from(mails).unwrap_or(u64::MAX))
}

/// A mail whose place is lost gets one that no inbox has.
fn seen_nowhere(new: &Connection) -> Result<(), StoreError> {
    let homeless = "FROM incoming WHERE number NOT IN (SELECT incoming FROM sightings)";
    let any: bool =
        new.query_row(&format!("SELECT EXISTS (SELECT 1 {homeless})"), [], |row| row.get(0))?;
    if !any {
        return Ok(());
    }
    new.execute(
        "INSERT OR IGNORE INTO folders (name, uid_validity, uid) VALUES (?1, 0, 0)",
        [ARCHIVE],
    )?;
    new.execute(
        &format!(
            "INSERT INTO sightings (folder, uid_validity, place, incoming)
             SELECT (SELECT number FROM folders WHERE name = ?1), 0, 'recovered ' || number, number
             {homeless}"
        ),
        [ARCHIVE],
    )?;
    Ok(())
}

/// A mail whose bytes are not those that arrived keeps its row, by its place, without them.
fn without_their_bytes(new: &Connection) -> Result<u64, StoreError> {
    let wrong = verify::wrong_bytes(new)?;
    for &number in &wrong {
        let of_place = new.query_row(
            "SELECT name, sightings.uid_validity, place FROM sightings
             JOIN folders ON folders.number = folder WHERE incoming = ?1",
            [number],
            |row| Ok(identity::of_row(&row.get::<_, String>(0)?, row.get(1)?, row.get_ref(2)?)),
        )??;
        new.execute(
            "UPDATE incoming SET raw = x'', digest = ?2,
                quarantined = 'its bytes were lost with a part of the store' WHERE number = ?1",
            params![number, of_place],
        )?;
    }
    Ok(u64::try_from(wrong.len()).unwrap_or(u64::MAX))
}
