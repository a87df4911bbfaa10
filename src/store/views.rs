//! Read-only looks at the store, for listings and the digest.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row, params};

use super::cases;
use super::error::StoreError;
use super::keys::{case_id, case_key, from_name, time};
use super::listing::Which;
use super::{Asking, Files};
use crate::domain::case_id::CaseId;
use crate::domain::event::Change;
use crate::domain::judgement::{CANARY, Kind, TOLD, VERIFICATION};
use crate::domain::views::{
    CaseFile, ClosedCase, Direction, Latest, MailLine, Message, Returned, Told, UndeliveredLine,
    WorkView,
};

/// The latest mails of the inbox that are listed at the most.
const LATEST: u32 = 500;

/// Mails that a digest lists, as conditions that have an index each.
const QUARANTINED: &str = "quarantined IS NOT NULL AND number > ?1 AND NOT imported";
const FOLLOW_UPS: &str = "number > ?1 AND kind = 'follow-up' AND NOT imported";

/// Mails of ours that a digest lists: what an open case says of itself is not said twice.
const UNDELIVERED: &str = "given_up > ?1 AND NOT EXISTS (SELECT 1 FROM cases
    WHERE key = case_key AND state <> 'closed' AND unreached IS NOT NULL AND correspondent = recipient)";

/// Closed cases that a digest lists; what ended in an archive is no news.
const CLOSED: &str = "state = 'closed' AND imported_at IS NULL";

/// A case with its history.
pub(super) fn case_file(
    connection: &Connection,
    id: CaseId,
) -> Result<Option<CaseFile>, StoreError> {
    let Some(case) = cases::load(connection, id)? else { return Ok(None) };
    let mut messages = received(connection, id)?;
    messages.extend(sent(connection, id)?);
    messages.sort_by_key(|message| message.at);
    let earlier = cases::earlier_of_reporter(connection, &case)?;
    Ok(Some(CaseFile { case, events: cases::events(connection, id)?, messages, earlier }))
}

/// What a person's word about a case has to know.
pub(super) fn files(connection: &Connection, asking: Asking) -> Result<Option<Files>, StoreError> {
    let Some(file) = case_file(connection, asking.case)? else { return Ok(None) };
    let other = asking.other.map(|other| case_file(connection, other)).transpose()?.flatten();
    Ok(Some(Files { file, other, next_case: cases::next_id(connection, asking.year)? }))
}

fn received(connection: &Connection, id: CaseId) -> Result<Vec<Message>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT arrived_at, from_addr, subject, message_id, kind, number, sender, files,
            readers
         FROM incoming
         WHERE case_key = ?1 ORDER BY number",
    )?;
    let mut rows = statement.query([case_key(id)])?;
    let mut messages = Vec::new();
    while let Some(row) = rows.next()? {
        messages.push(Message {
            number: row.get(5)?,
            direction: Direction::In,
            at: time(row.get(0)?)?,
            from: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
            to: String::new(),
            subject: row.get(2)?,
            message_id: row.get(3)?,
            status: row.get(4)?,
            sender: row
                .get::<_, Option<String>>(6)?
                .map(|json| serde_json::from_str(&json))
                .transpose()?,
            purpose: None,
            files: serde_json::from_str(&row.get::<_, String>(7)?)?,
            readers: serde_json::from_str(&row.get::<_, String>(8)?)?,
        });
    }
    Ok(messages)
}

fn sent(connection: &Connection, id: CaseId) -> Result<Vec<Message>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT coalesce(ended_at, written_at), recipient, subject,
            iif(recipient = '', NULL, message_id), status, number, purpose
         FROM outbox WHERE case_key = ?1 ORDER BY number",
    )?;
    let mut rows = statement.query([case_key(id)])?;
    let mut messages = Vec::new();
    while let Some(row) = rows.next()? {
        messages.push(Message {
            number: row.get(5)?,
            direction: Direction::Out,
            at: time(row.get(0)?)?,
            from: String::new(),
            to: row.get(1)?,
            subject: row.get(2)?,
            message_id: row.get(3)?,
            status: row.get(4)?,
            sender: None,
            purpose: Some(from_name(row.get(6)?)?),
            files: Vec::new(),
            readers: Vec::new(),
        });
    }
    Ok(messages)
}

/// What a digest may show that the digests before it did not tell; of what there may be more of than
/// anybody reads, the latest `rows`.
pub(super) fn work(
    connection: &Connection,
    before: Told,
    rows: u32,
) -> Result<WorkView, StoreError> {
    let mut open = cases::list(connection, Which::Open)?;
    open.extend(cases::owing(connection)?);
    let mails = |which: &str| latest_mails(connection, which, before.incoming, rows);
    Ok(WorkView {
        told: told(connection)?,
        returned: returned(connection)?,
        open,
        quarantined: mails(QUARANTINED)?,
        set_aside: set_aside(connection, before.incoming)?,
        verifications: verifications(connection, before.incoming)?,
        follow_ups: mails(FOLLOW_UPS)?,
        undelivered: undelivered(connection, before.undelivered, rows)?,
        closed: closed(connection, before.events, rows)?,
    })
}

/// All there is to tell now.
pub(super) fn told(connection: &Connection) -> Result<Told, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT (SELECT coalesce(max(number), 0) FROM incoming),
                (SELECT coalesce(max(given_up), 0) FROM outbox),
                (SELECT coalesce(max(number), 0) FROM events)",
        )?
        .query_row([], |row| {
            Ok(Told { incoming: row.get(0)?, undelivered: row.get(1)?, events: row.get(2)? })
        })?)
}

