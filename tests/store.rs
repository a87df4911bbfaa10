//! The store by itself: one mail, one decision, one transaction.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use embargod::domain::address::Mailbox;
use embargod::domain::authenticity::Authenticity;
use embargod::domain::case::Case;
use embargod::domain::decision::{Decision, Placement};
use embargod::domain::event::{Actor, Change, Event};
use embargod::domain::judgement::{Format, Judgement, Kind, Reason};
use embargod::domain::lookup::{Incoming, Known, Lookups};
use embargod::domain::mail::MessageId;
use embargod::domain::outgoing::{AfterAttempt, Hold, Outgoing, Purpose};
use embargod::domain::place::{Place, Position};
use embargod::domain::views::Told;
use embargod::store::{Settled, Store, StoreError, Taken, Which, Written};

const FOLDER: &str = "imaps://mail.example.org/INBOX";

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
}

fn mail(uid_validity: u32, uid: u32, text: &str) -> Incoming {
    let mut digest = [0u8; 32];
    digest[..text.len().min(32)].copy_from_slice(&text.as_bytes()[..text.len().min(32)]);
    Incoming {
        place: Place::Imap { folder: FOLDER.to_owned(), uid_validity, uid },
        arrived_at: at(0),
        decided_at: at(5),
        raw: text.as_bytes().to_vec(),
        digest,
        size: text.len() as u64,
        message_id: Some(MessageId(format!("{text}@example.net"))),
        from: Some("rae@example.net".parse().unwrap()),
        from_name: None,
        subject: text.to_owned(),
        authenticity: Authenticity::default(),
        files: vec![],
        readers: vec![],
    }
}

fn lookups(answers: &[&str]) -> Lookups {
    Lookups {
        answers: answers.iter().map(|id| MessageId((*id).to_owned())).collect(),
        year: 2026,
        ..Lookups::default()
    }
}

fn answer(known: &Known) -> Outgoing {
    Outgoing {
        purpose: Purpose::Acknowledgement,
        case: Some(known.next_case),
        envelope_from: None,
        to: "rae@example.net".parse().unwrap(),
        message_id: MessageId(format!("{}.acknowledgement.1@example.org", known.next_case)),
        subject: "received".to_owned(),
        bytes: b"Subject: received\r\n\r\nThank you.\r\n".to_vec(),
        hold: Hold::Send,
        grant: None,
    }
}

/// A decision that opens a case and answers.
fn open_case(known: &Known) -> Written {
    let opened = Event {
        at: at(7),
        actor: Actor::Reporter,
        change: Change::Opened {
            reporter: Mailbox::new(None, "rae@example.net".parse().unwrap()),
            subject: "crash".to_owned(),
            received_at: at(0),
            via: None,
        },
    };
    let assigned = Event {
        change: Change::Assigned { handler: "ada".to_owned(), note: None },
        ..opened.clone()
    };
    let mut case = Case::open(known.next_case, &opened).unwrap();
    case.apply(&assigned).unwrap();
    Written {
        outgoing: vec![answer(known)],
        decision: Decision {
            judgement: Judgement {
                kind: Kind::Submission,
                format: None,
                reasons: vec![Reason::new("body.whole", "12 words")],
            },
            placement: Placement::Opens(Box::new(case)),
            events: vec![opened, assigned],
            letters: vec![],
            fingerprint: None,
            buckets: vec![],
        },
        quarantined: None,
        ordered: Default::default(),
    }
}

async fn take(store: &Store, mail: Incoming) -> Result<Taken, StoreError> {
    store.take_in(Arc::new(mail), lookups(&[]), |known| open_case(&known)).await.outcome().await
}

fn path(folder: &tempfile::TempDir) -> std::path::PathBuf {
    folder.path().join("embargod.db")
}

/// One figure of the database, read past the store.
fn count(path: &Path, table: &str) -> i64 {
    let c = rusqlite::Connection::open(path).unwrap();
    c.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_mail_becomes_a_row_a_case_its_events_and_its_answer_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&path(&folder)).unwrap();
    let taken = take(&store, mail(7, 1, "one")).await.unwrap();
    let Taken::Decided { case: Some(id), letters: 1, .. } = taken else { panic!("{taken:?}") };
    let file = store.case_file(id).await.unwrap().unwrap();
    assert_eq!(file.case.handler.as_deref(), Some("ada"));
    assert_eq!(file.events.len(), 2);
    assert_eq!(file.messages.len(), 2);
    let due = store.due(at(10), 10).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].written_at, at(7), "a letter's promises count from its decision");
    assert_eq!(due[0].mail.bytes, b"Subject: received\r\n\r\nThank you.\r\n");
}

