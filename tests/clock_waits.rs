//! What the clock causes comes after what waited in the inbox: a digest tells of mail that came while
//! nobody looked, and waits for no inbox that is away.
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

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use common::local::Local;
use embargod::config::{Secrets, Settings};
use embargod::daemon::clock::Clock;
use embargod::daemon::heart::Heart;
use embargod::daemon::loops::Loops;
use embargod::daemon::once::once;
use embargod::daemon::progress::{Loop, Progress};
use embargod::daemon::stop::stop;
use embargod::store::Store;

const REPORT: &str = "From: Rae <rae@example.net>\nTo: security@example.org\nSubject: A loop\n\
    Message-ID: <1@example.net>\n\nThe router of sample 4.2.0 loops for ever on the path /a//b.\n";

fn start() -> DateTime<Utc> {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

fn settings(project: &Local) -> Settings {
    Settings::load(&project.path("daemon.toml"), Secrets::Required).unwrap()
}

#[tokio::test]
async fn after_two_days_without_a_daemon_the_digest_tells_of_what_came_meanwhile() {
    let mut project = Local::new("");
    let settings = settings(&project);
    once(&settings, &Clock::wound(start())).await.unwrap();
    project.arrives(REPORT.as_bytes());
    once(&settings, &Clock::wound(start() + TimeDelta::days(2))).await.unwrap();
    let mut sent = project.sent_to("Ada <ada@example.org>").into_iter();
    let digest = sent.find(|mail| mail.contains("\nMessage-ID: <digest.")).unwrap();
    assert!(digest.contains("Subject: Sample security: 1 new"), "{digest}");
    assert!(digest.contains("A loop"), "{digest}");
}

/// How many half minutes the clock's loop takes to write a digest that is due, of so many that it is
/// given. Time is wound: it passes when nobody works.
async fn waits(is_over: bool, given: u32) -> Option<u32> {
    let project = Local::new("");
    let settings = settings(&project);
    once(&settings, &Clock::wound(start())).await.unwrap();
    let store = Store::open(&settings.store).unwrap();
    let later = Clock::wound(start() + TimeDelta::days(2));
    let Loops { tick, intake, .. } = Loops::new(&settings, &store, &later).unwrap();
    if is_over {
        intake.swept.over();
    }
    let (stopper, told) = stop();
    let heart = Heart::of(Loop::Clock, &Arc::new(Progress::default()));
    let running = tokio::spawn(async move { tick.run(heart, told).await });
    let mut written = None;
    for half_minute in 0..given {
        tokio::time::sleep(Duration::from_secs(30)).await;
        // The store's thread works by another clock.
        std::thread::sleep(Duration::from_millis(20));
        if store.last_digest("ada".to_owned()).await.unwrap().unwrap().mailed_at.is_some() {
            written = Some(half_minute);
            break;
        }
    }
    stopper.stop();
    running.await.unwrap().unwrap();
    written
}

#[tokio::test(start_paused = true)]
async fn the_clock_waits_for_the_first_look_through_the_inbox_but_not_for_ever() {
    assert!(waits(true, 100).await.unwrap() < 10);
    assert_eq!(waits(false, 10).await, None);
    assert!(waits(false, 100).await.is_some());
}
