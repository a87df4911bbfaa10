//! The advisory as a CVE record (JSON 5.1) with the container of a CVE numbering authority.
//!
//! Relies on the crate `cve` for the container's types. Promises: a draft's state is `RESERVED`,
//! which no record that could be submitted has, and it lists what it lacks as `x_draft`.

use cve::common::{self, Status as Affection, Version, VersionRange};
use cve::common::{Description, ProblemType, ProblemTypeDescription, Product, ProviderMetadata};
use cve::published::{CnaContainer, Credit, CreditType, Metric, Timeline};
use cve::{DataType, DataVersion};
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::ecosystem::Numbering;
use super::missing::Missing;
use super::severity::{Scale, Score};
use super::span::End;
use super::{Advisory, Affected, Fix, Format, Span, Status};
use crate::domain::Timestamp;

/// The language of everything that is written here.
const ENGLISH: &str = "en";

/// A CVE record.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    data_type: DataType,
    data_version: DataVersion,
    cve_metadata: Metadata,
    containers: Containers,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    cve_id: Option<String>,
    assigner_org_id: Option<Uuid>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum State {
    Reserved,
    Published,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Containers {
    cna: Container,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Container {
    #[serde(flatten)]
    container: CnaContainer,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    x_draft: Vec<String>,
}

/// The record of an advisory.
pub fn record(advisory: &Advisory) -> Record {
    let missing = advisory.missing(Format::Cve);
    Record {
        data_type: DataType::Record,
        data_version: DataVersion::V5_1,
        cve_metadata: Metadata {
            cve_id: advisory.cve.clone(),
            assigner_org_id: advisory.publisher.cna,
            state: match advisory.status(Format::Cve) {
                Status::Draft => State::Reserved,
                Status::Final => State::Published,
            },
        },
        containers: Containers {
            cna: Container {
                container: container(advisory),
                x_draft: missing.iter().map(Missing::words).collect(),
            },
        },
    }
}

fn container(advisory: &Advisory) -> CnaContainer {
    CnaContainer {
        common: common::CnaContainer {
            provider_metadata: ProviderMetadata {
                org_id: advisory.publisher.cna.unwrap_or_default(),
                short_name: None,
                date_updated: None,
            },
        },
        date_assigned: None,
        date_public: advisory.disclosed_at.and_then(timestamp),
        title: advisory.title.clone(),
        descriptions: advisory.summary.iter().map(|text| described(text)).collect(),
        affected: advisory.packages.iter().map(|package| product(advisory, package)).collect(),
        problem_types: advisory
            .weaknesses
            .iter()
            .map(|weakness| ProblemType {
                descriptions: vec![ProblemTypeDescription {
                    language: ENGLISH.to_owned(),
                    description: weakness.words(),
                    cwe_id: Some(weakness.id.to_string()),
                    r#type: Some("CWE".to_owned()),
                    references: Vec::new(),
                }],
            })
            .collect(),
        references: advisory
            .references
            .iter()
            .map(|url| common::Reference { url: url.clone(), name: None, tags: Vec::new() })
            .collect(),
        impacts: Vec::new(),
        metrics: advisory.scores.iter().map(metric).collect(),
        configurations: Vec::new(),
        workarounds: advisory.workaround.iter().map(|text| described(text)).collect(),
        solutions: solution(advisory).iter().map(|text| described(text)).collect(),
        exploits: if advisory.exploited {
            vec![described("This vulnerability is known to be exploited.")]
        } else {
            Vec::new()
        },
        timeline: advisory
            .timeline
            .iter()
            .filter_map(|step| {
                Some(Timeline {
                    time: timestamp(step.at)?,
                    language: ENGLISH.to_owned(),
                    value: step.what.words(),
                })
            })
            .collect(),
        credits: advisory
            .credits
            .iter()
            .map(|name| Credit {
                language: ENGLISH.to_owned(),
                value: name.clone(),
                user: None,
                // The default, which is not written: who found it and who mended it is not told apart.
                r#type: CreditType::Finder,
            })
            .collect(),
        source: Some(json!({ "advisory": advisory.case.to_string() })),
        tags: Vec::new(),
        taxonomy_mappings: Vec::new(),
    }
}

fn described(text: &str) -> Description {
    Description {
        language: ENGLISH.to_owned(),
        value: text.trim().to_owned(),
        supporting_media: Vec::new(),
    }
}

fn product(advisory: &Advisory, package: &Affected) -> Product {
    let publisher = &advisory.publisher;
    let kind = match publisher.ecosystem.as_ref().map(|ecosystem| ecosystem.numbering) {
        Some(Numbering::Npm | Numbering::Semantic) => "semver",
        Some(Numbering::Stated) | None => "custom",
    };
    Product {
        vendor: Some(publisher.name.clone()),
        product: Some(package.name.clone()),
        collection_url: None,
        package_name: None,
        package_url: None,
        cpes: Vec::new(),
        modules: Vec::new(),
        program_files: Vec::new(),
        program_routines: Vec::new(),
        platforms: Vec::new(),
        repository: None,
        // Of versions that no range names, nothing but this is said.
        default_status: Some(match package.spans.as_slice() {
            [] => Affection::Unknown,
            _ => Affection::Unaffected,
        }),
        versions: package.spans.iter().map(|span| versions(span, kind)).collect(),
    }
}

fn versions(span: &Span<String>, kind: &str) -> Version {
    let status = Affection::Affected;
    let version_type = kind.to_owned();
    // "0" stands for what is before every version, "*" for no end.
    let version = span.from.clone().unwrap_or_else(|| "0".to_owned());
    let range = match &span.to {
        End::With(end) if *end == version => {
            return Version::Single(common::Single { version, status, version_type: None });
        }
        End::With(end) => VersionRange::LessThanOrEqual(end.clone()),
        End::Before(end) => VersionRange::LessThan(end.clone()),
        End::Open => VersionRange::LessThan("*".to_owned()),
    };
    Version::Range(common::Range { version, range, status, version_type, changes: Vec::new() })
}

fn metric(score: &Score) -> Metric {
    let content = json!({
        "version": score.scale.number(),
        "vectorString": score.vector,
        "baseScore": score.rounded(),
        "baseSeverity": score.word().to_uppercase(),
    });
    let of = |scale: Scale| -> Option<Value> { (score.scale == scale).then(|| content.clone()) };
    Metric {
        format: Some("CVSS".to_owned()),
        scenarios: Vec::new(),
        cvss_v4_0: of(Scale::V40),
        cvss_v3_1: of(Scale::V31),
        cvss_v3_0: of(Scale::V30),
        cvss_v2_0: None,
        other: None,
    }
}

/// What to do: which release has the fix, which line gets none.
fn solution(advisory: &Advisory) -> Option<String> {
    let sentences: Vec<String> = advisory
        .lines
        .iter()
        .filter_map(|outcome| match &outcome.fix {
            Fix::Released { version, .. } => {
                Some(format!("{}: update to {version} or later.", outcome.line))
            }
            Fix::Refused { why } => Some(format!("{}: there will be no fix: {why}", outcome.line)),
            Fix::NotNeeded | Fix::Pending => None,
        })
        .collect();
    (!sentences.is_empty()).then(|| sentences.join("\n"))
}

fn timestamp(at: Timestamp) -> Option<cve::Timestamp> {
    OffsetDateTime::from_unix_timestamp(at.timestamp()).ok().map(cve::Timestamp::from)
}
