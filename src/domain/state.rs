//! The states of a case and how a closed one ended. The names are part of the interface.

use serde::{Deserialize, Serialize};

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Sent back: the report was not in the body. A door, not a wall: it can come back whole.
    Returned,
    /// Taken in; the acknowledgement has not gone out yet.
    Received,
    /// The acknowledgement went out.
    Acknowledged,
    /// A person's detailed response went out.
    Triaging,
    /// The problem is real; affected versions are known.
    Confirmed,
    /// Fixes are being made.
    Fixing,
    /// Fixes are out for every maintained line.
    Released,
    /// The advisory is out.
    Disclosed,
    /// Ended, with a disposition.
    Closed,
}

impl State {
    /// Every state, in the order of a case's life.
    pub const ALL: [Self; 9] = [
        Self::Returned,
        Self::Received,
        Self::Acknowledged,
        Self::Triaging,
        Self::Confirmed,
        Self::Fixing,
        Self::Released,
        Self::Disclosed,
        Self::Closed,
    ];

    /// Whether somebody still has to do something about the case.
    pub fn is_open(self) -> bool {
        self != Self::Closed
    }

    /// The name in the store, in JSON and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::Received => "received",
            Self::Acknowledged => "acknowledged",
            Self::Triaging => "triaging",
            Self::Confirmed => "confirmed",
            Self::Fixing => "fixing",
            Self::Released => "released",
            Self::Disclosed => "disclosed",
            Self::Closed => "closed",
        }
    }
}

/// How a closed case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disposition {
    /// A fix was released.
    Fixed,
    /// Outside the threat model.
    OutOfScope,
    /// Belongs to somebody else's module.
    ThirdParty,
    /// Known from another case.
    Duplicate,
    /// Works as documented.
    NotAVulnerability,
    /// Could not be shown.
    NotReproducible,
    /// The reporter took it back.
    Withdrawn,
    /// Not a report.
    Spam,
    /// The reporter fell silent.
    NoResponse,
}

impl Disposition {
    /// Every disposition, as a person chooses among them.
    pub const ALL: [Self; 9] = [
        Self::Fixed,
        Self::OutOfScope,
        Self::ThirdParty,
        Self::Duplicate,
        Self::NotAVulnerability,
        Self::NotReproducible,
        Self::Withdrawn,
        Self::Spam,
        Self::NoResponse,
    ];

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// The name in the store, in JSON, on the command line and in commands by mail.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::OutOfScope => "out-of-scope",
            Self::ThirdParty => "third-party",
            Self::Duplicate => "duplicate",
            Self::NotAVulnerability => "not-a-vulnerability",
            Self::NotReproducible => "not-reproducible",
            Self::Withdrawn => "withdrawn",
            Self::Spam => "spam",
            Self::NoResponse => "no-response",
        }
    }
}
