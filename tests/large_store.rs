//! Listings of more cases than anybody wants in memory at once.
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

use chrono::{TimeDelta, Utc};
use common::large::{Size, fill};
use common::local::Local;
use embargod::config::{Secrets, Settings};
use embargod::daemon::clock::Clock;
use embargod::daemon::loops::Loops;
use embargod::store::Store;
use serde_json::Value;

const CASES: usize = 1100;
const OPEN: usize = 30;

/// A store of more than two pages.
fn project() -> Local {
    let project = Local::new(
        "[[maintainers]]\nhandle = \"bob\"\nname = \"Bob\"\naddress = \"bob@example.org\"\n\
         lead = true",
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let size =
        Size { closed: (CASES - OPEN) as u32, open: OPEN as u32, every: TimeDelta::hours(7) };
    runtime.block_on(fill(&project.path(""), size, Utc::now()));
    project
}

fn listed(project: &Local, options: &[&str]) -> Vec<Value> {
    let list = project.json(&[&["case", "list", "--json"], options].concat());
    list.as_array().unwrap().clone()
}

#[tokio::test]
async fn whoever_is_reminded_of_thousands_of_promises_gets_one_letter() {
    let project = Local::new("");
    let size = Size { closed: 0, open: 2500, every: TimeDelta::minutes(1) };
    fill(&project.path(""), size, Utc::now() - TimeDelta::days(400)).await;
    let settings = Settings::load(&project.path("daemon.toml"), Secrets::Required).unwrap();
    let store = Store::open(&settings.store).unwrap();
    let clock = Clock::wound(Utc::now());
    let tick = Loops::new(&settings, &store, &clock).unwrap().tick;
    for _ in 0..2 {
        tick.once(clock.now()).await.unwrap();
    }
    let due = store.due(clock.now(), 10).await.unwrap();
    let letters: Vec<String> = due.into_iter().map(|queued| text(queued.mail.bytes)).collect();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].contains("5000 promises are overdue"), "{}", letters[0]);
    assert!(letters[0].contains("And 4960 more"), "{}", letters[0]);
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_long_list_is_whole_and_in_order_across_its_pages() {
    let project = project();
    let all = listed(&project, &["--all"]);
    assert_eq!(all.len(), CASES);
    let times: Vec<&str> = all.iter().map(|case| case["received_at"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "newest first");

    let table = project.prints(&["case", "list", "--all"]);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), CASES + 1, "one head for all pages");
    let subject = lines[0].find("SUBJECT").unwrap();
    let astray = lines[1..].iter().find(|line| line.find("Denial of service") != Some(subject));
    assert_eq!(astray, None, "a column that moves from page to page");
}

#[test]
fn a_list_is_narrowed_by_state_handler_promise_and_number() {
    let project = project();
    assert_eq!(listed(&project, &[]).len(), OPEN);
    assert_eq!(listed(&project, &["--all", "--limit", "700"]).len(), 700);
    assert_eq!(listed(&project, &["--state", "closed"]).len(), CASES - OPEN);
    let waiting = ["acknowledged", "triaging"].map(|state| listed(&project, &["--state", state]));
    assert!(waiting.iter().all(|cases| !cases.is_empty()));
    assert_eq!(waiting.concat().len(), OPEN);
    let both = ["--state", "acknowledged", "--state", "triaging"];
    assert_eq!(listed(&project, &both).len(), OPEN);
    for case in listed(&project, &["--handler", "bob"]) {
        assert_eq!(case["handler"], "bob");
    }
    let now = Utc::now().to_rfc3339();
    let overdue = listed(&project, &["--overdue"]);
    assert!(!overdue.is_empty());
    for case in overdue {
        let respond = case["respond_by"].as_str().filter(|_| case["responded_at"].is_null());
        let update = case["next_update_by"].as_str();
        let earliest = respond.into_iter().chain(update).min().unwrap();
        assert!(earliest < now.as_str(), "{case}");
    }
    assert_eq!(project.prints(&["case", "list", "--state", "disclosed"]), "No such cases.\n");
    let (status, why) = project.refused(&["case", "list", "--state", "new"]);
    assert!(status == 2 && why.contains("acknowledged"), "{why}");
}
