//! TLS as every connection of embargod uses it: one crypto provider, the system's roots, and the
//! certificates that the configuration adds.
//!
//! Relies on rustls with ring, named here and nowhere taken from a process-wide default, so that no
//! other crate's features can make it ambiguous. Promises: whatever fails says which step failed
//! (name, TCP, TLS, certificate file) and what to do about it; nothing waits past its deadline; a
//! plain connection is made to the loopback interface alone.

mod connect;
mod error;
mod roots;
mod stream;

pub use connect::{connect, upgrade};
pub use error::{ConnectError, Step};
pub use stream::Stream;

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// Plain, then STARTTLS before anything else; refused where the server does not offer it.
    StartTls,
    /// None at all: only to the loopback interface.
    Plain,
}

/// A server to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// How the connection is protected.
    pub security: Security,
    /// Host name, as its certificate names it.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// A PEM file of certificates to trust beside the system's (`ca = "…"`).
    pub ca: Option<std::path::PathBuf>,
}
