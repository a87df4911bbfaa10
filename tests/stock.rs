//! Mail that the inbox has and the store has not is found.
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

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

use common::local::Local;
use common::project::{PROJECT, Project, Setup};
use rusqlite::Connection;
use serde_json::{Value, json};

const HOUR: Duration = Duration::from_secs(3600);

fn newsletter(n: usize) -> String {
    format!(
        "From: news@example.net\nTo: {PROJECT}\nSubject: News {n}\nList-Id: <news.example.net>\n\
         Message-ID: <news-{n}@example.net>\n\nAll that is new, number {n}.\n"
    )
}

fn aged(path: &Path, age: Duration) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
}

/// Three mails in the store, which arrived three, two and one hours ago.
fn taken_in() -> Local {
    let mut local = Local::new("");
    for n in 1..=3 {
        let path = local.arrives(newsletter(n).as_bytes());
        aged(&path, HOUR * (4 - n as u32));
    }
    local.once();
    // A pulse is a daemon's; a single run has none.
    let store = Connection::open(local.path("embargod.db")).unwrap();
    let now = "INSERT OR REPLACE INTO pulse VALUES (1, 0, unixepoch(), unixepoch())";
    store.execute(now, []).unwrap();
    local
}

/// The row of a mail vanishes, as no command can make it.
fn lose(store: &Path, message_id: &str) {
    let store = Connection::open(store).unwrap();
    let of_it = "(SELECT number FROM incoming WHERE message_id = ?1)";
    store
        .execute(&format!("DELETE FROM sightings WHERE incoming = {of_it}"), [message_id])
        .unwrap();
    assert_eq!(
        store.execute("DELETE FROM incoming WHERE message_id = ?1", [message_id]).unwrap(),
        1
    );
}

fn stock(output: &std::process::Output, status: i32) -> Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{errors}");
    serde_json::from_slice::<Value>(&output.stdout).unwrap()["inbox"].clone()
}

fn look(local: &Local, more: &[&str], status: i32) -> Value {
    let arguments = [&["verify", "--inbox", "--json"], more].concat();
    stock(&local.command(&arguments).output().unwrap(), status)
}

#[test]
fn an_inbox_of_which_everything_is_in_the_store_is_sound() {
    let local = taken_in();
    let nothing = json!({"known": 3, "waiting": 0, "for_others": 0, "missing": []});
    assert_eq!(look(&local, &[], 0), nothing);
    let told = local.prints(&["verify", "--inbox"]);
    assert!(
        told.contains("ok    inbox (3 in the store, 0 to be taken in, 0 for others)"),
        "{told}"
    );
}

#[test]
fn a_mail_without_its_row_is_named() {
    let local = taken_in();
    lose(&local.path("embargod.db"), "news-2@example.net");
    let found = look(&local, &[], 1);
    assert_eq!(found["known"], 2, "{found}");
    assert_eq!(found["missing"][0]["message_id"], "<news-2@example.net>");
    let output = local.command(&["verify", "--inbox"]).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("WRONG inbox (2 in the store"), "{told}");
    assert!(told.contains("<news-2@example.net> is not in the store"), "{told}");
    assert!(told.contains("embargod recover"), "{told}");
}

#[test]
fn mail_from_before_the_day_that_is_asked_for_is_not_looked_at() {
    let local = taken_in();
    lose(&local.path("embargod.db"), "news-2@example.net");
    let tomorrow = (chrono::Utc::now() + chrono::TimeDelta::days(1)).format("%Y-%m-%d").to_string();
    let found = look(&local, &["--since", &tomorrow], 0);
    assert_eq!(found, json!({"known": 0, "waiting": 0, "for_others": 0, "missing": []}));
    look(&local, &["--since", "2020-01-01"], 1);
}

#[test]
fn a_mail_at_another_place_is_known_by_its_bytes() {
    let local = taken_in();
    let new = local.path("in/new");
    for entry in std::fs::read_dir(&new).unwrap() {
        let path = entry.unwrap().path();
        std::fs::rename(&path, path.with_extension("moved")).unwrap();
    }
    assert_eq!(look(&local, &[], 0)["known"], 3);
}

#[test]
fn what_has_just_arrived_is_not_missing() {
    let mut local = taken_in();
    local.arrives(newsletter(4).as_bytes());
    let found = look(&local, &[], 0);
    assert_eq!((&found["known"], &found["waiting"]), (&3.into(), &1.into()));
}

#[test]
fn a_day_makes_no_sense_without_the_inbox_nor_the_inbox_with_a_copy() {
    let local = taken_in();
    assert_eq!(local.refused(&["verify", "--since", "2026-01-01"]).0, 2);
    assert_eq!(local.refused(&["verify", "copy.db", "--inbox"]).0, 2);
}

#[test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
fn over_imap_too_and_what_is_recovered_takes_the_mail_in_again() {
    let project = Project::new(&Setup::default());
    for n in 1..=3 {
        project.dovecot.deliver(PROJECT, newsletter(n).as_bytes());
    }
    project.embargod(&["run", "--once"]);
    let verify = |status| {
        let output = project.command(&["verify", "--inbox", "--json"]).output().unwrap();
        stock(&output, status)
    };
    assert_eq!(verify(0), json!({"known": 3, "waiting": 0, "for_others": 0, "missing": []}));
    let store = project.folder().join("embargod.db");
    lose(&store, "news-2@example.net");
    let found = verify(1);
    assert_eq!(found["missing"][0]["message_id"], "<news-2@example.net>");
    assert_eq!(found["missing"][0]["uid"], 2);
    assert_eq!(project.dovecot.untouched(PROJECT), 3, "a look changes nothing");

    let new = project.folder().join("new.db");
    project.command(&["recover", new.to_str().unwrap()]).output().unwrap();
    std::fs::rename(new, store).unwrap();
    project.embargod(&["run", "--once"]);
    assert_eq!(verify(0)["known"], 3);
    assert_eq!(project.json(&["mail", "list", "--all", "--json"]).as_array().unwrap().len(), 3);
}
