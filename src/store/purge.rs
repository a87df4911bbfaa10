//! Erasing what is personal: what there is to erase, and the one transaction that does it.
//!
//! Relies on the chain of events, which hashes a digest of each change and not the change: the
//! changes of a case go, and the chain holds. Promises: all or nothing; the last event of a purged
//! case says what is left of it, so that the row can still be held against its events; no row is
//! taken out that another counts on or refers to. That nothing stays in the file besides the rows is
//! `store::clear`'s.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row, params};

use super::error::StoreError;
use super::keys::{case_id, case_key, from_name, time};
use super::{Store, cases};
use crate::domain::Timestamp;
use crate::domain::event::{Actor, Change, Event};
use crate::domain::place::ARCHIVE;
use crate::domain::retention::{Class, ClosedCase, Erasure, Holdings, LooseMail};

/// After how many seconds any bucket of an answer is full again, and says nothing but a name.
const BUCKET_IS_FULL: i64 = 86_400;

/// What stays of an incoming mail: its kind and its rules, its times and its size, by what it is
/// known again where it still lies in the mailbox.
const ERASE_MAIL: &str = "UPDATE incoming SET purged_at = ?1, quarantined = NULL, from_name = NULL,
        from_addr = NULL, subject = '', message_id = NULL, sender = NULL, says = NULL, files = '[]',
        readers = '[]', raw = x'', reasons = (SELECT json_group_array(
            json_object('rule', value ->> 'rule', 'detail', '')) FROM json_each(reasons))
     WHERE purged_at IS NULL";

const PURGED_CASES: &str = "(SELECT key FROM cases WHERE purged_at IS NOT NULL)";

/// What is kept of purged cases besides their rows and events, as statements of one parameter, the
/// time of the purge.
fn of_purged_cases() -> [String; 7] {
    let of_them = format!("case_key IN {PURGED_CASES}");
    [
        format!("{ERASE_MAIL} AND {of_them}"),
        format!(
            "UPDATE outbox SET envelope_from = NULL, recipient = '', subject = '', bytes = x'',
                message_id = 'purged ' || number, reply = NULL
             WHERE ?1 IS NOT NULL AND length(bytes) > 0 AND {of_them}"
        ),
        format!("DELETE FROM grants WHERE ?1 IS NOT NULL AND {of_them}"),
        format!("DELETE FROM fingerprints WHERE ?1 IS NOT NULL AND {of_them}"),
        format!("DELETE FROM bands WHERE ?1 IS NOT NULL AND {of_them}"),
        format!("DELETE FROM mentions WHERE ?1 IS NOT NULL AND {of_them}"),
        format!("DELETE FROM reminders WHERE ?1 IS NOT NULL AND {of_them}"),
    ]
}

/// Mail between embargod and the maintainers is about many cases at a time, and which they were is
/// not kept: what is done with goes with any of them.
const PAPERS: &str = "UPDATE outbox SET subject = '', bytes = x''
     WHERE purpose IN ('digest', 'reminder', 'notice', 'confirmation')
        AND status IN ('sent', 'undelivered') AND length(bytes) > 0";

impl Store {
    /// What could be erased, and what stands in the way.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn holdings(&self) -> Result<Holdings, StoreError> {
        self.reader.run(holdings).await
    }

    /// Erases what `decide` says of what there is. [`Store::clear`] has to follow, and makes up for
    /// one that did not.
    ///
    /// # Errors
    /// Any failure of the store; nothing is erased then.
    pub async fn purge<T: Send + 'static>(
        &self,
        actor: Actor,
        now: Timestamp,
        decide: impl FnOnce(&Holdings) -> (Erasure, T) + Send + 'static,
    ) -> Result<T, StoreError> {
        let purged = self.writer.run(move |c| {
            let (erasure, told) = decide(&holdings(c)?);
            erase(c, &erasure, &actor, now)?;
            Ok(told)
        });
        let told = purged.await?;
        step!("purge.erased");
        Ok(told)
    }
}

