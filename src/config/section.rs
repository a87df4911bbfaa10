//! A section that knows its name and place: hands out its values and refuses keys it does not know.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::Document;
use super::error::ConfigError;
use super::keys::{SECTIONS, Shape, keys_of};
use super::value::Value;
use crate::policy::nearest::{listed, nearest};

/// Keys under which people write passwords.
const SECRETS: &[&str] = &["password", "passwd", "pass", "secret", "token", "api_key"];

/// A section of the file that has no unknown key.
pub(super) struct Section<'d> {
    document: &'d Document,
    name: Cow<'static, str>,
    span: Range<usize>,
    table: DeTable<'d>,
}

/// The whole file, before its sections are taken out.
pub(super) struct Sections<'d> {
    document: &'d Document,
    table: DeTable<'d>,
}

impl<'d> Sections<'d> {
    /// The sections of a document. Any key at top level that is no section is refused.
    pub(super) fn of(document: &'d Document) -> Result<Self, ConfigError> {
        let table = document.table()?;
        refuse_unknown(document, "", &table, SECTIONS.iter().map(|section| section.name))?;
        Ok(Self { document, table })
    }

    /// The section `[name]`; empty where the file has none.
    pub(super) fn once(&mut self, name: &'static str) -> Result<Section<'d>, ConfigError> {
        match self.table.remove(name) {
            Some(value) => Section::new(self.document, name, Shape::Once, value),
            None => {
                let (document, name) = (self.document, name.into());
                Ok(Section { document, name, span: 0..0, table: DeTable::new() })
            }
        }
    }

    /// The sections `[[name]]`, in the file's order.
    pub(super) fn repeated(&mut self, name: &'static str) -> Result<Vec<Section<'d>>, ConfigError> {
        let Some(value) = self.table.remove(name) else { return Ok(Vec::new()) };
        let span = value.span();
        match value.into_inner() {
            DeValue::Array(items) => items
                .into_iter()
                .map(|item| Section::new(self.document, name, Shape::Repeated, item))
                .collect(),
            other => Err(wrong_shape(self.document, name, Shape::Repeated, &span, &other)),
        }
    }
}

impl<'d> Section<'d> {
    fn new(
        document: &'d Document,
        name: &'static str,
        shape: Shape,
        value: Spanned<DeValue<'d>>,
    ) -> Result<Self, ConfigError> {
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(table) => {
                refuse_unknown(document, name, &table, keys_of(name).iter().copied())?;
                Ok(Self { document, name: name.into(), span, table })
            }
            other => Err(wrong_shape(document, name, shape, &span, &other)),
        }
    }

    /// The table that is the value of a key at `place`, its path and its bytes.
    pub(super) fn inner(
        document: &'d Document,
        place: (String, Range<usize>),
        table: DeTable<'d>,
        keys: &[&str],
    ) -> Result<Self, ConfigError> {
        let (path, span) = place;
        refuse_unknown(document, &path, &table, keys.iter().copied())?;
        Ok(Self { document, name: path.into(), span, table })
    }

    /// Whether the file says nothing here.
    pub(super) fn is_absent(&self) -> bool {
        self.span.is_empty()
    }

    /// The value of a key, read by `read`; `None` where the file does not have the key.
    pub(super) fn optional<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&Value<'d>) -> Result<T, ConfigError>,
    ) -> Result<Option<T>, ConfigError> {
        self.table.remove(key).map(|value| read(&self.value(key, value))).transpose()
    }

    /// The value of a key that must be there.
    pub(super) fn required<T>(
        &mut self,
        key: &str,
        mut read: impl FnMut(&Value<'d>) -> Result<T, ConfigError>,
    ) -> Result<T, ConfigError> {
        self.optional(key, &mut read)?.ok_or_else(|| self.missing(key, read))
    }

    /// The error that a key which is needed here is missing. What would be right is what `read`
    /// says of a value that is wrong.
    pub(super) fn missing<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Value<'d>) -> Result<T, ConfigError>,
    ) -> ConfigError {
        let nonsense = Spanned::new(self.span.clone(), DeValue::Table(DeTable::new()));
        let allowed = read(&self.value(key, nonsense)).err().and_then(|error| error.allowed);
        let path = format!("{}.{key}", self.name);
        let error = match self.span.is_empty() {
            true => ConfigError {
                key: Some(path),
                ..self.document.unplaced(format!("is missing: there is no section [{}]", self.name))
            },
            false => self.document.error(&self.span, &path, "is missing from this section".into()),
        };
        ConfigError { allowed, ..error }
    }

    fn value(&self, key: &str, value: Spanned<DeValue<'d>>) -> Value<'d> {
        Value::new(self.document, format!("{}.{key}", self.name), value)
    }
}

fn wrong_shape(
    document: &Document,
    name: &str,
    shape: Shape,
    span: &Range<usize>,
    found: &DeValue<'_>,
) -> ConfigError {
    let allowed = match shape {
        Shape::Once => format!("one section, written [{name}]"),
        Shape::Repeated => format!("sections written [[{name}]], with two pairs of brackets"),
    };
    let problem = format!("is written as {}", super::value::kind(found));
    ConfigError { allowed: Some(allowed), ..document.error(span, name, problem) }
}

/// Refuses the first key, in the file's order, that is not known.
fn refuse_unknown<'k>(
    document: &Document,
    section: &str,
    table: &DeTable<'_>,
    known: impl Iterator<Item = &'k str> + Clone,
) -> Result<(), ConfigError> {
    let unknown = table
        .keys()
        .filter(|key| !known.clone().any(|name| name == key.get_ref()))
        .min_by_key(|key| key.span().start);
    let Some(key) = unknown else { return Ok(()) };
    let word = key.get_ref().as_ref();
    let path = if section.is_empty() { word.to_owned() } else { format!("{section}.{word}") };
    let error = document.error(&key.span(), &path, String::new());
    if SECRETS.contains(&word.to_lowercase().as_str()) {
        return Err(ConfigError {
            problem: "no secret is accepted in this file: put it into a file of its own that only \
                      its owner can read, and name that with password_file"
                .to_owned(),
            ..error
        });
    }
    let (what, place) = match section {
        "" => ("section", String::new()),
        name => ("key", format!(" in [{name}]")),
    };
    let hint = nearest(word, known.clone())
        .map_or(String::new(), |near| format!(": did you mean {near:?}?"));
    Err(ConfigError {
        problem: format!("there is no such {what}{place}{hint}"),
        allowed: Some(listed(known)),
        ..error
    })
}
