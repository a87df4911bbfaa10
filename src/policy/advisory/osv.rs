//! The advisory as an OSV record, for scanners.
//!
//! Source: the OSV format, version 1.6. The crate `osv` reads that format; what it writes is not
//! valid (`"published": null`, `credit_type` for `type`), so the part that is written here has types
//! of its own. Promises: a draft has no `published`, counts as withdrawn, and lists what it lacks
//! under `database_specific`.

use serde::Serialize;

use super::ecosystem::Numbering;
use super::severity::Scale;
use super::span::End;
use super::{Advisory, Affected, Format, Span, Status};
use crate::domain::Timestamp;

const SCHEMA_VERSION: &str = "1.6.0";

/// An OSV record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Record {
    schema_version: &'static str,
    id: String,
    modified: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    severity: Vec<Severity>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    affected: Vec<Package>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    references: Vec<Reference>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    credits: Vec<Credit>,
    database_specific: DatabaseSpecific,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Severity {
    #[serde(rename = "type")]
    scale: &'static str,
    score: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Package {
    package: Name,
    ranges: Vec<Range>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Name {
    ecosystem: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Range {
    #[serde(rename = "type")]
    order: &'static str,
    events: Vec<Event>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Event {
    Introduced(String),
    Fixed(String),
    LastAffected(String),
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Reference {
    #[serde(rename = "type")]
    kind: &'static str,
    url: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Credit {
    name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct DatabaseSpecific {
    case: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cwe_ids: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    draft: Vec<String>,
}

/// The record of an advisory.
pub fn record(advisory: &Advisory) -> Record {
    let status = advisory.status(Format::Osv);
    let missing = advisory.missing(Format::Osv);
    let changed = advisory.changed_at();
    let details = [
        advisory.summary.as_deref().map(str::trim).map(str::to_owned),
        advisory.workaround.as_deref().map(|text| format!("## Workaround\n\n{}", text.trim())),
    ];
    let details: Vec<String> = details.into_iter().flatten().collect();
    Record {
        schema_version: SCHEMA_VERSION,
        id: advisory.cve.clone().unwrap_or_else(|| advisory.case.to_string()),
        modified: changed,
        published: advisory.disclosed_at.filter(|_| status == Status::Final),
        withdrawn: (status == Status::Draft).then_some(changed),
        summary: advisory.title.clone(),
        details: (!details.is_empty()).then(|| details.join("\n\n")),
        severity: severity(advisory),
        affected: advisory.packages.iter().filter_map(|p| package(advisory, p)).collect(),
        references: references(advisory),
        credits: advisory.credits.iter().map(|name| Credit { name: name.clone() }).collect(),
        database_specific: DatabaseSpecific {
            case: advisory.case.to_string(),
            cwe_ids: advisory.weaknesses.iter().map(|w| w.id.to_string()).collect(),
            draft: missing.iter().map(super::missing::Missing::words).collect(),
        },
    }
}

/// One vector of each generation: the format has one place for 3.0 and 3.1.
fn severity(advisory: &Advisory) -> Vec<Severity> {
    let mut severity: Vec<Severity> = Vec::new();
    for score in &advisory.scores {
        let scale = match score.scale {
            Scale::V30 | Scale::V31 => "CVSS_V3",
            Scale::V40 => "CVSS_V4",
        };
        if severity.iter().all(|known| known.scale != scale) {
            severity.push(Severity { scale, score: score.vector.clone() });
        }
    }
    severity
}

/// `None` where it is not known in which ecosystem its name means something.
fn package(advisory: &Advisory, affected: &Affected) -> Option<Package> {
    let ecosystem = advisory.publisher.ecosystem.as_ref()?;
    let order = match ecosystem.numbering {
        Numbering::Npm | Numbering::Semantic => "SEMVER",
        Numbering::Stated => "ECOSYSTEM",
    };
    Some(Package {
        package: Name {
            ecosystem: ecosystem.name.clone(),
            name: affected.name.clone(),
            purl: ecosystem.purl(&affected.name, None),
        },
        ranges: affected.spans.iter().map(|s| Range { order, events: events(s) }).collect(),
    })
}

/// Each stretch has a range of its own, since one range cannot have both kinds of end.
fn events(span: &Span<String>) -> Vec<Event> {
    // "0" stands for what is before every version.
    let begin = Event::Introduced(span.from.clone().unwrap_or_else(|| "0".to_owned()));
    let end = match &span.to {
        End::Before(version) => Some(Event::Fixed(version.clone())),
        End::With(version) => Some(Event::LastAffected(version.clone())),
        End::Open => None,
    };
    std::iter::once(begin).chain(end).collect()
}

fn references(advisory: &Advisory) -> Vec<Reference> {
    advisory.references.iter().map(|url| Reference { kind: "WEB", url: url.clone() }).collect()
}
