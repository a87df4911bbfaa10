//! What stands behind a command's word, as the request that it stands for.

use chrono_tz::Tz;

use super::lines::{first_word, plain_word};
use super::misread::Why;
use super::verbs::Meaning;
use crate::domain::address::{Address, displayable};
use crate::domain::advisory::Advisory;
use crate::domain::case_id::CaseId;
use crate::domain::exploited::Report;
use crate::domain::state::Disposition;
use crate::policy::moment::Moment;
use crate::policy::verbs::{Ending, Request};

pub(super) fn one(request: Request) -> Meaning {
    Meaning::Requests(vec![request])
}

pub(super) fn close(ending: Ending) -> Meaning {
    one(Request::Close(ending))
}

pub(super) fn ending(disposition: Disposition) -> Ending {
    Ending { disposition, exclusion: None, package: None, of: None, message: None }
}

pub(super) fn plain(said: &str, disposition: Disposition) -> Result<Meaning, Why> {
    nothing(said).map(|()| close(ending(disposition)))
}

pub(super) fn missing(what: &'static str) -> Why {
    Why::Missing { what, usage: "" }
}

pub(super) fn needed(said: &str, what: &'static str) -> Result<String, Why> {
    if said.is_empty() { Err(missing(what)) } else { Ok(said.to_owned()) }
}

pub(super) fn nothing(said: &str) -> Result<(), Why> {
    match said {
        "" => Ok(()),
        words => Err(Why::Extra { words: displayable(words), usage: "", more: "" }),
    }
}

/// A case alone, or behind a word that people put before it.
pub(super) fn case(said: &str, before: &str) -> Result<CaseId, Why> {
    let (word, rest) = first_word(said);
    let said = if word.eq_ignore_ascii_case(before) { rest } else { said };
    let (word, more) = first_word(said);
    let case = word.trim_end_matches([',', '.']).parse().map_err(|_| missing("the other case"))?;
    nothing(more).map(|()| case)
}

/// A handle, or none.
pub(super) fn handle(said: &str) -> Result<Option<String>, Why> {
    let (handle, more) = first_word(said);
    nothing(more)?;
    Ok(Some(handle.trim_start_matches('@').to_owned()).filter(|handle| !handle.is_empty()))
}

/// An address, as mail programs write one.
pub(super) fn address(said: &str) -> Result<Address, Why> {
    let (word, more) = first_word(said);
    let bare = word.trim_matches(['<', '>']);
    let address = needed(bare, "the address")?.parse().map_err(|_| missing("the address"))?;
    nothing(more).map(|()| address)
}

pub(super) fn assign(said: &str, _: Tz) -> Result<Meaning, Why> {
    let (handle, note) = first_word(said);
    let handler = needed(handle.trim_start_matches('@'), "the handle")?;
    let note = Some(note.to_owned()).filter(|note| !note.is_empty());
    Ok(one(Request::Assign { handler, note }))
}

pub(super) fn confirm(said: &str, _: Tz) -> Result<Meaning, Why> {
    let said =
        needed(said, "the range of affected versions")?.replace('≥', ">=").replace('≤', "<=");
    let words: Vec<&str> = said.split_whitespace().collect();
    let (ranges, lines) = match words.iter().rposition(|word| word.eq_ignore_ascii_case("in")) {
        Some(at) => words.split_at_checked(at).unwrap_or((&words, &[])),
        None => (words.as_slice(), [].as_slice()),
    };
    let ranges = ranges.join(" ");
    let affected = ranges.split("||").map(str::trim).filter(|range| !range.is_empty());
    let affected: Vec<String> = affected.map(str::to_owned).collect();
    if affected.is_empty() {
        return Err(missing("the range of affected versions"));
    }
    Ok(one(Request::Confirm {
        affected,
        lines: listed(&lines.iter().skip(1).copied().collect::<Vec<_>>().join(" ")),
    }))
}

