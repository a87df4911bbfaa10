//! One value that knows its key and place, and how to be read as what it should be.

use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use toml::Spanned;
use toml::de::DeValue;
use url::Url;

use super::document::Document;
use super::error::ConfigError;
use super::section::Section;
use crate::domain::address::Address;
use crate::policy::nearest::{listed, nearest};

/// Longest text of a key that is shown on one line.
const LINE: usize = 200;

const ONE_LINE: &str = "a text of one line";

/// A value of the file.
pub(super) struct Value<'d> {
    document: &'d Document,
    path: String,
    span: Range<usize>,
    value: DeValue<'d>,
}

impl<'d> Value<'d> {
    pub(super) fn new(document: &'d Document, path: String, value: Spanned<DeValue<'d>>) -> Self {
        Self { document, path, span: value.span(), value: value.into_inner() }
    }

    /// An error about this value. The problem must not repeat what may be a secret.
    pub(super) fn error(&self, problem: impl Into<String>, allowed: &str) -> ConfigError {
        let error = self.document.error(&self.span, &self.path, problem.into());
        ConfigError { allowed: (!allowed.is_empty()).then(|| allowed.to_owned()), ..error }
    }

    fn wrong_kind(&self, allowed: &str) -> ConfigError {
        self.error(format!("is {}", kind(&self.value)), allowed)
    }

    /// A text in quotes, of any content.
    pub(super) fn text(&self, allowed: &str) -> Result<&str, ConfigError> {
        self.value.as_str().ok_or_else(|| self.wrong_kind(allowed))
    }

    /// A text of one line, trimmed and not empty: fit for a mail header.
    pub(super) fn line(&self) -> Result<String, ConfigError> {
        let text = self.phrase()?;
        if text.chars().count() > LINE {
            return Err(self.error("is longer than 200 characters", ONE_LINE));
        }
        Ok(text)
    }

    /// A text of one line of any length, trimmed and not empty.
    pub(super) fn phrase(&self) -> Result<String, ConfigError> {
        let text = self.text(ONE_LINE)?.trim();
        if text.is_empty() {
            return Err(self.error("is empty", ONE_LINE));
        }
        if text.chars().any(char::is_control) {
            return Err(self.error("has a line break or a control character", ONE_LINE));
        }
        Ok(text.to_owned())
    }

    /// A text of several lines, not empty.
    pub(super) fn paragraphs(&self) -> Result<String, ConfigError> {
        let text = self.text("a text")?.trim();
        if text.is_empty() {
            return Err(self.error("is empty", "a text, or leave the key out"));
        }
        Ok(text.to_owned())
    }

    /// A text that `T` reads: a `what`, which is what `allowed` says.
    pub(super) fn parsed<T: FromStr>(&self, what: &str, allowed: &str) -> Result<T, ConfigError> {
        let text = self.text(allowed)?;
        text.parse().map_err(|_| self.error(format!("{text:?} is no {what}"), allowed))
    }

    /// A mail address.
    pub(super) fn address(&self) -> Result<Address, ConfigError> {
        self.parsed("mail address", "local@domain, without a name or angle brackets")
    }

    /// A list; each of its values is read by `read`.
    pub(super) fn list<T>(
        &self,
        read: impl Fn(&Value<'d>) -> Result<T, ConfigError>,
    ) -> Result<Vec<T>, ConfigError> {
        let items =
            self.value.as_array().ok_or_else(|| self.wrong_kind("a list, [\"…\", \"…\"]"))?;
        items
            .iter()
            .map(|item| read(&Value::new(self.document, self.path.clone(), item.clone())))
            .collect()
    }

    /// A table of its own within a key, `{ … }`, with these keys and no others.
    pub(super) fn table(&self, keys: &[&str], allowed: &str) -> Result<Section<'d>, ConfigError> {
        match self.value.as_table() {
            Some(table) => {
                let place = (self.path.clone(), self.span.clone());
                Section::inner(self.document, place, table.clone(), keys)
            }
            None => Err(self.wrong_kind(allowed)),
        }
    }

    /// `true` or `false`.
    pub(super) fn truth(&self) -> Result<bool, ConfigError> {
        self.value.as_bool().ok_or_else(|| self.wrong_kind("true or false, without quotes"))
    }

    /// One of several words.
    pub(super) fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, ConfigError> {
        let names = || words.iter().map(|(name, _)| *name);
        let text = self.text(&listed(names()))?;
        words.iter().find(|(name, _)| *name == text).map(|(_, meaning)| *meaning).ok_or_else(|| {
            let hint = nearest(text, names())
                .map_or(String::new(), |near| format!(": did you mean {near:?}?"));
            self.error(format!("{text:?} is not known{hint}"), &listed(names()))
        })
    }

