//! A network in trouble: a TCP proxy whose first connection goes wrong in a given way, and whose
//! later ones do not.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How a connection goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The connection is taken, and not a byte ever comes.
    SilentFromTheStart,
    /// From these bytes of the server on nothing moves any more, either way; nobody hangs up.
    StallsAfter(&'static str),
    /// At these bytes of the server the connection is closed.
    CutAfter(&'static str),
    /// The server's words come a byte at a time, with this pause.
    Trickles(Duration),
    /// The server gets the client's last dot, and the client a reset instead of the answer.
    ResetAfterTheDot,
    /// In the middle of the client's mail the server says that it goes down.
    GoesDownInTheMail,
}

/// A running proxy.
#[derive(Debug)]
pub struct Chaos {
    /// Where it listens.
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Chaos {
    /// Starts a proxy to `server`.
    pub async fn before(server: SocketAddr, trouble: Trouble) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let is_first = count.fetch_add(1, Ordering::SeqCst) == 0;
                tokio::spawn(pass(client, server, is_first.then_some(trouble)));
            }
        });
        Self { address, connections }
    }

    /// How many connections were taken.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn pass(mut client: TcpStream, server: SocketAddr, trouble: Option<Trouble>) {
    if trouble == Some(Trouble::SilentFromTheStart) {
        return std::future::pending().await;
    }
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    if trouble == Some(Trouble::ResetAfterTheDot) {
        // What is closed then is reset.
        client.set_zero_linger().unwrap();
    }
    // An end of the connection is the end of both.
    let _ = talk(&mut client, &mut server, trouble).await;
}

async fn talk(
    client: &mut TcpStream,
    server: &mut TcpStream,
    trouble: Option<Trouble>,
) -> std::io::Result<()> {
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let (mut up, mut down) = ([0; 4096], [0; 4096]);
    let (mut asked, mut answered) = (Vec::new(), Vec::new());
    loop {
        tokio::select! {
            read = from_client.read(&mut up) => {
                let words = &up[..read?];
                if words.is_empty() {
                    return Ok(());
                }
                asked.extend_from_slice(words);
                if trouble == Some(Trouble::GoesDownInTheMail) && has(&asked, "\r\nSubject: ") {
                    return to_client.write_all(b"421 4.3.2 going down\r\n").await;
                }
                to_server.write_all(words).await?;
                if trouble == Some(Trouble::ResetAfterTheDot) && asked.ends_with(b"\r\n.\r\n") {
                    // The answer is heard and not passed on.
                    return from_server.read(&mut down).await.map(drop);
                }
            }
            read = from_server.read(&mut down) => {
                let words = &down[..read?];
                if words.is_empty() {
                    return Ok(());
                }
                answered.extend_from_slice(words);
                match trouble {
                    Some(Trouble::Trickles(pause)) => {
                        for byte in words {
                            to_client.write_all(&[*byte]).await?;
                            tokio::time::sleep(pause).await;
                        }
                    }
                    Some(Trouble::StallsAfter(text)) if has(&answered, text) => {
                        return std::future::pending().await;
                    }
                    Some(Trouble::CutAfter(text)) if has(&answered, text) => return Ok(()),
                    _ => to_client.write_all(words).await?,
                }
            }
        }
    }
}

fn has(seen: &[u8], text: &str) -> bool {
    seen.windows(text.len()).any(|window| window == text.as_bytes())
}
