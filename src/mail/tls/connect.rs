//! Making a connection, step by step, each under the deadline.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rustls_pki_types::ServerName;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use super::error::{ConnectError, Step};
use super::roots::client_config;
use super::stream::Stream;
use super::{Security, Server};

/// Connects to a server, and starts TLS where it stands from the first byte.
///
/// For [`Security::StartTls`] the stream is still plain: say STARTTLS in the protocol at hand, then
/// [`upgrade`] it. `deadline` is for all the steps together.
pub async fn connect(server: &Server, deadline: Duration) -> Result<Stream, ConnectError> {
    let steps = Steps { server, after: deadline, started: Instant::now() };
    let addresses = steps.within(Step::Name, lookup(server)).await??;
    let socket = steps.tcp(&addresses).await?;
    match server.security {
        Security::Tls => steps.tls(socket).await,
        Security::StartTls | Security::Plain => Ok(Stream::plain(socket)),
    }
}

/// Starts TLS on a plain stream, after the server agreed to STARTTLS.
///
/// The caller must not have read past the server's agreement: bytes that came in plain after it
/// are an attacker's (RFC 9051 section 11.1, RFC 3207 section 6), so they are left behind.
pub async fn upgrade(
    stream: Stream,
    server: &Server,
    deadline: Duration,
) -> Result<Stream, ConnectError> {
    let steps = Steps { server, after: deadline, started: Instant::now() };
    let socket = stream.into_plain().ok_or_else(|| {
        steps.tls_failed(io::Error::other("TLS was started already on this connection"))
    })?;
    steps.tls(socket).await
}

/// The addresses of a server that may be connected to.
async fn lookup(server: &Server) -> Result<Vec<SocketAddr>, ConnectError> {
    let failed = |source| ConnectError::Name { host: server.host.clone(), source };
    let found = lookup_host((bare(&server.host), server.port)).await.map_err(failed)?;
    let mut addresses: Vec<SocketAddr> = found.collect();
    if addresses.is_empty() {
        return Err(failed(io::Error::from(io::ErrorKind::NotFound)));
    }
    if server.security == Security::Plain {
        addresses.retain(|address| address.ip().is_loopback());
        if addresses.is_empty() {
            return Err(ConnectError::NotLoopback { host: server.host.clone() });
        }
    }
    Ok(addresses)
}

/// A host without the brackets that a URL puts around an IPv6 address.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// The steps of one connection, under one deadline.
struct Steps<'a> {
    server: &'a Server,
    after: Duration,
    started: Instant,
}

impl Steps<'_> {
    fn left(&self) -> Duration {
        self.after.saturating_sub(self.started.elapsed())
    }

    async fn within<T>(
        &self,
        step: Step,
        work: impl Future<Output = T>,
    ) -> Result<T, ConnectError> {
        timeout(self.left(), work).await.map_err(|_| ConnectError::TimedOut {
            host: self.server.host.clone(),
            port: self.server.port,
            step,
            after: self.after,
        })
    }

    /// Tries one address after another. Each may use its share of the time that is left, so that a
    /// network that swallows IPv6 leaves some for IPv4.
    async fn tcp(&self, addresses: &[SocketAddr]) -> Result<TcpStream, ConnectError> {
        let mut failed = io::Error::from(io::ErrorKind::TimedOut);
        let mut untried = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
        for address in addresses {
            let share = self.left().checked_div(untried).unwrap_or_default();
            untried = untried.saturating_sub(1);
            match timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(socket)) => match socket.set_nodelay(true) {
                    Ok(()) => return Ok(socket),
                    Err(error) => failed = error,
                },
                Ok(Err(error)) => failed = error,
                Err(_) => failed = io::Error::from(io::ErrorKind::TimedOut),
            }
        }
        let (host, port) = (self.server.host.clone(), self.server.port);
        if failed.kind() == io::ErrorKind::TimedOut {
            return Err(ConnectError::TimedOut { host, port, step: Step::Tcp, after: self.after });
        }
        Err(ConnectError::Tcp { host, port, source: failed })
    }

    async fn tls(&self, socket: TcpStream) -> Result<Stream, ConnectError> {
        let ca = self.server.ca.clone();
        let reading = tokio::task::spawn_blocking(move || client_config(ca.as_deref()));
        let config = self
            .within(Step::Trust, reading)
            .await?
            .map_err(|gone| self.tls_failed(io::Error::other(gone)))??;
        let name = ServerName::try_from(bare(&self.server.host).to_owned())
            .map_err(|wrong| self.tls_failed(io::Error::other(wrong)))?;
        let handshake = TlsConnector::from(config).connect(name, socket);
        self.within(Step::Tls, handshake).await?.map(Stream::tls).map_err(|e| self.tls_failed(e))
    }

    fn tls_failed(&self, source: io::Error) -> ConnectError {
        ConnectError::Tls { host: self.server.host.clone(), port: self.server.port, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEADLINE: Duration = Duration::from_secs(10);

    fn server(security: Security, host: &str, port: u16) -> Server {
        Server { security, host: host.to_owned(), port, ca: None }
    }

    #[tokio::test]
    async fn a_plain_connection_never_leaves_the_machine() {
        // An address of RFC 5737, where nobody is.
        let elsewhere = server(Security::Plain, "192.0.2.1", 143);
        let error = connect(&elsewhere, DEADLINE).await.unwrap_err();
        assert!(matches!(error, ConnectError::NotLoopback { .. }), "{error}");
    }

    #[tokio::test]
    async fn an_address_in_brackets_is_an_address() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let stream = connect(&server(Security::Plain, "[127.0.0.1]", port), DEADLINE).await;
        assert!(!stream.unwrap().is_encrypted());
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_never_speaks_tls_is_given_up_at_that_step() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let silent = server(Security::Tls, "127.0.0.1", port);
        let file = tempfile::NamedTempFile::new().unwrap();
        let authority = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        std::fs::write(file.path(), authority.cert.pem()).unwrap();
        let silent = Server { ca: Some(file.path().to_owned()), ..silent };
        let error = connect(&silent, DEADLINE).await.unwrap_err();
        assert!(matches!(error, ConnectError::TimedOut { step: Step::Tls, .. }), "{error}");
    }

    #[tokio::test]
    async fn a_file_without_a_certificate_is_named() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let file = tempfile::NamedTempFile::new().unwrap();
        let trusting =
            Server { ca: Some(file.path().to_owned()), ..server(Security::Tls, "127.0.0.1", port) };
        let error = connect(&trusting, DEADLINE).await.unwrap_err();
        assert_eq!(error.step(), Step::Trust);
        assert!(error.to_string().starts_with(&*file.path().to_string_lossy()), "{error}");
    }
}
