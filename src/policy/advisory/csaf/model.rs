//! The part of CSAF 2.0 that is written here, as types.
//!
//! Source: Common Security Advisory Framework 2.0, section 3.2; names as there. The crates for CSAF
//! are no help with writing one document: `csaf` has stood still for years and pulls in older
//! versions of our own dependencies, `csaf-rs` is a validator of about 150 crates.

use serde::Serialize;

use crate::domain::Timestamp;

/// A CSAF document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Csaf {
    pub(super) document: Document,
    pub(super) product_tree: ProductTree,
    pub(super) vulnerabilities: Vec<Vulnerability>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Document {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acknowledgments: Vec<Acknowledgment>,
    pub category: &'static str,
    pub csaf_version: &'static str,
    pub distribution: Distribution,
    pub lang: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    pub publisher: Publisher,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    pub title: String,
    pub tracking: Tracking,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Acknowledgment {
    pub names: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Distribution {
    pub tlp: Tlp,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Tlp {
    pub label: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Note {
    pub category: &'static str,
    pub text: String,
    pub title: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Publisher {
    pub category: &'static str,
    pub contact_details: String,
    pub name: String,
    pub namespace: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Reference {
    pub category: &'static str,
    pub summary: String,
    pub url: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Tracking {
    pub current_release_date: Timestamp,
    pub generator: Generator,
    pub id: String,
    pub initial_release_date: Timestamp,
    pub revision_history: Vec<Revision>,
    pub status: &'static str,
    pub version: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Generator {
    pub engine: Engine,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Engine {
    pub name: &'static str,
    pub version: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Revision {
    pub date: Timestamp,
    pub number: String,
    pub summary: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct ProductTree {
    pub branches: Vec<Branch>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Branch {
    pub category: &'static str,
    pub name: String,
    #[serde(flatten)]
    pub content: BranchContent,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum BranchContent {
    Branches(Vec<Branch>),
    Product(Product),
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Product {
    pub name: String,
    pub product_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_identification_helper: Option<Helper>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Helper {
    pub purl: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Vulnerability {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acknowledgments: Vec<Acknowledgment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cve: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cwe: Option<Cwe>,
    pub ids: Vec<Id>,
    pub notes: Vec<Note>,
    pub product_status: ProductStatus,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release_date: Option<Timestamp>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remediations: Vec<Remediation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Score>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub threats: Vec<Threat>,
    pub title: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Cwe {
    pub id: String,
    pub name: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Id {
    pub system_name: String,
    pub text: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct ProductStatus {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub known_affected: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub under_investigation: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Remediation {
    pub category: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Timestamp>,
    pub details: String,
    pub product_ids: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Score {
    pub cvss_v3: CvssV3,
    pub products: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CvssV3 {
    pub version: &'static str,
    pub vector_string: String,
    pub base_score: f64,
    pub base_severity: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Threat {
    pub category: &'static str,
    pub details: &'static str,
    pub product_ids: Vec<String>,
}
