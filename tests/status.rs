//! Silence is an alarm: by `embargod status`, by the second way, and in figures.
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
use std::path::Path;

use chrono::{TimeDelta, Utc};
use common::eventually;
use common::local::Local;
use embargod::config::{Secrets, Settings};
use embargod::daemon::alarm::{Told, Watch};
use embargod::daemon::clock::Clock;
use embargod::daemon::loops::Loops;
use embargod::domain::Timestamp;
use embargod::store::Store;
use rusqlite::Connection;
use serde_json::Value;

fn sql(local: &Local, sql: &str) {
    let c = Connection::open(local.path("embargod.db")).unwrap();
    c.busy_timeout(common::PATIENCE).unwrap();
    c.execute_batch(sql).unwrap();
}

/// What `status --json` says, and its exit status.
fn status(local: &Local) -> (Option<i32>, Value) {
    let output = local.command(&["status", "--json"]).output().unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

fn names(status: &Value) -> Vec<&str> {
    let problems = status["problems"].as_array().unwrap();
    problems.iter().map(|problem| problem["name"].as_str().unwrap()).collect()
}

#[test]
fn the_status_is_good_only_while_a_daemon_reads_and_sends() {
    let local = Local::new("");
    local.once();
    let (code, said) = status(&local);
    assert_eq!((code, names(&said)), (Some(1), vec!["not-running"]));
    let (_, words) = local.refused(&["status"]);
    assert_eq!(words, "", "the reason is the command's own output");

    let mut daemon = local.command(&["run"]).spawn().unwrap();
    let well = eventually("the daemon to be well", || {
        let (code, said) = status(&local);
        (code == Some(0)).then_some(said)
    });
    assert_eq!(well["well"], true);
    assert!(well["inbox_read_at"].is_string());

    sql(&local, "UPDATE pulse SET since = since - 7200, looked_at = since - 7200");
    let (code, said) = status(&local);
    assert_eq!((code, names(&said)), (Some(1), vec!["stale-inbox"]));
    let why = said["problems"][0]["why"].as_str().unwrap();
    assert!(why.contains("embargod check"), "{why}");
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}

#[test]
fn a_digest_that_was_given_up_and_mail_that_waits_are_alarms() {
    let mut local = Local::new("");
    local.arrives(
        b"From: a@example.net\nTo: security@example.org\nSubject: x\n\nhttps://a.example/b\n",
    );
    local.once();
    sql(
        &local,
        "UPDATE outbox SET status = 'queued', ended_at = NULL, written_at = written_at - 86400,
            due_at = due_at + 3600;
         INSERT INTO outbox (purpose, recipient, message_id, subject, bytes, written_at, status,
            due_at, ended_at, given_up)
         VALUES ('digest', 'ada@example.org', 'd@x', 's', x'00', 1, 'undelivered', 1, 2, 1);
         UPDATE digests SET outbox = last_insert_rowid();",
    );
    let (code, said) = status(&local);
    assert_eq!(code, Some(1));
    assert_eq!(names(&said), ["not-running", "full-outbox", "lost-digest"]);
}

/// The watch of a configuration, by a clock that is set.
fn watch(local: &Local, clock: &Clock) -> Watch {
    let settings = Settings::load(&local.path("daemon.toml"), Secrets::Skip).unwrap();
    let store = Store::open(&settings.store).unwrap();
    Loops::new(&settings, &store, clock).unwrap().watch
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn what_is_wrong_is_told_once_again_after_a_day_and_when_it_is_over() {
    let local = Local::new("[alarm]\nby = \"file:alarms\"\nmetrics = \"embargod.prom\"\n");
    local.once();
    let start: Timestamp = Utc::now();
    let clock = Clock::wound(start);
    let (watch, mut told) = (watch(&local, &clock), Told::new());
    let file = local.path("alarms");
    watch.look(&mut told).await.unwrap();
    assert!(lines(&file).is_empty());
    let figures = fs::read_to_string(local.path("embargod.prom")).unwrap();
    assert!(figures.contains("\nembargod_problem{kind=\"stale-inbox\"} 0\n"), "{figures}");
    assert!(figures.ends_with("# EOF\n"));

    clock.set(start + TimeDelta::hours(1));
    for _ in 0..3 {
        watch.look(&mut told).await.unwrap();
    }
    let said = lines(&file);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("embargod needs somebody: the inbox was last read"), "{said:?}");
    let figures = fs::read_to_string(local.path("embargod.prom")).unwrap();
    assert!(figures.contains("\nembargod_problem{kind=\"stale-inbox\"} 1\n"), "{figures}");

    clock.set(start + TimeDelta::hours(26));
    watch.look(&mut told).await.unwrap();
    assert_eq!(lines(&file).len(), 2);
    watch.store.looked(clock.now()).await.unwrap();
    watch.look(&mut told).await.unwrap();
    watch.look(&mut told).await.unwrap();
    let said = lines(&file);
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[2].contains("embargod is well again"), "{said:?}");
}

/// A program that writes what it is given into a file.
fn program(local: &Local, name: &str) {
    let got = local.path("got");
    let script = format!(
        "#!/bin/sh\n{{ echo \"$@\"; cat; }} >{got}.part\nmv {got}.part {got}\n",
        got = got.display()
    );
    fs::write(local.path(name), script).unwrap();
    fs::set_permissions(local.path(name), fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn the_second_way_can_be_a_command_or_a_sendmail() {
    for (by, first) in [
        ("by = \"command:tell\"", "embargod needs somebody"),
        (
            "by = \"sendmail:tell\"\nto = \"ops@example.com\"",
            "-i -f security@example.org -- ops@example.com",
        ),
    ] {
        let local = Local::new("");
        program(&local, "tell");
        let config = fs::read_to_string(local.path("daemon.toml")).unwrap();
        fs::write(local.path("daemon.toml"), format!("{config}[alarm]\n{by}\n")).unwrap();
        local.once();
        let clock = Clock::wound(Utc::now() + TimeDelta::hours(1));
        watch(&local, &clock).look(&mut Told::new()).await.unwrap();
        let got = lines(&local.path("got"));
        assert_eq!(got[0], first);
        assert!(got.iter().any(|line| line.contains("the inbox was last read")), "{got:?}");
        if by.contains("sendmail") {
            assert!(got.contains(&"To: ops@example.com".to_owned()), "{got:?}");
            assert!(got.contains(&"Subject: embargod needs somebody".to_owned()), "{got:?}");
        }
    }
}
