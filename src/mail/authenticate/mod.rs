//! Who really sent a mail: the evidence, from the receiving server's own words or looked up here.
//!
//! Relies on [`crate::policy::authenticity`] to weigh it. Promises: nothing that a stranger can
//! write into a mail counts as evidence.

pub mod dns;
pub mod results;

use std::net::IpAddr;

pub use dns::{NoResolver, Resolver, Verifier};

use crate::domain::address::Address;
use crate::domain::authenticity::{Authenticity, CheckedBy};
use crate::domain::mail::Mail;
use crate::mail::read::received::{self, Hop};
use crate::policy::authenticity::weigh;

/// `[authentication]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthenticationSettings {
    /// Who says where a mail came from.
    pub by: By,
    /// The receiving server, as it names itself in `Received`.
    pub received_by: Option<String>,
}

/// Who says where a mail came from, as configured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum By {
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
    Here(Resolver),
}

/// Finds out who sent a mail.
#[derive(Debug, Clone)]
pub struct Authenticator {
    settings: AuthenticationSettings,
    verifier: Option<Verifier>,
}

impl Authenticator {
    /// The authenticator of a configuration.
    ///
    /// # Errors
    /// [`NoResolver`] where DNS is to be asked and no server is known.
    pub fn new(settings: &AuthenticationSettings) -> Result<Self, NoResolver> {
        let verifier = match &settings.by {
            By::Here(resolver) => Some(Verifier::new(resolver)?),
            By::Nobody | By::Server { .. } => None,
        };
        Ok(Self { settings: settings.clone(), verifier })
    }

    /// What is known of a mail's sender. `raw` is the mail as it arrived. Ends within
    /// [`dns::DEADLINE`].
    pub async fn authenticate(&self, raw: &[u8], mail: &Mail) -> Authenticity {
        let (checked_by, evidence) = match (&self.settings.by, &self.verifier) {
            (By::Server { authserv_id, fields }, _) => {
                let own = mail.field("Authentication-Results");
                // Its silence is news too: every mail that came the right way has its word.
                let evidence = results::evidence(own, authserv_id, *fields).unwrap_or_default();
                (CheckedBy::Server(authserv_id.clone()), evidence)
            }
            (By::Here(_), Some(verifier)) => {
                (CheckedBy::Here, verifier.evidence(raw, mail, self.hop(mail)).await)
            }
            (By::Nobody | By::Here(_), _) => return Authenticity::default(),
        };
        weigh(one_author(mail), checked_by, evidence)
    }

    /// The address of the machine that handed the mail to the receiving server.
    pub fn client(&self, mail: &Mail) -> Option<IpAddr> {
        self.hop(mail).map(|hop| hop.ip)
    }

    fn hop(&self, mail: &Mail) -> Option<Hop> {
        received::by(mail.field("Received"), self.settings.received_by.as_deref()?)
    }
}

/// The author of a mail, where all its authors are of one domain: evidence on one domain says
/// nothing of another (RFC 9989 leaves such mail out).
fn one_author(mail: &Mail) -> Option<&Address> {
    let first = &mail.from.first()?.address;
    mail.from.iter().all(|author| author.address.domain() == first.domain()).then_some(first)
}