fn holdings(connection: &Connection) -> Result<Holdings, StoreError> {
    let waiting: BTreeSet<i64> = selected(
        connection,
        "SELECT case_key FROM outbox WHERE status = 'queued' AND case_key IS NOT NULL
         UNION
         SELECT case_key FROM incoming WHERE quarantined IS NOT NULL AND case_key IS NOT NULL",
        |row| Ok(row.get(0)?),
    )?;
    let closed = selected(
        connection,
        "SELECT * FROM cases WHERE state = 'closed' AND purged_at IS NULL ORDER BY key",
        |row| {
            let key: i64 = row.get("key")?;
            Ok(ClosedCase::of(&cases::from_row(row)?, waiting.contains(&key)))
        },
    );
    let closed: Vec<Option<ClosedCase>> = closed?;
    let mails = selected(
        connection,
        "SELECT number, kind, coalesce(json_extract(reasons, '$[0].rule'), ''), decided_at
         FROM incoming
         WHERE case_key IS NULL AND quarantined IS NULL AND purged_at IS NULL ORDER BY number",
        |row| {
            let class = Class::of_mail(from_name(row.get(1)?)?, &row.get::<_, String>(2)?);
            Ok(LooseMail { number: row.get(0)?, class, since: time(row.get(3)?)? })
        },
    )?;
    let quarantined: i64 = connection.query_row(
        "SELECT count(*) FROM incoming WHERE quarantined IS NOT NULL",
        [],
        |row| row.get(0),
    )?;
    Ok(Holdings {
        closed: closed.into_iter().flatten().collect(),
        open: selected(connection, "SELECT key FROM cases WHERE state <> 'closed'", |row| {
            case_id(row.get(0)?)
        })?,
        mails,
        quarantined: quarantined.cast_unsigned(),
        unfinished: connection.prepare("SELECT 1 FROM purges WHERE cleared = 0")?.exists([])?,
    })
}

fn selected<T, C: FromIterator<T>>(
    connection: &Connection,
    sql: &str,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<C, StoreError> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_and_then([], |row| read(row))?;
    rows.collect()
}

/// The whole of a purge's transaction.
fn erase(
    connection: &Connection,
    erasure: &Erasure,
    actor: &Actor,
    now: Timestamp,
) -> Result<(), StoreError> {
    if erasure.is_empty() {
        return Ok(());
    }
    let at = now.timestamp();
    for id in &erasure.cases {
        let Some(mut case) = cases::load(connection, *id)? else { continue };
        let remains = Box::new(case.remains(now));
        let event = Event { at: now, actor: actor.clone(), change: Change::Purged { remains } };
        case.apply(&event).map_err(|refused| StoreError::Work(refused.to_string()))?;
        cases::save(connection, &case)?;
        connection
            .prepare_cached(
                "UPDATE events SET change = NULL, salt = NULL
                 WHERE case_key = ?1 AND change IS NOT NULL",
            )?
            .execute([case_key(*id)])?;
        cases::add_events(connection, *id, &[event])?;
    }
    for statement in of_purged_cases() {
        connection.execute(&statement, [at])?;
    }
    let mut mail = connection.prepare(&format!("{ERASE_MAIL} AND number = ?2"))?;
    for number in &erasure.mails {
        mail.execute(params![at, number])?;
    }
    connection.execute(PAPERS, [])?;
    // What maintainers wrote to embargod has become events, and may quote any case.
    let orders = format!("{ERASE_MAIL} AND kind = 'command' AND quarantined IS NULL");
    connection.execute(&orders, [at])?;
    // The place of a mail of an archive is a file's name, which its owner chose.
    connection.execute(
        "UPDATE sightings SET place = 'purged ' || incoming
         WHERE folder = (SELECT number FROM folders WHERE name = ?1)
            AND incoming IN (SELECT number FROM incoming WHERE purged_at IS NOT NULL)",
        [ARCHIVE],
    )?;
    let full = at.saturating_sub(BUCKET_IS_FULL);
    connection.execute("DELETE FROM buckets WHERE at < ?1", [full])?;
    let count = |many: usize| i64::try_from(many).unwrap_or(i64::MAX);
    connection.execute(
        "INSERT INTO purges (at, actor, cases, mails, cleared) VALUES (?1, ?2, ?3, ?4, 0)",
        params![
            at,
            serde_json::to_string(actor)?,
            count(erasure.cases.len()),
            count(erasure.mails.len())
        ],
    )?;
    Ok(())
}
