//! A mail that nothing can be decided on becomes a row for a person, and stops nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

use embargod::daemon::clock::Clock;
use embargod::daemon::committing::{begun, settled};
use embargod::daemon::desk::{Judged, quarantined};
use embargod::domain::Timestamp;
use embargod::domain::lookup::{Known, Lookups};
use embargod::domain::mail::MessageId;
use embargod::domain::outgoing::{Hold, Outgoing, Purpose};
use embargod::domain::place::Place;
use embargod::domain::views::Told;
use embargod::mail::inbox::Arrived;
use embargod::store::{Store, StoreError, Taken, Written};

fn now() -> Timestamp {
    Clock::system().now()
}

fn arrived(uid: u32, raw: &[u8], withheld: Option<&str>) -> Arrived {
    let place = Place::Imap { folder: "imap:INBOX".to_owned(), uid_validity: 7, uid };
    Arrived {
        place,
        arrived_at: now(),
        size: raw.len() as u64,
        raw: raw.to_vec(),
        withheld: withheld.map(str::to_owned),
    }
}

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("embargod.db")).unwrap();
    (folder, store)
}

/// Works on a mail, with a decision of the test's own.
async fn work_on(
    store: &Store,
    uid: u32,
    decide: impl FnOnce(Known) -> Written + Send + 'static,
) -> Result<(Place, Taken), StoreError> {
    let raw = format!("Subject: mail {uid}\n\nhello\n");
    let judged = Judged::unreadable(arrived(uid, raw.as_bytes(), None), now());
    let (incoming, lookups, _) = judged.into_parts();
    settled(store.clone(), begun(store, incoming, lookups, decide, None).await).await
}

fn fine(_: Known) -> Written {
    quarantined("read.failed", "as if it could not be read")
}

async fn rules(store: &Store) -> Vec<String> {
    let mut lines = store.work(Told::default(), 10).await.unwrap().quarantined.rows;
    lines.reverse();
    lines.into_iter().map(|line| line.reasons[0].rule.clone()).collect()
}

#[tokio::test]
async fn a_mail_whose_decision_panics_is_quarantined_whole_and_stops_nothing() {
    let (folder, store) = store();
    work_on(&store, 1, |_| panic!("at {}", "a word of the mail")).await.unwrap();
    work_on(&store, 2, fine).await.unwrap();
    assert_eq!(rules(&store).await, ["decide.failed", "read.failed"]);
    let c = rusqlite::Connection::open(folder.path().join("embargod.db")).unwrap();
    let (raw, why): (Vec<u8>, String) = c
        .query_row("SELECT raw, quarantined FROM incoming WHERE number = 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(raw, b"Subject: mail 1\n\nhello\n");
    assert!(!why.contains("a word of the mail"), "{why}");
}

#[tokio::test]
async fn a_mail_whose_answer_the_store_cannot_take_is_quarantined_without_it() {
    let (_folder, store) = store();
    let twice = |_: Known| {
        let mail = Outgoing {
            purpose: Purpose::SentBack,
            case: None,
            envelope_from: None,
            to: "rae@example.net".parse().unwrap(),
            message_id: MessageId("the.same@example.org".to_owned()),
            subject: String::new(),
            bytes: vec![],
            hold: Hold::Send,
            grant: None,
        };
        Written {
            outgoing: vec![mail.clone(), mail],
            ..fine(Known::nothing("EMB-2026-0001".parse().unwrap()))
        }
    };
    work_on(&store, 1, twice).await.unwrap();
    assert_eq!(rules(&store).await, ["decide.failed"]);
    assert_eq!(store.due(now(), 9).await.unwrap(), []);
}

#[tokio::test]
async fn a_mail_that_asks_for_a_row_that_cannot_be_read_is_quarantined() {
    let (folder, store) = store();
    let c = rusqlite::Connection::open(folder.path().join("embargod.db")).unwrap();
    c.execute_batch(
        "PRAGMA foreign_keys = OFF;
         INSERT INTO fingerprints (case_key, bytes) VALUES (9223372036854775807, x'00');
         INSERT INTO bands (band, case_key) VALUES (1, 9223372036854775807);",
    )
    .unwrap();
    let judged = Judged::unreadable(arrived(1, b"Subject: x\n\nhello\n", None), now());
    let (incoming, lookups, _) = judged.into_parts();
    let lookups = Lookups { bands: vec![1], ..lookups };
    let begun = begun(&store, incoming, lookups, fine, None).await;
    settled(store.clone(), begun).await.unwrap();
    let quarantined = "SELECT quarantined FROM incoming";
    let why: String = c.query_row(quarantined, [], |row| row.get(0)).unwrap();
    assert_eq!(why, "deciding on the mail failed");
}

#[tokio::test]
async fn where_what_every_mail_asks_for_cannot_be_read_mail_stays_in_the_inbox() {
    let (folder, store) = store();
    let c = rusqlite::Connection::open(folder.path().join("embargod.db")).unwrap();
    c.execute_batch("INSERT INTO handler_load VALUES ('ada', -1)").unwrap();
    let failed = work_on(&store, 1, fine).await;
    assert!(matches!(failed, Err(StoreError::Unreadable(_))), "{failed:?}");
    c.execute_batch("DELETE FROM handler_load").unwrap();
    work_on(&store, 1, fine).await.unwrap();
    assert_eq!(rules(&store).await, ["read.failed"]);
}

#[tokio::test]
async fn two_mails_that_the_server_withholds_are_two_rows() {
    let (folder, store) = store();
    for uid in [4, 5, 4] {
        let why = format!("the IMAP server does not hand out the mail with UID {uid}");
        let judged = Judged::withheld(arrived(uid, b"", Some(&why)), &why, now());
        let (incoming, lookups, reason) = judged.into_parts();
        assert_eq!(reason.unwrap_err().rule, "read.withheld");
        let begun = begun(&store, incoming, lookups, fine, None).await;
        settled(store.clone(), begun).await.unwrap();
    }
    assert_eq!(rules(&store).await.len(), 2, "the third is the first once more");
    let report = Store::verify(&folder.path().join("embargod.db"), &mut |_, _| {}).unwrap();
    assert!(report.is_sound(), "{report:?}");
}
