//! Mail of an archive: rows like those of an inbox's mail, and nothing to send.
//!
//! Promises: a mail is known again by its bytes, and one of ours by its Message-ID, so that an import
//! that was broken off and begun again writes nothing twice.

use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::incoming::{self, Entry, Origin};
use super::keys::{case_key, name_of};
use super::{cases, likeness};
use crate::domain::address::Address;
use crate::domain::archive::{Became, PastDecision, PastKnown, PastLookups};
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::decision::{Decision, Placement};
use crate::domain::judgement::Kind;
use crate::domain::lookup::Incoming;
use crate::domain::mail::MessageId;
use crate::domain::outgoing::{Purpose, Status};

/// The whole of one mail's transaction.
pub(super) fn take_in(
    connection: &Connection,
    mail: &Incoming,
    lookups: &PastLookups,
    decide: impl FnOnce(&PastKnown) -> PastDecision,
) -> Result<Became, StoreError> {
    if let Some(number) = incoming::by_digest(connection, &mail.digest)? {
        note_place(connection, mail, number)?;
        return Ok(Became::KnownAlready);
    }
    let known = look_up(connection, lookups)?;
    match decide(&known) {
        PastDecision::Ours => Ok(Became::Duplicate),
        PastDecision::In(decision) => {
            write_case(connection, &decision, lookups)?;
            let entry = Entry {
                decision: &decision,
                says: None,
                quarantined: None,
                origin: Origin::Archive,
            };
            let number = incoming::add(connection, mail, &entry)?;
            note_place(connection, mail, number)?;
            Ok(match (&decision.placement, known.twin.is_some()) {
                (_, true) => Became::Duplicate,
                (Placement::Opens(case), _) => Became::Case(case.id),
                (Placement::Joins(case), _) if is_machines(decision.judgement.kind) => {
                    Became::Recorded(decision.judgement.kind, Some(case.id))
                }
                (Placement::Joins(case), _) => Became::FollowUp(case.id),
                (Placement::Recorded, _) => Became::Recorded(decision.judgement.kind, None),
            })
        }
        PastDecision::Out { decision, to, purpose } => {
            write_case(connection, &decision, lookups)?;
            let Some(case) = decision.placement.case_id() else {
                return Err(StoreError::Work("an answer without a case".to_owned()));
            };
            add_sent(connection, mail, &lookups.own, case, &to, purpose)?;
            Ok(Became::Reply(case))
        }
    }
}

fn is_machines(kind: Kind) -> bool {
    matches!(kind, Kind::Bounce | Kind::AutoReply)
}

fn look_up(connection: &Connection, lookups: &PastLookups) -> Result<PastKnown, StoreError> {
    let own = &lookups.own;
    let mut keys: Vec<i64> = Vec::new();
    let mut note = |key: i64| {
        if !keys.contains(&key) {
            keys.push(key);
        }
    };
    for id in &lookups.thread {
        incoming::sent_for(connection, id)?.and_then(|(case, _)| case).map(&mut note);
        came_into(connection, id)?.flatten().map(&mut note);
    }
    for id in std::iter::once(own).chain(&lookups.thread) {
        mentioned_in(connection, id)?.into_iter().for_each(&mut note);
    }
    let mut thread: Vec<Case> = Vec::new();
    for key in keys {
        if let Some(case) = incoming::living(connection, key)?
            && !thread.iter().any(|known| known.id == case.id)
        {
            thread.push(case);
        }
    }
    let twin = match came_into(connection, own)? {
        Some(Some(key)) => Some(incoming::living(connection, key)?),
        Some(None) => Some(None),
        None => None,
    };
    Ok(PastKnown {
        own: own.clone(),
        next_case: cases::next_id(connection, lookups.year)?,
        is_ours: incoming::sent_for(connection, own)?.is_some(),
        twin,
        thread,
        named: match lookups.named {
            Some(named) => incoming::living(connection, case_key(named))?,
            None => None,
        },
        alike: likeness::alike(connection, &lookups.bands)?,
    })
}

/// The case of the mail that came in with this Message-ID: `None` if none did, `Some(None)` if it
/// belongs to no case.
fn came_into(connection: &Connection, id: &MessageId) -> Result<Option<Option<i64>>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT case_key FROM incoming WHERE message_id = ?1
             ORDER BY case_key IS NULL, number LIMIT 1",
        )?
        .query_row([&id.0], |row| row.get(0))
        .optional()?)
}

fn mentioned_in(connection: &Connection, id: &MessageId) -> Result<Vec<i64>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT case_key FROM mentions WHERE message_id = ?1")?;
    let rows = statement.query_map([&id.0], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn write_case(
    connection: &Connection,
    decision: &Decision,
    lookups: &PastLookups,
) -> Result<(), StoreError> {
    let (Placement::Opens(case) | Placement::Joins(case)) = &decision.placement else {
        return Ok(());
    };
    cases::save(connection, case)?;
    cases::add_events(connection, case.id, &decision.events)?;
    if let Some(fingerprint) = &decision.fingerprint {
        likeness::keep(connection, case.id, fingerprint)?;
    }
    for id in &lookups.thread {
        let is_known =
            incoming::sent_for(connection, id)?.is_some() || came_into(connection, id)?.is_some();
        if !is_known {
            connection
                .prepare_cached("INSERT OR IGNORE INTO mentions VALUES (?1, ?2)")?
                .execute(params![id.0, case_key(case.id)])?;
        }
    }
    Ok(())
}

/// Writes an answer that the project gave long ago, as one that was sent then.
fn add_sent(
    connection: &Connection,
    mail: &Incoming,
    id: &MessageId,
    case: CaseId,
    to: &Address,
    purpose: Purpose,
) -> Result<(), StoreError> {
    let at = mail.arrived_at.timestamp();
    connection
        .prepare_cached(
            "INSERT INTO outbox (case_key, purpose, envelope_from, recipient, message_id, subject,
                bytes, written_at, status, due_at, ended_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?8, ?8)",
        )?
        .execute(params![
            case_key(case),
            name_of(&purpose)?,
            mail.from.as_ref().map(Address::as_str),
            to.as_str(),
            id.0,
            mail.subject,
            mail.raw,
            at,
            Status::Sent.name(),
        ])?;
    Ok(())
}

/// Notes where a mail lies. The place's name carries its digest: it is the same mail every time.
fn note_place(connection: &Connection, mail: &Incoming, number: i64) -> Result<(), StoreError> {
    let folder = incoming::folder_number(connection, mail.place.folder())?;
    incoming::add_sighting(connection, folder, &mail.place, number)
}
