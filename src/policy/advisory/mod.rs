//! The advisory of a case, and the documents it is published as: a Markdown page, an OSV record, a
//! CVE record and a CSAF document.
//!
//! Relies on what maintainers stated about the case. Promises: nothing that a reporter wrote gets in
//! by itself; nothing is guessed: what is not known, or does not fit together, is a
//! [`missing::Missing`], and a document with one of them says by its own format's means that it is a
//! draft.

mod csaf;
mod cve_record;
pub mod ecosystem;
mod lines;
mod markdown;
pub mod missing;
mod of;
mod osv;
pub mod range;
pub mod severity;
mod span;
#[cfg(test)]
mod tests;
pub mod weakness;

use uuid::Uuid;

pub use lines::Conflict;
pub(in crate::policy) use markdown::escaped;
pub use span::{End, Span};

use crate::domain::Timestamp;
use crate::domain::address::Address;
use crate::domain::case_id::CaseId;
use ecosystem::Ecosystem;
use range::Unclear;
use severity::{BadVector, Score};
use weakness::Weakness;

/// Who publishes, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    /// The project's name.
    pub name: String,
    /// Where to report to.
    pub address: Address,
    /// Where its security policy can be read.
    pub policy: Option<String>,
    /// A web address that is the project's own.
    pub namespace: String,
    /// Where its packages are published.
    pub ecosystem: Option<Ecosystem>,
    /// The package that a range means which names none.
    pub package: Option<String>,
    /// Every package of the project.
    pub packages: Vec<String>,
    /// The organisation that publishes its CVE records.
    pub cna: Option<Uuid>,
}

impl Publisher {
    /// Whether a package is one of the project's. Where the project does not say which are, each may
    /// be.
    fn has_package(&self, name: &str) -> bool {
        self.packages.is_empty()
            || self.packages.iter().any(|known| match known.strip_suffix('*') {
                Some(scope) => name.starts_with(scope),
                None => known == name,
            })
    }
}

/// Everything that is published about a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Advisory {
    /// Who publishes.
    pub publisher: Publisher,
    /// The case.
    pub case: CaseId,
    /// The public number, `CVE-2026-12345`.
    pub cve: Option<String>,
    /// The problem in one line.
    pub title: Option<String>,
    /// The problem in a few paragraphs of Markdown.
    pub summary: Option<String>,
    /// What helps where there is no fix, in Markdown.
    pub workaround: Option<String>,
    /// The affected packages.
    pub packages: Vec<Affected>,
    /// What becomes of each line of releases.
    pub lines: Vec<Outcome>,
    /// The package that has these lines.
    pub lines_of: Option<String>,
    /// How severe it is, the newest way of scoring first.
    pub scores: Vec<Score>,
    /// What kind of weakness it is.
    pub weaknesses: Vec<Weakness>,
    /// Who is credited, as they want to be named.
    pub credits: Vec<String>,
    /// What happened when, oldest first.
    pub timeline: Vec<Step>,
    /// Web pages that tell more.
    pub references: Vec<String>,
    /// Whether it is known to be exploited.
    pub exploited: bool,
    /// When it was made public.
    pub disclosed_at: Option<Timestamp>,
    /// When this was composed.
    pub made_at: Timestamp,
    /// What was stated and cannot be used.
    pub unfit: Vec<Unfit>,
}

impl Advisory {
    /// What changed since it was made public, oldest first.
    fn revisions(&self) -> impl Iterator<Item = (Timestamp, Revised)> {
        self.timeline.iter().filter_map(|step| match step.what {
            What::Revised(what) => Some((step.at, what)),
            _ => None,
        })
    }

    /// When what is published last changed; where nothing is, now.
    fn changed_at(&self) -> Timestamp {
        let published = self.disclosed_at.unwrap_or(self.made_at);
        self.revisions().map(|(at, _)| at).fold(published, Ord::max)
    }

    /// The affected packages, each with its versions, in words.
    pub fn affected_in_words(&self) -> Vec<String> {
        let words = |package: &Affected| format!("{} {}", package.name, package.words.join(" or "));
        self.packages.iter().map(words).collect()
    }

