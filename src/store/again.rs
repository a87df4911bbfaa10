//! Quarantined mail, decided on once more by a person's word.

use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::incoming::{self, Entry, Origin};
use super::keys::{case_key, name_of, time};
use super::{Store, Taken, Written};
use crate::domain::Timestamp;
use crate::domain::lookup::{Incoming, Known, Lookups};
use crate::domain::place::Place;

/// A quarantined mail, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Its number in the store.
    pub number: i64,
    /// Why it was quarantined.
    pub why: String,
    /// Where it was first seen.
    pub place: Place,
    /// When its server got it.
    pub arrived_at: Timestamp,
    /// Its size on the server.
    pub size: u64,
    /// Its bytes; none where its server never gave them.
    pub raw: Vec<u8>,
}

/// One quarantined mail; `None` where there is none of that number.
fn load(connection: &Connection, number: i64) -> Result<Option<Quarantined>, StoreError> {
    let row = connection
        .prepare_cached(
            "SELECT quarantined, arrived_at, size, raw, name, sightings.uid_validity, place
             FROM incoming JOIN sightings ON incoming = incoming.number
             JOIN folders ON folders.number = folder
             WHERE incoming.number = ?1 AND quarantined IS NOT NULL LIMIT 1",
        )?
        .query_row([number], |row| {
            let place = incoming::place_of_row(row.get(4)?, row.get(5)?, row.get(6)?);
            let times: (i64, i64) = (row.get(1)?, row.get(2)?);
            Ok((row.get(0)?, times, row.get(3)?, place))
        })
        .optional()?;
    let Some((why, (arrived_at, size), raw, place)) = row else { return Ok(None) };
    let (arrived_at, size) = (time(arrived_at)?, u64::try_from(size).unwrap_or_default());
    Ok(Some(Quarantined { number, why, place: place?, arrived_at, size, raw }))
}

/// The whole of one such mail's transaction: all that taking it in would do, but that it has its row.
/// `None` where it is not quarantined any more.
fn take_again(
    connection: &Connection,
    number: i64,
    incoming: &Incoming,
    lookups: &Lookups,
    decide: impl FnOnce(Known) -> Written,
) -> Result<Option<Taken>, StoreError> {
    let waits = connection
        .prepare_cached("SELECT 1 FROM incoming WHERE number = ?1 AND quarantined IS NOT NULL")?
        .exists([number])?;
    if !waits {
        return Ok(None);
    }
    let written = decide(incoming::look_up(connection, lookups)?);
    incoming::change_cases(connection, &written, incoming.decided_at)?;
    let entry = Entry {
        decision: &written.decision,
        says: lookups.says.as_ref().map(|(_, text)| *text),
        quarantined: written.quarantined.as_deref(),
        origin: Origin::Inbox,
    };
    rewrite(connection, number, incoming, &entry)?;
    incoming::post(connection, &written, incoming.decided_at)?;
    Ok(Some(incoming::taken(written)))
}

/// Writes into the row of a mail what came of it this time.
fn rewrite(
    connection: &Connection,
    number: i64,
    incoming: &Incoming,
    entry: &Entry<'_>,
) -> Result<(), StoreError> {
    let decision = entry.decision;
    connection
        .prepare_cached(
            "UPDATE incoming SET decided_at = ?2, kind = ?3, format = ?4, reasons = ?5,
                case_key = ?6, quarantined = ?7, from_name = ?8, from_addr = ?9, subject = ?10,
                message_id = ?11, sender = ?12, says = ?13, files = ?14, readers = ?15
             WHERE number = ?1",
        )?
        .execute(params![
            number,
            incoming.decided_at.timestamp(),
            name_of(&decision.judgement.kind)?,
            decision.judgement.format.as_ref().map(name_of).transpose()?,
            serde_json::to_string(&decision.judgement.reasons)?,
            decision.placement.case_id().map(case_key),
            entry.quarantined,
            incoming.from_name,
            incoming.from.as_ref().map(|from| from.as_str()),
            incoming.subject,
            incoming.message_id.as_ref().map(|id| &id.0),
            incoming::sender_of(&incoming.authenticity)?,
            entry.says,
            serde_json::to_string(&incoming.files)?,
            serde_json::to_string(&incoming.readers)?,
        ])?;
    Ok(())
}

impl Store {
    /// One quarantined mail; `None` where there is none of that number.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn quarantined_mail(&self, number: i64) -> Result<Option<Quarantined>, StoreError> {
        self.reader.run(move |c| load(c, number)).await
    }

    /// Takes in a quarantined mail as [`take_in`](Self::take_in) does, into the row that it
    /// has. `None` where it is not quarantined any more.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn take_again(
        &self,
        number: i64,
        incoming: Incoming,
        lookups: Lookups,
        decide: impl FnOnce(Known) -> Written + Send + 'static,
    ) -> Result<Option<Taken>, StoreError> {
        self.writer.run(move |c| take_again(c, number, &incoming, &lookups, decide)).await
    }
}
