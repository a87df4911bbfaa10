//! The places where mail was seen, and how far its folders were looked through.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::incoming::folder_number;
use crate::domain::place::{Place, Position};

/// Up to where a folder has been looked at.
pub(super) fn position(connection: &Connection, folder: &str) -> Result<Position, StoreError> {
    let found = connection
        .prepare_cached("SELECT uid_validity, uid FROM folders WHERE name = ?1")?
        .query_row([folder], |row| Ok(Position { uid_validity: row.get(0)?, uid: row.get(1)? }))
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// Notes up to where a folder has been looked at. Never goes back within one UIDVALIDITY.
pub(super) fn advance(
    connection: &Connection,
    folder: &str,
    to: Position,
) -> Result<(), StoreError> {
    let number = folder_number(connection, folder)?;
    connection
        .prepare_cached(
            "UPDATE folders SET
                uid = CASE WHEN uid_validity = ?2 THEN max(uid, ?3) ELSE ?3 END,
                uid_validity = ?2
             WHERE number = ?1",
        )?
        .execute(params![number, to.uid_validity, to.uid])?;
    Ok(())
}

/// The unique names seen in a Maildir.
pub(super) fn seen_names(connection: &Connection, folder: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT place FROM sightings
         WHERE folder = (SELECT number FROM folders WHERE name = ?1) AND uid_validity = 0",
    )?;
    let rows = statement.query_map([folder], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Every place of a folder where mail was seen.
pub(super) fn seen_places(connection: &Connection, folder: &str) -> Result<Vec<Place>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT uid_validity, place FROM sightings
         WHERE folder = (SELECT number FROM folders WHERE name = ?1)",
    )?;
    let mut rows = statement.query([folder])?;
    let mut places = Vec::new();
    while let Some(row) = rows.next()? {
        let folder = folder.to_owned();
        places.push(match row.get(1)? {
            Value::Integer(uid) => Place::Imap {
                folder,
                uid_validity: row.get(0)?,
                uid: u32::try_from(uid)
                    .map_err(|_| StoreError::Unreadable(format!("{uid} is no UID")))?,
            },
            Value::Text(name) => Place::Maildir { folder, name },
            _ => {
                let why = "a place is neither a UID nor a name".to_owned();
                return Err(StoreError::Unreadable(why));
            }
        });
    }
    Ok(places)
}
