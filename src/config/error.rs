//! What is wrong with a configuration, in one line that a person can act on.

use std::fmt::{self, Write as _};
use std::path::PathBuf;

/// Why a configuration is refused. Every command that meets one ends with exit status 2.
///
/// Promises: one line; never a value of a key that may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file; `None` where none was found.
    pub file: Option<PathBuf>,
    /// Line and column, where the problem has a place.
    pub place: Option<Place>,
    /// The key, such as `inbox.poll`.
    pub key: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What would be right, or what to do.
    pub allowed: Option<String>,
}

/// A place in a text file, both counted from 1 as editors do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The character in it.
    pub column: usize,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = String::new();
        self.write(&mut line)?;
        // A path or a name in it may hold line breaks and what steers a terminal.
        line.chars().try_for_each(|c| match c.is_control() {
            true => write!(f, "{}", c.escape_default()),
            false => f.write_char(c),
        })
    }
}

impl ConfigError {
    fn write(&self, f: &mut String) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}", file.display())?;
            if let Some(Place { line, column }) = self.place {
                write!(f, ":{line}:{column}")?;
            }
            f.write_str(": ")?;
        }
        if let Some(key) = &self.key {
            write!(f, "{key}: ")?;
        }
        f.write_str(&self.problem)?;
        match &self.allowed {
            Some(allowed) => write!(f, "; allowed: {allowed}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ConfigError {}
