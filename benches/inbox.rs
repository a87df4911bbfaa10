//! A full mailbox worked off at once: fetched, judged, committed, answered.
//!
//! `cargo bench --bench inbox [-- MAILS…]` starts a Dovecot and Postfix's `smtp-sink` of its own on
//! loopback, makes the same mailbox every time, and runs `embargod run --once` and `mbsync` (which
//! only copies) in turn, over plain IMAP and over TLS. Needs what `./tests/run` installs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "inbox/mailbox.rs"]
mod mailbox;
#[path = "inbox/measure.rs"]
mod measure;
#[path = "inbox/runs.rs"]
mod runs;

use common::dovecot::Dovecot;
use runs::{Line, SmtpSink};

/// Pairs of runs for each mailbox and protection.
const PAIRS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    if measure::was_asked(&arguments) {
        return;
    }
    let sizes: Vec<usize> = arguments.iter().filter_map(|a| a.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![1000, 10_000] } else { sizes };
    runs::announce();
    for mails in sizes {
        let dovecot = Dovecot::start();
        let expected = mailbox::fill(&dovecot.maildir(runs::PROJECT), mails);
        println!(
            "\n{mails} mails, {} of them submissions, {} KB in all, median {} KB",
            expected.submissions,
            expected.bytes / 1000,
            expected.median / 1000
        );
        for line in [Line::Plain, Line::Tls] {
            for _ in 0..PAIRS {
                let sink = SmtpSink::start();
                let ours = runs::embargod(&dovecot, &sink, line, &expected);
                let theirs = runs::mbsync(&dovecot, line, mails);
                let ratio = theirs.wall.as_secs_f64() / ours.wall.as_secs_f64();
                println!("{line:<6} embargod {ours}   mbsync {theirs}   ratio {ratio:.2}");
            }
        }
    }
    println!();
    runs::idle(&Dovecot::start());
}
