//! What the commands take in the store of a busy project after years.
//!
//! `cargo bench --bench large [-- CASES]` makes a store with that many cases (100,000), most of them
//! closed, and runs the program on it, from its start to its end; and takes in an archive of 10,000
//! mails. Nothing is asserted: the figures are in the README.
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

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use common::large::{Size, fill};
use common::local::Local;

/// Cases that are open: a month's.
const OPEN: u32 = 1500;

/// Runs of each command.
const RUNS: usize = 15;

/// Mails of the archive.
const MAILS: usize = 10_000;

fn main() {
    let asked = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let cases: u32 = asked.unwrap_or(100_000);
    let project = Local::new("");
    let began = Instant::now();
    let every = TimeDelta::days(6 * 365) / i32::try_from(cases).unwrap();
    let size = Size { closed: cases.saturating_sub(OPEN), open: OPEN.min(cases), every };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(fill(&project.path(""), size, Utc::now()));
    let bytes = std::fs::metadata(project.path("embargod.db")).unwrap().len();
    println!(
        "{cases} cases, {} of them open, {} MB, made in {:.0?}",
        size.open,
        bytes / 1_000_000,
        began.elapsed()
    );
    for words in [
        ["case", "list"].as_slice(),
        &["case", "list", "--all", "--limit", "50"],
        &["case", "list", "--all"],
        &["digest"],
        &["stats"],
        &["stats", "--from", "2020-01-01"],
    ] {
        let mut times: Vec<Duration> = (0..RUNS).map(|_| time(&project, words)).collect();
        times.sort_unstable();
        println!(
            "{:28} median {:6.1?}  slowest {:6.1?}",
            words.join(" "),
            times[RUNS / 2],
            times[RUNS - 1]
        );
    }

    let archive = Local::new("");
    let maildir = archive.path("old");
    let expected = mailbox::fill(&maildir, MAILS);
    let folder = maildir.to_str().unwrap();
    println!(
        "an archive of {MAILS} mails, {} of them reports, {} MB, median {} KB",
        expected.submissions,
        expected.bytes / 1_000_000,
        expected.median / 1000
    );
    for words in [["import", folder], ["import", folder], ["backup", "copy.db"]] {
        let taken = time(&archive, &words);
        println!("{:28} {taken:.1?}", words[0]);
    }
}

fn time(project: &Local, words: &[&str]) -> Duration {
    let mut command = project.command(words);
    command.current_dir(project.path("")).stdout(std::process::Stdio::null());
    let began = Instant::now();
    assert!(command.status().unwrap().success(), "{words:?}");
    began.elapsed()
}
