//! What an advisory will say besides versions and credit: facts that maintainers state.

use serde::{Deserialize, Serialize};

/// The stated facts; each may be missing until it is known.
///
/// In an event, what is missing stays as it was and a list that is not empty replaces the old one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Advisory {
    /// The problem in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The problem in a few paragraphs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// What helps where there is no fix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workaround: Option<String>,
    /// The severity as CVSS vectors, 3.0, 3.1 or 4.0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cvss: Vec<String>,
    /// The weakness, `CWE-79`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwe: Option<String>,
    /// The public number, `CVE-2026-12345`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cve: Option<String>,
    /// Web pages that tell more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
}

impl Advisory {
    /// Takes in what `stated` has.
    pub fn take(&mut self, stated: &Self) {
        let Self { title, summary, workaround, cvss, cwe, cve, references } = stated;
        for (ours, theirs) in [
            (&mut self.title, title),
            (&mut self.summary, summary),
            (&mut self.workaround, workaround),
            (&mut self.cwe, cwe),
            (&mut self.cve, cve),
        ] {
            if theirs.is_some() {
                ours.clone_from(theirs);
            }
        }
        for (ours, theirs) in [(&mut self.cvss, cvss), (&mut self.references, references)] {
            if !theirs.is_empty() {
                ours.clone_from(theirs);
            }
        }
    }

    /// The facts that are stated, by name.
    pub fn stated(&self) -> Vec<&'static str> {
        let facts = [
            ("title", self.title.is_some()),
            ("summary", self.summary.is_some()),
            ("workaround", self.workaround.is_some()),
            ("cvss", !self.cvss.is_empty()),
            ("cwe", self.cwe.is_some()),
            ("cve", self.cve.is_some()),
            ("references", !self.references.is_empty()),
        ];
        facts.into_iter().filter(|(_, is_stated)| *is_stated).map(|(name, _)| name).collect()
    }
}
