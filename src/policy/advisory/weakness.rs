//! Kinds of weaknesses by their number in the Common Weakness Enumeration.

use std::sync::LazyLock;

use crate::policy::scope::{Cwe, NotACwe};

static NAMES: LazyLock<toml::Table> =
    LazyLock::new(|| include_str!("weakness_names.toml").parse().unwrap_or_default());

/// A weakness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weakness {
    /// Its number.
    pub id: Cwe,
    /// Its name in the enumeration, where it is one of those known here.
    pub name: Option<&'static str>,
}

impl Weakness {
    /// Reads `CWE-79`.
    ///
    /// # Errors
    /// [`NotACwe`] for anything else.
    pub fn read(text: &str) -> Result<Self, NotACwe> {
        let id: Cwe = text.parse()?;
        let name = NAMES.get(&id.0.to_string()).and_then(toml::Value::as_str);
        Ok(Self { id, name })
    }

    /// `CWE-79: Improper Neutralization of …`, or the number alone.
    pub fn words(&self) -> String {
        match self.name {
            Some(name) => format!("{}: {name}", self.id),
            None => self.id.to_string(),
        }
    }

    /// Where the enumeration describes it.
    pub fn page(&self) -> String {
        format!("https://cwe.mitre.org/data/definitions/{}.html", self.id.0)
    }
}