    /// A length of time within a range, whose ends `shown` writes out.
    pub(super) fn duration(
        &self,
        range: RangeInclusive<Duration>,
        shown: &str,
    ) -> Result<Duration, ConfigError> {
        let allowed = format!("a length of time such as \"90s\", \"48h\" or \"14d\", {shown}");
        let text = self.text(&allowed)?;
        let length = humantime::parse_duration(text)
            .map_err(|error| self.error(format!("{text:?}: {error}"), &allowed))?;
        if !range.contains(&length) {
            return Err(self.error(format!("{text:?} is out of range"), &allowed));
        }
        Ok(length)
    }

    /// A promise: a length of time from a second to ten years.
    pub(super) fn promise(&self) -> Result<TimeDelta, ConfigError> {
        let range = Duration::from_secs(1)..=Duration::from_hours(3650 * 24);
        let length = self.duration(range, "from 1s to 3650d")?;
        TimeDelta::from_std(length).map_err(|_| self.error("is out of range", ""))
    }

    /// A size in bytes within a range.
    pub(super) fn size(&self, range: RangeInclusive<u64>) -> Result<u64, ConfigError> {
        let shown = |bytes| bytesize::ByteSize(bytes).display().iec().to_string();
        let allowed = format!(
            "a size such as \"25 MiB\", from {} to {}",
            shown(*range.start()),
            shown(*range.end())
        );
        let size = self.parsed::<bytesize::ByteSize>("size", &allowed)?.0;
        if !range.contains(&size) {
            return Err(self.error(format!("{} is out of range", shown(size)), &allowed));
        }
        Ok(size)
    }

    /// A whole number within a range.
    pub(super) fn whole(&self, range: RangeInclusive<u32>) -> Result<u32, ConfigError> {
        let allowed =
            format!("a whole number without quotes, from {} to {}", range.start(), range.end());
        let number = self.value.as_integer().ok_or_else(|| self.wrong_kind(&allowed))?;
        let number = i64::from_str_radix(number.as_str(), number.radix());
        let number = number.ok().and_then(|number| u32::try_from(number).ok());
        number
            .filter(|number| range.contains(number))
            .ok_or_else(|| self.error("is out of range", &allowed))
    }

    /// A day of the calendar, as TOML writes one or in quotes.
    pub(super) fn day(&self) -> Result<NaiveDate, ConfigError> {
        let allowed = "a day in the form 2026-12-31";
        let text = match &self.value {
            DeValue::Datetime(day) if day.time.is_none() => day.to_string(),
            _ => self.text(allowed)?.to_owned(),
        };
        NaiveDate::parse_from_str(&text, "%Y-%m-%d")
            .map_err(|_| self.error(format!("{text:?} is not a day"), allowed))
    }

    /// A time of day.
    pub(super) fn time_of_day(&self) -> Result<NaiveTime, ConfigError> {
        let allowed = "hours and minutes in quotes, \"00:00\" to \"23:59\"";
        let text = self.text(allowed)?;
        NaiveTime::parse_from_str(text, "%H:%M")
            .map_err(|_| self.error(format!("{text:?} is not a time of day"), allowed))
    }

    /// A time zone.
    pub(super) fn time_zone(&self) -> Result<chrono_tz::Tz, ConfigError> {
        let allowed = "a name of the time zone database, such as \"Europe/Madrid\" or \"UTC\"";
        let text = self.text(allowed)?;
        text.parse().map_err(|_| {
            let hint = nearest(text, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()))
                .map_or(String::new(), |near| format!(": did you mean {near:?}?"));
            self.error(format!("{text:?} is not a time zone{hint}"), allowed)
        })
    }

    /// The address of a web page.
    pub(super) fn web_page(&self) -> Result<String, ConfigError> {
        let allowed = "an address that begins with https:// or http://, without a password";
        let text = self.text(allowed)?;
        let sound = Url::parse(text).is_ok_and(|url| {
            matches!(url.scheme(), "https" | "http")
                && url.username().is_empty()
                && url.password().is_none()
        });
        if sound && !text.chars().any(char::is_whitespace) {
            return Ok(text.to_owned());
        }
        Err(self.error("is not the address of a web page", allowed))
    }

    /// A path, relative to the file that names it.
    pub(super) fn path(&self) -> Result<PathBuf, ConfigError> {
        let text = self.text("a path")?;
        self.resolve(text)
    }

    /// The path that a part of this value means.
    pub(super) fn resolve(&self, path: &str) -> Result<PathBuf, ConfigError> {
        if path.is_empty() || path.contains('\0') {
            return Err(self.error("names no file", "a path, absolute or relative to this file"));
        }
        Ok(self.document.resolve(path))
    }
}

/// What a value is, for a message: never its content.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or a time without quotes",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
