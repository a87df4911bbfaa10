//! `embargod stats`: the figures of a period, as people and programs get them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

mod common;

use std::ffi::OsString;

use chrono::TimeDelta;
use common::large::{Size, fill};
use common::local::Local;
use embargod::cli::carry_out;
use embargod::daemon::clock::Clock;
use serde_json::Value;

/// A project with 600 cases of six years, 8 of them open, on one morning of November.
fn years() -> (Local, Clock) {
    let project = Local::new(
        "[[maintainers]]\nhandle = \"bob\"\nname = \"Bob\"\naddress = \"bob@example.org\"\n\
         lead = true\n[digest]\nat = \"08:00\"\ntimezone = \"Europe/Madrid\"",
    );
    let now = "2026-11-25T09:00:00Z".parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(fill(
        &project.path(""),
        Size { closed: 592, open: 8, every: TimeDelta::hours(87) },
        now,
    ));
    (project, Clock::wound(now))
}

/// What a command prints, or why it fails.
fn run(project: &Local, clock: &Clock, words: &[&str]) -> Result<String, String> {
    let config = project.path("daemon.toml").into_os_string();
    let line = [OsString::from("embargod"), "--config".into(), config].into_iter();
    let line = line.chain(words.iter().map(OsString::from));
    let mut out = Vec::new();
    carry_out(line, clock, &mut out).map_err(|failure| failure.to_string())?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn the_figures_of_the_last_month_and_of_a_whole_year() {
    let (project, clock) = years();
    insta::assert_snapshot!("stats", run(&project, &clock, &["stats"]).unwrap());
    let year = ["stats", "--from", "2025-01-01", "--to", "2025-12-31"];
    insta::assert_snapshot!("stats_year", run(&project, &clock, &year).unwrap());
    project.embargod(&["verify"]);
}

#[test]
fn programs_get_the_same_figures() {
    let (project, clock) = years();
    let figures = |words: &[&str]| -> Value {
        serde_json::from_str(&run(&project, &clock, words).unwrap()).unwrap()
    };
    let november = figures(&["stats", "--json", "--from", "2026-11-01", "--to", "2026-11-20"]);
    assert_eq!(november["from"], "2026-10-31T23:00:00Z");
    assert_eq!(november["to"], "2026-11-20T23:00:00Z");
    let sum = |list: &str, key: &str| -> u64 {
        november[list].as_array().unwrap().iter().map(|row| row[key].as_u64().unwrap()).sum()
    };
    assert_eq!(sum("open", "cases"), sum("handlers", "open"));
    assert_eq!(sum("closed", "cases"), sum("handlers", "closed"));
    assert_eq!(sum("closed", "cases"), sum("flow", "closed"));

    let ever = figures(&["stats", "--json", "--from", "2020-01-01"]);
    let new: u64 =
        ever["flow"].as_array().unwrap().iter().map(|w| w["new"].as_u64().unwrap()).sum();
    assert_eq!(new, 600);
    assert_eq!(ever["acknowledge"]["given"], 600);
    assert_eq!(ever["acknowledge"]["share_in_time"], 100);
    assert_eq!(ever["to"], "2026-11-25T09:00:00Z");
}

#[test]
fn a_period_that_is_none_is_refused_in_words() {
    let (project, clock) = years();
    for words in [
        ["stats", "--from", "2026-11-26"].as_slice(),
        &["stats", "--from", "2026-11-10", "--to", "2026-11-09"],
    ] {
        let why = run(&project, &clock, words).unwrap_err();
        assert!(why.contains("--from is not before"), "{why}");
    }
    assert!(run(&project, &clock, &["stats", "--from", "last week"]).is_err());
}
