//! What the project is, who answers for it, and what it promised.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::Weekday;

use super::calendar::Working;
use super::error::ConfigError;
use super::mailboxes::a_folder;
use super::section::Section;
use super::value::Value;
use crate::domain::people::Project;
use crate::policy::calendar::Calendar;
use crate::policy::nearest::listed;
use crate::policy::promise::{Promise, Promises};
use crate::policy::relay::{Answer, Relay, Sender};
use crate::policy::schedule::{DigestSchedule, WhenEmpty};
use crate::policy::scope::{Exclusion, ReleaseLine, Scope};
use crate::policy::season::ClosedSeason;
use crate::policy::suggest::threat;

/// Reads `[project]`.
pub(super) fn project(section: &mut Section<'_>) -> Result<Project, ConfigError> {
    Ok(Project {
        name: section.required("name", Value::line)?,
        address: section.required("address", Value::address)?,
        policy: section.optional("policy", Value::web_page)?,
    })
}

/// Reads `[sla]`, with the calendar that its promises may be counted by.
pub(super) fn promises(
    mut section: Section<'_>,
    working: &Working,
    closed: Option<ClosedSeason>,
) -> Result<Promises, ConfigError> {
    let usual = Promises::default();
    let all = section.optional("calendar", which_calendar)?.unwrap_or(Which::Continuous);
    let silent_after = section.optional("silent_after", Value::promise)?;
    let mut promise = |within, calendar, usual: &Promise| {
        let within = section.optional(within, Value::promise)?.unwrap_or(usual.within);
        let which = section.optional(calendar, which_calendar)?.unwrap_or(all);
        let calendar = match which {
            Which::Continuous => Calendar::Continuous,
            Which::Business => Calendar::Business(Arc::clone(&working.calendar)),
        };
        Ok(Promise { within, calendar })
    };
    Ok(Promises {
        acknowledge: promise("acknowledge_within", "acknowledge_calendar", &usual.acknowledge)?,
        respond: promise("respond_within", "respond_calendar", &usual.respond)?,
        update: promise("update_every", "update_calendar", &usual.update)?,
        disclose: promise("disclose_within", "disclose_calendar", &usual.disclose)?,
        silent_after: silent_after.unwrap_or(usual.silent_after),
        closed,
    })
}

/// A calendar by its name.
#[derive(Debug, Clone, Copy)]
enum Which {
    Continuous,
    Business,
}

fn which_calendar(value: &Value<'_>) -> Result<Which, ConfigError> {
    value.one_of(&[("continuous", Which::Continuous), ("business", Which::Business)])
}

/// Reads `[digest]`.
pub(super) fn digest(mut section: Section<'_>) -> Result<DigestSchedule, ConfigError> {
    let usual = DigestSchedule::default();
    let when_empty = [("send", WhenEmpty::Send), ("skip", WhenEmpty::Skip)];
    let figures = [
        ("Monday", Some(Weekday::Mon)),
        ("Tuesday", Some(Weekday::Tue)),
        ("Wednesday", Some(Weekday::Wed)),
        ("Thursday", Some(Weekday::Thu)),
        ("Friday", Some(Weekday::Fri)),
        ("Saturday", Some(Weekday::Sat)),
        ("Sunday", Some(Weekday::Sun)),
        ("never", None),
    ];
    Ok(DigestSchedule {
        at: section.optional("at", Value::time_of_day)?.unwrap_or(usual.at),
        timezone: section.optional("timezone", Value::time_zone)?.unwrap_or(usual.timezone),
        when_empty: section
            .optional("when_empty", |value| value.one_of(&when_empty))?
            .unwrap_or(usual.when_empty),
        figures: section
            .optional("figures", |value| value.one_of(&figures))?
            .unwrap_or(usual.figures),
    })
}

/// Reads `[templates]`.
pub(super) fn templates(
    mut section: Section<'_>,
) -> Result<Option<std::path::PathBuf>, ConfigError> {
    section.optional("folder", |value| {
        let path = value.path()?;
        a_folder(value, &path).map(|()| path)
    })
}

