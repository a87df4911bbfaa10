//! How domain values stand in columns.

use chrono::{DateTime, Utc};

use super::error::StoreError;
use crate::domain::Timestamp;
use crate::domain::case_id::CaseId;

/// Cases of one year fit below this.
const YEAR: i64 = 1_000_000_000;

/// The key of a case.
pub fn case_key(id: CaseId) -> i64 {
    i64::from(id.year).saturating_mul(YEAR).saturating_add(i64::from(id.number))
}

/// The case of a key.
///
/// # Errors
/// [`StoreError::Unreadable`] where the key is none.
pub fn case_id(key: i64) -> Result<CaseId, StoreError> {
    let year = i32::try_from(key.div_euclid(YEAR));
    let number = u32::try_from(key.rem_euclid(YEAR));
    match (year, number) {
        (Ok(year), Ok(number)) => Ok(CaseId { year, number }),
        _ => Err(StoreError::Unreadable(format!("{key} is no case key"))),
    }
}

/// The keys of a year's cases, first and last.
pub fn keys_of_year(year: i32) -> (i64, i64) {
    let first = i64::from(year).saturating_mul(YEAR);
    (first, first.saturating_add(YEAR).saturating_sub(1))
}

/// Seconds to a point in time.
///
/// # Errors
/// [`StoreError::Unreadable`] where chrono knows no such time.
pub fn time(seconds: i64) -> Result<Timestamp, StoreError> {
    DateTime::<Utc>::from_timestamp(seconds, 0)
        .ok_or_else(|| StoreError::Unreadable(format!("{seconds} is no time")))
}

/// Seconds that may be missing.
///
/// # Errors
/// As [`time`].
pub fn optional_time(seconds: Option<i64>) -> Result<Option<Timestamp>, StoreError> {
    seconds.map(time).transpose()
}

/// A unit-only enum as its serde name.
///
/// # Errors
/// [`StoreError::Unreadable`] where it is more than a name.
pub fn name_of<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(name) => Ok(name),
        other => Err(StoreError::Unreadable(format!("{other} is no name"))),
    }
}

/// A unit-only enum from its serde name.
///
/// # Errors
/// [`StoreError::Unreadable`] where the name is not known.
pub fn from_name<T: serde::de::DeserializeOwned>(name: String) -> Result<T, StoreError> {
    Ok(serde_json::from_value(serde_json::Value::String(name))?)
}
