//! A configuration file as text, and where in it a thing stands.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::error::{ConfigError, Place};

/// No honest configuration is larger; a path that leads to a device or a store is.
const LARGEST: u64 = 1 << 20;

/// A configuration file as it was read.
pub(super) struct Document {
    file: PathBuf,
    text: String,
}

impl Document {
    /// Reads the file.
    pub(super) fn read(file: &Path) -> Result<Self, ConfigError> {
        let mut bytes = Vec::new();
        let read = File::open(file)
            .and_then(|opened| opened.take(LARGEST.saturating_add(1)).read_to_end(&mut bytes));
        let whole = Self { file: file.to_owned(), text: String::new() };
        match read {
            Err(error) => Err(whole.unplaced(format!(
                "cannot be read: {error}; name another with --config FILE or $EMBARGOD_CONFIG, or see \
                 a sample with `embargod demo`"
            ))),
            Ok(length) if length as u64 > LARGEST => {
                Err(whole.unplaced("is larger than 1 MiB, so it is no configuration".to_owned()))
            }
            Ok(_) => Self::of_bytes(file, bytes),
        }
    }

    fn of_bytes(file: &Path, bytes: Vec<u8>) -> Result<Self, ConfigError> {
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self { file: file.to_owned(), text }),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let broken = Self { file: file.to_owned(), text };
                let problem = "is not UTF-8 text here: save it as UTF-8".to_owned();
                Err(ConfigError { place: Some(broken.place(valid)), ..broken.unplaced(problem) })
            }
        }
    }

    /// The text as TOML.
    pub(super) fn table(&self) -> Result<DeTable<'_>, ConfigError> {
        DeTable::parse(&self.text).map(toml::Spanned::into_inner).map_err(|error| {
            let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
            let place = error.span().map(|span| self.place(span.start));
            ConfigError {
                place,
                key: place.and_then(|place| self.key_on_line(place.line)),
                ..self.unplaced(format!("is not TOML: {message}"))
            }
        })
    }

    /// The key that a line seems to set, for a message about text that is no TOML.
    fn key_on_line(&self, line: usize) -> Option<String> {
        let bare = |text: &str| {
            let text = text.trim();
            let sound = text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
            (sound && !text.is_empty()).then(|| text.to_owned())
        };
        let (key, _) = self.text.lines().nth(line.checked_sub(1)?)?.split_once('=')?;
        let header = self.text.lines().take(line).filter_map(|line| line.trim().strip_prefix('['));
        let section =
            header.last().and_then(|rest| bare(rest.split(']').next()?.trim_matches('[')));
        let key = bare(key)?;
        Some(section.map_or(key.clone(), |section| format!("{section}.{key}")))
    }

    /// An error about a key at a place.
    pub(super) fn error(&self, span: &Range<usize>, key: &str, problem: String) -> ConfigError {
        ConfigError {
            place: Some(self.place(span.start)),
            key: Some(key.to_owned()),
            ..self.unplaced(problem)
        }
    }

    /// An error about the file as a whole.
    pub(super) fn unplaced(&self, problem: String) -> ConfigError {
        ConfigError {
            file: Some(self.file.clone()),
            place: None,
            key: None,
            problem,
            allowed: None,
        }
    }

    /// The file it was read from.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// The path that a value means: relative ones start beside the file.
    pub(super) fn resolve(&self, path: &str) -> PathBuf {
        let path = self.file.parent().unwrap_or(Path::new("")).join(path);
        // Whole, since a place must have one name, wherever a command is started from.
        std::path::absolute(&path).unwrap_or(path)
    }

    /// Line and column of a byte.
    fn place(&self, offset: usize) -> Place {
        let before = self.text.as_bytes().get(..offset).unwrap_or(self.text.as_bytes());
        let line_start =
            before.iter().rposition(|b| *b == b'\n').map_or(0, |newline| newline.saturating_add(1));
        let in_line = before.get(line_start..).unwrap_or_default();
        Place {
            line: before.iter().filter(|b| **b == b'\n').count().saturating_add(1),
            column: String::from_utf8_lossy(in_line).chars().count().saturating_add(1),
        }
    }
}
