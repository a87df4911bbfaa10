//! Reading and judging alone, on one thread and without a clock: the same work every time, so that its
//! instructions can be counted.
//!
//! `cargo bench --bench judging [-- WHAT…]` reads, judges and looks at each mail as the daemon does
//! before the store is asked. WHAT is a folder of mails, or a number of mails as the bench `inbox`
//! makes them; without it, `fixtures/mail` and 200 made mails. `--print` tells what came of each, to
//! compare two builds by. Under `valgrind --tool=callgrind` the program counts its instructions.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

#[allow(dead_code)] // The mails alone, and no mailbox of them.
#[path = "inbox/mailbox.rs"]
mod mailbox;

use std::path::{Path, PathBuf};
use std::time::Instant;

use embargod::config::{Secrets, Settings};
use embargod::daemon::desk::rules;
use embargod::mail::read::read;
use embargod::policy::judge::{Look, judge};
use embargod::policy::notice::notice;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let (options, sources): (Vec<_>, Vec<_>) =
        arguments.into_iter().partition(|a| a.starts_with("--"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules = rules(&Settings::load(&root.join("daemon.toml"), Secrets::Skip).unwrap());
    let surroundings = rules.surroundings();
    let mails: Vec<Vec<u8>> = match sources.as_slice() {
        [] => [in_folder(&root.join("fixtures/mail")), made(200)].concat(),
        sources => sources
            .iter()
            .flat_map(|what| match what.parse() {
                Ok(number) => made(number),
                Err(_) => in_folder(Path::new(what)),
            })
            .collect(),
    };
    let began = Instant::now();
    let mut noticed = 0;
    for raw in &mails {
        let mail = read(raw, raw.len() as u64);
        let look = Look::at(&mail);
        let judgement = judge(&look, &surroundings);
        let seen = notice(&look, &judgement, &rules);
        noticed += usize::from(seen.is_some());
        if options.iter().any(|option| option == "--print") {
            println!("{judgement:?}\n{seen:?}");
        }
    }
    let took = began.elapsed();
    eprintln!(
        "{} mails of {} KB, {noticed} of them reports: {:.1} µs a mail",
        mails.len(),
        mails.iter().map(Vec::len).sum::<usize>() / 1000,
        took.as_secs_f64() * 1e6 / mails.len() as f64
    );
}

fn made(number: usize) -> Vec<Vec<u8>> {
    (0..number).map(|n| mailbox::mail(n).0.into_bytes()).collect()
}

/// The mails of a folder and of those within it, in the order of their names.
fn in_folder(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort_unstable();
    let mails = paths.into_iter().flat_map(|path| match path.is_dir() {
        true => in_folder(&path),
        false if path.extension().is_some_and(|kind| kind == "eml") => {
            vec![std::fs::read(path).unwrap()]
        }
        false => vec![],
    });
    mails.collect()
}
