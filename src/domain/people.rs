//! The project and the people who answer for it.

use serde::{Deserialize, Serialize};

use super::Timestamp;
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
    /// Packages this person answers for: a report about one goes here first.
    pub handles: Vec<String>,
    /// When this person is away.
    pub absences: Vec<Absence>,
}

impl Maintainer {
    /// The absence at a moment, if this person is away then; of several the one that ends last.
    pub fn absence_at(&self, at: Timestamp) -> Option<&Absence> {
        let now = self.absences.iter().filter(|absence| absence.from <= at && at < absence.until);
        now.max_by_key(|absence| absence.until)
    }
}

/// A time in which somebody is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
}

#[cfg(test)]
pub(crate) mod samples {
    //! People whom the tests of several judgements need.

    use super::Maintainer;

    /// Somebody who is there, answers for nothing in particular, and leads if that is the handle.
    pub(crate) fn person(handle: &str) -> Maintainer {
        Maintainer {
            handle: handle.to_owned(),
            name: handle.to_owned(),
            address: format!("{handle}@example.org").parse().unwrap(),
            lead: handle == "lead",
            timezone: None,
            handles: Vec::new(),
            absences: Vec::new(),
        }
    }
}
