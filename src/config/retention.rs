//! `[retention]`: how long what is personal in closed cases and in mail without a case is kept.

use std::time::Duration;

use chrono::TimeDelta;

use super::error::ConfigError;
use super::section::Section;
use super::value::Value;
use crate::domain::retention::Class;
use crate::policy::retention::Ages;

/// The word for what is kept for ever.
const KEEP: &str = "keep";

/// Reads `[retention]`.
pub(super) fn read(mut section: Section<'_>) -> Result<Ages, ConfigError> {
    let mut ages = Vec::new();
    for class in Class::all() {
        let age = section.optional(class.name(), age)?.flatten();
        ages.extend(age.map(|age| (class, age)));
    }
    Ok(ages.into_iter().collect())
}

/// A length of time, or none for what is kept.
fn age(value: &Value<'_>) -> Result<Option<TimeDelta>, ConfigError> {
    let allowed = "\"keep\", or a length of time such as \"730d\", from 1d to 36500d";
    if value.text(allowed)? == KEEP {
        return Ok(None);
    }
    let range = Duration::from_hours(24)..=Duration::from_hours(36_500 * 24);
    let refused = |error: ConfigError| ConfigError { allowed: Some(allowed.to_owned()), ..error };
    let length = value.duration(range, "").map_err(refused)?;
    TimeDelta::from_std(length).map(Some).map_err(|_| value.error("is out of range", allowed))
}
