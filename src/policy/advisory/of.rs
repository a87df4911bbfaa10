//! From a case to its advisory.

use std::collections::BTreeSet;

use url::Url;

use super::lines::{Settled, settle};
use super::range;
use super::severity::Score;
use super::weakness::Weakness;
use super::{Advisory, Affected, Fix, Outcome, Publisher, Revised, Step, Unfit, What};
use crate::domain::Timestamp;
use crate::domain::event::Change;
use crate::domain::line::Repair;
use crate::domain::views::CaseFile;
use crate::policy::advisory::ecosystem::Numbering;

impl Advisory {
    /// The advisory of a case as it stands at `now`.
    pub fn of(file: &CaseFile, publisher: &Publisher, now: Timestamp) -> Self {
        let case = &file.case;
        let stated = &case.advisory;
        let mut unfit = Vec::new();
        let Versioned { packages, lines, lines_of } = versions(file, publisher, &mut unfit);
        let mut scores =
            keep(&stated.cvss, &mut unfit, |text| Score::read(text).map_err(Unfit::Vector));
        scores.sort_by_key(|score| std::cmp::Reverse(score.scale));
        Self {
            case: case.id,
            cve: keep(&stated.cve, &mut unfit, cve).pop(),
            title: stated.title.clone(),
            summary: stated.summary.clone(),
            workaround: stated.workaround.clone(),
            packages,
            lines,
            lines_of,
            scores,
            weaknesses: keep(&stated.cwe, &mut unfit, |text| {
                Weakness::read(text).map_err(|_| Unfit::Weakness(text.to_owned()))
            }),
            credits: case.credits.clone(),
            timeline: timeline(file),
            references: keep(&stated.references, &mut unfit, web_address),
            exploited: case.exploited.is_some(),
            disclosed_at: case.disclosed_at,
            made_at: now,
            publisher: publisher.clone(),
            unfit,
        }
    }
}

/// What can be used of some stated texts; what cannot is noted.
fn keep<'a, T>(
    stated: impl IntoIterator<Item = &'a String>,
    unfit: &mut Vec<Unfit>,
    read: impl Fn(&str) -> Result<T, Unfit>,
) -> Vec<T> {
    let mut kept = Vec::new();
    for text in stated {
        match read(text) {
            Ok(value) => kept.push(value),
            Err(why) => unfit.push(why),
        }
    }
    kept
}

/// Reads `CVE-2026-12345`: a year and at least four digits.
fn cve(text: &str) -> Result<String, Unfit> {
    let upper = text.trim().to_ascii_uppercase();
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let sound = upper.strip_prefix("CVE-").and_then(|rest| rest.split_once('-')).is_some_and(
        |(year, number)| {
            year.len() == 4 && (4..=19).contains(&number.len()) && digits(year) && digits(number)
        },
    );
    if sound { Ok(upper) } else { Err(Unfit::Cve(text.to_owned())) }
}

/// Reads the address of a web page, which stands between angle brackets in Markdown.
fn web_address(text: &str) -> Result<String, Unfit> {
    match Url::parse(text.trim()) {
        Ok(url) if matches!(url.scheme(), "https" | "http") && url.has_host() => {
            Ok(url.to_string())
        }
        _ => Err(Unfit::Reference(text.to_owned())),
    }
}

/// The affected packages, and what becomes of each line of one of them.
struct Versioned {
    packages: Vec<Affected>,
    lines: Vec<Outcome>,
    lines_of: Option<String>,
}

fn versions(file: &CaseFile, publisher: &Publisher, unfit: &mut Vec<Unfit>) -> Versioned {
    let case = &file.case;
    let ecosystem = publisher.ecosystem.as_ref();
    let numbering = ecosystem.map_or(Numbering::Stated, |ecosystem| ecosystem.numbering);
    let mut packages = Vec::new();
    let mut of_line = Vec::new();
    let ranges = by_package(&case.affected, publisher, unfit);
    // The lines are those of one package: the project's main one, or else the only one affected.
    let lines_of = publisher.package.clone().or(match ranges.as_slice() {
        [(only, _)] => only.clone(),
        _ => None,
    });
    for (package, ranges) in ranges {
        let stated = match range::read(numbering, &ranges) {
            Ok(stated) => stated,
            Err(unclear) => {
                unfit.push(Unfit::Range(unclear));
                continue;
            }
        };
        let has_lines = lines_of == package;
        let lines = if has_lines { case.lines.as_slice() } else { &[] };
        let Settled { versions, of_line: words, conflicts } = settle(numbering, stated, lines);
        unfit.extend(conflicts.into_iter().map(Unfit::Conflict));
        of_line.extend(words);
        let fixes: Vec<String> =
            lines.iter().filter_map(|line| line.version()).map(str::to_owned).collect();
        let spans = versions.spans();
        match package {
            Some(name) => packages.push(Affected { name, words: versions.words(), spans, fixes }),
            None => unfit.push(Unfit::Unnamed),
        }
    }
    let outcomes = case.lines.iter().map(|line| Outcome {
        line: line.name.clone(),
        affected: of_line
            .iter()
            .find(|(name, _)| *name == line.name)
            .and_then(|(_, words)| words.clone()),
        fix: match &line.repair {
            Repair::NotAffected => Fix::NotNeeded,
            Repair::Missing | Repair::Ready { .. } => Fix::Pending,
            Repair::Released { released_at, version, .. } => {
                Fix::Released { version: version.clone(), at: *released_at }
            }
            Repair::Refused { why } => Fix::Refused { why: why.clone() },
        },
    });
    Versioned { packages, lines: outcomes.collect(), lines_of }
}