#[tokio::test]
async fn a_decision_that_panics_leaves_no_trace_and_harms_no_neighbour() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&path(&folder)).unwrap();
    let before =
        store.take_in(Arc::new(mail(7, 1, "one")), lookups(&[]), |known| open_case(&known)).await;
    let broken = store.take_in(Arc::new(mail(7, 2, "two")), lookups(&[]), |_| panic!("boom")).await;
    let after =
        store.take_in(Arc::new(mail(7, 3, "three")), lookups(&[]), |known| open_case(&known)).await;
    before.outcome().await.unwrap();
    assert!(matches!(broken.outcome().await, Err(StoreError::Work(why)) if why == "boom"));
    after.outcome().await.unwrap();
    assert_eq!(count(&path(&folder), "incoming"), 2);
    assert_eq!(count(&path(&folder), "cases"), 2);
}

#[tokio::test]
async fn a_decision_refused_by_the_schema_is_undone_whole() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&path(&folder)).unwrap();
    take(&store, mail(7, 1, "one")).await.unwrap();
    let twice = store
        .take_in(Arc::new(mail(7, 2, "two")), lookups(&[]), |known| {
            let mut written = open_case(&known);
            // The second mail carries a Message-ID that was used before.
            written.outgoing.push(written.outgoing[0].clone());
            written
        })
        .await;
    assert!(twice.outcome().await.is_err());
    assert_eq!(count(&path(&folder), "cases"), 1);
    assert_eq!(count(&path(&folder), "events"), 2);
    assert_eq!(count(&path(&folder), "outbox"), 1);
}

#[tokio::test]
async fn the_same_mail_under_a_new_uidvalidity_is_recognised_by_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&path(&folder)).unwrap();
    take(&store, mail(7, 1, "one")).await.unwrap();
    assert_eq!(take(&store, mail(7, 1, "one")).await.unwrap(), Taken::SeenBefore);
    assert_eq!(take(&store, mail(8, 1, "one")).await.unwrap(), Taken::SeenBefore);
    assert!(matches!(take(&store, mail(8, 2, "two")).await.unwrap(), Taken::Decided { .. }));
    assert_eq!(count(&path(&folder), "incoming"), 2);
}

#[tokio::test]
async fn a_position_never_goes_back_within_one_uidvalidity() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&path(&folder)).unwrap();
    for (uid_validity, uid, expected) in [(7, 9, 9), (7, 4, 9), (8, 2, 2)] {
        let to = Position { uid_validity, uid };
        store.advance(FOLDER.to_owned(), to).await.unwrap();
        let position = store.position(FOLDER.to_owned()).await.unwrap();
        assert_eq!(position, Position { uid_validity, uid: expected });
    }
}

#[tokio::test]
async fn an_answer_to_our_mail_finds_its_case() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&path(&folder)).unwrap();
    take(&store, mail(7, 1, "one")).await.unwrap();
    let questions = lookups(&["EMB-2026-0001.acknowledgement.1@example.org", "one@example.net"]);
    let seen = store
        .take_in(Arc::new(mail(7, 2, "two")), questions, |known| {
            let (_, ours) = known.by_our_mail.clone().expect("our mail was not found");
            let theirs = known.by_their_mail.clone().expect("their mail was not found");
            assert_eq!(ours.id, theirs.id);
            assert_eq!(known.load.get("ada"), Some(&1));
            open_case(&known)
        })
        .await;
    seen.outcome().await.unwrap();
}

#[tokio::test]
async fn what_was_sent_is_not_due_again_and_moves_the_case() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&path(&folder)).unwrap();
    take(&store, mail(7, 1, "one")).await.unwrap();
    let queued = store.due(at(10), 10).await.unwrap().remove(0);
    let settled = Settled {
        number: queued.number,
        at: at(11),
        after: AfterAttempt::RetryAt(at(70)),
        reply: "421 later".to_owned(),
    };
    store.settle(settled.clone(), |_| vec![]).await.outcome().await.unwrap();
    assert!(store.due(at(69), 10).await.unwrap().is_empty());
    let again = store.due(at(70), 10).await.unwrap().remove(0);
    assert_eq!((again.attempts, &again.mail), (1, &queued.mail));
    let settled = Settled { after: AfterAttempt::Sent, at: at(71), ..settled };
    let event = Event {
        at: at(71),
        actor: Actor::Policy,
        change: Change::Accepted {
            why: "x".to_owned(),
            format: Format::Whole,
            acknowledge_by: at(99),
            disclose_by: None,
        },
    };
    store.settle(settled, move |_| vec![event]).await.outcome().await.unwrap();
    assert!(store.due(at(9_999), 10).await.unwrap().is_empty());
    let cases = store.cases(Which::Open).await.unwrap();
    assert_eq!(cases[0].acknowledge_by, Some(at(99)));
}

