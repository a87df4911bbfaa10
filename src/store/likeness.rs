//! Reports that resemble each other: found by the bands they share.

use rusqlite::{Connection, params, params_from_iter};

use super::error::StoreError;
use super::keys::{case_id, case_key};
use crate::domain::case_id::CaseId;
use crate::domain::decision::Fingerprint;

/// How many candidates a look-up brings at the most, those with the most shared bands first.
const CANDIDATES: u32 = 50;

/// Keeps the fingerprint of a case's report, in place of an earlier one.
pub(super) fn keep(
    connection: &Connection,
    id: CaseId,
    fingerprint: &Fingerprint,
) -> Result<(), StoreError> {
    let key = case_key(id);
    connection
        .prepare_cached("INSERT OR REPLACE INTO fingerprints (case_key, bytes) VALUES (?1, ?2)")?
        .execute(params![key, fingerprint.bytes])?;
    let mut insert = connection
        .prepare_cached("INSERT OR IGNORE INTO bands (band, case_key) VALUES (?1, ?2)")?;
    for band in &fingerprint.bands {
        insert.execute(params![band.cast_signed(), key])?;
    }
    Ok(())
}

/// The cases whose reports share a band with one that has `bands`.
pub(super) fn alike(
    connection: &Connection,
    bands: &[u64],
) -> Result<Vec<(CaseId, Vec<u8>)>, StoreError> {
    if bands.is_empty() {
        return Ok(Vec::new());
    }
    let marks = vec!["?"; bands.len()].join(",");
    let mut statement = connection.prepare_cached(&format!(
        "SELECT case_key, bytes FROM fingerprints JOIN (
            SELECT case_key AS found, count(*) AS shared FROM bands WHERE band IN ({marks})
            GROUP BY case_key ORDER BY shared DESC LIMIT {CANDIDATES})
         ON case_key = found ORDER BY shared DESC"
    ))?;
    let mut rows = statement.query(params_from_iter(bands.iter().map(|b| b.cast_signed())))?;
    let mut alike = Vec::new();
    while let Some(row) = rows.next()? {
        alike.push((case_id(row.get(0)?)?, row.get(1)?));
    }
    Ok(alike)
}
