//! Who answers for the project: `[[maintainers]]` and `[handlers]`.

use std::collections::BTreeSet;
use std::io::Read;

use chrono_tz::Tz;

use super::calendar;
use super::error::ConfigError;
use super::policy::short_name;
use super::section::Section;
use super::value::Value;
use crate::domain::address::Address;
use crate::domain::people::{Absence, Maintainer};
use crate::mail::gpgv::{Keyring, PublicKeys};
use crate::policy::calendar::Days;
use crate::policy::handler::Assign;

/// The largest file of public keys: signatures of others on one add up.
const LARGEST_KEY: u64 = 4 * 1024 * 1024;

/// Reads every `[[maintainers]]`, and the keys that they sign with. Where nobody leads, the first does. Absences begin and end on the
/// clocks of the person, or of `zone`.
pub(super) fn maintainers(
    sections: Vec<Section<'_>>,
    own: &[Address],
    zone: Tz,
) -> Result<(Vec<Maintainer>, Keyring), ConfigError> {
    let mut keyring = Keyring::default();
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
        if let Some(keys) = section.optional("pgp_key_file", keys)? {
            keyring.add(address.clone(), keys);
        }
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
    Ok((people, keyring))
}

/// The public keys in the file that a value names.
fn keys(value: &Value<'_>) -> Result<PublicKeys, ConfigError> {
    let path = value.path()?;
    let wrong = |why: &dyn std::fmt::Display| {
        let allowed = "a file that `gpg --export --armor ADDRESS` writes";
        value.error(format!("{}: {why}", path.display()), allowed)
    };
    let mut bytes = Vec::new();
    std::fs::File::open(&path)
        .and_then(|file| file.take(LARGEST_KEY).read_to_end(&mut bytes))
        .map_err(|error| wrong(&format!("cannot be read: {error}")))?;
    PublicKeys::read(&bytes).map_err(|error| wrong(&error))
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
