//! Who really sent a mail: the evidence, from the receiving server's own words or looked up here.
//!
//! Relies on [`crate::policy::authenticity`] to weigh it. Promises: nothing that a stranger can
//! write into a mail counts as evidence.

pub mod dns;
pub mod results;

use std::sync::Arc;

pub use dns::{NoResolver, Resolver, Verifier};

use crate::domain::address::Address;
use crate::domain::authenticity::{Authenticity, CheckedBy};
use crate::domain::mail::Mail;
use crate::policy::authenticity::weigh;

/// Who says where a mail came from, as configured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AuthenticationSettings {
    /// Nobody.
    #[default]
    Nobody,
    /// The receiving server.
    Server {
        /// The name in its `Authentication-Results`.
        authserv_id: String,
        /// How many such fields it adds to a mail.
        fields: usize,
    },
    /// embargod, over DNS.
    Here {
        /// The receiving server, as it names itself in `Received`.
        received_by: String,
        /// Where to ask.
        resolver: Resolver,
    },
}

/// Finds out who sent a mail.
#[derive(Debug, Clone)]
pub enum Authenticator {
    /// Nobody is asked.
    Nobody,
    /// Reads the receiving server's fields.
    Server {
        /// The name in its `Authentication-Results`.
        authserv_id: String,
        /// How many such fields it adds to a mail.
        fields: usize,
    },
    /// Asks DNS.
    Here(Box<Verifier>),
}

impl Authenticator {
    /// The authenticator of a configuration.
    ///
    /// # Errors
    /// [`NoResolver`] where DNS is to be asked and no server is known.
    pub fn new(settings: &AuthenticationSettings) -> Result<Self, NoResolver> {
        Ok(match settings {
            AuthenticationSettings::Nobody => Self::Nobody,
            AuthenticationSettings::Server { authserv_id, fields } => {
                Self::Server { authserv_id: authserv_id.clone(), fields: *fields }
            }
            AuthenticationSettings::Here { received_by, resolver } => {
                Self::Here(Box::new(Verifier::new(resolver, received_by)?))
            }
        })
    }

    /// What is known of a mail's sender. `raw` is the mail as it arrived.
    pub async fn authenticate(&self, raw: Arc<[u8]>, mail: &Mail) -> Authenticity {
        let (checked_by, evidence) = match self {
            Self::Nobody => return Authenticity::default(),
            Self::Server { authserv_id, fields } => {
                let own = mail.field("Authentication-Results");
                match results::evidence(own, authserv_id, *fields) {
                    Some(evidence) => (CheckedBy::Server(authserv_id.clone()), evidence),
                    None => return Authenticity::default(),
                }
            }
            Self::Here(verifier) => (CheckedBy::Here, verifier.evidence(raw, mail).await),
        };
        weigh(one_author(mail), checked_by, evidence)
    }
}

/// The author of a mail, where all its authors are of one domain: evidence on one domain says
/// nothing of another (RFC 9989 leaves such mail out).
fn one_author(mail: &Mail) -> Option<&Address> {
    let first = &mail.from.first()?.address;
    mail.from.iter().all(|author| author.address.domain() == first.domain()).then_some(first)
}
