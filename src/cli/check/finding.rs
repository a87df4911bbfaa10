//! What `embargod check` found of one part, and how it is shown.

use std::fmt;

use anstyle::{AnsiColor, Style};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// One part and what became of trying it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The part.
    pub part: &'static str,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of trying a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It works; what there is to know about it.
    Fine(String),
    /// It was not tried, and why.
    Skipped(String),
    /// It does not work: why, and what to do.
    Failed(Trouble, String),
}

/// Whose turn it is after a failure, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// The configuration has to be changed.
    Wrong,
    /// Something outside of it has to be mended.
    Broken,
    /// A server is away; it may come back by itself.
    Away,
}

impl Finding {
    /// A finding.
    pub fn new(part: &'static str, outcome: Outcome) -> Self {
        Self { part, outcome }
    }
}

impl Outcome {
    fn status(&self) -> &'static str {
        match self {
            Self::Fine(_) => "ok",
            Self::Skipped(_) => "skipped",
            Self::Failed(..) => "FAILED",
        }
    }

    fn detail(&self) -> &str {
        match self {
            Self::Fine(detail) | Self::Skipped(detail) | Self::Failed(_, detail) => detail,
        }
    }

    fn style(&self) -> Style {
        match self {
            Self::Fine(_) => AnsiColor::Green.on_default(),
            Self::Skipped(_) => AnsiColor::Yellow.on_default(),
            Self::Failed(..) => AnsiColor::Red.on_default().bold(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (style, status) = (self.outcome.style(), self.outcome.status());
        write!(f, "{style}{status:<7}{style:#} {:<13} {}", self.part, self.outcome.detail())
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Finding", 3)?;
        object.serialize_field("part", self.part)?;
        object.serialize_field("status", self.outcome.status())?;
        object.serialize_field("detail", self.outcome.detail())?;
        object.end()
    }
}
