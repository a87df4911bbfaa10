//! How advisories are published: parts of `[project]`, `[disclosure]`, `[[embargo_lists]]`.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use uuid::Uuid;

use super::error::ConfigError;
use super::mailboxes::a_folder;
use super::policy::unique;
use super::section::Section;
use super::value::Value;
use crate::domain::people::Project;
use crate::policy::advisory::Publisher;
use crate::policy::advisory::ecosystem::{Ecosystem, UnknownEcosystem};
use crate::policy::disclosure::{Disclosure, EmbargoList};
use crate::policy::nearest::{listed, nearest};
use crate::policy::scope::Scope;

/// What `[project]` says of the project's packages.
#[derive(Debug, Clone, Default)]
pub(super) struct Packages {
    ecosystem: Option<Ecosystem>,
    main: Option<String>,
}

/// Reads what `[project]` says of packages.
pub(super) fn packages(section: &mut Section<'_>) -> Result<Packages, ConfigError> {
    let purl_type = section.optional("purl_type", |value| {
        let purl_type = value.line()?;
        match Ecosystem::new("", Some(&purl_type)) {
            Ok(_) => Ok(purl_type),
            Err(_) => Err(value.error(
                format!("{purl_type:?} is no type of package URL"),
                "the word after \"pkg:\" in the project's package URLs, such as \"npm\"",
            )),
        }
    })?;
    let ecosystem = section.optional("ecosystem", |value| {
        let name = value.line()?;
        Ecosystem::new(&name, purl_type.as_deref()).map_err(|error| match error {
            UnknownEcosystem::Name(_) | UnknownEcosystem::PurlType(_) => {
                let hint = nearest(&name, Ecosystem::known())
                    .map_or(String::new(), |near| format!(": did you mean {near:?}?"));
                let allowed = format!(
                    "{}; or another name of the OSV format, with purl_type",
                    listed(Ecosystem::known())
                );
                value.error(format!("{name:?} is not known{hint}"), &allowed)
            }
        })
    })?;
    Ok(Packages { ecosystem, main: section.optional("package", Value::line)? })
}

/// Reads `[disclosure]` and every `[[embargo_lists]]`.
pub(super) fn disclosure(
    mut section: Section<'_>,
    lists: Vec<Section<'_>>,
    packages: Packages,
    project: &Project,
    scope: &Scope,
) -> Result<Disclosure, ConfigError> {
    let folder = section.optional("folder", |value| {
        let path = value.path()?;
        a_folder(value, &path).map(|()| path)
    })?;
    let announce_to = section.optional("announce_to", |value| {
        value.list(|value| {
            let address = value.address()?;
            if address == project.address {
                return Err(value.error(
                    "is the project's own: the announcement would come back as mail to the project",
                    "the address of a list, or of others who want to hear of it",
                ));
            }
            Ok(address)
        })
    })?;
    let namespace = section.optional("namespace", Value::web_page)?;
    let cna = section.optional("cna", |value| {
        value.parsed::<Uuid>("UUID", "the organisation's UUID in the CVE programme")
    })?;
    let main = packages.main.or(match (scope.packages.as_slice(), &packages.ecosystem) {
        ([only], _) if !only.contains('*') => Some(only.clone()),
        // What is no package is known by the project's name.
        ([], None) => Some(project.name.clone()),
        _ => None,
    });
    Ok(Disclosure {
        publisher: Publisher {
            name: project.name.clone(),
            address: project.address.clone(),
            policy: project.policy.clone(),
            namespace: namespace.unwrap_or_else(|| format!("https://{}", project.address.domain())),
            ecosystem: packages.ecosystem,
            package: main,
            packages: scope.packages.clone(),
            cna,
        },
        folder,
        announce_to: announce_to.unwrap_or_default(),
        embargo_lists: embargo_lists(lists)?,
    })
}

fn embargo_lists(sections: Vec<Section<'_>>) -> Result<Vec<EmbargoList>, ConfigError> {
    let mut names = BTreeSet::new();
    let read = |mut section: Section<'_>| {
        Ok(EmbargoList {
            name: section.required("name", |value| unique(value, value.line()?, &mut names))?,
            address: section.optional("address", Value::address)?,
            max: section.required("max", |value| {
                let range = Duration::from_hours(1)..=Duration::from_hours(3650 * 24);
                let length = value.duration(range, "from 1h to 3650d")?;
                TimeDelta::from_std(length).map_err(|_| value.error("is out of range", ""))
            })?,
        })
    };
    sections.into_iter().map(read).collect()
}
