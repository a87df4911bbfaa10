//! DKIM, SPF, DMARC and ARC, verified here with the answers of a DNS server.
//!
//! For receiving servers that write no `Authentication-Results`. Relies on mail-auth, which looks at
//! a mail's header and hashes its body; it does not walk its parts. SPF needs to know who handed the
//! mail over: the `Received` field of the receiving server says so, and no other is believed.
//!
//! Promises: [`Verifier::evidence`] ends within [`DEADLINE`] and asks a bounded number of questions,
//! whatever the mail says: a stranger's mail must not become a hundred look-ups. No answer is no
//! evidence.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use mail_auth::hickory_resolver::system_conf::read_system_conf;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, DmarcResult, MessageAuthenticator, SpfOutput,
    SpfResult, dmarc::Policy,
};

use crate::domain::authenticity::{Evidence, Method, Outcome};
use crate::domain::mail::{Mail, ReturnPath};
use crate::mail::read::received::Hop;

/// How long all of it may take.
pub const DEADLINE: Duration = Duration::from_secs(15);

/// How long one question waits for its answer.
const QUESTION: Duration = Duration::from_secs(4);

/// Signatures that are looked at.
const SIGNATURES: usize = 5;

/// The name of the checking host for SPF macros (RFC 7208 section 7.3): nobody's business.
const HOST: &str = "unknown";

/// Where to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolver {
    /// As the system is set up.
    System,
    /// One DNS server.
    Server(SocketAddr),
}

/// Verifies mail over DNS.
#[derive(Clone)]
pub struct Verifier {
    authenticator: MessageAuthenticator,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").finish_non_exhaustive()
    }
}

/// Why no DNS can be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no DNS server can be asked: {0}; name one with `resolver` under [authentication]")]
pub struct NoResolver(String);

impl Verifier {
    /// A verifier that asks `resolver`.
    ///
    /// # Errors
    /// [`NoResolver`] where the system's configuration names no server.
    pub fn new(resolver: &Resolver) -> Result<Self, NoResolver> {
        let wrong = |error: &dyn std::fmt::Display| NoResolver(error.to_string());
        let (config, mut options) = match resolver {
            Resolver::System => read_system_conf().map_err(|e| wrong(&e))?,
            Resolver::Server(address) => (only(*address), Default::default()),
        };
        options.timeout = QUESTION;
        options.attempts = 2;
        let authenticator = MessageAuthenticator::new(config, options).map_err(|e| wrong(&e))?;
        Ok(Self { authenticator })
    }

    /// What DNS says of a mail that `hop` handed over. Empty where nothing could be looked at in
    /// time.
    pub async fn evidence(&self, raw: &[u8], mail: &Mail, hop: Option<Hop>) -> Vec<Evidence> {
        let raw = raw.to_vec();
        let sender = match &mail.return_path {
            ReturnPath::Address(address) => address.as_str().to_owned(),
            ReturnPath::Null | ReturnPath::Unknown => String::new(),
        };
        let this = self.clone();
        // A task of its own: a panic of the parser ends the task and nothing else.
        let looking = tokio::spawn(async move { this.look(&raw, hop, &sender).await });
        let aborts = looking.abort_handle();
        match tokio::time::timeout(DEADLINE, looking).await {
            Ok(Ok(evidence)) => evidence,
            Ok(Err(_)) => vec![],
            Err(_) => {
                aborts.abort();
                vec![]
            }
        }
    }

    async fn look(&self, raw: &[u8], hop: Option<Hop>, sender: &str) -> Vec<Evidence> {
        let Some(mut message) = AuthenticatedMessage::parse(raw) else { return vec![] };
        message.dkim_headers.truncate(SIGNATURES);
        let dkim = self.authenticator.verify_dkim(&message).await;
        let spf = match &hop {
            Some(hop) => self.spf(hop, sender).await,
            None => SpfOutput::new(String::new()),
        };
        let envelope = sender.rsplit_once('@').map_or_else(
            || hop.as_ref().map(|hop| hop.hello.clone()).unwrap_or_default(),
            |(_, domain)| domain.to_owned(),
        );
        let dmarc = DmarcParameters::new(&message, &dkim, &envelope, &spf);
        let dmarc = self.authenticator.verify_dmarc(dmarc).await;
        let mut evidence: Vec<Evidence> = dkim.iter().map(signed).collect();
        if hop.is_some() {
            let domain = (!spf.domain().is_empty()).then(|| spf.domain().to_lowercase());
            evidence.push(Evidence { method: Method::Spf, result: of_spf(spf.result()), domain });
        }
        let result = match (dmarc.result(), dmarc.policy()) {
            (DmarcResult::Pass, _) => Outcome::Pass,
            (DmarcResult::Fail(_), Policy::Reject) => Outcome::Rejected,
            (DmarcResult::Fail(_), _) => Outcome::Fail,
            _ => Outcome::Nothing,
        };
        let domain = (!dmarc.domain().is_empty()).then(|| dmarc.domain().to_lowercase());
        evidence.push(Evidence { method: Method::Dmarc, result, domain });
        if !message.as_headers.is_empty() {
            let arc = self.authenticator.verify_arc(&message).await;
            evidence.push(Evidence {
                method: Method::Arc,
                result: of_dkim(arc.result()),
                domain: None,
            });
        }
        evidence
    }

    async fn spf(&self, hop: &Hop, sender: &str) -> SpfOutput {
        let question = match sender {
            // RFC 7208 section 2.4: with a null sender, the name of the greeting stands for it.
            "" => SpfParameters::verify_ehlo(hop.ip, &hop.hello, HOST),
            sender => SpfParameters::verify_mail_from(hop.ip, &hop.hello, HOST, sender),
        };
        self.authenticator.verify_spf(question).await
    }
}

fn only(server: SocketAddr) -> ResolverConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()]
        .into_iter()
        .map(|mut connection| {
            connection.port = server.port();
            connection
        })
        .collect();
    let ip: IpAddr = server.ip();
    ResolverConfig::from_parts(None, vec![], vec![NameServerConfig::new(ip, true, connections)])
}

fn signed(output: &DkimOutput<'_>) -> Evidence {
    let domain = output.signature().map(|signature| signature.d.to_lowercase());
    Evidence { method: Method::Dkim, result: of_dkim(output.result()), domain }
}

fn of_dkim(result: &DkimResult) -> Outcome {
    match result {
        DkimResult::Pass => Outcome::Pass,
        DkimResult::Fail(_) | DkimResult::PermError(_) | DkimResult::Neutral(_) => Outcome::Fail,
        DkimResult::TempError(_) | DkimResult::None => Outcome::Nothing,
    }
}

fn of_spf(result: SpfResult) -> Outcome {
    match result {
        SpfResult::Pass => Outcome::Pass,
        SpfResult::Fail | SpfResult::SoftFail | SpfResult::PermError => Outcome::Fail,
        SpfResult::Neutral | SpfResult::TempError | SpfResult::None => Outcome::Nothing,
    }
}
