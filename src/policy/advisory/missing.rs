//! What an advisory still lacks before it can be published, and which command states it.

use super::lines::Conflict;
use super::{Advisory, Fix, Format, Status, Unfit};

/// The most characters of a description in a CVE record.
const MOST: usize = 4096;

/// A fact that is missing, or that cannot be used as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// It is not disclosed yet.
    Disclosure,
    /// The problem in one line.
    Title,
    /// The problem in a few paragraphs.
    Summary,
    /// Which versions are affected.
    Versions,
    /// What becomes of a line.
    Fix {
        /// Which.
        line: String,
    },
    /// How severe it is.
    Severity,
    /// What kind of weakness it is.
    Weakness,
    /// Its public number.
    Cve,
    /// A web page to point to.
    Reference,
    /// Where the project's packages are published.
    Ecosystem,
    /// Which organisation publishes the CVE record.
    Cna,
    /// The summary is longer than the format takes.
    Shorter {
        /// The most characters it takes.
        most: usize,
    },
    /// Something stated cannot be used.
    Unfit(Unfit),
}

impl Advisory {
    /// What a format lacks, in the order in which a person would see to it.
    pub fn missing(&self, format: Format) -> Vec<Missing> {
        let lacks = |fact: bool, missing: Missing| (!fact).then_some(missing);
        // What was stated and cannot be used is named as that.
        let unfit = |is: fn(&Unfit) -> bool| self.unfit.iter().any(is);
        let has_cve = self.cve.is_some() || unfit(|u| matches!(u, Unfit::Cve(_)));
        let mut missing: Vec<Missing> = [
            lacks(self.title.is_some(), Missing::Title),
            lacks(self.summary.is_some(), Missing::Summary),
            lacks(self.has_versions(), Missing::Versions),
            lacks(
                !self.scores.is_empty() || unfit(|u| matches!(u, Unfit::Vector(_))),
                Missing::Severity,
            ),
            lacks(
                !self.weaknesses.is_empty() || unfit(|u| matches!(u, Unfit::Weakness(_))),
                Missing::Weakness,
            ),
        ]
        .into_iter()
        .flatten()
        .collect();
        for outcome in &self.lines {
            if outcome.fix == Fix::Pending {
                missing.push(Missing::Fix { line: outcome.line.clone() });
            }
        }
        missing.extend(self.unfit.iter().cloned().map(Missing::Unfit));
        let summary = self.summary.as_ref().map_or(0, |summary| summary.chars().count());
        let own = match format {
            Format::Markdown | Format::Csaf => [None, None, None, None],
            Format::Osv => [
                lacks(has_cve, Missing::Cve),
                lacks(self.publisher.ecosystem.is_some(), Missing::Ecosystem),
                None,
                None,
            ],
            Format::Cve => [
                lacks(has_cve, Missing::Cve),
                lacks(
                    !self.references.is_empty() || unfit(|u| matches!(u, Unfit::Reference(_))),
                    Missing::Reference,
                ),
                lacks(self.publisher.cna.is_some(), Missing::Cna),
                lacks(summary <= MOST, Missing::Shorter { most: MOST }),
            ],
        };
        missing.extend(own.into_iter().flatten());
        missing.extend(lacks(self.disclosed_at.is_some(), Missing::Disclosure));
        missing
    }

    /// Whether a format can be published as it is.
    pub fn status(&self, format: Format) -> Status {
        if self.missing(format).is_empty() { Status::Final } else { Status::Draft }
    }

    /// Whether affected versions were stated, fit or not.
    fn has_versions(&self) -> bool {
        let stated =
            |unfit: &Unfit| matches!(unfit, Unfit::Range(_) | Unfit::Package(_) | Unfit::Unnamed);
        self.packages.iter().any(|package| !package.spans.is_empty())
            || self.unfit.iter().any(stated)
    }
}

impl Missing {
    /// What is missing, and what to do about it.
    pub fn words(&self) -> String {
        match self {
            Self::Disclosure => "it is not disclosed: `embargod case disclose`".to_owned(),
            Self::Title => "a title: `embargod case describe --title`".to_owned(),
            Self::Summary => "a summary: `embargod case describe --summary`".to_owned(),
            Self::Versions => {
                "the affected versions: `embargod case confirm --affected`".to_owned()
            }
            Self::Fix { line } => format!(
                "what becomes of {line}: `embargod case release`, or `embargod case fix` with a \
                 reason why there is none"
            ),
            Self::Severity => "a CVSS vector: `embargod case describe --cvss`".to_owned(),
            Self::Weakness => "the weakness: `embargod case describe --cwe`".to_owned(),
            Self::Cve => "a CVE number: `embargod case describe --cve`".to_owned(),
            Self::Reference => {
                "a web page to refer to: `embargod case describe --reference`".to_owned()
            }
            Self::Ecosystem => {
                "where packages are published: set ecosystem under [project]".to_owned()
            }
            Self::Cna => "who publishes the CVE record: set cna under [disclosure]".to_owned(),
            Self::Shorter { most } => format!(
                "a summary of at most {most} characters: `embargod case describe --summary` again"
            ),
            Self::Unfit(unfit) => unfit.words(),
        }
    }
}

impl Unfit {
    /// What cannot be used, why, and what to do about it.
    pub fn words(&self) -> String {
        match self {
            Self::Range(unclear) => format!("{unclear}; `embargod case confirm --affected` again"),
            Self::Package(name) => format!(
                "{name:?} is no package of [scope]: `embargod case confirm --affected` again"
            ),
            Self::Unnamed => "which package is affected: name it before the range, as in \
                              `embargod case confirm --affected \"NAME >= 4.0.0\"`, or set \
                              package under [project]"
                .to_owned(),
            Self::Conflict(conflict) => conflict.words(),
            Self::Vector(bad) => format!("{bad}; `embargod case describe --cvss` again"),
            Self::Weakness(text) => {
                format!("{text:?} is no CWE number: `embargod case describe --cwe` again")
            }
            Self::Cve(text) => {
                format!("{text:?} is no CVE number: `embargod case describe --cve` again")
            }
            Self::Reference(text) => {
                format!("{text:?} is no web address: `embargod case describe --reference` again")
            }
        }
    }
}

impl Conflict {
    fn words(&self) -> String {
        let again = "`embargod case confirm --affected` again";
        match self {
            Self::UnknownLine { line } => format!(
                "which affected versions end with the fix of {line}: {again}, with a range that \
                 ends before the fix"
            ),
            Self::Unaffected { line } => {
                format!("{line} has a fix and no affected version before it: {again}")
            }
            Self::EndsBefore { line, end, fix } => format!(
                "in {line} affected versions end before {end}, but the fix is {fix}: {again}"
            ),
            Self::Affected { line, versions } => {
                format!("{line} is said not to be affected, but {versions} is: {again}")
            }
            Self::NotAVersion { line, version } => format!(
                "{version:?}, the fix of {line}, is no semantic version: `embargod case release` again"
            ),
        }
    }
}
