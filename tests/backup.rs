//! A copy of the store that can be relied on.
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

use std::fs;
use std::os::unix::fs::PermissionsExt;

use common::local::{Local, id};
use embargod::store::Store;
use rusqlite::Connection;

/// A project with one case whose mail has `kib` of text.
fn with_a_case(kib: usize) -> Local {
    let mut project = Local::new("");
    let text =
        "The router of sample 4.2.0 loops for ever on the path /a//b, and one core with it.\n";
    let mail = format!(
        "From: rae@example.net\nTo: security@example.org\nSubject: Loop\n\
         Message-ID: <1@example.net>\n\n{}",
        text.repeat(1 + kib * 1024 / text.len())
    );
    project.arrives(mail.as_bytes());
    project.once();
    project
}

#[test]
fn a_backup_is_one_private_file_that_is_sound_and_has_everything() {
    let project = with_a_case(0);
    let copy = project.path("copy.db");
    let told = project.json(&["backup", copy.to_str().unwrap(), "--json"]);
    assert_eq!(told["bytes"], fs::metadata(&copy).unwrap().len());
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let verified = project.json(&["verify", copy.to_str().unwrap(), "--json"]);
    assert_eq!(verified["head"], told["head"]);

    let cases = project.json(&["case", "list", "--all", "--json"]);
    for store in ["embargod.db", "embargod.db-wal", "embargod.db-shm"] {
        let _ = fs::remove_file(project.path(store));
    }
    fs::rename(&copy, project.path("embargod.db")).unwrap();
    assert_eq!(project.json(&["case", "list", "--all", "--json"]), cases);
    let left: Vec<_> = fs::read_dir(project.path("."))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("copy.db"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_is_written_during_a_backup_does_not_blur_it() {
    let project = with_a_case(3000);
    let copy = project.path("copy.db");
    let mut words = 0;
    Store::copy(&project.path("embargod.db"), &copy, &mut |progress| {
        words += 1;
        if words == 1 {
            assert!(progress.done < progress.of, "the store is too small for this test");
            project.embargod(&["case", "close", &id(1), "--as", "withdrawn"]);
        }
    })
    .unwrap();
    assert!(words > 2);
    project.embargod(&["verify", copy.to_str().unwrap()]);
    let state = |store: &str| -> String {
        let store = Connection::open(project.path(store)).unwrap();
        store.query_row("SELECT state FROM cases", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(
        (state("embargod.db").as_str(), state("copy.db").as_str()),
        ("closed", "acknowledged")
    );
}

#[test]
fn a_file_that_is_there_is_not_overwritten_unless_it_is_asked_for() {
    let project = with_a_case(0);
    let copy = project.path("copy.db");
    fs::write(&copy, "something else").unwrap();
    let (status, why) = project.refused(&["backup", copy.to_str().unwrap()]);
    assert_eq!(status, 2);
    assert!(why.contains("--force"), "{why}");
    assert_eq!(fs::read(&copy).unwrap(), b"something else");

    project.embargod(&["backup", copy.to_str().unwrap(), "--force"]);
    project.embargod(&["verify", copy.to_str().unwrap()]);
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_store_is_never_overwritten_by_its_own_backup() {
    let project = with_a_case(0);
    let store = project.path("embargod.db");
    for name in ["embargod.db", "./in/../embargod.db"] {
        let name = project.path(name);
        let (status, why) = project.refused(&["backup", name.to_str().unwrap(), "--force"]);
        assert_eq!(status, 2);
        assert!(why.contains("the store itself"), "{why}");
    }
    project.embargod(&["verify", store.to_str().unwrap()]);
}

#[test]
fn a_backup_that_is_not_sound_does_not_replace_one_that_was() {
    let project = with_a_case(0);
    let copy = project.path("copy.db");
    project.embargod(&["backup", copy.to_str().unwrap()]);
    let good = fs::read(&copy).unwrap();
    let store = Connection::open(project.path("embargod.db")).unwrap();
    store.execute("UPDATE cases SET subject = 'something else'", []).unwrap();
    let (status, why) = project.refused(&["backup", copy.to_str().unwrap(), "--force"]);
    assert_eq!(status, 1);
    assert!(why.contains("embargod verify"), "{why}");
    assert_eq!(fs::read(&copy).unwrap(), good);

    let other = project.path("other.db");
    project.refused(&["backup", other.to_str().unwrap()]);
    assert!(!other.exists(), "an unsound copy kept the name");
}

#[test]
fn a_backup_left_unfinished_is_no_hindrance_but_one_at_work_is() {
    let project = with_a_case(0);
    let copy = project.path("copy.db");
    let partial = project.path("copy.db.partial");
    fs::write(&partial, "half of it").unwrap();
    let at_work = fs::File::open(&partial).unwrap();
    at_work.try_lock().unwrap();
    let (_, why) = project.refused(&["backup", copy.to_str().unwrap()]);
    assert!(why.contains("another embargod"), "{why}");
    assert!(!copy.exists());
    drop(at_work);
    project.embargod(&["backup", copy.to_str().unwrap()]);
    project.embargod(&["verify", copy.to_str().unwrap()]);
    assert!(!partial.exists());
}
