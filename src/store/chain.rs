//! The chain of events: each row carries a hash over itself and the row before it.
//!
//! Promises: a row that was changed, taken out or put in between is found, and the first such is
//! named. What a chain without a key cannot show is a rewriting of everything after some point;
//! whoever fears that keeps the head that `embargod verify` prints somewhere else.

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::error::StoreError;
use crate::domain::event::Event;

/// A SHA-256.
pub type Hash = [u8; 32];

/// What stands before the first event.
pub(super) const GENESIS: Hash = [0; 32];

/// What an event's hash is made of, besides the hash before it.
struct Link<'a> {
    case_key: i64,
    at: i64,
    actor: &'a str,
    kind: &'a str,
    change_digest: &'a [u8],
}

impl Link<'_> {
    /// Every part has a fixed length or its length before it: no two rows hash the same bytes.
    fn hash(&self, before: &Hash) -> Hash {
        let mut hash = Sha256::new();
        hash.update(before);
        hash.update(self.case_key.to_be_bytes());
        hash.update(self.at.to_be_bytes());
        for text in [self.actor.as_bytes(), self.kind.as_bytes(), self.change_digest] {
            hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(text);
        }
        hash.finalize().into()
    }
}

fn digest_of(salt: &[u8], change: &str) -> Hash {
    Sha256::new().chain_update(salt).chain_update(change.as_bytes()).finalize().into()
}

/// Writes one event at the end of the chain. The writer's transaction holds the write lock, so
/// nothing comes between the look at the last hash and the row that follows it.
pub(super) fn append(
    connection: &Connection,
    case_key: i64,
    event: &Event,
) -> Result<(), StoreError> {
    let before: Option<Hash> = connection
        .prepare_cached("SELECT hash FROM events ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let mut salt = [0u8; 16];
    getrandom::fill(&mut salt)
        .map_err(|e| StoreError::Work(format!("the system gives no random bytes: {e}")))?;
    let actor = serde_json::to_string(&event.actor)?;
    let change = serde_json::to_string(&event.change)?;
    let change_digest = digest_of(&salt, &change);
    let link = Link {
        case_key,
        at: event.at.timestamp(),
        actor: &actor,
        kind: event.change.name(),
        change_digest: &change_digest,
    };
    let hash = link.hash(&before.unwrap_or(GENESIS));
    connection
        .prepare_cached(
            "INSERT INTO events (case_key, at, actor, kind, change, salt, change_digest, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![case_key, link.at, actor, link.kind, change, salt, change_digest, hash])?;
    Ok(())
}

/// An event of another store, without its place in that store's chain.
#[derive(Debug)]
pub(super) struct Salvaged {
    pub case_key: i64,
    pub at: i64,
    pub actor: String,
    pub kind: String,
    pub change: Option<String>,
    pub salt: Option<Vec<u8>>,
    pub change_digest: Vec<u8>,
}

impl Salvaged {
    /// Whether its change is the one that was written, or was erased as a whole.
    pub fn is_whole(&self) -> bool {
        match (&self.change, &self.salt) {
            (Some(change), Some(salt)) => self.change_digest == digest_of(salt, change),
            (None, None) => true,
            _ => false,
        }
    }

    /// Writes it behind the event that has the number and hash `before`; returns its own.
    pub fn append(
        &self,
        connection: &Connection,
        before: (i64, Hash),
    ) -> Result<(i64, Hash), StoreError> {
        let link = Link {
            case_key: self.case_key,
            at: self.at,
            actor: &self.actor,
            kind: &self.kind,
            change_digest: &self.change_digest,
        };
        let (number, hash) = (before.0.saturating_add(1), link.hash(&before.1));
        connection
            .prepare_cached(
                "INSERT INTO events
                    (number, case_key, at, actor, kind, change, salt, change_digest, hash)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                number,
                link.case_key,
                link.at,
                link.actor,
                link.kind,
                self.change,
                self.salt,
                link.change_digest,
                hash
            ])?;
        Ok((number, hash))
    }
}

/// How far a chain holds.
#[derive(Debug)]
pub(super) struct Walk {
    /// Events looked at.
    pub events: u64,
    /// The last hash that is right.
    pub head: Hash,
    /// The first event that is not as it was written.
    pub broken: Option<String>,
}

/// Follows the chain from its beginning to its end or its first break.
pub(super) fn walk(connection: &Connection, mut step: impl FnMut()) -> Result<Walk, StoreError> {
    let mut walk = Walk { events: 0, head: GENESIS, broken: None };
    let mut last = 0i64;
    let mut statement = connection.prepare(
        "SELECT number, case_key, at, actor, kind, change, salt, change_digest, hash
         FROM events ORDER BY number",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        step();
        let number: i64 = row.get(0)?;
        walk.events = walk.events.saturating_add(1);
        let expected = last.saturating_add(1);
        if number != expected {
            walk.broken = Some(format!("event {expected} is missing"));
            return Ok(walk);
        }
        let text = |column| row.get::<_, String>(column);
        let change_digest: Vec<u8> = row.get(7)?;
        let (change, salt): (Option<String>, Option<Vec<u8>>) = (row.get(5)?, row.get(6)?);
        if let (Some(change), Some(salt)) = (change, salt)
            && change_digest != digest_of(&salt, &change)
        {
            walk.broken = Some(format!("event {number}: its change is not the one written"));
            return Ok(walk);
        }
        let (actor, kind) = (text(3)?, text(4)?);
        let link = Link {
            case_key: row.get(1)?,
            at: row.get(2)?,
            actor: &actor,
            kind: &kind,
            change_digest: &change_digest,
        };
        let hash = link.hash(&walk.head);
        if row.get::<_, Vec<u8>>(8)? != hash {
            walk.broken = Some(format!(
                "event {number}: it, or what came before it, is not what was written"
            ));
            return Ok(walk);
        }
        walk.head = hash;
        last = number;
    }
    // AUTOINCREMENT remembers the last number given out: events cut off at the end are missed too.
    let given: Option<i64> = connection
        .query_row("SELECT seq FROM sqlite_sequence WHERE name = 'events'", [], |row| row.get(0))
        .optional()?;
    if given.unwrap_or(0) != last {
        walk.broken = Some(format!("event {} is missing", last.saturating_add(1)));
    }
    Ok(walk)
}
