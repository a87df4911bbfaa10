//! Why an outbox cannot be used, as `embargod check` and the log tell it.

use std::fmt;

use crate::mail::tls;

/// The steps of reaching an outbox, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The connection: certificates to trust, name, TCP or TLS.
    Connection(tls::Step),
    /// The greeting and EHLO.
    Hello,
    /// STARTTLS.
    StartTls,
    /// The login.
    Login,
    /// The sendmail command.
    Command,
    /// The Maildir.
    Folder,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(step) => step.fmt(f),
            Self::Hello => f.write_str("EHLO"),
            Self::StartTls => f.write_str("STARTTLS"),
            Self::Login => f.write_str("login"),
            Self::Command => f.write_str("sendmail command"),
            Self::Folder => f.write_str("Maildir"),
        }
    }
}

/// Why an outbox cannot be used. Always the operator's to mend, never a recipient's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{step}: {why}")]
pub struct Fault {
    /// The step that failed.
    pub step: Step,
    /// What happened, and what to do.
    pub why: String,
}

impl Fault {
    /// A fault at a step.
    pub(super) fn new(step: Step, why: impl Into<String>) -> Self {
        Self { step, why: why.into() }
    }
}

impl From<tls::ConnectError> for Fault {
    fn from(error: tls::ConnectError) -> Self {
        Self { step: Step::Connection(error.step()), why: error.to_string() }
    }
}
