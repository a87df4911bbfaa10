//! Mail taken from an inbox: one row each, and where it was seen.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::keys::{case_key, from_name, name_of};
use super::{Taken, Written, attempts, buckets, cases, grants, likeness, outbox, views};
use crate::domain::Timestamp;
use crate::domain::authenticity::{Authenticity, CheckedBy};
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::decision::{Decision, Placement};
use crate::domain::lookup::{Incoming, Known, Lookups, OurMail};
use crate::domain::mail::MessageId;
use crate::domain::place::{ARCHIVE, Place};

/// The whole of one mail's transaction.
pub(super) fn take_in(
    connection: &Connection,
    incoming: &Incoming,
    lookups: &Lookups,
    decide: impl FnOnce(Known) -> Written,
) -> Result<Taken, StoreError> {
    let folder = folder_number(connection, incoming.place.folder())?;
    if seen_at(connection, folder, &incoming.place)? {
        return Ok(Taken::SeenBefore);
    }
    if let Some(number) = by_digest(connection, &incoming.digest)? {
        add_sighting(connection, folder, &incoming.place, number)?;
        return Ok(Taken::SeenBefore);
    }
    let known = look_up(connection, lookups)?;
    step!("decide.looked-up");
    let written = decide(known);
    step!("decide.decided");
    change_cases(connection, &written, incoming.decided_at)?;
    let entry = Entry {
        decision: &written.decision,
        says: lookups.says.as_ref().map(|(_, text)| *text),
        quarantined: written.quarantined.as_deref(),
        origin: Origin::Inbox,
    };
    let number = add(connection, incoming, &entry)?;
    add_sighting(connection, folder, &incoming.place, number)?;
    attempts::settled(connection, folder, &incoming.place)?;
    post(connection, &written, incoming.decided_at)?;
    step!("decide.written");
    Ok(taken(written))
}

/// Writes what a decision changes besides the row of its mail.
pub(super) fn change_cases(
    connection: &Connection,
    Written { decision, ordered, .. }: &Written,
    at: Timestamp,
) -> Result<(), StoreError> {
    if let Placement::Opens(case) | Placement::Joins(case) = &decision.placement {
        cases::save(connection, case)?;
        cases::add_events(connection, case.id, &decision.events)?;
        if let Some(fingerprint) = &decision.fingerprint {
            likeness::keep(connection, case.id, fingerprint)?;
        }
    }
    for (case, events) in &ordered.cases {
        cases::save(connection, case)?;
        cases::add_events(connection, case.id, events)?;
    }
    for (number, to) in &ordered.moved {
        move_to(connection, *number, *to)?;
    }
    if let Some(nonce) = ordered.spent {
        grants::spend(connection, nonce, at)?;
    }
    buckets::keep(connection, &decision.buckets)
}

/// Queues the mail that a decision wrote. A letter is as old as the decision that wrote it: its
/// promises count from then, to the second.
pub(super) fn post(
    connection: &Connection,
    Written { decision, outgoing, .. }: &Written,
    at: Timestamp,
) -> Result<(), StoreError> {
    let written_at = decision.events.last().map_or(at, |event| event.at);
    for mail in outgoing {
        outbox::add(connection, mail, written_at)?;
    }
    Ok(())
}

/// What became of a mail that was decided on.
pub(super) fn taken(Written { decision, outgoing, .. }: Written) -> Taken {
    let case = decision.placement.case_id();
    Taken::Decided { judgement: decision.judgement, case, letters: outgoing.len() }
}

/// Where a mail was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// An inbox.
    Inbox,
    /// An archive: no news for anybody.
    Archive,
}

/// What the row of a mail says besides the mail.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    /// What comes of it.
    pub decision: &'a Decision,
    /// What is known again by its words, where they matter.
    pub says: Option<i64>,
    /// Why a person has to look at it, if one has to.
    pub quarantined: Option<&'a str>,
    /// Where it was taken from.
    pub origin: Origin,
}

