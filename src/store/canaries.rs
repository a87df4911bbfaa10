//! The mails that the daemon writes to the project itself, until they come home.

use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::keys::optional_time;
use super::{Store, outbox};
use crate::domain::Timestamp;
use crate::domain::judgement::{CANARY, Judgement};
use crate::domain::mail::MessageId;
use crate::domain::outgoing::Outgoing;

/// What an awaited canary of this name has to have in its text.
pub(super) fn secret_of(
    connection: &Connection,
    id: &MessageId,
) -> Result<Option<String>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT secret FROM canaries WHERE message_id = ?1 AND back_at IS NULL")?
        .query_row([&id.0], |row| row.get(0))
        .optional()?)
}

/// Notes that a canary came home, if the mail is one. Those before it are awaited no more.
pub(super) fn settle(
    connection: &Connection,
    judgement: &Judgement,
    id: Option<&MessageId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let rule = judgement.reasons.first().map(|reason| reason.rule.as_str());
    let (Some(CANARY), Some(id)) = (rule, id) else { return Ok(()) };
    connection
        .prepare_cached("UPDATE canaries SET back_at = ?2 WHERE message_id = ?1")?
        .execute(params![id.0, now.timestamp()])?;
    connection
        .prepare_cached(
            "DELETE FROM canaries
             WHERE number < (SELECT number FROM canaries WHERE message_id = ?1)",
        )?
        .execute([&id.0])?;
    Ok(())
}

/// When the first awaited canary was written, and when one last came home.
pub(super) fn awaited(
    connection: &Connection,
) -> Result<(Option<Timestamp>, Option<Timestamp>), StoreError> {
    let (out, back): (Option<i64>, Option<i64>) = connection
        .prepare_cached(
            "SELECT min(CASE WHEN back_at IS NULL THEN written_at END), max(back_at) FROM canaries",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((optional_time(out)?, optional_time(back)?))
}

impl Store {
    /// When the last canary was written.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn last_canary(&self) -> Result<Option<Timestamp>, StoreError> {
        self.reader
            .run(|c| {
                let at: Option<i64> = c
                    .prepare_cached("SELECT written_at FROM canaries ORDER BY number DESC LIMIT 1")?
                    .query_row([], |row| row.get(0))
                    .optional()?;
                optional_time(at)
            })
            .await
    }

    /// Queues a canary, which is awaited from now on.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn release_canary(
        &self,
        mail: Outgoing,
        secret: String,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.writer
            .run(move |c| {
                c.prepare_cached(
                    "INSERT INTO canaries (message_id, secret, written_at) VALUES (?1, ?2, ?3)",
                )?
                .execute(params![mail.message_id.0, secret, now.timestamp()])?;
                outbox::add(c, &mail, now).map(|_| ())
            })
            .await
    }
}
