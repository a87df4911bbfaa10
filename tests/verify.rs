//! Whoever changes the store behind embargod's back is found out.
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

use std::time::{Duration, SystemTime};

use common::local::Local;
use rusqlite::Connection;

const REPORT: &str = "The router of sample 4.2.0 loops for ever on the path /a//b. Request it once \
                      and one core is busy until the process is killed; nothing in the logs says so.";

/// A project with three cases, one of them closed, and its database.
fn worked() -> (Local, Connection) {
    let mut project = Local::new("");
    for n in 0..3 {
        let mail = format!(
            "From: r{n}@example.net\nTo: security@example.org\nSubject: Loop {n}\n\
             Message-ID: <{n}@example.net>\n\n{REPORT}\n"
        );
        project.arrives(mail.as_bytes());
    }
    project.once();
    project.embargod(&["case", "close", &common::local::id(2), "--as", "withdrawn"]);
    project.once();
    let store = Connection::open(project.path("embargod.db")).unwrap();
    (project, store)
}

fn found(project: &Local) -> String {
    let output = project.command(&["verify"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "nothing was found");
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

#[test]
fn a_store_that_only_embargod_wrote_is_sound() {
    let (project, _) = worked();
    project.embargod(&["verify"]);
    project.json(&["verify", "--json"]);
}

#[test]
fn a_mail_that_lay_in_its_mailbox_is_kept_as_its_events_say() {
    let mut project = Local::new("");
    let mail =
        format!("From: rae@example.net\nSubject: Loop\nMessage-ID: <1@example.net>\n\n{REPORT}\n");
    project.arrives(mail.as_bytes());
    let file = std::fs::read_dir(project.path("in/new")).unwrap().next().unwrap().unwrap().path();
    // Files have times finer than a second.
    let arrived = SystemTime::now() - Duration::from_millis(90_500);
    std::fs::File::options().write(true).open(file).unwrap().set_modified(arrived).unwrap();
    project.once();
    project.embargod(&["verify"]);
}

#[test]
fn the_log_of_events_refuses_to_be_changed_or_cut() {
    let (project, store) = worked();
    for forbidden in [
        "DELETE FROM events WHERE number = 2",
        "UPDATE events SET at = at + 1 WHERE number = 2",
        "UPDATE events SET change = '{}' WHERE number = 2",
        "UPDATE events SET hash = zeroblob(32) WHERE number = 2",
    ] {
        assert!(store.execute(forbidden, []).is_err(), "{forbidden}");
    }
    project.embargod(&["verify"]);
}

/// Takes the guards away, as somebody with the file in hand can.
fn unguard(store: &Connection) {
    let names: Vec<String> = store
        .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(!names.is_empty());
    for name in names {
        store.execute_batch(&format!("DROP TRIGGER \"{name}\"")).unwrap();
    }
}

#[test]
fn an_event_that_was_taken_out_is_missed() {
    let (project, store) = worked();
    unguard(&store);
    store.execute("DELETE FROM events WHERE number = 4", []).unwrap();
    let text = found(&project);
    assert!(text.contains("event 4") || text.contains("number 4") || text.contains("4 "), "{text}");
}

#[test]
fn an_event_whose_words_were_changed_is_named() {
    let (project, store) = worked();
    unguard(&store);
    let changed = store
        .execute("UPDATE events SET change = replace(change, 'Loop 1', 'Love 1')", [])
        .unwrap();
    assert!(changed > 0);
    let text = found(&project);
    assert!(text.contains("event"), "{text}");
}

#[test]
fn the_last_events_cut_off_are_missed() {
    let (project, store) = worked();
    unguard(&store);
    store
        .execute("DELETE FROM events WHERE number = (SELECT max(number) FROM events)", [])
        .unwrap();
    found(&project);
}

#[test]
fn a_case_that_is_not_what_its_events_say_is_named_with_the_field() {
    let (project, store) = worked();
    store.execute("UPDATE cases SET subject = 'something else' WHERE rowid = (SELECT min(key) FROM cases)", []).unwrap();
    let text = found(&project);
    assert!(text.contains(&common::local::id(1)) && text.contains("subject"), "{text}");
}

#[test]
fn a_mail_whose_bytes_were_changed_is_found() {
    let (project, store) = worked();
    store
        .execute("UPDATE incoming SET raw = CAST(raw || x'20' AS BLOB) WHERE number = 2", [])
        .unwrap();
    let text = found(&project);
    assert!(
        text.contains("mail 2") || text.contains("SHA-256") || text.contains("digest"),
        "{text}"
    );
}
