//! Why a connection could not be made: a variant for each step, since `embargod check` names it.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// The steps of making a connection, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Reading the certificates to trust.
    Trust,
    /// Looking up the host's addresses.
    Name,
    /// Connecting to one of them.
    Tcp,
    /// Agreeing on keys and checking the certificate.
    Tls,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Trust => "trusted certificates",
            Self::Name => "name",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        })
    }
}

/// Why a connection could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The `ca` file cannot be read or holds no certificate.
    #[error("{}: {problem}; `ca` must name a PEM file with at least one certificate", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// There is nothing to check a certificate against.
    #[error(
        "the system has no trusted certificates; install the package ca-certificates, or name the server's certificate by `ca`"
    )]
    NoTrust,
    /// The host's name cannot be looked up.
    #[error("{host} has no address: {source}; check the host name, and the system's name servers")]
    Name {
        /// The host.
        host: String,
        /// What the resolver said.
        source: io::Error,
    },
    /// Asked for a plain connection that would leave this machine.
    #[error(
        "{host} is not this machine: a connection without TLS is made to the loopback interface only; use TLS or STARTTLS"
    )]
    NotLoopback {
        /// The host.
        host: String,
    },
    /// No address of the host takes the connection.
    #[error(
        "{host} takes no connection on port {port}: {source}; check the port, and that the server runs"
    )]
    Tcp {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// What the system said of the last address tried.
        source: io::Error,
    },
    /// TLS failed: mostly the certificate.
    #[error("no TLS with {host} on port {port}: {source}; {}", tls_advice(source))]
    Tls {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// What rustls said.
        source: io::Error,
    },
    /// A step took longer than it may.
    #[error("{host} port {port}: no answer within {} at the step {step}", humantime::format_duration(*after))]
    TimedOut {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// The step that took too long.
        step: Step,
        /// How long all steps together were allowed to take.
        after: Duration,
    },
}

impl ConnectError {
    /// The step that failed.
    pub fn step(&self) -> Step {
        match self {
            Self::CaFile { .. } | Self::NoTrust => Step::Trust,
            Self::Name { .. } => Step::Name,
            Self::NotLoopback { .. } | Self::Tcp { .. } => Step::Tcp,
            Self::Tls { .. } => Step::Tls,
            Self::TimedOut { step, .. } => *step,
        }
    }
}

/// What a person can do about a TLS failure.
fn tls_advice(source: &io::Error) -> &'static str {
    use rustls::CertificateError as Certificate;

    let cause = source.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::InvalidCertificate(
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. },
        )) => "`server` must name the host as its certificate does",
        Some(rustls::Error::InvalidCertificate(
            Certificate::Expired | Certificate::ExpiredContext { .. },
        )) => "the server needs a new certificate, or this machine's clock is wrong",
        Some(rustls::Error::InvalidCertificate(_)) => {
            "where its certificate comes from an authority of your own, name that authority's PEM file by `ca`"
        }
        Some(rustls::Error::InvalidMessage(_)) => {
            "the port may expect STARTTLS instead of TLS from the first byte"
        }
        _ => "check that the port speaks TLS",
    }
}
