//! The policy of one project: what decisions rest on besides the mail itself.

use crate::domain::address::Address;
use crate::domain::people::{Maintainer, Project};
use crate::policy::capability::Terms;
use crate::policy::caps::Caps;
use crate::policy::disclosure::Disclosure;
use crate::policy::handler::Assign;
use crate::policy::judge::Surroundings;
use crate::policy::notify::Notices;
use crate::policy::promise::Promises;
use crate::policy::relay::Relay;
use crate::policy::scope::{Exclusion, ReleaseLine, Scope};
use crate::policy::suggest::threat::ThreatModel;

/// The rules of a project.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The project.
    pub project: Project,
    /// Where bounces of our answers come back, if that is an address of its own.
    pub bounces: Option<Address>,
    /// Who answers for it, in the order of the configuration.
    pub maintainers: Vec<Maintainer>,
    /// How they act by mail, where they may.
    pub commands: Option<Terms>,
    /// How a new case finds its handler.
    pub assign: Assign,
    /// Who forwards reports.
    pub relays: Vec<Relay>,
    /// How many mails are written by themselves.
    pub caps: Caps,
    /// What maintainers are told at once.
    pub notices: Notices,
    /// What it promised.
    pub promises: Promises,
    /// The lines of releases that get fixes.
    pub release_lines: Vec<ReleaseLine>,
    /// What it answers for.
    pub scope: Scope,
    /// What is not a vulnerability here, as the policy words it.
    pub exclusions: Vec<Exclusion>,
    /// How it discloses.
    pub disclosure: Disclosure,
    /// The same, ready to be matched.
    pub threat_model: ThreatModel,
}

impl Rules {
    /// Whom the judgement of a mail has to know.
    pub fn surroundings(&self) -> Surroundings {
        Surroundings {
            own: std::iter::once(&self.project.address).chain(&self.bounces).cloned().collect(),
            maintainers: self.maintainers.iter().map(|m| m.address.clone()).collect(),
            relays: self.relays.clone(),
            tokens: self.commands.as_ref().map(|terms| terms.places.clone()),
        }
    }
}
