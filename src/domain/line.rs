//! The checklist of a confirmed case: what becomes of each line of releases.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// One line of releases that was maintained on the day the case was confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its name in `[[release_lines]]`, such as `5.x`.
    pub name: String,
    /// Where its fix stands.
    pub repair: Repair,
}

/// Where the fix of a line stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Repair {
    /// The line does not have the problem.
    NotAffected,
    /// There is no fix yet.
    Missing,
    /// There is a fix, which no release has yet.
    Ready {
        /// When it was ready.
        fixed_at: Timestamp,
    },
    /// A release has the fix.
    Released {
        /// When the fix was ready.
        fixed_at: Timestamp,
        /// When the release was out.
        released_at: Timestamp,
        /// The release.
        version: String,
    },
    /// There will be none.
    Refused {
        /// The stated reason.
        why: String,
    },
}

impl Line {
    /// Whether it has the problem.
    pub fn is_affected(&self) -> bool {
        self.repair != Repair::NotAffected
    }

    /// Whether nothing remains to be done about it.
    pub fn is_settled(&self) -> bool {
        match self.repair {
            Repair::NotAffected | Repair::Released { .. } | Repair::Refused { .. } => true,
            Repair::Missing | Repair::Ready { .. } => false,
        }
    }

    /// Whether work on its fix has left a trace.
    pub fn is_begun(&self) -> bool {
        match self.repair {
            Repair::NotAffected | Repair::Missing => false,
            Repair::Ready { .. } | Repair::Released { .. } | Repair::Refused { .. } => true,
        }
    }

    /// When its fix was ready.
    pub fn fixed_at(&self) -> Option<Timestamp> {
        match self.repair {
            Repair::Ready { fixed_at } | Repair::Released { fixed_at, .. } => Some(fixed_at),
            Repair::NotAffected | Repair::Missing | Repair::Refused { .. } => None,
        }
    }

    /// When the release with its fix was out.
    pub fn released_at(&self) -> Option<Timestamp> {
        match self.repair {
            Repair::Released { released_at, .. } => Some(released_at),
            _ => None,
        }
    }

    /// The release with its fix.
    pub fn version(&self) -> Option<&str> {
        match &self.repair {
            Repair::Released { version, .. } => Some(version),
            _ => None,
        }
    }

    /// Why there will be no fix.
    pub fn no_fix(&self) -> Option<&str> {
        match &self.repair {
            Repair::Refused { why } => Some(why),
            _ => None,
        }
    }

    /// `5.x: released as 5.2.1`.
    pub fn describe(&self) -> String {
        let state = match &self.repair {
            Repair::NotAffected => "not affected".to_owned(),
            Repair::Missing => "no fix yet".to_owned(),
            Repair::Ready { .. } => "fix ready, not released".to_owned(),
            Repair::Released { version, .. } => format!("released as {version}"),
            Repair::Refused { why } => format!("no fix: {why}"),
        };
        format!("{}: {state}", self.name)
    }
}
