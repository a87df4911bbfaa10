//! The project and the people who answer for it.

use serde::{Deserialize, Serialize};

use super::address::{Address, Mailbox};

/// The project whose policy is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// The name as reporters know it.
    pub name: String,
    /// Reporters write to it; all mail is sent from it.
    pub address: Address,
    /// Where the security policy can be read.
    pub policy: Option<String>,
}

impl Project {
    /// The mailbox in the From of every letter.
    pub fn mailbox(&self) -> Mailbox {
        Mailbox::new(Some(&format!("{} security", self.name)), self.address.clone())
    }
}

/// A person who can handle a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintainer {
    /// The short name used in commands and tables.
    pub handle: String,
    /// The full name.
    pub name: String,
    /// Where the digest goes. Never shown to a reporter.
    pub address: Address,
    /// Whether this person is asked when nobody else is left.
    pub lead: bool,
    /// The zone in which times are shown to this person; `None`: the digest's.
    pub timezone: Option<chrono_tz::Tz>,
}
