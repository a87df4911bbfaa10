//! What mail to maintainers lets them do by answering it: a row for each such mail.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Store;
use super::error::StoreError;
use super::keys::{case_id, case_key, from_name, optional_time, time};
use crate::domain::Timestamp;
use crate::domain::capability::{Grant, Granted, KeptGrant, Nonce};
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::event::Event;

/// How long a grant that ran out is kept, so that whoever answers late is told why nothing happens.
const REMEMBERED: i64 = 30 * 86_400;

/// Grants that are forgotten at a time: more than a mail adds.
const FORGOTTEN: i64 = 8;

/// Which grants are taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revoked {
    /// All.
    All,
    /// Those of one maintainer, of one case, or of both.
    Of {
        /// The maintainer.
        handle: Option<String>,
        /// The case.
        case: Option<CaseId>,
    },
    /// These.
    Named(Vec<Nonce>),
}

/// What a maintainer ordered by a mail, beside what becomes of the case that the mail joins.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ordered {
    /// Other cases, old and new, with what happened to them.
    pub cases: Vec<(Case, Vec<Event>)>,
    /// Incoming mails that move to other cases, by their numbers.
    pub moved: Vec<(i64, CaseId)>,
    /// The grant that it was done with, which is used up.
    pub spent: Option<Nonce>,
}

impl Store {
    /// Every grant that is kept, the newest first.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn grants(&self) -> Result<Vec<(Nonce, KeptGrant)>, StoreError> {
        self.reader.run(list).await
    }

    /// Takes grants back; how many there were that still held.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn revoke(&self, which: Revoked, now: Timestamp) -> Result<usize, StoreError> {
        self.writer.run(move |c| revoke(c, &which, now)).await
    }
}

/// Keeps what a mail grants, and forgets some that ran out long ago.
pub(super) fn keep(
    connection: &Connection,
    Granted { nonce, grant }: &Granted,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO grants (nonce, handle, case_key, purpose, given_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            nonce.0,
            grant.handle,
            grant.case.map(case_key),
            grant.purpose.name(),
            now.timestamp(),
            grant.expires_at.timestamp(),
        ])?;
    connection
        .prepare_cached(
            "DELETE FROM grants WHERE nonce IN
                (SELECT nonce FROM grants WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2)",
        )?
        .execute(params![now.timestamp().saturating_sub(REMEMBERED), FORGOTTEN])?;
    Ok(())
}

/// The grant of a name.
pub(super) fn find(connection: &Connection, nonce: Nonce) -> Result<Option<KeptGrant>, StoreError> {
    connection
        .prepare_cached("SELECT * FROM grants WHERE nonce = ?1")?
        .query_row([nonce.0], |row| Ok(from_row(row)))
        .optional()?
        .transpose()
}

/// Notes that a change was made with a grant.
pub(super) fn spend(
    connection: &Connection,
    nonce: Nonce,
    at: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE grants SET used_at = ?2 WHERE nonce = ?1 AND used_at IS NULL")?
        .execute(params![nonce.0, at.timestamp()])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> Result<KeptGrant, StoreError> {
    Ok(KeptGrant {
        grant: Grant {
            handle: row.get("handle")?,
            case: row.get::<_, Option<i64>>("case_key")?.map(case_id).transpose()?,
            purpose: from_name(row.get("purpose")?)?,
            expires_at: time(row.get("expires_at")?)?,
        },
        given_at: time(row.get("given_at")?)?,
        used_at: optional_time(row.get("used_at")?)?,
        revoked_at: optional_time(row.get("revoked_at")?)?,
    })
}

pub(super) fn list(connection: &Connection) -> Result<Vec<(Nonce, KeptGrant)>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT * FROM grants ORDER BY given_at DESC, nonce")?;
    let mut rows = statement.query([])?;
    let mut grants = Vec::new();
    while let Some(row) = rows.next()? {
        grants.push((Nonce(row.get("nonce")?), from_row(row)?));
    }
    Ok(grants)
}

fn revoke(connection: &Connection, which: &Revoked, now: Timestamp) -> Result<usize, StoreError> {
    let holds = "UPDATE grants SET revoked_at = ?1
        WHERE revoked_at IS NULL AND used_at IS NULL AND expires_at > ?1";
    let at = now.timestamp();
    Ok(match which {
        Revoked::All => connection.execute(holds, [at])?,
        Revoked::Of { handle, case } => connection.execute(
            &format!("{holds} AND (?2 IS NULL OR handle = ?2 COLLATE NOCASE) AND (?3 IS NULL OR case_key = ?3)"),
            params![at, handle, case.map(case_key)],
        )?,
        Revoked::Named(names) => {
            let mut statement = connection.prepare(&format!("{holds} AND nonce = ?2"))?;
            names.iter().try_fold(0usize, |count, nonce| {
                Ok::<_, StoreError>(count.saturating_add(statement.execute(params![at, nonce.0])?))
            })?
        }
    })
}