/// Words with commas or white space between them.
pub(super) fn listed(said: &str) -> Vec<String> {
    let words = said.split(|c: char| c == ',' || c.is_whitespace());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

pub(super) fn fix(said: &str, _: Tz) -> Result<Meaning, Why> {
    let lines = listed(&needed(said, "the line of releases")?);
    Ok(Meaning::Requests(lines.into_iter().map(|line| Request::Fix { line }).collect()))
}

pub(super) fn no_fix(said: &str, _: Tz) -> Result<Meaning, Why> {
    let (line, why) = first_word(said);
    let line = needed(line, "the line of releases")?;
    Ok(one(Request::RefuseFix { line, why: needed(why, "the reason")? }))
}

pub(super) fn release(said: &str, _: Tz) -> Result<Meaning, Why> {
    let (line, rest) = first_word(said);
    let (version, more) = first_word(rest);
    let line = needed(line, "the line of releases")?;
    let version = needed(version, "the version")?;
    nothing(more)?;
    Ok(one(Request::Release { line, version, message: None }))
}

/// The facts that an advisory states.
pub(super) const FACTS: [&str; 7] =
    ["title", "summary", "workaround", "cvss", "cwe", "cve", "reference"];

pub(super) fn describe(said: &str, _: Tz) -> Result<Meaning, Why> {
    let (fact, rest) = first_word(said);
    let fact = plain_word(fact);
    let (line, under) = rest.split_once('\n').unwrap_or((rest, ""));
    let line = line.trim();
    let text = || needed(rest.trim(), "the text");
    let mut facts = Advisory::default();
    let mut takes_all = false;
    match fact.as_str() {
        "" => return Err(missing("the fact")),
        "title" => facts.title = Some(needed(line, "the title")?),
        "summary" => (facts.summary, takes_all) = (Some(text()?), true),
        "workaround" => (facts.workaround, takes_all) = (Some(text()?), true),
        "cvss" => facts.cvss = listed(&needed(line, "the vector")?),
        "cwe" => facts.cwe = Some(needed(line, "the number")?),
        "cve" => facts.cve = Some(needed(line, "the number")?),
        "reference" | "references" => facts.references = listed(&needed(line, "the address")?),
        _ => return Err(Why::NotOneOf { word: displayable(&fact), known: FACTS.to_vec() }),
    }
    let mut requests = vec![Request::Describe(facts)];
    if !takes_all && !under.trim().is_empty() {
        requests.push(Request::Note { text: under.trim().to_owned() });
    }
    Ok(Meaning::Requests(requests))
}

pub(super) fn embargo(said: &str, zone: Tz) -> Result<Meaning, Why> {
    let said = needed(said, "the time, such as 2026-12-24T18:00Z, or `lift`")?;
    let until = match plain_word(&said).as_str() {
        "lift" | "lifted" | "none" => None,
        _ => Some(said.parse::<Moment>()?.at(zone)?),
    };
    Ok(one(Request::Embargo { until }))
}

pub(super) fn extend(said: &str, zone: Tz) -> Result<Meaning, Why> {
    let said = needed(said, "the new day, such as 2027-03-31")?;
    // A day, an hour and a zone, as many of them as there are; then the reason.
    let words: Vec<&str> = said.split_whitespace().collect();
    let time = |count: &usize| words.get(..*count).map(|words| words.join(" ").parse::<Moment>());
    let longest = (1..=3).rev().find(|count| matches!(time(count), Some(Ok(_)))).unwrap_or(1);
    let day =
        words.iter().take(longest).copied().collect::<Vec<_>>().join(" ").parse::<Moment>()?;
    let why = words.iter().skip(longest).copied().collect::<Vec<_>>().join(" ");
    let why = needed(&why, "the reason")?;
    Ok(one(Request::Extend { disclose_by: day.at_the_latest(zone)?, why }))
}

pub(super) fn exploited(said: &str, zone: Tz) -> Result<Meaning, Why> {
    let said = needed(said, "the time since which it is known, or a report that was made")?;
    if let Some(report) = Report::named(&plain_word(&said)) {
        return Ok(one(Request::MakeReport { report }));
    }
    let (word, rest) = first_word(&said);
    let time = if word.eq_ignore_ascii_case("since") { rest } else { said.as_str() };
    Ok(one(Request::Exploited { known_since: time.parse::<Moment>()?.at(zone)? }))
}

pub(super) fn split(said: &str, _: Tz) -> Result<Meaning, Why> {
    let (word, rest) = first_word(said);
    let (number, subject) = first_word(rest);
    let mail = number.parse().ok().filter(|_| word.eq_ignore_ascii_case("mail"));
    let subject = if mail.is_some() { subject } else { said };
    let subject = Some(subject.to_owned()).filter(|subject| !subject.is_empty());
    Ok(one(Request::Split { mail, subject }))
}