/// Why each case that is sent back was sent back last.
fn returned(connection: &Connection) -> Result<BTreeMap<CaseId, Returned>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT key, (SELECT change FROM events
            WHERE case_key = key AND kind = 'returned' AND change IS NOT NULL
            ORDER BY number DESC LIMIT 1)
         FROM cases WHERE state = 'returned'",
    )?;
    let mut rows = statement.query([])?;
    let mut returned = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let Some(change) = row.get::<_, Option<String>>(1)? else { continue };
        if let Change::Returned { format, rule } = serde_json::from_str(&change)? {
            returned.insert(case_id(row.get(0)?)?, Returned { format, rule });
        }
    }
    Ok(returned)
}

/// Every mail taken in, oldest first, up to a number that a person can read.
pub(super) fn mail(connection: &Connection) -> Result<Vec<MailLine>, StoreError> {
    let mut lines = mail_lines(connection, "?1 IS NOT NULL", 0, LATEST)?;
    lines.reverse();
    Ok(lines)
}

/// How much of each kind of mail waits for nobody.
fn set_aside(connection: &Connection, after: i64) -> Result<BTreeMap<Kind, usize>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT kind, count(*) FROM incoming
         WHERE number > ?1 AND kind NOT IN ('submission', 'follow-up') AND quarantined IS NULL
            AND NOT imported AND (kind <> 'command'
                OR json_extract(reasons, '$[0].rule') NOT IN (?2, ?3, ?4))
            AND (kind <> 'own' OR json_extract(reasons, '$[0].rule') <> ?5) GROUP BY kind",
    )?;
    let [done, refused, repeated] = TOLD;
    let mut rows = statement.query(params![after, done, refused, repeated, CANARY])?;
    let mut counts = BTreeMap::new();
    while let Some(row) = rows.next()? {
        counts.insert(from_name(row.get(0)?)?, size(row.get(1)?));
    }
    Ok(counts)
}

/// How much of it are services' verification mails.
fn verifications(connection: &Connection, after: i64) -> Result<usize, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT count(*) FROM incoming
             WHERE number > ?1 AND kind NOT IN ('submission', 'follow-up') AND quarantined IS NULL
                AND NOT imported AND json_extract(reasons, '$[0].rule') = ?2",
        )?
        .query_row(params![after, VERIFICATION], |row| row.get(0).map(size))?)
}

/// The latest mails of those that `which` is true of, and how many these are.
fn latest_mails(
    connection: &Connection,
    which: &str,
    after: i64,
    rows: u32,
) -> Result<Latest<MailLine>, StoreError> {
    let rows = mail_lines(connection, which, after, rows)?;
    let count = count(connection, &format!("incoming WHERE {which}"), after)?;
    Ok(Latest { rows, count })
}

/// How many rows there are of a table and a condition on the number `after`.
fn count(connection: &Connection, of: &str, after: i64) -> Result<usize, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT count(*) FROM {of}"))?;
    Ok(size(statement.query_row([after], |row| row.get(0))?))
}

fn size(count: i64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn mail_lines(
    connection: &Connection,
    which: &str,
    after: i64,
    limit: u32,
) -> Result<Vec<MailLine>, StoreError> {
    let sql = format!(
        "SELECT number, arrived_at, from_name, from_addr, subject, kind, reasons, case_key,
            quarantined
         FROM incoming WHERE {which} ORDER BY number DESC LIMIT ?2"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![after, limit])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(mail_line(row)?);
    }
    Ok(lines)
}

fn mail_line(row: &Row<'_>) -> Result<MailLine, StoreError> {
    let name: Option<String> = row.get("from_name")?;
    let address: Option<String> = row.get("from_addr")?;
    Ok(MailLine {
        number: row.get("number")?,
        at: time(row.get("arrived_at")?)?,
        from: name.or(address).unwrap_or_else(|| "unknown sender".to_owned()),
        subject: row.get("subject")?,
        kind: from_name(row.get("kind")?)?,
        reasons: serde_json::from_str(&row.get::<_, String>("reasons")?)?,
        case: row.get::<_, Option<i64>>("case_key")?.map(case_id).transpose()?,
    })
}

/// Cases that ended after an event, the latest first.
fn closed(
    connection: &Connection,
    after: i64,
    limit: u32,
) -> Result<Latest<ClosedCase>, StoreError> {
    let ends = "SELECT case_key FROM events WHERE kind IN ('closed', 'merged') AND number > ?1";
    let sql = format!(
        "SELECT * FROM cases WHERE {CLOSED} AND key IN ({ends} ORDER BY number DESC LIMIT ?2)
         ORDER BY closed_at DESC, key"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![after, limit])?;
    let mut closed = Vec::new();
    while let Some(row) = rows.next()? {
        closed.push(ClosedCase { case: cases::from_row(row)?, at: time(row.get("closed_at")?)? });
    }
    let count = count(connection, &format!("cases WHERE {CLOSED} AND key IN ({ends})"), after)?;
    Ok(Latest { rows: closed, count })
}

fn undelivered(
    connection: &Connection,
    after: i64,
    limit: u32,
) -> Result<Latest<UndeliveredLine>, StoreError> {
    let sql = format!(
        "SELECT ended_at, purpose, recipient, reply, case_key FROM outbox
         WHERE {UNDELIVERED} ORDER BY given_up DESC LIMIT ?2"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![after, limit])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(UndeliveredLine {
            at: time(row.get(0)?)?,
            purpose: from_name(row.get(1)?)?,
            to: row.get(2)?,
            why: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
            case: row.get::<_, Option<i64>>(4)?.map(case_id).transpose()?,
        });
    }
    let count = count(connection, &format!("outbox WHERE {UNDELIVERED}"), after)?;
    Ok(Latest { rows: lines, count })
}
