//! From a case to its advisory.

use url::Url;

use super::lines::{Settled, settle};
use super::missing::Missing;
use super::range::{self, Versions};
use super::severity::Score;
use super::weakness::Weakness;
use super::{Advisory, Affected, Fix, Outcome, Publisher, Step, Unfit, What};
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
        let (packages, lines) = versions(file, publisher, &mut unfit);
        let mut scores = keep(&stated.cvss, &mut unfit, |text| Score::read(text).map_err(Unfit::Vector));
        scores.sort_by_key(|score| std::cmp::Reverse(score.scale));
        Self {
            case: case.id,
            cve: keep(&stated.cve, &mut unfit, |text| cve(text)).pop(),
            title: stated.title.clone(),
            summary: stated.summary.clone(),
            workaround: stated.workaround.clone(),
            packages,
            lines,
            scores,
            weaknesses: keep(&stated.cwe, &mut unfit, |text| {
                Weakness::read(text).map_err(|_| Unfit::Weakness(text.to_owned()))
            }),
            credits: case.credits.clone(),
            timeline: timeline(file),
            references: keep(&stated.references, &mut unfit, |text| web_address(text)),
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
        Ok(url) if matches!(url.scheme(), "https" | "http") && url.has_host() => Ok(url.to_string()),
        _ => Err(Unfit::Reference(text.to_owned())),
    }
}

/// The affected packages, and what becomes of each line.
fn versions(
    file: &CaseFile,
    publisher: &Publisher,
    unfit: &mut Vec<Unfit>,
) -> (Vec<Affected>, Vec<Outcome>) {
    let case = &file.case;
    let ecosystem = publisher.ecosystem.as_ref();
    let numbering = ecosystem.map_or(Numbering::Stated, |ecosystem| ecosystem.numbering);
    let mut packages = Vec::new();
    let mut of_line = Vec::new();
    let ranges = by_package(&case.affected, publisher);
    // The lines are those of one package: the project's main one, or the only one affected.
    let with_lines = match ranges.as_slice() {
        [(only, _)] => Some(only.clone()),
        _ => publisher.package.clone(),
    };
    for (package, ranges) in ranges {
        let stated = match range::read(numbering, &ranges) {
            Ok(stated) => stated,
            Err(unclear) => {
                unfit.push(Unfit::Range(unclear));
                continue;
            }
        };
        let has_lines = with_lines.as_ref() == Some(&package);
        let lines = if has_lines { case.lines.as_slice() } else { &[] };
        let Settled { versions, of_line: words, conflicts } = settle(numbering, stated, lines);
        unfit.extend(conflicts.into_iter().map(Unfit::Conflict));
        of_line.extend(words);
        let fixes: Vec<String> =
            lines.iter().filter_map(|line| line.version()).map(str::to_owned).collect();
        let spans = Versions::spans(&versions);
        if let Some(name) = package {
            packages.push(Affected { name, spans, fixes });
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
    (packages, outcomes.collect())
}

/// The stated ranges by the package they are about, which a range may begin with:
/// `router >= 2.0.0, < 2.1.3`. `None` where it is not known.
fn by_package<'a>(
    stated: &'a [String],
    publisher: &Publisher,
) -> Vec<(Option<String>, Vec<&'a str>)> {
    let mut packages: Vec<(Option<String>, Vec<&str>)> = Vec::new();
    for text in stated {
        let named = publisher.packages.iter().find_map(|package| {
            let rest = text.trim().strip_prefix(package.as_str())?;
            let apart = rest.starts_with(|c: char| c.is_whitespace() || c == '@');
            apart.then(|| (package.clone(), rest.trim_start_matches('@').trim_start()))
        });
        let (package, range) = match named {
            Some((package, range)) => (Some(package), range),
            None => (publisher.package.clone(), text.trim()),
        };
        match packages.iter_mut().find(|(known, _)| *known == package) {
            Some((_, ranges)) => ranges.push(range),
            None => packages.push((package, vec![range])),
        }
    }
    packages
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
    timeline.sort_by_key(|step| (step.at, step.what == What::Disclosed));
    timeline
}
