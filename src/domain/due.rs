//! What a case is due for: the promises whose clocks run, and the law's.

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::exploited::Report;

/// What has to be done by a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Due {
    /// To tell the reporter that the report arrived.
    Acknowledge,
    /// To answer the reporter in detail, as a person.
    Respond,
    /// To tell the reporter of the progress.
    Update,
    /// To publish.
    Disclose,
    /// To report an exploited vulnerability to the authorities.
    #[serde(untagged)]
    Authorities(Report),
}

impl Due {
    /// Whether it is the law that asks for it.
    pub fn is_legal(self) -> bool {
        matches!(self, Self::Authorities(_))
    }

    /// What is to be done, as a list shows it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Respond => "respond",
            Self::Update => "update reporter",
            Self::Disclose => "disclose",
            Self::Authorities(Report::EarlyWarning) => "early warning",
            Self::Authorities(Report::Notification) => "notification",
            Self::Authorities(Report::FinalReport) => "final report",
        }
    }
}

/// A clock that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Running {
    /// What is due.
    pub due: Due,
    /// By when.
    pub deadline: Timestamp,
    /// Since when the deadline is this one, where a person set it; `None` where a promise or the law
    /// did.
    pub set_at: Option<Timestamp>,
}
