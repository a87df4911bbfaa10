//! Whether a mail came from whom it says it came from: what was checked, by whom, and what follows.
//!
//! Promises: a [`Verdict`] other than `Authenticated` never stops a mail from being read (invariant
//! 2); it only decides how far its From is believed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is known of a mail's sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authenticity {
    /// What follows from the evidence.
    pub verdict: Verdict,
    /// Who looked.
    pub checked_by: CheckedBy,
    /// What was seen, in the order in which it was reported.
    pub evidence: Vec<Evidence>,
}

impl Default for Authenticity {
    /// Nobody looked.
    fn default() -> Self {
        Self { verdict: Verdict::Unproven, checked_by: CheckedBy::Nobody, evidence: vec![] }
    }
}

/// How far the From of a mail is to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The domain of the From answers for the mail.
    Authenticated,
    /// Nothing proves it and nothing speaks against it.
    Unproven,
    /// The domain's owner asks that such a mail be refused (DMARC `p=reject`).
    Disowned,
}

impl Verdict {
    /// The name in the store, in JSON and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Authenticated => "authenticated",
            Self::Unproven => "unproven",
            Self::Disowned => "disowned",
        }
    }
}

/// Who looked at the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckedBy {
    /// Nobody: it is not configured, or the mail has nothing to look at.
    Nobody,
    /// The receiving server of this name (RFC 8601's authserv-id).
    Server(String),
    /// embargod itself, over DNS.
    Here,
}

/// One result of one method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The method.
    pub method: Method,
    /// Its result.
    pub result: Outcome,
    /// The domain that the result speaks for: the signer's, the envelope sender's, the author's.
    pub domain: Option<String>,
}

/// A method of authentication (RFC 8601 section 2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// A signature of a domain (RFC 6376).
    Dkim,
    /// Whether the client may send for the envelope sender's domain (RFC 7208).
    Spf,
    /// Whether one of the two answers for the author's domain (RFC 9989).
    Dmarc,
    /// What an earlier hop saw (RFC 8617).
    Arc,
    /// A signature of the person's own key (RFC 9580), which speaks for no domain.
    OpenPgp,
}

impl Method {
    /// Its keyword.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dkim => "dkim",
            Self::Spf => "spf",
            Self::Dmarc => "dmarc",
            Self::Arc => "arc",
            Self::OpenPgp => "openpgp",
        }
    }
}

/// What a method found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It does not hold, and the domain's owner asks for such mail to be refused.
    Rejected,
    /// There was nothing to look at, or no answer.
    Nothing,
}

impl Outcome {
    /// A word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Rejected => "fail, to be rejected",
            Self::Nothing => "nothing",
        }
    }
}

/// Why a mail is not known to be signed by whom it says it is from (OpenPGP).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// Nobody told us their key.
    #[error("no key of its sender is known")]
    NoKey,
    /// Nothing is, or it is not plain what.
    #[error(
        "nothing proves that the mail is from the address it names, and it has no signature that plainly covers it"
    )]
    NothingSigned,
    /// It was signed and changed, or not by this person's key in spite of its name.
    #[error("the signature does not fit what is signed")]
    Bad,
    /// Somebody else's key, or one that we were not told of.
    #[error("the signature is not of a key that is known for that address")]
    UnknownKey,
    /// The key has run out.
    #[error("the key that signed it has expired")]
    KeyExpired,
    /// The key was taken back.
    #[error("the key that signed it was revoked")]
    KeyRevoked,
    /// The signature itself has run out.
    #[error("the signature has expired")]
    SignatureExpired,
    /// It rests on a digest that can be forged.
    #[error("the signature rests on a digest that is too weak, such as SHA-1")]
    Weak,
    /// The signature is good and of another mail: what is signed has not the token of this one.
    #[error("what is signed does not name the mail that it answers, and could be from another one")]
    AnotherMail,
    /// It could not be verified.
    #[error("the signature could not be verified")]
    Unverified,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.name(), self.result.name())?;
        match &self.domain {
            Some(domain) => write!(f, " ({domain})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Authenticity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let evidence: Vec<String> = self.evidence.iter().map(Evidence::to_string).collect();
        let seen = match evidence.as_slice() {
            [] => "nothing to go by".to_owned(),
            some => some.join(", "),
        };
        match &self.checked_by {
            CheckedBy::Nobody => write!(f, "{}: nobody checked", self.verdict.name()),
            CheckedBy::Server(name) => write!(f, "{}: {seen}, says {name}", self.verdict.name()),
            CheckedBy::Here => write!(f, "{}: {seen}, checked here", self.verdict.name()),
        }
    }
}
