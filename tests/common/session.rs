//! Just enough of an IMAP client to do to a server what other people's programs do.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};

use super::PATIENCE;
use super::dovecot::PASSWORD;

/// A connection of somebody who has logged in.
#[derive(Debug)]
pub struct Session {
    server: BufReader<TcpStream>,
}

impl Session {
    /// Logs in without TLS.
    pub fn of(server: SocketAddr, user: &str) -> Self {
        let stream = TcpStream::connect(server).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut session = Self { server: BufReader::new(stream) };
        session.line();
        let password = PASSWORD.replace('\\', "\\\\").replace('"', "\\\"");
        session.run(&format!("LOGIN \"{user}\" \"{password}\""));
        session
    }

    /// Carries out a command, and panics unless the server says OK; what it said before that.
    pub fn run(&mut self, command: &str) -> Vec<String> {
        self.say(&format!("x {command}\r\n"));
        self.until_done(command)
    }

    /// Puts a mail into a folder.
    pub fn append(&mut self, folder: &str, raw: &[u8]) {
        self.say(&format!("x APPEND \"{folder}\" {{{}}}\r\n", raw.len()));
        let line = self.line();
        assert!(line.starts_with('+'), "APPEND: {line}");
        self.server.get_mut().write_all(raw).unwrap();
        self.say("\r\n");
        self.until_done("APPEND");
    }

    fn until_done(&mut self, command: &str) -> Vec<String> {
        let mut said = Vec::new();
        loop {
            let line = self.line();
            if let Some(outcome) = line.strip_prefix("x ") {
                assert!(outcome.starts_with("OK"), "{command}: {outcome}");
                return said;
            }
            said.push(line);
        }
    }

    fn say(&mut self, words: &str) {
        self.server.get_mut().write_all(words.as_bytes()).unwrap();
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.server.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the server hung up");
        line.trim_end().to_owned()
    }
}
