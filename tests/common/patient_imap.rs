//! An IMAP server on the test's own runtime, so that time can be wound for both ends: it has the same
//! few mails for everybody who gets past its login.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

/// What becomes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// The login succeeds, and the folder is open until so many IDLEs have ended.
    Open {
        /// How many; then the server says farewell, as servers do after half an hour.
        idles: usize,
    },
    /// The server says this instead of a greeting, and hangs up.
    Greets(&'static str),
    /// The answer to LOGIN, behind its tag.
    Answers(&'static str),
    /// It comes only after this long, and is OK.
    OpensAfter(Duration),
    /// A farewell in the place of an answer.
    Leaves(&'static str),
}

/// A running server.
#[derive(Debug)]
pub struct PatientImap {
    pub address: SocketAddr,
    logins: Arc<Mutex<Vec<Instant>>>,
}

impl PatientImap {
    /// Starts a server with so many mails. Each connection finds the next of `doors`, and those behind
    /// the last one find `then`.
    pub async fn start(mails: u32, doors: &[Door], then: Door) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let logins = Arc::new(Mutex::new(Vec::new()));
        let doors = doors.to_vec();
        let noted = Arc::clone(&logins);
        tokio::spawn(async move {
            let mut doors = doors.into_iter();
            while let Ok((stream, _)) = listener.accept().await {
                noted.lock().unwrap().push(Instant::now());
                let door = doors.next().unwrap_or(then);
                // Whoever hangs up has heard enough.
                tokio::spawn(async move { serve(stream, door, mails).await.ok() });
            }
        });
        Self { address, logins }
    }

    /// When somebody connected.
    pub fn connections(&self) -> Vec<Instant> {
        self.logins.lock().unwrap().clone()
    }
}

/// The n-th mail.
pub fn report(n: u32) -> String {
    format!(
        "From: Rae <rae{n}@finder{n}.example>\r\nTo: security@example.org\r\nSubject: crash {n}\r\n\
         Message-ID: <{n}@finder.example>\r\n\r\n\
         Sample 4.2.1 crashes when the header X-Count is {n}: parseCount() in lib/count{n}.js reads\r\n\
         past its buffer. Send `GET / HTTP/1.1` with `X-Count: {n}` and the process ends with a\r\n\
         segmentation fault. An attacker who can reach the server stops it.\r\n"
    )
}

async fn serve(stream: TcpStream, door: Door, mails: u32) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut client = BufReader::new(stream);
    if let Door::Greets(words) = door {
        return client.write_all(format!("* {words}\r\n").as_bytes()).await;
    }
    client.write_all(b"* OK ready\r\n").await?;
    let mut idles = 0;
    loop {
        let mut line = String::new();
        if client.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let (tag, command) = line.trim_end().split_once(' ').unwrap_or_default();
        let mut answer = String::new();
        let mut done = "OK".to_owned();
        match command.split(' ').collect::<Vec<_>>()[..] {
            ["LOGIN", ..] => match door {
                Door::Answers(words) => done = words.to_owned(),
                Door::OpensAfter(time) => tokio::time::sleep(time).await,
                Door::Leaves(words) => {
                    return client.write_all(format!("* BYE {words}\r\n").as_bytes()).await;
                }
                Door::Open { .. } | Door::Greets(_) => {}
            },
            ["CAPABILITY"] => answer = "* CAPABILITY IMAP4rev1 IDLE\r\n".to_owned(),
            ["EXAMINE", ..] => {
                answer = format!("* {mails} EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n");
            }
            ["UID", "FETCH", set, ref what @ ..] => {
                let what = what.join(" ");
                for uid in uids(set, mails) {
                    answer += &format!("* {uid} FETCH (UID {uid}");
                    let mail = report(uid);
                    if what.contains("SIZE") {
                        let size = mail.len();
                        answer += &format!(
                            " RFC822.SIZE {size} INTERNALDATE \"25-Nov-2026 08:00:00 +0000\""
                        );
                    }
                    if what.contains("BODY") {
                        answer += &format!(" BODY[] {{{}}}\r\n{mail}", mail.len());
                    }
                    answer += ")\r\n";
                }
            }
            ["IDLE"] => {
                client.write_all(b"+ idling\r\n").await?;
                if client.read_line(&mut String::new()).await? == 0 {
                    return Ok(());
                }
                idles += 1;
                if door == (Door::Open { idles }) {
                    return client.write_all(b"* BYE idle for too long\r\n").await;
                }
            }
            _ => {}
        }
        client.write_all(format!("{answer}{tag} {done}\r\n").as_bytes()).await?;
    }
}

/// The UIDs of a set that exist: `1:3,7` or `4:*`.
fn uids(set: &str, mails: u32) -> Vec<u32> {
    let number = |text: &str| if text == "*" { mails } else { text.parse().unwrap() };
    let ranges = set.split(',').map(|range| range.split_once(':').unwrap_or((range, range)));
    let within = |(first, last)| number(first)..=number(last);
    ranges.flat_map(within).filter(|uid| (1..=mails).contains(uid)).collect()
}