/// Writes the row of one mail.
pub(super) fn add(
    connection: &Connection,
    incoming: &Incoming,
    entry: &Entry<'_>,
) -> Result<i64, StoreError> {
    let decision = entry.decision;
    connection
        .prepare_cached(
            "INSERT INTO incoming (digest, arrived_at, decided_at, kind, format, reasons, case_key,
                quarantined, from_name, from_addr, subject, message_id, sender, says, size, raw,
                imported, files, readers)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
        )?
        .execute(params![
            incoming.digest,
            incoming.arrived_at.timestamp(),
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
            sender_of(&incoming.authenticity)?,
            entry.says,
            i64::try_from(incoming.size).unwrap_or(i64::MAX),
            incoming.raw,
            entry.origin == Origin::Archive,
            serde_json::to_string(&incoming.files)?,
            serde_json::to_string(&incoming.readers)?,
        ])?;
    Ok(connection.last_insert_rowid())
}

/// What is kept of a mail's sender: nothing where nobody looked.
pub(super) fn sender_of(authenticity: &Authenticity) -> Result<Option<String>, StoreError> {
    let looked = authenticity.checked_by != CheckedBy::Nobody;
    Ok(looked.then(|| serde_json::to_string(authenticity)).transpose()?)
}

/// What the store knows that a decision wants to know.
pub(super) fn look_up(connection: &Connection, lookups: &Lookups) -> Result<Known, StoreError> {
    let mut known = Known {
        load: cases::load_by_handler(connection)?,
        last_handler: cases::newest_handler(connection)?,
        alike: likeness::alike(connection, &lookups.bands)?,
        buckets: buckets::known(connection, &lookups.buckets)?,
        ..Known::nothing(cases::next_id(connection, lookups.year)?)
    };
    if let Some((sender, text)) = &lookups.says {
        known.said_before = connection
            .prepare_cached("SELECT 1 FROM incoming WHERE from_addr = ?1 AND says = ?2")?
            .exists(params![sender.as_str(), text])?;
    }
    if let Some(own) = &lookups.own {
        known.is_ours = sent_for(connection, own)?.is_some();
        known.same_mail = case_into_which_came(connection, own)?;
    }
    for id in &lookups.answers {
        if known.by_our_mail.is_none()
            && let Some((Some(key), purpose)) = sent_for(connection, id)?
            && let Some(case) = living(connection, key)?
        {
            let ours = OurMail { id: id.clone(), purpose: from_name(purpose)? };
            known.by_our_mail = Some((ours, case));
        }
        if known.by_their_mail.is_none() {
            known.by_their_mail = case_into_which_came(connection, id)?;
        }
    }
    if let Some(order) = &lookups.order {
        known.grant =
            order.grant.map(|nonce| grants::find(connection, nonce)).transpose()?.flatten();
        let of_grant = known.grant.as_ref().map(|kept| kept.grant.case);
        let mut wanted: Vec<CaseId> =
            of_grant.map_or(vec![], |case| case.iter().chain(&order.cases).copied().collect());
        wanted.sort_unstable();
        wanted.dedup();
        for id in wanted {
            known.files.extend(views::case_file(connection, id)?);
        }
    }
    if let Some(named) = lookups.named {
        known.by_number = living(connection, case_key(named))?;
    }
    Ok(known)
}

