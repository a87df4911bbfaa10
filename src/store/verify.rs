//! `embargod verify`: is everything that is stored what was written?
//!
//! Relies on one read transaction, so that a daemon at work beside it does not blur the picture.
//! Promises: changes nothing; looks at one row at a time, whatever the size of the store.

use std::path::Path;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::chain::{self, Hash};
use super::error::StoreError;
use super::{connection, identity, projection};

/// Faults of one kind that are told; more are counted.
const TOLD: usize = 20;

/// What is checked, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// SQLite's own pages, indexes and constraints.
    Database,
    /// Rows that refer to others, and figures kept beside the rows they count.
    References,
    /// The chain of events.
    Events,
    /// Each case against its events.
    Cases,
    /// Each mail against its digest.
    Mails,
}

impl What {
    /// Its name in JSON and in listings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::References => "references",
            Self::Events => "events",
            Self::Cases => "cases",
            Self::Mails => "mails",
        }
    }
}

/// How far a check has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows looked at.
    pub done: u64,
    /// Rows there are.
    pub of: u64,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was checked.
    pub what: What,
    /// How many rows were looked at; `None` where rows are not what is looked at.
    pub rows: Option<u64>,
    /// What is wrong, the first faults of it.
    pub wrong: Vec<String>,
    /// Faults that are not told.
    pub more: u64,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The checks.
    pub checks: Vec<Check>,
    /// The hash of the last event that is right. Kept elsewhere, it shows a rewritten history.
    pub head: Hash,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.checks.iter().all(|check| check.wrong.is_empty())
    }
}

/// A check while it runs.
struct Running<'a> {
    check: Check,
    progress: Progress,
    tell: &'a mut dyn FnMut(What, Progress),
}

impl<'a> Running<'a> {
    fn start(what: What, of: u64, tell: &'a mut dyn FnMut(What, Progress)) -> Self {
        let progress = Progress { done: 0, of };
        tell(what, progress);
        Self { check: Check { what, rows: None, wrong: Vec::new(), more: 0 }, progress, tell }
    }

    fn step(&mut self) {
        self.progress.done = self.progress.done.saturating_add(1);
        self.check.rows = Some(self.progress.done);
        (self.tell)(self.check.what, self.progress);
    }

    fn wrong(&mut self, fault: String) {
        if self.check.wrong.len() < TOLD {
            self.check.wrong.push(fault);
        } else {
            self.check.more = self.check.more.saturating_add(1);
        }
    }
}

/// Checks the whole store at `path`, telling how far it has come.
pub(super) fn verify(
    path: &Path,
    tell: &mut dyn FnMut(What, Progress),
) -> Result<Report, StoreError> {
    let c = connection::open_to_look(path)?;
    c.execute_batch("BEGIN")?;
    let mut checks = vec![database(&c, tell)?];
    // On damaged pages the rest would only tell of the same damage in other words.
    if checks.iter().any(|check| !check.wrong.is_empty()) {
        return Ok(Report { checks, head: Hash::default() });
    }
    checks.push(references(&c, tell)?);
    let (events, head) = events(&c, tell)?;
    checks.push(events);
    checks.push(cases(&c, tell)?);
    checks.push(mails(&c, tell)?);
    Ok(Report { checks, head })
}

fn count(c: &Connection, table: &str) -> Result<u64, StoreError> {
    let rows: i64 = c.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
    Ok(rows.cast_unsigned())
}

fn database(c: &Connection, tell: &mut dyn FnMut(What, Progress)) -> Result<Check, StoreError> {
    let mut running = Running::start(What::Database, 0, tell);
    let mut statement = c.prepare("PRAGMA integrity_check(100)")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let said: String = row.get(0)?;
        if said != "ok" {
            running.wrong(said);
        }
    }
    Ok(running.check)
}

