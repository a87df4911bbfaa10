//! Just enough SMTP and LMTP to hand a mail to a server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;

use super::PATIENCE;

/// Hands a mail over by SMTP; panics with the server's words if it does not take it.
pub fn submit(server: SocketAddr, sender: &str, recipients: &[&str], raw: &[u8]) {
    let stream = TcpStream::connect(server).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    hand_over(stream, "EHLO client.example", sender, recipients, raw);
}

/// Hands a mail over by LMTP.
pub fn deliver(socket: &Path, recipient: &str, raw: &[u8]) {
    let stream = UnixStream::connect(socket).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    hand_over(stream, "LHLO client.example", "sender@example.net", &[recipient], raw);
}

fn hand_over(
    stream: impl Read + Write,
    hello: &str,
    sender: &str,
    recipients: &[&str],
    raw: &[u8],
) {
    let mut server = BufReader::new(stream);
    expect(&mut server, "220");
    say(&mut server, hello, "250");
    say(&mut server, &format!("MAIL FROM:<{sender}>"), "250");
    for recipient in recipients {
        say(&mut server, &format!("RCPT TO:<{recipient}>"), "250");
    }
    say(&mut server, "DATA", "354");
    let mut data = Vec::with_capacity(raw.len());
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            data.push(b'.');
        }
        data.extend_from_slice(line);
    }
    if !data.ends_with(b"\r\n") {
        data.extend_from_slice(b"\r\n");
    }
    data.extend_from_slice(b".\r\n");
    server.get_mut().write_all(&data).unwrap();
    expect(&mut server, "250");
    say(&mut server, "QUIT", "221");
}

fn say(server: &mut BufReader<impl Read + Write>, line: &str, expected: &str) {
    server.get_mut().write_all(format!("{line}\r\n").as_bytes()).unwrap();
    expect(server, expected);
}

fn expect(server: &mut BufReader<impl Read + Write>, code: &str) {
    loop {
        let mut line = String::new();
        server.read_line(&mut line).unwrap();
        assert!(line.starts_with(code), "expected {code}, the server said {line:?}");
        if line.as_bytes().get(3) != Some(&b'-') {
            return;
        }
    }
}
