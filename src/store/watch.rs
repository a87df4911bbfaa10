//! The cases whose clocks are to be looked at, and what people were reminded of.

use rusqlite::{Connection, params};

use super::error::StoreError;
use super::keys::{case_key, from_name, name_of, time};
use super::{Store, cases, outbox};
use crate::domain::Timestamp;
use crate::domain::case_id::CaseId;
use crate::domain::outgoing::Outgoing;
use crate::domain::reminder::{Looked, Reminded, Watched};

/// Watched cases that are in memory at once.
const LOOKS: usize = 1000;

impl Store {
    /// Looks at the clocks of every case that is due for a look: `look` sees some of them at a time, so
    /// that they are not all in memory at once, and notes in `notes` what comes of it; `end` says what
    /// is to be remembered and who is reminded, of all of them together. How many there were.
    ///
    /// # Errors
    /// Any failure of the store; that of `end` comes back as the inner error, and nothing is written
    /// then.
    pub async fn look_at_clocks<N: Send + 'static, E: Send + 'static>(
        &self,
        now: Timestamp,
        mut notes: N,
        look: impl Fn(&mut N, &[Watched]) + Send + 'static,
        end: impl FnOnce(N) -> Result<(Vec<Looked>, Vec<Outgoing>), E> + Send + 'static,
    ) -> Result<Result<usize, E>, StoreError> {
        self.writer
            .run(move |c| {
                let (mut reached, mut count) = (Reached::default(), 0_usize);
                loop {
                    let watched = due(c, now, LOOKS, &mut reached)?;
                    if watched.is_empty() {
                        break;
                    }
                    look(&mut notes, &watched);
                    count = count.saturating_add(watched.len());
                }
                if count == 0 {
                    return Ok(Ok(0));
                }
                let (looked, mail) = match end(notes) {
                    Ok(decided) => decided,
                    Err(error) => return Ok(Err(error)),
                };
                write(c, &looked, &mail, now)?;
                Ok(Ok(count))
            })
            .await
    }
}

/// Where a walk over the watched cases has come to: the moment of the look, and the case.
#[derive(Debug, Clone, Copy, Default)]
struct Reached {
    look_at: i64,
    key: i64,
}

/// The cases that are due for a look, at most `limit` of them, from behind `reached` on, which moves
/// along.
fn due(
    connection: &Connection,
    now: Timestamp,
    limit: usize,
    reached: &mut Reached,
) -> Result<Vec<Watched>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT look_at, case_key, cases.* FROM watch JOIN cases ON key = case_key
         WHERE look_at <= ?1 AND (look_at, case_key) > (?2, ?3) ORDER BY look_at, case_key LIMIT ?4",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows =
        statement.query(params![now.timestamp(), reached.look_at, reached.key, limit])?;
    let mut watched = Vec::new();
    while let Some(row) = rows.next()? {
        *reached = Reached { look_at: row.get("look_at")?, key: row.get("case_key")? };
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
fn write(
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