/// What each query finds is wrong; its one column says so.
const REFERENCES: [&str; 5] = [
    "SELECT 'mail ' || number || ' was seen nowhere' FROM incoming
     WHERE number NOT IN (SELECT incoming FROM sightings)",
    "SELECT 'outgoing mail ' || number || ' is ' || status || ', but has ' ||
        iif(ended_at IS NULL, 'no', 'an') || ' end' FROM outbox
     WHERE (ended_at IS NOT NULL) <> (status IN ('sent', 'undelivered'))",
    "SELECT 'the open cases of ' || handler || ' are miscounted' FROM (
        SELECT handler, open FROM handler_load WHERE open <> 0
        EXCEPT SELECT handler, count(*) FROM cases
            WHERE handler IS NOT NULL AND state <> 'closed' GROUP BY handler)
     UNION SELECT 'the open cases of ' || handler || ' are miscounted' FROM (
        SELECT handler, count(*) FROM cases
            WHERE handler IS NOT NULL AND state <> 'closed' GROUP BY handler
        EXCEPT SELECT handler, open FROM handler_load)",
    "SELECT 'mail ' || number || ' was purged, and not all of it' FROM incoming
     WHERE purged_at IS NOT NULL AND (length(raw) > 0 OR subject <> '' OR files <> '[]'
        OR readers <> '[]' OR coalesce(from_name, from_addr, message_id, sender, says) IS NOT NULL)",
    "WITH purged AS (SELECT key FROM cases WHERE purged_at IS NOT NULL)
     SELECT 'a purged case still has ' || what FROM (
        SELECT case_key, 'mail ' || number AS what FROM incoming WHERE purged_at IS NULL
        UNION ALL SELECT case_key, 'outgoing mail ' || number FROM outbox WHERE length(bytes) > 0
        UNION ALL SELECT case_key, 'tokens' FROM grants
        UNION ALL SELECT case_key, 'a fingerprint' FROM fingerprints
        UNION ALL SELECT case_key, 'a fingerprint' FROM bands
        UNION ALL SELECT case_key, 'the names of mails' FROM mentions)
     WHERE case_key IN purged",
];

fn references(c: &Connection, tell: &mut dyn FnMut(What, Progress)) -> Result<Check, StoreError> {
    let mut running = Running::start(What::References, 0, tell);
    let mut statement = c.prepare("PRAGMA foreign_key_check")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        let number = row.get::<_, Option<i64>>(1)?.map_or(String::new(), |n| format!(" {n}"));
        running.wrong(format!("{table}{number} refers to a row of {parent} that is not there"));
    }
    for query in REFERENCES {
        let mut statement = c.prepare(query)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            running.wrong(row.get(0)?);
        }
    }
    Ok(running.check)
}

fn events(
    c: &Connection,
    tell: &mut dyn FnMut(What, Progress),
) -> Result<(Check, Hash), StoreError> {
    let mut running = Running::start(What::Events, count(c, "events")?, tell);
    let walk = chain::walk(c, || running.step())?;
    running.check.rows = Some(walk.events);
    if let Some(broken) = walk.broken {
        running.wrong(broken);
    }
    Ok((running.check, walk.head))
}

fn cases(c: &Connection, tell: &mut dyn FnMut(What, Progress)) -> Result<Check, StoreError> {
    let mut running = Running::start(What::Cases, count(c, "cases")?, tell);
    running.check.rows = Some(0);
    projection::compare(c, |found| match found {
        None => running.step(),
        Some(fault) => running.wrong(fault),
    })?;
    Ok(running.check)
}

fn mails(c: &Connection, tell: &mut dyn FnMut(What, Progress)) -> Result<Check, StoreError> {
    let mut running = Running::start(What::Mails, count(c, "incoming")?, tell);
    running.check.rows = Some(0);
    each_mail(c, |number, is_sound| {
        running.step();
        if !is_sound {
            running.wrong(format!("mail {number}: its bytes are not those that arrived"));
        }
    })?;
    Ok(running.check)
}

/// The mails whose bytes are not those that arrived.
pub(super) fn wrong_bytes(c: &Connection) -> Result<Vec<i64>, StoreError> {
    let mut wrong = Vec::new();
    each_mail(c, |number, is_sound| wrong.extend(Some(number).filter(|_| !is_sound)))?;
    Ok(wrong)
}

/// Tells of each mail whether its bytes are those that arrived.
fn each_mail(c: &Connection, mut tell: impl FnMut(i64, bool)) -> Result<(), StoreError> {
    let mut statement =
        c.prepare("SELECT number, digest, raw, purged_at FROM incoming ORDER BY number")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let raw = row.get_ref(2)?.as_blob().unwrap_or_default();
        let digest: Vec<u8> = row.get(1)?;
        let is_sound = match raw {
            // What a purge leaves of a mail is looked at with the references.
            _ if row.get::<_, Option<i64>>(3)?.is_some() => true,
            [] => is_of_a_place(c, number, &digest)?,
            raw => digest == Sha256::digest(raw).as_slice(),
        };
        tell(number, is_sound);
    }
    Ok(())
}

/// Whether the digest of a mail without bytes is that of a place where it was seen.
fn is_of_a_place(c: &Connection, incoming: i64, digest: &[u8]) -> Result<bool, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT name, sightings.uid_validity, place FROM sightings
         JOIN folders ON folders.number = folder WHERE incoming = ?1",
    )?;
    let mut rows = statement.query([incoming])?;
    while let Some(row) = rows.next()? {
        if identity::of_row(&row.get::<_, String>(0)?, row.get(1)?, row.get_ref(2)?)? == digest {
            return Ok(true);
        }
    }
    Ok(false)
}
