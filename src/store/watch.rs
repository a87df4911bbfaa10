//! The cases whose clocks are to be looked at, and what people were reminded of.

use rusqlite::{Connection, params};

use super::cases;
use super::error::StoreError;
use super::keys::{case_key, from_name, name_of, time};
use super::outbox;
use crate::domain::Timestamp;
use crate::domain::case_id::CaseId;
use crate::domain::outgoing::Outgoing;
use crate::domain::reminder::{Looked, Reminded, Watched};

/// The cases that are due for a look, at most `limit` of them.
pub(super) fn due(
    connection: &Connection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Watched>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT cases.* FROM watch JOIN cases ON key = case_key
         WHERE look_at <= ?1 ORDER BY look_at, key LIMIT ?2",
    )?;
    let mut rows = statement.query(params![now.timestamp(), limit])?;
    let mut watched = Vec::new();
    while let Some(row) = rows.next()? {
        let case = cases::from_row(row)?;
        watched.push(Watched { reminded: reminded(connection, case.id)?, case });
    }
    Ok(watched)
}

fn reminded(connection: &Connection, id: CaseId) -> Result<Vec<Reminded>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT due, deadline, stage FROM reminders WHERE case_key = ?1")?;
    let mut rows = statement.query([case_key(id)])?;
    let mut reminded = Vec::new();
    while let Some(row) = rows.next()? {
        reminded.push(Reminded {
            due: from_name(row.get(0)?)?,
            deadline: time(row.get(1)?)?,
            stage: row.get::<_, Option<String>>(2)?.map(from_name).transpose()?,
        });
    }
    Ok(reminded)
}

/// Writes what the looks came to, and the mail that reminds people.
pub(super) fn write(
    connection: &Connection,
    looked: &[Looked],
    mail: &[Outgoing],
    now: Timestamp,
) -> Result<(), StoreError> {
    for look in looked {
        let key = case_key(look.case);
        for reminded in &look.reminded {
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO reminders (case_key, due, deadline, stage, at)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![
                    key,
                    name_of(&reminded.due)?,
                    reminded.deadline.timestamp(),
                    reminded.stage.as_ref().map(name_of).transpose()?,
                    now.timestamp(),
                ])?;
        }
        match look.next {
            Some(next) => connection
                .prepare_cached("UPDATE watch SET look_at = ?2 WHERE case_key = ?1")?
                .execute(params![key, next.timestamp()])?,
            None => connection
                .prepare_cached("DELETE FROM watch WHERE case_key = ?1")?
                .execute([key])?,
        };
    }
    for mail in mail {
        outbox::add(connection, mail, now)?;
    }
    Ok(())
}
