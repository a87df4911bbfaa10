//! An SMTP server that does what a test tells it to, and remembers what it was told.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use embargod::domain::secret::Secret;
use embargod::mail::outbox::{Deadlines, Outbox, OutboxSettings, Transport};
use embargod::mail::tls::{Security, Server};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::certificates::Certificates;

/// What the peer does at some point of the conversation.
#[derive(Debug, Clone, Copy)]
pub enum Does {
    /// Says this.
    Says(&'static str),
    /// Closes the connection without a word.
    HangsUp,
    /// Neither answers nor closes.
    Stalls,
}

/// What a peer has heard.
#[derive(Debug, Default)]
pub struct Heard {
    /// Connections taken.
    pub connections: usize,
    /// Connections that are still there.
    pub open: usize,
    /// Command lines, those after STARTTLS marked by a leading `TLS: `.
    pub commands: Vec<String>,
    /// Mail, as the bytes between DATA and the last dot, with the dots still stuffed.
    pub mails: Vec<String>,
}

/// A peer: at the named points (`greeting`, a verb, `.`) it does something else than saying yes.
/// The n-th entry for a point is for its n-th time; after the last, the peer says yes.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    heard: Arc<Mutex<Heard>>,
}

/// The peer's side of one conversation.
#[derive(Clone)]
struct Part {
    left: Arc<Mutex<HashMap<&'static str, Vec<Does>>>>,
    heard: Arc<Mutex<Heard>>,
    /// What marks the commands it hears.
    mark: &'static str,
}

impl Peer {
    /// A peer without TLS.
    pub async fn that(script: &[(&'static str, Does)]) -> Self {
        Self::start(script, None).await
    }

    /// A peer that takes STARTTLS with this certificate.
    pub async fn with_starttls(script: &[(&'static str, Does)], files: &Certificates) -> Self {
        Self::start(script, Some(acceptor(&files.certificate, &files.key))).await
    }

    async fn start(script: &[(&'static str, Does)], tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut left: HashMap<&'static str, Vec<Does>> = HashMap::new();
        for (point, does) in script.iter().rev() {
            left.entry(point).or_default().push(*does);
        }
        let heard = Arc::new(Mutex::new(Heard::default()));
        let part = Part { left: Arc::new(Mutex::new(left)), heard: Arc::clone(&heard), mark: "" };
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                {
                    let mut heard = part.heard.lock().unwrap();
                    heard.connections += 1;
                    heard.open += 1;
                }
                let (part, tls) = (part.clone(), tls.clone());
                tokio::spawn(async move {
                    let heard = Arc::clone(&part.heard);
                    if let Some(socket) = part.converse(socket, "greeting").await
                        && let Some(tls) = tls
                        && let Ok(socket) = tls.accept(socket).await
                    {
                        Part { mark: "TLS: ", ..part }.converse(socket, "").await;
                    }
                    heard.lock().unwrap().open -= 1;
                });
            }
        });
        Self { port, heard }
    }

    /// Asks for what the peer has heard so far.
    pub fn heard<T>(&self, ask: impl FnOnce(&Heard) -> T) -> T {
        ask(&self.heard.lock().unwrap())
    }

    /// Settings to reach the peer by, without TLS or login.
    pub fn settings(&self) -> OutboxSettings {
        self.settings_with(Security::Plain, None)
    }

    /// Settings to reach the peer by.
    pub fn settings_with(&self, security: Security, ca: Option<&Path>) -> OutboxSettings {
        let (host, ca) = ("127.0.0.1".to_owned(), ca.map(Path::to_owned));
        OutboxSettings {
            transport: Transport::Smtp {
                server: Server { security, host, port: self.port, ca },
                login: None,
                hello: "project.example".to_owned(),
            },
            deadlines: Deadlines::default(),
        }
    }

    /// An outbox to the peer.
    pub fn outbox(&self) -> Outbox {
        Outbox::new(&self.settings())
    }

    /// An outbox that waits for this long and no longer, wherever it waits.
    pub fn impatient_outbox(&self, wait: Duration) -> Outbox {
        let deadlines =
            Deadlines { hello: wait, mail: wait, per_mib: Duration::ZERO, ..Deadlines::default() };
        Outbox::new(&OutboxSettings { deadlines, ..self.settings() })
    }

    /// An outbox that logs in.
    pub fn outbox_with_login(&self) -> Outbox {
        Outbox::new(&with_login(self.settings()))
    }
}

/// The same settings, with a login.
pub fn with_login(mut settings: OutboxSettings) -> OutboxSettings {
    if let Transport::Smtp { login, .. } = &mut settings.transport {
        *login = Some(("user".to_owned(), Secret::new("hunter2".to_owned())));
    }
    settings
}

fn acceptor(certificate: &Path, key: &Path) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_file(certificate).unwrap();
    let key = PrivateKeyDer::from_pem_file(key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

impl Part {
    /// Plays the part from a point on; gives the socket back when it is time for TLS.
    async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        socket: S,
        start: &str,
    ) -> Option<S> {
        let mut stream = BufReader::new(socket);
        let mut at = start.to_owned();
        loop {
            let next = self.left.lock().unwrap().get_mut(at.as_str()).and_then(Vec::pop);
            let words = match next {
                Some(Does::Says(words)) => words.to_owned(),
                Some(Does::HangsUp) => return None,
                Some(Does::Stalls) => return std::future::pending().await,
                None => yes(&at).to_owned(),
            };
            if !at.is_empty() {
                stream.write_all(format!("{words}\r\n").as_bytes()).await.ok()?;
            }
            if at == "STARTTLS" && words.starts_with("220") {
                return Some(stream.into_inner());
            }
            if at == "DATA" && words.starts_with("354") {
                let mail = read_mail(&mut stream).await?;
                self.heard.lock().unwrap().mails.push(mail);
                at = ".".to_owned();
                continue;
            }
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return None;
            }
            let line = line.trim_end();
            at = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
            self.heard.lock().unwrap().commands.push(format!("{}{line}", self.mark));
        }
    }
}

/// What a server says when nothing is wrong.
fn yes(at: &str) -> &'static str {
    match at {
        "greeting" => "220 peer.example ESMTP",
        "EHLO" => "250-peer.example\r\n250-PIPELINING\r\n250 AUTH PLAIN LOGIN",
        "STARTTLS" => "220 go on",
        "AUTH" => "235 2.7.0 welcome",
        "DATA" => "354 go on",
        "." => "250 2.0.0 taken",
        "QUIT" => "221 bye",
        _ => "250 2.1.0 yes",
    }
}

async fn read_mail<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut mail = String::new();
    loop {
        let start = mail.len();
        if stream.read_line(&mut mail).await.unwrap_or(0) == 0 {
            return None;
        }
        if &mail[start..] == ".\r\n" {
            mail.truncate(start);
            return Some(mail);
        }
    }
}
