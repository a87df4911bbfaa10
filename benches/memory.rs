//! How much memory a full mailbox takes whose mails are not all small.
//!
//! `cargo bench --bench memory [-- MAILS]` starts a Dovecot and Postfix's `smtp-sink` of its own on
//! loopback, and makes a mailbox of 10,000 mails: a hundred more of 5 MiB and one of 25 MiB lie
//! between them. `embargod run --once` works it off, over plain IMAP and over TLS. Fails where its
//! peak is at [`MOST`] or above. Needs what `./tests/run` installs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]
// Of what it shares with the bench `inbox`, it uses a part.
#![allow(dead_code)]

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "inbox/mailbox.rs"]
mod mailbox;
#[path = "inbox/measure.rs"]
mod measure;
#[path = "inbox/runs.rs"]
mod runs;

use std::fs;
use std::path::Path;

use common::dovecot::Dovecot;
use runs::{Line, SmtpSink};

/// The most resident memory at any moment, in KiB.
const MOST: u64 = 96 * 1024;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    if measure::was_asked(&arguments) {
        return;
    }
    let mails = arguments.iter().find_map(|a| a.parse().ok()).unwrap_or(10_000);
    runs::announce();
    let dovecot = Dovecot::start();
    let maildir = dovecot.maildir(runs::PROJECT);
    let mut expected = mailbox::fill(&maildir, mails);
    let large = (0..100).map(|n| (n, 5)).chain([(100, 25)]);
    for (n, mib) in large {
        expected.bytes += add_large(&maildir, n, mib, mails);
        expected.submissions += 1;
    }
    println!("{} mails, {} MB in all", mails + 101, expected.bytes / 1_000_000);
    let mut worst = 0;
    for line in [Line::Plain, Line::Tls] {
        let sink = SmtpSink::start();
        let cost = runs::embargod(&dovecot, &sink, line, &expected);
        println!("{line:<6} {cost}");
        worst = worst.max(cost.peak);
    }
    assert!(worst < MOST, "the peak was {worst} KiB");
}

/// Adds the n-th large mail somewhere between the others: a report with an attachment that fills the
/// mail up to `mib` MiB. Returns its size.
fn add_large(maildir: &Path, n: usize, mib: usize, among: usize) -> usize {
    let line = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAx\n";
    let head = format!(
        "Return-Path: <l{n}@example.net>\nFrom: Reporter <l{n}@example.net>\nTo: security@example.org\n\
         Subject: Large problem {n}\nMessage-ID: <large.{n}@example.net>\n\
         Date: Mon, 23 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n{}\n--b\n\
         Content-Type: application/octet-stream\nContent-Disposition: attachment; filename=core.{n}\n\
         Content-Transfer-Encoding: base64\n\n",
        mailbox::report(1_000_000 + n)
    );
    // On its way every line gets a carriage return, and the server counts that.
    let lines = (mib * 1024 * 1024 - head.len() - 1000) / (line.len() + 1);
    let mail = head + &line.repeat(lines) + "--b--\n";
    let name = format!("{:010}.M2P{n}.bench", 1_790_000_000 + (n + 1) * among / 102);
    let path = maildir.join("new").join(name);
    fs::write(&path, &mail).unwrap();
    let owner = std::os::unix::fs::MetadataExt::uid(&fs::metadata(maildir).unwrap());
    std::os::unix::fs::chown(&path, Some(owner), None).unwrap();
    mail.len()
}
