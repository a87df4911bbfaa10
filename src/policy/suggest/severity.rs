//! CVSS vectors and CWE ids that a reporter gives: read, checked and scored.
//!
//! The crate `cvss` reads versions 3.0, 3.1 and 4.0. A vector without its prefix is read as 3.1,
//! and the suggestion says so. Promises: at most [`MOST`] suggestions of each kind.

use std::str::FromStr;
use std::sync::LazyLock;

use cvss::{Cvss, v4};
use regex::Regex;

use super::report::{Report, excerpt};
use crate::domain::suggestion::{Suggestion, SuggestionKind};

/// The most vectors and the most weaknesses that are shown.
const MOST: usize = 4;

static VECTOR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:CVSS:\d\.\d/)?AV:[NALP](?:/[A-Z]{1,3}:[A-Z]{1,6}){2,40}").ok()
});
static WEAKNESS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\bCWE[-‐‑– ]?(\d{1,5})\b").ok());
static NAMES: LazyLock<toml::Table> =
    LazyLock::new(|| include_str!("weaknesses.toml").parse().unwrap_or_default());

/// What a report says of its severity and its kind.
pub fn suggestions(report: &Report<'_>) -> Vec<Suggestion> {
    let mut vectors: Vec<Suggestion> = Vec::new();
    let mut weaknesses: Vec<Suggestion> = Vec::new();
    for line in report.all_lines() {
        let (number, text) = (line.number, line.text);
        for found in
            VECTOR.iter().filter(|_| line.lower.contains("av:")).flat_map(|r| r.find_iter(text))
        {
            keep(&mut vectors, || severity(found.as_str(), number, text));
        }
        if !line.lower.contains("cwe") {
            continue;
        }
        for found in WEAKNESS.iter().flat_map(|r| r.captures_iter(text)) {
            if let Some(id) = found.get(1).and_then(|m| m.as_str().parse::<u32>().ok()) {
                keep(&mut weaknesses, || weakness(id, number, text));
            }
        }
    }
    vectors.append(&mut weaknesses);
    vectors
}

fn keep(list: &mut Vec<Suggestion>, make: impl FnOnce() -> Suggestion) {
    if list.len() < MOST {
        let suggestion = make();
        if list.iter().all(|s| s.id != suggestion.id) {
            list.push(suggestion);
        }
    }
}

fn severity(written: &str, line: u32, text: &str) -> Suggestion {
    let upper = written.to_uppercase();
    let (vector, assumed) = match upper.strip_prefix("CVSS:") {
        Some(_) => (upper.clone(), ""),
        None => (format!("CVSS:3.1/{upper}"), ", taken for version 3.1 as it names none"),
    };
    let (gist, detail) = match Cvss::from_str(&vector) {
        Ok(read) => (format!("{}{assumed}", scored(&read)), String::new()),
        // The error names the reporter's own metric, so it is no part of the gist.
        Err(error) => {
            ("a CVSS vector that cannot be scored".to_owned(), format!(", {error}{assumed}"))
        }
    };
    let cited = excerpt(line, text);
    Suggestion {
        kind: SuggestionKind::Severity,
        why: format!("{gist}{detail}: {}", cited.cite()),
        id: Some(vector),
        gist,
    }
}

/// `CVSS 3.1 base score 9.8 (critical)`.
fn scored(vector: &Cvss) -> String {
    let score = vector.score();
    let severity = vector.severity();
    match vector {
        Cvss::CvssV30(_) => format!("CVSS 3.0 base score {score:.1} ({severity})"),
        Cvss::CvssV31(_) => format!("CVSS 3.1 base score {score:.1} ({severity})"),
        Cvss::CvssV40(vector) => {
            format!("CVSS 4.0 score {score:.1} ({severity}, {})", v4::Vector::nomenclature(vector))
        }
        _ => format!("CVSS score {score:.1} ({severity})"),
    }
}

fn weakness(id: u32, line: u32, text: &str) -> Suggestion {
    let name = NAMES.get(&id.to_string()).and_then(toml::Value::as_str);
    let gist = match name {
        Some(name) => format!("CWE-{id}: {name}"),
        None => format!("CWE-{id}, whose name is not known here"),
    };
    let cited = excerpt(line, text);
    Suggestion {
        kind: SuggestionKind::Weakness,
        why: format!("{gist}: {}", cited.cite()),
        id: Some(format!("CWE-{id}")),
        gist,
    }
}
