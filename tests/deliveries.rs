//! The queue of mail that waits, and a server that takes some of it, or none.
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

use std::path::PathBuf;
use std::sync::Arc;

use chrono::TimeDelta;
use common::PATIENCE;
use common::scripted_smtp::Does::{self, Says};
use common::scripted_smtp::Peer;
use embargod::daemon::clock::Clock;
use embargod::daemon::delivery::{Delivery, Round};
use embargod::daemon::heart::Heart;
use embargod::daemon::progress::{Loop, Progress};
use embargod::daemon::stop::stop;
use embargod::domain::Timestamp;
use embargod::domain::mail::MessageId;
use embargod::domain::outgoing::{Hold, Outgoing, Purpose};
use embargod::domain::views::Told;
use embargod::policy::promise::Promises;
use embargod::policy::retry::Patience;
use embargod::store::Store;
use tokio::sync::Notify;

fn now() -> Timestamp {
    Clock::system().now()
}

/// A store with mail in its queue, and where it goes.
struct Queue {
    folder: tempfile::TempDir,
    store: Store,
    peer: Peer,
    delivery: Delivery,
}

impl Queue {
    async fn with(recipients: &[&str], script: &[(&'static str, Does)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("embargod.db")).unwrap();
        let peer = Peer::that(script).await;
        let delivery = Delivery {
            outbox: peer.settings(),
            store: store.clone(),
            promises: Promises::default(),
            patience: Patience::default(),
            written: Arc::new(Notify::new()),
            clock: Clock::system(),
        };
        let queue = Self { folder, store, peer, delivery };
        for recipient in recipients {
            queue.write(recipient).await;
        }
        queue
    }

    async fn write(&self, recipient: &str) {
        let mail = Outgoing {
            purpose: Purpose::Digest,
            case: None,
            envelope_from: None,
            to: format!("{recipient}@example.net").parse().unwrap(),
            message_id: MessageId(format!("{recipient}@project.example")),
            subject: "a".to_owned(),
            bytes: b"Subject: a\r\n\r\nhello\r\n".to_vec(),
            hold: Hold::Send,
            grant: None,
        };
        let day = "2026-11-23".parse().unwrap();
        self.store
            .write_digest(recipient.to_owned(), day, now(), Told::default(), Some(mail))
            .await
            .unwrap();
    }

    async fn drain(&self) -> Round {
        let progress = Arc::new(Progress::default());
        let (_stopper, told) = stop();
        let (nothing_more, all_written) = stop();
        nothing_more.stop();
        let heart = Heart::of(Loop::Delivery, &progress);
        self.delivery.drain(&heart, &told, all_written).await.unwrap()
    }

    /// Whom the peer was asked to take mail for, in this order.
    fn asked(&self) -> Vec<String> {
        let name = |line: &String| {
            Some(line.strip_prefix("RCPT TO:<")?.strip_suffix("@example.net>")?.to_owned())
        };
        self.peer.heard(|heard| heard.commands.iter().filter_map(name).collect())
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("embargod.db")
    }

    fn sql(&self, statement: &str) {
        rusqlite::Connection::open(self.path()).unwrap().execute_batch(statement).unwrap();
    }

    fn figure(&self, query: &str) -> i64 {
        let store = rusqlite::Connection::open(self.path()).unwrap();
        store.query_row(query, [], |row| row.get(0)).unwrap()
    }
}

const LATER: Does = Says("450 4.2.0 greylisted, come back in five minutes");

#[tokio::test]
async fn recipients_that_are_deferred_do_not_hold_up_the_others() {
    let everybody = ["a", "b", "c", "d", "e", "f"];
    let queue = Queue::with(&everybody, &[("RCPT", LATER); 5]).await;
    let round = queue.drain().await;
    assert_eq!((round.sent, round.deferred, round.away), (1, 5, None));
    assert_eq!(queue.asked(), everybody);
    queue.write("g").await;
    assert_eq!(queue.drain().await.sent, 1, "a new mail waited for those deferred");
}

#[tokio::test]
async fn a_server_that_takes_nothing_is_asked_once_and_no_mail_is_the_worse_for_it() {
    let closed = Says("421 4.3.2 down for maintenance");
    let queue = Queue::with(&["a", "b", "c"], &[("greeting", closed)]).await;
    let round = queue.drain().await;
    assert_eq!((round.sent, round.deferred), (0, 0));
    assert!(round.away.unwrap().contains("421 4.3.2 down for maintenance"));
    assert_eq!(queue.peer.heard(|heard| heard.connections), 1);
    assert_eq!(queue.figure("SELECT sum(attempts) FROM outbox"), 0);
    // The one that was tried is put behind the others, in case it is the reason.
    let round = queue.drain().await;
    assert_eq!((round.sent, round.away), (2, None));
    assert_eq!(queue.asked(), ["b", "c"]);
    let due = queue.store.due(now() + TimeDelta::seconds(80), 9).await.unwrap();
    assert_eq!(due.len(), 1, "the third waits no longer than a minute or so");
}

#[tokio::test]
async fn a_mail_that_the_server_always_hangs_up_on_does_not_starve_those_behind_it() {
    let hangs_up = [("RCPT", Does::HangsUp), ("RCPT", Does::HangsUp)];
    let queue = Queue::with(&["poison", "b"], &hangs_up[..1]).await;
    assert!(queue.drain().await.away.is_some());
    assert_eq!(queue.drain().await.sent, 1);
    assert_eq!(queue.asked(), ["poison", "b"]);
}

#[tokio::test]
async fn new_mail_goes_in_turn_with_mail_that_was_deferred_long_ago() {
    let queue = Queue::with(&["a", "b", "c", "d"], &[("RCPT", LATER); 3]).await;
    queue.sql("UPDATE outbox SET attempts = 7, due_at = due_at - 9999 WHERE recipient LIKE 'a%'");
    queue.sql("UPDATE outbox SET attempts = 7, due_at = due_at - 8888 WHERE recipient LIKE 'b%'");
    queue.drain().await;
    assert_eq!(queue.asked(), ["c", "a", "d", "b"]);
}

#[tokio::test]
async fn a_mail_that_cannot_be_read_back_is_given_up_and_the_next_one_goes() {
    let queue = Queue::with(&["a", "b"], &[]).await;
    queue.sql("UPDATE outbox SET recipient = 'nobody' WHERE recipient LIKE 'a%'");
    assert_eq!(queue.drain().await.sent, 1);
    assert_eq!(queue.asked(), ["b"]);
    let work = queue.store.work(Told::default(), 10).await.unwrap();
    assert_eq!(work.undelivered.count, 1);
}

#[tokio::test]
async fn what_was_sent_but_could_not_be_noted_is_noted_later_and_not_sent_again() {
    let queue = Queue::with(&["a", "b"], &[]).await;
    // Stands for a disk that takes nothing for a while.
    queue
        .sql("CREATE TRIGGER full BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ABORT, 'full'); END;");
    let progress = Arc::new(Progress::default());
    let (stopper, told) = stop();
    let delivery = queue.delivery.clone();
    let running =
        tokio::spawn(async move { delivery.run(Heart::of(Loop::Delivery, &progress), told).await });
    let sent = || queue.figure("SELECT count(*) FROM outbox WHERE status = 'sent'");
    let until = async |what: &str, probe: &dyn Fn() -> bool| {
        let started = std::time::Instant::now();
        while !probe() {
            assert!(started.elapsed() < PATIENCE, "waited in vain for {what}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    until("both mails", &|| queue.peer.heard(|heard| heard.mails.len()) == 2).await;
    // Time for a second attempt, if there were to be one.
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    assert_eq!(sent(), 0);
    queue.sql("DROP TRIGGER full");
    until("the notes", &|| sent() == 2).await;
    assert_eq!(queue.asked(), ["a", "b"], "a mail was sent twice");
    stopper.stop();
    running.await.unwrap().unwrap();
}
