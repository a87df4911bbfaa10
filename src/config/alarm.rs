//! `[alarm]`: when embargod's own silence is an alarm, and who hears of it how.

use std::path::PathBuf;

use chrono::TimeDelta;

use super::error::ConfigError;
use super::mailboxes::{a_file, a_folder};
use super::section::Section;
use super::value::Value;
use crate::mail::alert::SecondWay;
use crate::policy::alarm::Bounds;

/// What `[alarm]` says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlarmSettings {
    /// How people hear of it; `None`: from the log and `embargod status`.
    pub way: Option<SecondWay>,
    /// How long what may last.
    pub bounds: Bounds,
    /// How often the daemon writes to the project itself; `None`: never.
    pub canary_every: Option<TimeDelta>,
    /// A file of figures for whoever collects them.
    pub metrics: Option<PathBuf>,
}

/// A second way, before the address that it may need is read.
enum By {
    Sendmail(PathBuf),
    Command(PathBuf),
    File(PathBuf),
}

/// Reads `[alarm]`.
pub(super) fn read(mut section: Section<'_>) -> Result<AlarmSettings, ConfigError> {
    let usual = Bounds::default();
    let by = section.optional("by", |value| {
        let allowed = "sendmail:PATH, command:PATH, file:PATH";
        match value.text(allowed)?.split_once(':') {
            Some(("sendmail", path)) => {
                let path = value.resolve(path)?;
                a_file(value, &path).map(|()| By::Sendmail(path))
            }
            Some(("command", path)) => {
                let path = value.resolve(path)?;
                a_file(value, &path).map(|()| By::Command(path))
            }
            Some(("file", path)) => {
                let path = value.resolve(path)?;
                in_a_folder(value, &path).map(|()| By::File(path))
            }
            _ => Err(value.error("is no way to tell anybody", allowed)),
        }
    })?;
    let to = section.optional("to", Value::address)?;
    let way = match (by, to) {
        (Some(By::Sendmail(command)), Some(to)) => Some(SecondWay::Sendmail { command, to }),
        (Some(By::Sendmail(_)), None) => return Err(section.missing("to", Value::address)),
        (Some(By::Command(program)), _) => Some(SecondWay::Command(program)),
        (Some(By::File(path)), _) => Some(SecondWay::File(path)),
        (None, _) => None,
    };
    Ok(AlarmSettings {
        way,
        bounds: Bounds {
            stale_after: section
                .optional("stale_after", Value::promise)?
                .unwrap_or(usual.stale_after),
            outbox_after: section
                .optional("outbox_after", Value::promise)?
                .unwrap_or(usual.outbox_after),
            canary_within: section
                .optional("canary_within", Value::promise)?
                .unwrap_or(usual.canary_within),
        },
        canary_every: section.optional("canary_every", Value::promise)?,
        metrics: section.optional("metrics", |value| {
            let path = value.path()?;
            in_a_folder(value, &path).map(|()| path)
        })?,
    })
}

/// Refuses a path whose folder is not there.
fn in_a_folder(value: &Value<'_>, path: &std::path::Path) -> Result<(), ConfigError> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => a_folder(value, parent),
        _ => Ok(()),
    }
}
