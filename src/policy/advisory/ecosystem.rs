//! Where packages are published: how OSV and package URLs name it, and how versions are ordered.
//!
//! Source: the list of ecosystems of the OSV format, the types of the package URL specification.

use std::str::FromStr;

use packageurl::PackageUrl;

/// Where a project's packages are published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ecosystem {
    /// Its name in the OSV format, `npm`.
    pub name: String,
    /// Its type in package URLs, which names its ranges too (`vers:npm/…`).
    pub purl_type: String,
    /// How its versions are written and ordered.
    pub numbering: Numbering,
}

/// How versions are written and ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbering {
    /// Semantic Versioning, and ranges as npm writes them.
    Npm,
    /// Semantic Versioning.
    Semantic,
    /// An order that is not known here: ranges are taken as they are stated.
    Stated,
}

/// What is known: the name in OSV, the type in package URLs, the numbering.
const KNOWN: &[(&str, &str, Numbering)] = &[
    ("npm", "npm", Numbering::Npm),
    ("Go", "golang", Numbering::Semantic),
    ("Hex", "hex", Numbering::Semantic),
    ("Pub", "pub", Numbering::Semantic),
    ("SwiftURL", "swift", Numbering::Semantic),
    ("CRAN", "cran", Numbering::Stated),
    ("ConanCenter", "conan", Numbering::Stated),
    ("GitHub Actions", "githubactions", Numbering::Stated),
    ("Hackage", "hackage", Numbering::Stated),
    ("Maven", "maven", Numbering::Stated),
    ("NuGet", "nuget", Numbering::Stated),
    ("Packagist", "composer", Numbering::Stated),
    ("PyPI", "pypi", Numbering::Stated),
    ("RubyGems", "gem", Numbering::Stated),
];

/// Types of package URLs whose versions are semantic, beside those above.
const SEMANTIC: &[&str] = &["cargo"];

/// Why an ecosystem cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownEcosystem {
    /// It is none of the known ones, and no type of package URL is named for it.
    #[error("{0:?} is not known by name")]
    Name(String),
    /// The type cannot stand in a package URL.
    #[error("{0:?} is no type of package URL")]
    PurlType(String),
}

impl Ecosystem {
    /// The names that need no type of package URL beside them.
    pub fn known() -> impl Iterator<Item = &'static str> + Clone {
        KNOWN.iter().map(|(name, _, _)| *name)
    }

    /// An ecosystem by its name in OSV; `purl_type` is needed where it is none of the known ones.
    ///
    /// # Errors
    /// [`UnknownEcosystem`] where neither says how its packages are named.
    pub fn new(name: &str, purl_type: Option<&str>) -> Result<Self, UnknownEcosystem> {
        // A name may have a release after it: `Debian:12`.
        let base = name.split(':').next().unwrap_or(name);
        let known = KNOWN.iter().find(|(known, _, _)| *known == base);
        let (purl_type, numbering) = match (purl_type, known) {
            (None, None) => return Err(UnknownEcosystem::Name(name.to_owned())),
            (None, Some((_, purl_type, numbering))) => ((*purl_type).to_owned(), *numbering),
            (Some(stated), _) => (stated.to_owned(), numbering_of(stated)),
        };
        PackageUrl::new(purl_type.clone(), "name")
            .map_err(|_| UnknownEcosystem::PurlType(purl_type.clone()))?;
        Ok(Self { name: name.to_owned(), purl_type, numbering })
    }

    /// The package URL of a package, or of one of its versions.
    pub fn purl(&self, package: &str, version: Option<&str>) -> Option<String> {
        // The last part is the name, what is before it the namespace: `@scope/name`, `group:name`.
        let (namespace, name) = match package.rsplit_once(['/', ':']) {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, package),
        };
        let mut purl = PackageUrl::new(self.purl_type.as_str(), name).ok()?;
        if let Some(namespace) = namespace {
            purl.with_namespace(namespace).ok()?;
        }
        if let Some(version) = version {
            purl.with_version(version).ok()?;
        }
        let written = purl.to_string();
        PackageUrl::from_str(&written).is_ok().then_some(written)
    }
}

fn numbering_of(purl_type: &str) -> Numbering {
    let known = KNOWN.iter().find(|(_, known, _)| *known == purl_type);
    match known {
        Some((_, _, numbering)) => *numbering,
        None if SEMANTIC.contains(&purl_type) => Numbering::Semantic,
        None => Numbering::Stated,
    }
}