/// Reads every `[[release_lines]]`.
pub(super) fn release_lines(sections: Vec<Section<'_>>) -> Result<Vec<ReleaseLine>, ConfigError> {
    let mut names = BTreeSet::new();
    let read = |mut section: Section<'_>| {
        let name = section.required("name", |value| unique(value, value.line()?, &mut names))?;
        let end_of_support = section.optional("end_of_support", Value::day)?;
        Ok(ReleaseLine { name, end_of_support })
    };
    sections.into_iter().map(read).collect()
}

/// Reads `[scope]`.
pub(super) fn scope(mut section: Section<'_>) -> Result<Scope, ConfigError> {
    let packages = section.optional("packages", |value| value.list(Value::line))?;
    Ok(Scope { packages: packages.unwrap_or_default() })
}

/// Reads every `[[exclusions]]`.
pub(super) fn exclusions(sections: Vec<Section<'_>>) -> Result<Vec<Exclusion>, ConfigError> {
    let mut ids = BTreeSet::new();
    let read = |mut section: Section<'_>| {
        Ok(Exclusion {
            id: section.required("id", |value| unique(value, short_name(value)?, &mut ids))?,
            cwe: section
                .optional("cwe", |value| value.parsed("CWE number", "the form \"CWE-1357\""))?,
            title: section.required("title", Value::line)?,
            terms: section.optional("terms", phrases)?.unwrap_or_default(),
            evidence: section.optional("evidence", combinations)?.unwrap_or_default(),
            unless: section.optional("unless", combinations)?.unwrap_or_default(),
            reply: section.optional("reply", Value::paragraphs)?,
        })
    };
    sections.into_iter().map(read).collect()
}

fn phrases(value: &Value<'_>) -> Result<Vec<String>, ConfigError> {
    value.list(|value| {
        let phrase = value.phrase()?;
        let names = phrase.split('|').map(|part| part.trim().trim_start_matches('+'));
        let unknown = names
            .filter_map(|part| part.strip_prefix('@'))
            .find(|name| !threat::shared_words().any(|known| known == *name));
        let Some(name) = unknown else { return Ok(phrase) };
        let known: Vec<String> = threat::shared_words().map(|known| format!("@{known}")).collect();
        Err(value.error(
            format!("\"@{name}\" names no shared words"),
            &listed(known.iter().map(String::as_str)),
        ))
    })
}

/// Lists of phrases that have to come together.
fn combinations(value: &Value<'_>) -> Result<Vec<Vec<String>>, ConfigError> {
    value.list(phrases)
}

/// A name that stands in commands and tables.
pub(super) fn short_name(value: &Value<'_>) -> Result<String, ConfigError> {
    let name = value.line()?;
    let sound = name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    match sound {
        true => Ok(name),
        false => Err(value.error(
            format!("{name:?} does not fit into a command"),
            "up to 40 letters, digits, - _ and . of ASCII, the first a letter or a digit",
        )),
    }
}

pub(super) fn unique(
    value: &Value<'_>,
    name: String,
    taken: &mut BTreeSet<String>,
) -> Result<String, ConfigError> {
    match taken.insert(name.to_lowercase()) {
        true => Ok(name),
        false => Err(value.error(format!("{name:?} is there twice"), "each only once")),
    }
}

/// Reads `[[relays]]`.
pub(super) fn relays(sections: Vec<Section<'_>>) -> Result<Vec<Relay>, ConfigError> {
    let answers =
        [("relay", Answer::Relay), ("finder", Answer::Finder), ("nobody", Answer::Nobody)];
    let read = |mut section: Section<'_>| {
        let sender = section.required("sender", |value| {
            let allowed = "an address, or \"@domain\" for every address of a domain";
            let sender = value.text(allowed)?.parse::<Sender>();
            sender.map_err(|error| value.error(error.to_string(), allowed))
        })?;
        let name = section.optional("name", Value::line)?;
        let answer = section.optional("answer", |value| value.one_of(&answers))?;
        Ok(Relay {
            name: name.unwrap_or_else(|| sender.to_string()),
            sender,
            answer: answer.unwrap_or_default(),
        })
    };
    sections.into_iter().map(read).collect()
}
