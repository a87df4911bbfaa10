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
