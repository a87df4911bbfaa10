//! An SMTP server that does what a test tells it to, and remembers what it was told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use embargod::domain::secret::Secret;
use embargod::mail::outbox::{Deadlines, Outbox, OutboxSettings, Transport};
use embargod::mail::tls::{Security, Server};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

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
    /// Command lines.
    pub commands: Vec<String>,
    /// Mail, as the bytes between DATA and the last dot, with the dots still stuffed.
    pub mails: Vec<String>,
}

/// A peer: at the named points (`greeting`, a verb, `.`) it does something else than saying yes.
/// The n-th entry for a point is for its n-th time; after the last, the peer says yes.
#[derive(Debug, Clone)]
pub struct Peer {
    pub port: u16,
    heard: Arc<Mutex<Heard>>,
}

impl Peer {
    pub async fn that(script: &[(&'static str, Does)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let mut left: HashMap<&'static str, Vec<Does>> = HashMap::new();
        for (point, does) in script.iter().rev() {
            left.entry(point).or_default().push(*does);
        }
        let left = Arc::new(Mutex::new(left));
        let peer = Self { port, heard: Arc::clone(&heard) };
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                heard.lock().unwrap().connections += 1;
                tokio::spawn(converse(socket, Arc::clone(&left), Arc::clone(&heard)));
            }
        });
        peer
    }

    pub fn heard<T>(&self, ask: impl FnOnce(&Heard) -> T) -> T {
        ask(&self.heard.lock().unwrap())
    }

    pub fn settings(&self) -> OutboxSettings {
        OutboxSettings {
            transport: Transport::Smtp {
                server: Server {
                    security: Security::Plain,
                    host: "127.0.0.1".to_owned(),
                    port: self.port,
                    ca: None,
                },
                login: None,
                hello: "project.example".to_owned(),
            },
            deadlines: Deadlines::default(),
        }
    }

    pub fn outbox(&self) -> Outbox {
        Outbox::new(&self.settings())
    }

    /// An outbox that waits for this long and no longer, wherever it waits.
    pub fn impatient_outbox(&self, wait: Duration) -> Outbox {
        let deadlines =
            Deadlines { hello: wait, mail: wait, per_mib: Duration::ZERO, ..Deadlines::default() };
        Outbox::new(&OutboxSettings { deadlines, ..self.settings() })
    }

    pub fn outbox_with_login(&self) -> Outbox {
        let mut settings = self.settings();
        if let Transport::Smtp { login, .. } = &mut settings.transport {
            *login = Some(("user".to_owned(), Secret::new("hunter2".to_owned())));
        }
        Outbox::new(&settings)
    }
}

type Left = Arc<Mutex<HashMap<&'static str, Vec<Does>>>>;

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    socket: S,
    left: Left,
    heard: Arc<Mutex<Heard>>,
) {
    let mut stream = BufReader::new(socket);
    let mut at = "greeting".to_owned();
    loop {
        let next = left.lock().unwrap().get_mut(at.as_str()).and_then(Vec::pop);
        let words = match next {
            Some(Does::Says(words)) => words.to_owned(),
            Some(Does::HangsUp) => return,
            Some(Does::Stalls) => return std::future::pending().await,
            None => yes(&at).to_owned(),
        };
        if stream.write_all(format!("{words}\r\n").as_bytes()).await.is_err() {
            return;
        }
        if at == "DATA" && words.starts_with("354") {
            let Some(mail) = read_mail(&mut stream).await else { return };
            heard.lock().unwrap().mails.push(mail);
            at = ".".to_owned();
            continue;
        }
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let line = line.trim_end().to_owned();
        at = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        heard.lock().unwrap().commands.push(line);
    }
}

/// What a server says when nothing is wrong.
fn yes(at: &str) -> &'static str {
    match at {
        "greeting" => "220 peer.example ESMTP",
        "EHLO" => "250-peer.example\r\n250-PIPELINING\r\n250 AUTH PLAIN LOGIN",
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
