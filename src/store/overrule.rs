//! Mail that was taken in, as a person looks at it, and what becomes of it by their word.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::error::StoreError;
use super::keys::{case_id, case_key, from_name, name_of, optional_time, time};
use super::{Store, Written, incoming};
use crate::domain::Timestamp;
use crate::domain::address::{Address, Mailbox};
use crate::domain::case_id::CaseId;
use crate::domain::judgement::{Judgement, Kind};
use crate::domain::lookup::{Known, Lookups};
use crate::domain::views::Received;

/// What has become of the mail that is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OfMail {
    /// It is in no case.
    #[default]
    NoCase,
    /// It could not be read or decided on.
    Quarantined,
    /// Anything.
    All,
}

/// Which mail to list, the newest first.
#[derive(Debug, Clone, Default)]
pub struct WhichMail {
    /// Of these kinds; none: of every kind.
    pub kinds: Vec<Kind>,
    /// What has become of it.
    pub of: OfMail,
    /// Older than this one.
    pub before: Option<i64>,
    /// So many at the most.
    pub limit: u32,
}

/// What became of a mail by a person's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Overruling<E> {
    /// It is in this case now.
    Done(CaseId),
    /// It was in one before.
    HasCase(CaseId),
    /// There is no such mail.
    NoSuchMail,
    /// Nothing changed, and why.
    Refused(E),
}

const COLUMNS: &str = "number, arrived_at, from_name, from_addr, subject, message_id, kind, format,
    reasons, case_key, quarantined, sender, files, readers, size, purged_at";

impl Store {
    /// Mail that was taken in, the newest first.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn received(&self, which: WhichMail) -> Result<Vec<Received>, StoreError> {
        self.reader.run(move |c| list(c, &which)).await
    }

    /// One mail with its raw bytes.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn received_mail(
        &self,
        number: i64,
    ) -> Result<Option<(Received, Vec<u8>)>, StoreError> {
        self.reader.run(move |c| one(c, number)).await
    }

    /// Makes a case of a mail that has none, or lets it join one: `decide` says which.
    ///
    /// # Errors
    /// Any failure of the store; the refusal of `decide` is an outcome.
    pub async fn overrule<E: Send + 'static>(
        &self,
        number: i64,
        lookups: Lookups,
        now: Timestamp,
        decide: impl FnOnce(Known) -> Result<Written, E> + Send + 'static,
    ) -> Result<Overruling<E>, StoreError> {
        self.writer.run(move |c| overrule(c, number, &lookups, now, decide)).await
    }
}

fn list(connection: &Connection, which: &WhichMail) -> Result<Vec<Received>, StoreError> {
    let kinds = which.kinds.iter().map(name_of).collect::<Result<Vec<_>, _>>()?;
    let of = match which.of {
        OfMail::NoCase => "AND case_key IS NULL",
        OfMail::Quarantined => "AND quarantined IS NOT NULL",
        OfMail::All => "",
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM incoming
         WHERE number < ?1 {of} AND (?2 = '[]' OR kind IN (SELECT value FROM json_each(?2)))
         ORDER BY number DESC LIMIT ?3"
    ))?;
    let before = which.before.unwrap_or(i64::MAX);
    let kinds = serde_json::to_string(&kinds)?;
    let mut rows = statement.query(params![before, kinds, which.limit])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(received(row)?);
    }
    Ok(found)
}

fn one(connection: &Connection, number: i64) -> Result<Option<(Received, Vec<u8>)>, StoreError> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS}, raw FROM incoming WHERE number = ?1"))?
        .query_row([number], |row| Ok((received(row), row.get("raw")?)))
        .optional()?
        .map(|(received, raw)| Ok((received?, raw)))
        .transpose()
}

fn received(row: &Row<'_>) -> Result<Received, StoreError> {
    let address: Option<String> = row.get("from_addr")?;
    let name: Option<String> = row.get("from_name")?;
    let json = |column: &str| row.get::<_, Option<String>>(column);
    Ok(Received {
        number: row.get("number")?,
        at: time(row.get("arrived_at")?)?,
        from: address
            .and_then(|address| address.parse::<Address>().ok())
            .map(|address| Mailbox::new(name.as_deref(), address)),
        subject: row.get("subject")?,
        message_id: row.get("message_id")?,
        judgement: Judgement {
            kind: from_name(row.get("kind")?)?,
            format: json("format")?.map(from_name).transpose()?,
            reasons: serde_json::from_str(&row.get::<_, String>("reasons")?)?,
        },
        case: row.get::<_, Option<i64>>("case_key")?.map(case_id).transpose()?,
        quarantined: row.get("quarantined")?,
        sender: json("sender")?.map(|text| serde_json::from_str(&text)).transpose()?,
        files: serde_json::from_str(&row.get::<_, String>("files")?)?,
        readers: serde_json::from_str(&row.get::<_, String>("readers")?)?,
        size: u64::try_from(row.get::<_, i64>("size")?).unwrap_or(0),
        purged_at: optional_time(row.get("purged_at")?)?,
    })
}

fn overrule<E>(
    connection: &Connection,
    number: i64,
    lookups: &Lookups,
    now: Timestamp,
    decide: impl FnOnce(Known) -> Result<Written, E>,
) -> Result<Overruling<E>, StoreError> {
    let case: Option<Option<i64>> = connection
        .prepare_cached("SELECT case_key FROM incoming WHERE number = ?1")?
        .query_row([number], |row| row.get(0))
        .optional()?;
    match case {
        None => return Ok(Overruling::NoSuchMail),
        Some(Some(case)) => return Ok(Overruling::HasCase(case_id(case)?)),
        Some(None) => {}
    }
    let written = match decide(incoming::look_up(connection, lookups)?) {
        Ok(written) => written,
        Err(refused) => return Ok(Overruling::Refused(refused)),
    };
    let judgement = &written.decision.judgement;
    let Some(case) = written.decision.placement.case_id() else {
        return Err(StoreError::Work("a mail that was accepted has no case".to_owned()));
    };
    incoming::change_cases(connection, &written, now)?;
    connection
        .prepare_cached(
            "UPDATE incoming SET kind = ?2, format = ?3, reasons = ?4, case_key = ?5,
                quarantined = NULL
             WHERE number = ?1",
        )?
        .execute(params![
            number,
            name_of(&judgement.kind)?,
            judgement.format.as_ref().map(name_of).transpose()?,
            serde_json::to_string(&judgement.reasons)?,
            case_key(case),
        ])?;
    incoming::post(connection, &written, now)?;
    Ok(Overruling::Done(case))
}
