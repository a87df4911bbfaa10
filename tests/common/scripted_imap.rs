//! An IMAP server that follows a script, to do what a real one seldom does.
//!
//! A script is lines: `S: …` the server says; `C: …` the client must say (a prefix, behind the tag,
//! or behind nothing after `C! `); `$` in a server's line is the tag of the client's last command.
//! `EOF` closes the connection; `SILENCE` keeps it open without a word until the client leaves.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;

use embargod::domain::secret::Secret;
use embargod::mail::inbox::Source;
use embargod::mail::tls::{Security, Server};

use super::PATIENCE;

/// From the greeting to a folder of UIDVALIDITY 7 in which are `exists` mails.
pub fn opened(exists: u32) -> String {
    format!(
        "S: * OK ready\nC: LOGIN \"ada\" \"secret\"\nS: $ OK in\n\
         C: CAPABILITY\nS: * CAPABILITY IMAP4rev1 IDLE\nS: $ OK\n\
         C: EXAMINE \"INBOX\"\nS: * {exists} EXISTS\nS: * OK [UIDVALIDITY 7] valid\nS: $ OK [READ-ONLY] open\n"
    )
}

/// A running peer.
#[derive(Debug)]
pub struct ScriptedImap {
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

impl ScriptedImap {
    /// Starts a peer with a script for each connection that it takes.
    pub fn start(scripts: impl IntoIterator<Item = String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let scripts: Vec<String> = scripts.into_iter().collect();
        let thread = std::thread::spawn(move || {
            for script in scripts {
                let (stream, _) = listener.accept().unwrap();
                stream.set_nodelay(true).unwrap();
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                follow(&script, stream);
            }
        });
        Self { address, thread: Some(thread) }
    }

    /// The INBOX on this peer.
    pub fn inbox(&self) -> Source {
        Source::Imap {
            server: Server {
                security: Security::Plain,
                host: self.address.ip().to_string(),
                port: self.address.port(),
                ca: None,
            },
            user: "ada".to_owned(),
            password: Secret::new("secret".to_owned()),
            folder: "INBOX".to_owned(),
        }
    }

    /// Panics if the client did anything but what the scripts say, or not all of it.
    pub fn finish(mut self) {
        if let Err(panic) = self.thread.take().unwrap().join() {
            std::panic::resume_unwind(panic);
        }
    }
}

fn follow(script: &str, stream: TcpStream) {
    let mut client = BufReader::new(stream);
    let mut tag = String::new();
    for line in script.lines() {
        if let Some(said) = line.strip_prefix("S: ") {
            // The client may have left already, where the test is about that.
            let _ =
                client.get_mut().write_all(format!("{}\r\n", said.replace('$', &tag)).as_bytes());
        } else if let Some(expected) = line.strip_prefix("C: ") {
            let said = read_line(&mut client);
            let (new_tag, command) = said.split_once(' ').unwrap_or((&said, ""));
            assert!(
                command.starts_with(expected),
                "expected {expected:?}, the client said {said:?}"
            );
            tag = new_tag.to_owned();
        } else if let Some(expected) = line.strip_prefix("C! ") {
            assert_eq!(read_line(&mut client), expected);
        } else if line == "EOF" {
            return;
        } else if line == "SILENCE" {
            let _ = client.read_to_end(&mut Vec::new());
            return;
        } else {
            panic!("no line of a script: {line:?}");
        }
    }
}

fn read_line(client: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    client.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}
