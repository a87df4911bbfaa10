//! `[commands]`: what maintainers may do by answering mail.

use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::error::ConfigError;
use super::secrets::{SecretKind, Vault};
use super::section::Section;
use crate::domain::address::Address;
use crate::policy::capability::{Key, Places, Terms, TokenAddress};

/// How long a token holds.
const LIFETIME: TimeDelta = TimeDelta::days(14);

/// Reads `[commands]`; `None` where there is no such section. Times without a zone are of `zone`.
pub(super) fn read(
    mut section: Section<'_>,
    vault: &Vault,
    project: &Address,
    zone: Tz,
) -> Result<Option<Terms>, ConfigError> {
    if section.is_absent() {
        return Ok(None);
    }
    let reply_to = section.optional("reply_to", |value| {
        let allowed = "\"security+{token}@example.org\": a mailbox of the inbox, + or -, {token}";
        value.parsed::<TokenAddress>("address with {token} behind a + or -", allowed)
    })?;
    let key = section.required("key_file", |value| {
        let secret = vault.secret(value, SecretKind::Key)?;
        // Commands that run without secrets grant nothing.
        if secret.expose().is_empty() {
            return Ok(None);
        }
        Key::new(secret.expose().as_bytes()).map(Some).map_err(|short| {
            value.error(short.to_string(), "a file that `embargod token key FILE` makes")
        })
    })?;
    let lifetime = section.optional("expires", |value| {
        let range = Duration::from_hours(1)..=Duration::from_hours(365 * 24);
        let length = value.duration(range, "from 1h to 365d")?;
        TimeDelta::from_std(length).map_err(|_| value.error("is out of range", ""))
    })?;
    Ok(Some(Terms {
        key,
        places: Places { project: project.clone(), reply_to },
        lifetime: lifetime.unwrap_or(LIFETIME),
        zone,
    }))
}
