//! Who answers for the project: `[[maintainers]]` and `[handlers]`.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use super::calendar;
use super::error::ConfigError;
use super::policy::short_name;
use super::section::Section;
use super::value::Value;
use crate::domain::address::Address;
use crate::domain::people::{Absence, Maintainer};
use crate::policy::calendar::Days;
use crate::policy::handler::Assign;

/// Reads every `[[maintainers]]`. Where nobody leads, the first does. Absences begin and end on the
/// clocks of the person, or of `zone`.
pub(super) fn maintainers(
    sections: Vec<Section<'_>>,
    own: &[Address],
    zone: Tz,
) -> Result<Vec<Maintainer>, ConfigError> {
    let mut handles = BTreeSet::new();
    let mut addresses = BTreeSet::new();
    let mut led = None::<String>;
    let mut people = Vec::new();
    for mut section in sections {
        let handle = section.required("handle", |value| {
            let handle = short_name(value)?;
            match handles.insert(handle.to_lowercase()) {
                true => Ok(handle),
                false => Err(value.error(
                    format!("{handle:?} is taken by another maintainer"),
                    "a handle of their own, whatever its case",
                )),
            }
        })?;
        let name = section.required("name", Value::line)?;
        let address = section.required("address", |value| {
            let address = value.address()?;
            if own.contains(&address) {
                return Err(value.error(
                    "is the project's own: the digest would come back as mail to the project",
                    "the maintainer's personal address",
                ));
            }
            match addresses.insert(address.clone()) {
                true => Ok(address),
                false => Err(value.error(
                    format!("{address} is another maintainer's too"),
                    "an address of their own: it tells whose command a mail is",
                )),
            }
        })?;
        let lead = section.optional("lead", |value| match (value.truth()?, &led) {
            (true, Some(other)) => {
                Err(value.error(format!("{other:?} leads already"), "one lead at most"))
            }
            (lead, _) => Ok(lead),
        })?;
        if lead == Some(true) {
            led = Some(handle.clone());
        }
        let timezone = section.optional("timezone", Value::time_zone)?;
        let handles = section.optional("handles", |value| value.list(Value::line))?;
        let absences = section.optional("absences", |value| {
            let spans = calendar::spans(value)?.into_iter();
            Ok(spans.map(|days| absence(days, timezone.unwrap_or(zone))).collect())
        })?;
        people.push(Maintainer {
            handle,
            name,
            address,
            lead: lead == Some(true),
            timezone,
            handles: handles.unwrap_or_default(),
            absences: absences.unwrap_or_default(),
        });
    }
    if led.is_none()
        && let Some(first) = people.first_mut()
    {
        first.lead = true;
    }
    Ok(people)
}

fn absence(days: Days, zone: Tz) -> Absence {
    let (from, until) = calendar::moments(days, zone);
    Absence { from, until }
}

/// Reads `[handlers]`.
pub(super) fn assign(mut section: Section<'_>) -> Result<Assign, ConfigError> {
    let ways = [("fewest-open", Assign::FewestOpen), ("rotation", Assign::Rotation)];
    Ok(section.optional("assign", |value| value.one_of(&ways))?.unwrap_or_default())
}
