//! The mail that embargod writes to itself: it comes home, or that is an alarm.
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

use chrono::{TimeDelta, Utc};
use common::eventually;
use common::local::Local;
use embargod::config::{Secrets, Settings};
use embargod::daemon::alarm::Told;
use embargod::daemon::clock::Clock;
use embargod::daemon::loops::Loops;
use embargod::store::Store;
use rusqlite::Connection;
use serde_json::Value;

const CANARY: &str = "[alarm]\nby = \"file:alarms\"\nmetrics = \"figures.prom\"\n\
    canary_every = \"6h\"\ncanary_within = \"1h\"\n";

/// The one canary that went out.
fn released(local: &Local) -> String {
    let sent = local.sent();
    let canaries: Vec<&String> =
        sent.iter().filter(|mail| mail.contains("\nSubject: Canary\n")).collect();
    assert_eq!(canaries.len(), 1, "{sent:?}");
    canaries[0].clone()
}

fn store(local: &Local) -> Connection {
    let c = Connection::open(local.path("embargod.db")).unwrap();
    c.busy_timeout(common::PATIENCE).unwrap();
    c
}

/// The kind and the first rule of each mail that was taken in.
fn taken(local: &Local) -> Vec<String> {
    let c = store(local);
    let mut statement = c
        .prepare("SELECT kind || ' ' || json_extract(reasons, '$[0].rule') FROM incoming ORDER BY number")
        .unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn is_awaited(local: &Local) -> bool {
    let awaited = "SELECT count(*) FROM canaries WHERE back_at IS NULL";
    store(local).query_row(awaited, [], |row| row.get::<_, i64>(0)).unwrap() == 1
}

#[test]
fn a_canary_comes_home_once_and_is_nobodys_news_and_nobody_can_forge_it() {
    let mut local = Local::new(CANARY);
    local.once();
    let canary = released(&local);
    assert!(canary.contains("<security@example.org>\nAuto-Submitted"), "{canary}");
    assert!(canary.contains("\nAuto-Submitted: auto-generated\n"), "{canary}");

    // A stranger who guesses, and one who saw the header and not the text.
    let id = canary.lines().find(|line| line.starts_with("Message-ID: ")).unwrap();
    for id in ["Message-ID: <canary.0000000000000000@example.org>", id] {
        for from in ["security@example.org", "stranger@example.net"] {
            let text = format!("{from}: a canary, to be sure\n");
            let forged =
                format!("From: {from}\nTo: security@example.org\n{id}\nSubject: Canary\n\n");
            local.arrives(format!("{forged}{text}").as_bytes());
        }
    }
    local.once();
    let forged = taken(&local);
    assert!(forged.iter().all(|rule| !rule.contains("own.canary")), "{forged:?}");
    assert!(is_awaited(&local));

    local.arrives(format!("Received: from a relay\n{canary}").as_bytes());
    local.once();
    assert_eq!(taken(&local)[4..], ["own own.canary"]);
    assert!(!is_awaited(&local));
    local.arrives(format!("Received: from another relay\n{canary}").as_bytes());
    local.once();
    assert_eq!(taken(&local)[5..], ["own own.message-id"]);
    // Neither the guess from the project's address nor any copy but the true one is hidden.
    let digest = local.prints(&["digest"]);
    let digest = digest.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = store(&local)
        .query_row("SELECT count(*) FROM incoming WHERE kind = 'own'", [], |row| {
            row.get::<_, i64>(0)
        })
        .unwrap()
        - 1;
    assert!(digest.contains(&format!("{shown} mails of our own")), "{shown}: {digest}");
    // Nobody was answered for it, and the next canary is not due.
    released(&local);
}

#[test]
fn a_project_that_only_observes_sends_its_canary_and_one_that_wants_none_does_not() {
    let local = Local::new(CANARY);
    let config = fs::read_to_string(local.path("daemon.toml")).unwrap();
    let observing = config.replace("\"maildir:out\"\n", "\"maildir:out\"\nmode = \"observe\"\n");
    assert_ne!(observing, config);
    fs::write(local.path("daemon.toml"), observing).unwrap();
    local.once();
    released(&local);

    let without = Local::new("");
    without.once();
    assert_eq!(without.sent(), Vec::<String>::new());
}

#[tokio::test]
async fn a_canary_that_does_not_come_home_is_told_once_and_over_when_one_does() {
    let mut local = Local::new(CANARY);
    local.once();
    let start = Utc::now();
    let clock = Clock::wound(start + TimeDelta::hours(2));
    let settings = Settings::load(&local.path("daemon.toml"), Secrets::Skip).unwrap();
    let kept = Store::open(&settings.store).unwrap();
    let watch = Loops::new(&settings, &kept, &clock).unwrap().watch;
    let mut told = Told::new();
    kept.looked(clock.now()).await.unwrap();
    for _ in 0..3 {
        watch.look(&mut told).await.unwrap();
    }
    let said = fs::read_to_string(local.path("alarms")).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("the canary written at "), "{said}");
    let figures = fs::read_to_string(local.path("figures.prom")).unwrap();
    assert!(figures.contains("\nembargod_problem{kind=\"lost-canary\"} 1\n"), "{figures}");

    let canary = released(&local);
    local.arrives(canary.as_bytes());
    local.once();
    kept.looked(clock.now()).await.unwrap();
    watch.look(&mut told).await.unwrap();
    let said = fs::read_to_string(local.path("alarms")).unwrap();
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.contains("embargod is well again"), "{said}");
}

#[test]
fn the_status_of_a_daemon_whose_canary_is_lost_is_1() {
    let local = Local::new(CANARY);
    local.once();
    let mut daemon = local.command(&["run"]).spawn().unwrap();
    let status = || {
        let output = local.command(&["status", "--json"]).output().unwrap();
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), said)
    };
    eventually("the daemon to be well", || (status().0 == Some(0)).then_some(()));
    let hours_ago = "UPDATE canaries SET written_at = written_at - 7200;
        UPDATE pulse SET since = since - 7200;";
    store(&local).execute_batch(hours_ago).unwrap();
    let (code, said) = status();
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(said["problems"][0]["name"], "lost-canary", "{said}");
}

#[test]
fn a_canary_that_the_inbox_would_leave_alone_is_refused_by_check() {
    let local = Local::new(CANARY);
    assert!(local.prints(&["check"]).contains("every 360 min a mail goes to security@example.org"));
    let config = fs::read_to_string(local.path("daemon.toml")).unwrap();
    let others = config.replace("only_to = []", "only_to = [\"team@example.org\"]");
    fs::write(local.path("daemon.toml"), others).unwrap();
    let (code, why) = local.refused(&["check"]);
    assert_eq!(code, 2, "{why}");
    assert!(why.contains("only_to in [inbox] leaves alone"), "{why}");
}