#[tokio::test]
async fn one_digest_a_person_and_day_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&path(&folder)).unwrap();
    let day = "2026-11-23".parse().unwrap();
    let known = Known::nothing(embargod::domain::case_id::CaseId { year: 2026, number: 1 });
    let mail = |n: u32| Outgoing {
        case: None,
        purpose: Purpose::Digest,
        message_id: MessageId(format!("digest.{n}@example.org")),
        ..answer(&known)
    };
    store.write_digest("ada".to_owned(), day, at(0), Told::default(), Some(mail(1))).await.unwrap();
    store
        .write_digest("ada".to_owned(), day, at(60), Told::default(), Some(mail(2)))
        .await
        .unwrap();
    assert_eq!(store.due(at(60), 10).await.unwrap().len(), 1);
    let last = store.last_digest("ada".to_owned()).await.unwrap().unwrap();
    assert_eq!((last.day, last.written_at), (day, at(0)));
}

/// The subjects of what waits for a person, and how many mails of ours did not arrive.
async fn news(store: &Store, told: Told) -> (Vec<String>, usize, Told) {
    let work = store.work(told, 10).await.unwrap();
    let subjects = work.quarantined.rows.into_iter().map(|line| line.subject).collect();
    (subjects, work.undelivered.count, work.told)
}

#[tokio::test]
async fn what_is_written_in_the_digests_own_second_is_told_once_and_by_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&path(&folder)).unwrap();
    let unreadable = |uid: u32, text: &str| {
        let decide = move |known: Known| Written {
            quarantined: Some("unreadable".to_owned()),
            ordered: Default::default(),
            decision: Decision {
                judgement: Judgement {
                    kind: Kind::Malformed,
                    format: None,
                    reasons: vec![Reason::new("malformed.unreadable", "")],
                },
                placement: Placement::Recorded,
                events: vec![],

                ..open_case(&known).decision
            },
            outgoing: vec![Outgoing {
                case: None,
                message_id: MessageId(format!("{uid}@example.org")),
                ..answer(&known)
            }],
        };
        let (store, mail) = (store.clone(), mail(7, uid, text));
        async move { store.take_in(Arc::new(mail), lookups(&[]), decide).await.outcome().await.unwrap() }
    };
    let give_up = |number: i64| {
        let after = AfterAttempt::GiveUp;
        let settled = Settled { number, at: at(5), after, reply: "550 no".to_owned() };
        let store = store.clone();
        async move { store.settle(settled, |_| vec![]).await.outcome().await.unwrap() }
    };
    unreadable(1, "before").await;
    give_up(1).await;
    let (subjects, undelivered, told) = news(&store, Told::default()).await;
    assert_eq!((subjects, undelivered), (vec!["before".to_owned()], 1));
    // All of it happens in the second 5, which is the digest's too.
    unreadable(3, "after").await;
    give_up(2).await;
    let (subjects, undelivered, told) = news(&store, told).await;
    assert_eq!((subjects, undelivered), (vec!["after".to_owned()], 1));
    let (subjects, undelivered, _) = news(&store, told).await;
    assert_eq!((subjects, undelivered), (vec![], 0));
    // However few of them are asked for, all are counted.
    let work = store.work(Told::default(), 1).await.unwrap();
    let listed = (work.quarantined.rows.len(), work.undelivered.rows.len());
    assert_eq!((listed, work.quarantined.count, work.undelivered.count), ((1, 1), 2, 2));
}

#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(path(&folder), b"").unwrap();
    std::fs::set_permissions(path(&folder), std::fs::Permissions::from_mode(0o644)).unwrap();
    let store = Store::open(&path(&folder)).unwrap();
    take(&store, mail(7, 1, "one")).await.unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
        files += 1;
    }
    assert!(files >= 2, "the WAL was not there to be looked at");
}

#[tokio::test]
async fn a_store_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(&path(&folder)).unwrap());
    let c = rusqlite::Connection::open(path(&folder)).unwrap();
    c.pragma_update(None, "user_version", 99).unwrap();
    drop(c);
    let error = Store::open(&path(&folder)).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_reported_as_damaged() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(path(&folder), "not a database, but long enough to look like one ".repeat(99))
        .unwrap();
    let error = Store::open(&path(&folder)).unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)), "{error}");
}

#[test]
fn one_daemon_at_a_time_works_on_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::lock(&path(&folder)).unwrap();
    assert!(matches!(Store::lock(&path(&folder)), Err(StoreError::InUse { .. })));
    drop(first);
    Store::lock(&path(&folder)).unwrap();
}

#[tokio::test]
async fn tables_are_strict_and_durable() {
    let folder = tempfile::tempdir().unwrap();
    let _store = Store::open(&path(&folder)).unwrap();
    let c = rusqlite::Connection::open(path(&folder)).unwrap();
    let mode: String = c.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    let mut tables = c
        .prepare("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'")
        .unwrap();
    let tables: Vec<(String, bool)> = tables
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(tables.len() >= 7);
    for (name, strict) in tables {
        assert!(strict, "{name} is not STRICT");
    }
}
