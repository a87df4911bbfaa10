//! The cases that matter for the figures of a period, without a look at any other.

use rusqlite::{Connection, Row, params};

use super::error::StoreError;
use super::keys::{from_name, optional_time, time};
use crate::domain::Timestamp;
use crate::domain::history::{Ended, History, Lifeline};

/// Everything that the query below selects stands in the index `cases_times`, so that the rows,
/// with their reports' facts, are not read. The third part finds what few cases have: a closing
/// letter that went out after the period began, of a case closed before it.
pub(super) const CASES: &str = "
    SELECT received_at, returned_times, acknowledge_by, acknowledged_at, respond_by, responded_at,
        awaiting, closed_at, disposition, handler
    FROM cases WHERE closed_at IS NULL AND received_at < ?2
    UNION ALL
    SELECT received_at, returned_times, acknowledge_by, acknowledged_at, respond_by, responded_at,
        awaiting, closed_at, disposition, handler
    FROM cases WHERE closed_at >= ?1 AND received_at < ?2
    UNION ALL
    SELECT received_at, returned_times, acknowledge_by, acknowledged_at, respond_by, responded_at,
        awaiting, closed_at, disposition, handler
    FROM cases WHERE responded_at >= ?1 AND responded_at < ?2 AND closed_at < ?1";

/// When reports were sent back.
pub(super) const SENT_BACK: &str =
    "SELECT at FROM events WHERE kind = 'returned' AND at >= ?1 AND at < ?2";

/// The history of the time from `from` to `to`.
pub(super) fn history(
    connection: &Connection,
    from: Timestamp,
    to: Timestamp,
) -> Result<History, StoreError> {
    let period = params![from.timestamp(), to.timestamp()];
    let mut history = History::default();
    let mut statement = connection.prepare_cached(CASES)?;
    let mut rows = statement.query(period)?;
    while let Some(row) = rows.next()? {
        history.cases.push(lifeline(row)?);
    }
    let mut statement = connection.prepare_cached(SENT_BACK)?;
    let mut rows = statement.query(period)?;
    while let Some(row) = rows.next()? {
        history.sent_back.push(time(row.get(0)?)?);
    }
    Ok(history)
}

fn lifeline(row: &Row<'_>) -> Result<Lifeline, StoreError> {
    let moment = |column: usize| optional_time(row.get(column)?);
    let received_at = time(row.get(0)?)?;
    let was_sent_back = row.get::<_, u32>(1)? > 0;
    let how = row.get::<_, Option<String>>(8)?.map(from_name).transpose()?;
    Ok(Lifeline {
        received_at,
        whole_at: (!was_sent_back).then_some(received_at),
        acknowledge_by: moment(2)?,
        acknowledged_at: moment(3)?,
        respond_by: moment(4)?,
        responded_at: moment(5)?,
        awaiting: moment(6)?,
        ended: moment(7)?.map(|at| Ended { at, how }),
        handler: row.get(9)?,
    })
}