/// The case that a mail of ours belongs to, if it belongs to one, and what it was for; `None` if we
/// sent no such mail.
pub(super) fn sent_for(
    connection: &Connection,
    id: &MessageId,
) -> Result<Option<(Option<i64>, String)>, StoreError> {
    // A copy has the Message-ID of the letter that it is a copy of, which is the elder.
    Ok(connection
        .prepare_cached(
            "SELECT case_key, purpose FROM outbox WHERE message_id = ?1 ORDER BY number LIMIT 1",
        )?
        .query_row([&id.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// The case that goes on with what belongs to a case: itself, or the one it was merged into. `None`
/// where there is none, or nobody knows any more what it was about: what comes then begins anew.
pub(super) fn living(connection: &Connection, key: i64) -> Result<Option<Case>, StoreError> {
    let Some(mut case) = cases::by_key(connection, key)? else { return Ok(None) };
    // A case is merged into an open one, so a chain ends; the bound is for a damaged store.
    for _ in 0..8 {
        let Some(into) = case.merged_into else { break };
        let Some(next) = cases::load(connection, into)? else { break };
        case = next;
    }
    Ok(Some(case).filter(|case| case.purged_at.is_none()))
}

/// Moves a mail to another case.
pub(super) fn move_to(connection: &Connection, number: i64, to: CaseId) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE incoming SET case_key = ?2 WHERE number = ?1")?
        .execute(params![number, case_key(to)])?;
    Ok(())
}

fn case_into_which_came(
    connection: &Connection,
    id: &MessageId,
) -> Result<Option<Case>, StoreError> {
    let key: Option<i64> = connection
        .prepare_cached(
            "SELECT case_key FROM incoming
             WHERE message_id = ?1 AND case_key IS NOT NULL ORDER BY number LIMIT 1",
        )?
        .query_row([&id.0], |row| row.get(0))
        .optional()?;
    key.map_or(Ok(None), |key| living(connection, key))
}

/// The number of a folder, noted when it is first seen.
pub(super) fn folder_number(connection: &Connection, name: &str) -> Result<i64, StoreError> {
    let find = || {
        connection
            .prepare_cached("SELECT number FROM folders WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()
    };
    if let Some(number) = find()? {
        return Ok(number);
    }
    connection
        .prepare_cached("INSERT INTO folders (name, uid_validity, uid) VALUES (?1, 0, 0)")?
        .execute([name])?;
    Ok(connection.last_insert_rowid())
}

/// UIDVALIDITY (0 in a Maildir) and the UID or name of a mail within it.
pub(super) fn coordinates(place: &Place) -> (u32, Value) {
    match place {
        Place::Imap { uid_validity, uid, .. } => (*uid_validity, Value::Integer(i64::from(*uid))),
        Place::Maildir { name, .. } | Place::Archive { name } => (0, Value::Text(name.clone())),
    }
}

/// The place that a row of `sightings` names.
pub(super) fn place_of_row(
    folder: String,
    uid_validity: u32,
    place: Value,
) -> Result<Place, StoreError> {
    match place {
        Value::Integer(uid) => {
            let uid = u32::try_from(uid);
            let uid = uid.map_err(|_| StoreError::Unreadable("a place is no UID".to_owned()))?;
            Ok(Place::Imap { folder, uid_validity, uid })
        }
        Value::Text(name) if folder == ARCHIVE => Ok(Place::Archive { name }),
        Value::Text(name) => Ok(Place::Maildir { folder, name }),
        _ => Err(StoreError::Unreadable("a place is neither a UID nor a name".to_owned())),
    }
}

fn seen_at(connection: &Connection, folder: i64, place: &Place) -> Result<bool, StoreError> {
    let (validity, name) = coordinates(place);
    Ok(connection
        .prepare_cached(
            "SELECT 1 FROM sightings WHERE folder = ?1 AND uid_validity = ?2 AND place = ?3",
        )?
        .exists(params![folder, validity, name])?)
}

pub(super) fn by_digest(
    connection: &Connection,
    digest: &[u8; 32],
) -> Result<Option<i64>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT number FROM incoming WHERE digest = ?1")?
        .query_row([digest], |row| row.get(0))
        .optional()?)
}

pub(super) fn add_sighting(
    connection: &Connection,
    folder: i64,
    place: &Place,
    incoming: i64,
) -> Result<(), StoreError> {
    let (validity, name) = coordinates(place);
    connection
        .prepare_cached(
            "INSERT INTO sightings (folder, uid_validity, place, incoming) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![folder, validity, name, incoming])?;
    Ok(())
}
