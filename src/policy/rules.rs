//! The policy of one project: what decisions rest on besides the mail itself.

use crate::domain::address::Address;
use crate::domain::people::{Maintainer, Project};
use crate::policy::judge::Surroundings;
use crate::policy::promise::Promises;

/// The rules of a project.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// The project.
    pub project: Project,
    /// Where bounces of our answers come back, if that is an address of its own.
    pub bounces: Option<Address>,
    /// Who answers for it, in the order of the configuration.
    pub maintainers: Vec<Maintainer>,
    /// What it promised.
    pub promises: Promises,
}

impl Rules {
    /// Whom the judgement of a mail has to know.
    pub fn surroundings(&self) -> Surroundings {
        Surroundings {
            own: std::iter::once(&self.project.address).chain(&self.bounces).cloned().collect(),
            maintainers: self.maintainers.iter().map(|m| m.address.clone()).collect(),
        }
    }
}
