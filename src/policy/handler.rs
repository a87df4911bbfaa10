//! Who handles a case, and who stands in.
//!
//! The rules: of those who are not away, whoever answers for a package that the report is about;
//! else, or among several, the next in turn or the one with the fewest open cases. Nobody left means
//! the lead. A case stays with its handler through an absence, since handing it over is a person's
//! word; meanwhile the lead is reminded in the handler's place, and lists say until when.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;

use crate::domain::Timestamp;
use crate::domain::people::Maintainer;
use crate::policy::digest::clock;
use crate::policy::scope::Scope;
use crate::policy::suggest::report::Report;

/// How a new case finds its handler, `[handlers] assign`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Assign {
    /// The next in the order of the configuration after whom the newest case went to.
    Rotation,
    /// Whoever has the fewest open cases; among equals the first in the configuration.
    #[default]
    FewestOpen,
}

/// What a choice rests on besides the people.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// Open cases a handler.
    pub load: &'a BTreeMap<String, u32>,
    /// Whom the newest case went to.
    pub last: Option<&'a str>,
    /// The handles of those who answer for what the report is about.
    pub concerned: &'a BTreeSet<String>,
    /// The present.
    pub now: Timestamp,
}

/// The primary handler of a new case; `None` only where there is no maintainer.
pub fn primary<'a>(
    maintainers: &'a [Maintainer],
    assign: Assign,
    given: &Circumstances<'_>,
) -> Option<&'a Maintainer> {
    let here = || maintainers.iter().filter(|person| person.absence_at(given.now).is_none());
    let concerned: Vec<&Maintainer> =
        here().filter(|person| given.concerned.contains(&person.handle)).collect();
    let candidates = if concerned.is_empty() { here().collect() } else { concerned };
    let chosen = match assign {
        Assign::FewestOpen => {
            let load = |person: &&&Maintainer| given.load.get(&person.handle).copied();
            candidates.iter().min_by_key(|person| load(person).unwrap_or(0)).copied()
        }
        Assign::Rotation => {
            let place =
                |handle: &str| maintainers.iter().position(|person| person.handle == handle);
            let last = given.last.and_then(place);
            let after = |person: &&&Maintainer| place(person.handle.as_str()) > last;
            candidates.iter().find(after).or(candidates.first()).copied()
        }
    };
    chosen.or_else(|| lead(maintainers))
}

/// Who is asked when nobody else is left.
pub fn lead(maintainers: &[Maintainer]) -> Option<&Maintainer> {
    maintainers.iter().find(|person| person.lead).or(maintainers.first())
}

/// The handles of those who answer for a package that a report is about.
pub fn concerned(maintainers: &[Maintainer], report: &Report<'_>) -> BTreeSet<String> {
    maintainers
        .iter()
        .filter(|person| !person.handles.is_empty())
        .filter(|person| Scope { packages: person.handles.clone() }.ours().is_about(report))
        .map(|person| person.handle.clone())
        .collect()
}

/// A handler as a list names one to a reader: `you`, a handle, `nobody yet`; with the day on which
/// an absence ends.
pub fn named(
    handler: Option<&str>,
    reader: &str,
    maintainers: &[Maintainer],
    now: Timestamp,
    zone: Tz,
) -> String {
    let Some(handle) = handler else { return "nobody yet".to_owned() };
    if handle == reader {
        return "you".to_owned();
    }
    let person = maintainers.iter().find(|person| person.handle == handle);
    match person.and_then(|person| person.absence_at(now)) {
        Some(absence) => format!("{handle} (back {})", clock::day(absence.until, now, zone)),
        None => handle.to_owned(),
    }
}

#[cfg(test)]
mod tests;
