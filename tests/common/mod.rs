//! What integration tests share: real mail servers of their own, and peers that follow a script.

// Each test crate uses a part of it.
#![allow(dead_code)]

pub mod advisory;
pub mod certificates;
pub mod chaos;
pub mod dovecot;
pub mod large;
pub mod local;
pub mod log;
pub mod loopback;
pub mod patient_imap;
pub mod postfix;
pub mod process;
pub mod project;
pub mod scripted_imap;
pub mod scripted_smtp;
pub mod smtp;
pub mod work;

use std::time::{Duration, Instant};

/// How long a server may take for anything at all. Generous: it is only reached where a test fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `probe` finds something, and panics with `what` if it never does.
pub fn eventually<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A small plain mail.
pub fn mail(from: &str, to: &str, subject: &str, body: &str) -> Vec<u8> {
    let id = subject.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    format!(
        "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\n\
         Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{id}@test.example>\r\n\r\n{body}\r\n"
    )
    .into_bytes()
}