    /// The document of a format.
    ///
    /// # Errors
    /// Where a value has no form in JSON.
    pub fn document(&self, format: Format) -> serde_json::Result<String> {
        let mut text = match format {
            Format::Markdown => return Ok(markdown::page(self)),
            Format::Osv => serde_json::to_string_pretty(&osv::record(self))?,
            Format::Cve => serde_json::to_string_pretty(&cve_record::record(self))?,
            Format::Csaf => serde_json::to_string_pretty(&csaf::document(self))?,
        };
        text.push('\n');
        Ok(text)
    }
}

/// An affected package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    /// Its name.
    pub name: String,
    /// The affected versions, apart from each other.
    pub spans: Vec<Span<String>>,
    /// The same for people.
    pub words: Vec<String>,
    /// The versions that have the fix, one a line.
    pub fixes: Vec<String>,
}

/// What becomes of a line of releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The line.
    pub line: String,
    /// Its affected versions in words, where they can be told from those of other lines.
    pub affected: Option<String>,
    /// Its fix.
    pub fix: Fix,
}

/// The fix of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// It needs none.
    NotNeeded,
    /// There is none yet, or no release has it.
    Pending,
    /// A release has it.
    Released {
        /// Which.
        version: String,
        /// Since when.
        at: Timestamp,
    },
    /// There will be none.
    Refused {
        /// Why.
        why: String,
    },
}

/// A step in the life of the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The report arrived.
    Reported,
    /// The reporter was told so.
    Acknowledged,
    /// The problem was found to be real.
    Confirmed,
    /// The first fix was ready.
    Fixed,
    /// A release with the fix was out.
    Released {
        /// Of which line.
        line: String,
        /// Which.
        version: String,
    },
    /// The advisory was public.
    Disclosed,
    /// What is published changed after that.
    Revised(Revised),
}

/// What changed about a published advisory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revised {
    /// Facts were stated anew.
    Facts,
    /// Somebody more is credited.
    Credit,
    /// The vulnerability came to be exploited.
    Exploited,
}

impl Revised {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Facts => "description changed",
            Self::Credit => "credit added",
            Self::Exploited => "known to be exploited",
        }
    }
}

impl What {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Reported => "reported".to_owned(),
            Self::Acknowledged => "report acknowledged".to_owned(),
            Self::Confirmed => "vulnerability confirmed".to_owned(),
            Self::Fixed => "fix ready".to_owned(),
            Self::Released { line, version } => format!("{version} released ({line})"),
            Self::Disclosed => "disclosed".to_owned(),
            Self::Revised(what) => format!("advisory revised: {}", what.words()),
        }
    }
}

/// Something stated that cannot be published as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// A range of affected versions.
    Range(Unclear),
    /// A range names a package that is none of the project's.
    Package(String),
    /// A range names no package, and the project has several.
    Unnamed,
    /// Ranges and fixes that do not fit together.
    Conflict(Conflict),
    /// A CVSS vector.
    Vector(BadVector),
    /// A weakness.
    Weakness(String),
    /// A CVE number.
    Cve(String),
    /// A reference that is no web address.
    Reference(String),
}

/// A form in which an advisory is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// A page for people.
    Markdown,
    /// An OSV record, for scanners.
    Osv,
    /// A CVE record with the container of a CVE numbering authority.
    Cve,
    /// A CSAF 2.0 security advisory.
    Csaf,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Markdown, Self::Osv, Self::Cve, Self::Csaf];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Osv => "osv",
            Self::Cve => "cve",
            Self::Csaf => "csaf",
        }
    }

    /// What a person calls it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Markdown => "Markdown page",
            Self::Osv => "OSV record",
            Self::Cve => "CVE record",
            Self::Csaf => "CSAF document",
        }
    }

    /// The name of the file for a case. A CSAF document's is laid down by the standard (section 5.1:
    /// the tracking id in lower case).
    pub fn file_name(self, case: CaseId) -> String {
        match self {
            Self::Markdown => format!("{case}.md"),
            Self::Osv => format!("{case}.osv.json"),
            Self::Cve => format!("{case}.cve.json"),
            Self::Csaf => format!("{}.json", case.to_string().to_lowercase()),
        }
    }
}

/// Whether a document can be published as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It can.
    Final,
    /// Facts are missing, or it is not to be public yet.
    Draft,
}
