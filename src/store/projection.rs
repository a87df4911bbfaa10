//! A case row is what its events add up to: here it is added up again.
//!
//! Relies on [`Case::open`] and [`Case::apply`] alone, the same that made the row. Of a case that was
//! purged the purge itself says what is left; whatever else was erased is wrong.

use rusqlite::Connection;
use serde_json::Value;

use super::cases;
use super::error::StoreError;
use super::keys::{case_id, case_key, time};
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::event::{Change, Event};

/// What is wrong with an event that was erased by something else than a purge.
const ERASED: &str = "was erased, and no purge says so";

/// What the events of a case add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rebuilt {
    /// This case.
    Whole(Box<Case>),
    /// No case at all, and why.
    Wrong(String),
}

/// Adds up the events of a case.
pub(super) fn rebuild(connection: &Connection, id: CaseId) -> Result<Rebuilt, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT number, at, actor, change FROM events WHERE case_key = ?1 ORDER BY number",
    )?;
    let mut rows = statement.query([case_key(id)])?;
    let mut case: Option<Case> = None;
    let mut was_erased = false;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let Some(change) = row.get::<_, Option<String>>(3)? else {
            if case.is_some() {
                return Ok(Rebuilt::Wrong(format!("event {number} {ERASED}")));
            }
            was_erased = true;
            continue;
        };
        let (Ok(actor), Ok(change)) =
            (serde_json::from_str(&row.get::<_, String>(2)?), serde_json::from_str(&change))
        else {
            return Ok(Rebuilt::Wrong(format!("event {number} cannot be read")));
        };
        let event = Event { at: time(row.get(1)?)?, actor, change };
        match (matches!(event.change, Change::Purged { .. }), was_erased && case.is_none()) {
            (true, false) => {
                let why = format!("event {number} is a purge that erased nothing before it");
                return Ok(Rebuilt::Wrong(why));
            }
            (false, true) => {
                return Ok(Rebuilt::Wrong(format!("what stands before event {number} {ERASED}")));
            }
            (true, true) | (false, false) => {}
        }
        match &mut case {
            None => case = Case::open(id, &event),
            Some(case) => {
                if let Err(refused) = case.apply(&event) {
                    return Ok(Rebuilt::Wrong(format!("event {number}: {refused}")));
                }
            }
        }
        if case.is_none() {
            return Ok(Rebuilt::Wrong(format!("event {number} does not open a case")));
        }
    }
    Ok(case.map_or_else(
        || {
            let none = if was_erased {
                format!("all of it {ERASED}")
            } else {
                "it has no events".to_owned()
            };
            Rebuilt::Wrong(none)
        },
        |case| Rebuilt::Whole(Box::new(case)),
    ))
}

/// The fields in which two cases differ.
fn differences(row: &Case, rebuilt: &Case) -> Result<Vec<String>, StoreError> {
    let (Value::Object(row), Value::Object(rebuilt)) =
        (serde_json::to_value(row)?, serde_json::to_value(rebuilt)?)
    else {
        return Ok(Vec::new());
    };
    let differ = |(field, value): &(&String, &Value)| rebuilt.get(*field) != Some(*value);
    Ok(row.iter().filter(differ).map(|(field, _)| field.clone()).collect())
}

/// Goes through the rows of `cases` and tells `None` at each, and then what is wrong with it.
pub(super) fn compare(
    connection: &Connection,
    mut tell: impl FnMut(Option<String>),
) -> Result<(), StoreError> {
    let mut statement = connection.prepare("SELECT * FROM cases ORDER BY key")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        tell(None);
        let id = case_id(row.get("key")?)?;
        let case = match cases::from_row(row) {
            Ok(case) => case,
            Err(error) => {
                tell(Some(format!("{id}: {error}")));
                continue;
            }
        };
        match rebuild(connection, id)? {
            Rebuilt::Wrong(why) => tell(Some(format!("{id}: {why}"))),
            Rebuilt::Whole(rebuilt) => {
                let fields = differences(&case, &rebuilt)?;
                if !fields.is_empty() {
                    let fields = fields.join(", ");
                    tell(Some(format!("{id}: not what its events add up to: {fields}")));
                }
            }
        }
    }
    Ok(())
}