/// The stated ranges by the package they are about, which a range may begin with:
/// `router >= 2.0.0, < 2.1.3`. `None` where it is not known.
fn by_package<'a>(
    stated: &'a [String],
    publisher: &Publisher,
    unfit: &mut Vec<Unfit>,
) -> Vec<(Option<String>, Vec<&'a str>)> {
    let mut packages: Vec<(Option<String>, Vec<&str>)> = Vec::new();
    for text in stated {
        let (package, range) = match named(text.trim(), publisher) {
            (None, range) => (publisher.package.clone(), range),
            (Some(name), range) if publisher.has_package(name) => (Some(name.to_owned()), range),
            (Some(name), _) => {
                unfit.push(Unfit::Package(name.to_owned()));
                continue;
            }
        };
        match packages.iter_mut().find(|(known, _)| *known == package) {
            Some((_, ranges)) => ranges.push(range),
            None => packages.push((package, vec![range])),
        }
    }
    packages
}

/// The package that a range begins with, and the range: `name range`, or `name@range`.
fn named<'a>(text: &'a str, publisher: &Publisher) -> (Option<&'a str>, &'a str) {
    let is_range = |word: &str| {
        if publisher.packages.iter().any(|known| known == word) {
            return false;
        }
        let number = word.trim_start_matches(['v', 'x', 'X']);
        number.is_empty()
            || number.starts_with(|c: char| c.is_ascii_digit() || "<>=^~*|-.".contains(c))
    };
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if is_range(first) {
        return (None, text);
    }
    // The "@" of a scope comes first, that of a version last.
    match first.rsplit_once('@') {
        Some((name, _)) if !name.is_empty() => {
            let range = text.strip_prefix(name).and_then(|text| text.strip_prefix('@'));
            (Some(name), range.unwrap_or(rest).trim_start())
        }
        _ => (Some(first), rest.trim_start()),
    }
}

/// What happened, oldest first.
fn timeline(file: &CaseFile) -> Vec<Step> {
    let case = &file.case;
    let confirmed = file.events.iter().find_map(|event| match &event.change {
        Change::Confirmed { .. } => Some(event.at),
        _ => None,
    });
    let fixed = case.lines.iter().filter_map(|line| line.fixed_at()).min();
    let single = [
        (Some(case.received_at), What::Reported),
        (case.acknowledged_at, What::Acknowledged),
        (confirmed, What::Confirmed),
        (fixed, What::Fixed),
        (case.disclosed_at, What::Disclosed),
    ];
    let mut timeline: Vec<Step> =
        single.into_iter().filter_map(|(at, what)| Some(Step { at: at?, what })).collect();
    for line in &case.lines {
        if let Repair::Released { released_at, version, .. } = &line.repair {
            let what = What::Released { line: line.name.clone(), version: version.clone() };
            timeline.push(Step { at: *released_at, what });
        }
    }
    timeline.extend(revisions(file));
    let last = |what: &What| matches!(what, What::Disclosed | What::Revised(_));
    timeline.sort_by_key(|step| (step.at, last(&step.what)));
    timeline
}

/// What changed after the advisory was public: what is stated again as it was is no change.
fn revisions(file: &CaseFile) -> Vec<Step> {
    let mut stated = crate::domain::advisory::Advisory::default();
    let (mut credits, mut is_exploited, mut is_public) = (BTreeSet::new(), false, false);
    let mut revisions = Vec::new();
    for event in &file.events {
        let revised = match &event.change {
            Change::Described { facts } => {
                let before = stated.clone();
                stated.take(facts);
                (stated != before).then_some(Revised::Facts)
            }
            Change::Credited { name } => credits.insert(name).then_some(Revised::Credit),
            Change::Exploited { .. } if !is_exploited => {
                is_exploited = true;
                Some(Revised::Exploited)
            }
            Change::Disclosed => {
                is_public = true;
                None
            }
            _ => None,
        };
        if let Some(revised) = revised.filter(|_| is_public) {
            revisions.push(Step { at: event.at, what: What::Revised(revised) });
        }
    }
    revisions
}
