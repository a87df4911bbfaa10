//! Taking in: from the inbox through the desk into the store, many mails at once and each in its
//! order.
//!
//! Promises: the position of a folder moves only past mails whose decisions are committed; at most
//! [`BUDGET_KIB`] of mail are in memory; a stop lets the mails that were fetched be decided on.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};

use super::desk::{Desk, Judged, judge_apart, quarantined};
use super::heart::Heart;
use super::outage::Outage;
use super::stop::Stop;
use crate::domain::lookup::{Incoming, Known, Lookups};
use crate::domain::place::{Place, Position};
use crate::mail::inbox::{Arrived, Inbox, InboxError, InboxSettings, Retry, Seen, Source};
use crate::store::{Pending, Store, StoreError, Taken, Written};

/// Bytes of mail in memory at the most, in KiB; one mail larger than all of it passes alone.
const BUDGET_KIB: u32 = 24 * 1024;

/// Mails read and judged at the same time.
const READING: usize = 4;

/// Mails whose senders are looked up at the same time: it is waiting, not work.
const LOOKING_UP: usize = 32;

/// Decisions whose commit may be on its way.
const COMMITTING: usize = 128;

/// Commits after which the folder's position is noted.
const NOTE_EVERY: u32 = 100;

/// How long to wait for the server to tell of new mail before asking again.
const WAIT: Duration = Duration::from_secs(300);

/// The first pause where somebody has to mend something: servers lock out who asks too often.
const LATER: Duration = Duration::from_secs(60);

/// What taking in needs.
#[derive(Debug, Clone)]
pub struct Intake {
    /// Where mail comes in.
    pub inbox: InboxSettings,
    /// Where it is worked on.
    pub desk: Arc<Desk>,
    /// Where it is kept.
    pub store: Store,
    /// Tells the delivery that there may be mail to send.
    pub written: Arc<Notify>,
}

/// Why taking in stopped.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The inbox failed.
    #[error(transparent)]
    Inbox(#[from] InboxError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How much was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Mails decided on.
    pub decided: u32,
    /// Mails that were here before.
    pub seen_before: u32,
}

impl Intake {
    /// Takes in for ever: all that waits, then whatever comes.
    ///
    /// # Errors
    /// Only what no waiting heals: a damaged or closed store.
    pub async fn run(&self, heart: Heart, mut stop: Stop) -> Result<(), StoreError> {
        let mut outage = Outage::of("the inbox", Outage::SOON);
        // Kept across failures: an inbox connects anew by itself, and remembers which mail made
        // the trouble, so that one mail cannot hold up those behind it for ever.
        let mut inbox = None;
        while !stop.is_said() {
            let failure = match self.stay(&mut inbox, &heart, &mut stop, &mut outage).await {
                Ok(()) => return Ok(()),
                Err(IntakeError::Store(error @ (StoreError::Damaged(_) | StoreError::Closed))) => {
                    return Err(error);
                }
                Err(failure) => failure,
            };
            let pause = match &failure {
                IntakeError::Inbox(error) if error.retry() == Retry::Later => {
                    outage.failed_for(LATER, error)
                }
                failure => outage.failed(failure),
            };
            heart.beat(pause);
            stop.sleep(pause).await;
        }
        Ok(())
    }

    /// Stays with an inbox until it fails or the daemon stops.
    async fn stay(
        &self,
        kept: &mut Option<Inbox>,
        heart: &Heart,
        stop: &mut Stop,
        outage: &mut Outage,
    ) -> Result<(), IntakeError> {
        let inbox = match kept {
            Some(inbox) => inbox,
            None => kept.insert(Inbox::open(&self.inbox).await?),
        };
        while !stop.is_said() {
            heart.beat(WAIT);
            self.sweep(inbox, heart, stop).await?;
            outage.worked();
            heart.beat(WAIT);
            tokio::select! {
                woke = inbox.wait(WAIT) => { woke?; }
                () = stop.wait() => {}
            }
        }
        Ok(())
    }

    /// Takes in all that waits, once.
    ///
    /// # Errors
    /// [`IntakeError`], with everything before the failure kept.
    pub async fn once(&self, heart: &Heart, stop: &mut Stop) -> Result<Count, IntakeError> {
        let mut inbox = Inbox::open(&self.inbox).await?;
        self.sweep(&mut inbox, heart, stop).await
    }

    /// Fetches and decides on everything after the folder's position.
    async fn sweep(
        &self,
        inbox: &mut Inbox,
        heart: &Heart,
        stop: &mut Stop,
    ) -> Result<Count, IntakeError> {
        let folder = self.inbox.folder();
        let seen = match &self.inbox.source {
            Source::Imap { .. } => Seen::Position(self.store.position(folder.clone()).await?),
            Source::Maildir(_) => {
                let names = self.store.seen_names(folder.clone()).await?;
                Seen::Names(names.into_iter().collect::<HashSet<_>>())
            }
        };
        let (arrivals, waiting) = mpsc::channel(8);
        let fetch = async {
            let arrivals = arrivals;
            tokio::select! {
                reached = inbox.take_waiting(&seen, &arrivals) => reached.map(Some),
                () = stop.wait() => Ok(None),
            }
        };
        let (reached, count) = tokio::join!(fetch, self.work_off(waiting, heart));
        let count = count?;
        if let Some(position) = reached?.and_then(|reached| reached.position) {
            self.store.advance(folder, position).await?;
        }
        Ok(count)
    }

    /// Judges, decides and commits what comes through the channel, in its order.
    async fn work_off(
        &self,
        waiting: mpsc::Receiver<Arrived>,
        heart: &Heart,
    ) -> Result<Count, StoreError> {
        let budget = Arc::new(Semaphore::new(BUDGET_KIB as usize));
        let judged = stream::unfold(waiting, |mut waiting| async {
            let arrived = waiting.recv().await?;
            Some((arrived, waiting))
        })
        .then(|arrived| {
            let budget = Arc::clone(&budget);
            async move {
                let kib = u32::try_from(arrived.raw.len() / 1024).unwrap_or(u32::MAX);
                let permit = budget.acquire_many_owned(kib.clamp(1, BUDGET_KIB)).await.ok();
                (arrived, permit)
            }
        })
        .map(|(arrived, permit)| {
            let desk = Arc::clone(&self.desk);
            async move { (judge_apart(desk, arrived).await, permit) }
        })
        .buffered(READING)
        .map(|(judged, permit)| {
            let desk = Arc::clone(&self.desk);
            async move { (desk.authenticate(judged).await, permit) }
        })
        .buffered(LOOKING_UP);
        let committed = judged
            .then(|(judged, permit)| {
                commit(self.store.clone(), Arc::clone(&self.desk), judged, permit)
            })
            .map(|committing| settled(self.store.clone(), committing))
            .buffered(COMMITTING);
        let mut committed = pin!(committed);
        let mut count = Count::default();
        let mut unnoted = 0u32;
        while let Some((place, taken)) = committed.try_next().await? {
            heart.beat(WAIT);
            count.add(&taken);
            self.written.notify_one();
            unnoted = unnoted.saturating_add(1);
            if unnoted >= NOTE_EVERY {
                self.note(&place).await?;
                unnoted = 0;
            }
        }
        Ok(count)
    }

    /// Notes that everything up to `place` is committed.
    async fn note(&self, place: &Place) -> Result<(), StoreError> {
        let Place::Imap { folder, uid_validity, uid } = place else { return Ok(()) };
        let position = Position { uid_validity: *uid_validity, uid: *uid };
        self.store.advance(folder.clone(), position).await
    }
}

/// A mail whose commit is on its way, with its share of the memory.
struct Committing {
    incoming: Arc<Incoming>,
    pending: Pending<Taken>,
    memory: Option<OwnedSemaphorePermit>,
}

/// Queues one mail's transaction.
async fn commit(
    store: Store,
    desk: Arc<Desk>,
    judged: Judged,
    memory: Option<OwnedSemaphorePermit>,
) -> Committing {
    let (incoming, lookups, arrival) = judged.into_parts();
    let decide = move |known: Known| Judged::decide(arrival, &known, &desk);
    begun(&store, incoming, lookups, decide, memory).await
}

async fn begun(
    store: &Store,
    incoming: Incoming,
    lookups: Lookups,
    decide: impl FnOnce(Known) -> Written + Send + 'static,
    memory: Option<OwnedSemaphorePermit>,
) -> Committing {
    let incoming = Arc::new(incoming);
    let pending = store.take_in(Arc::clone(&incoming), lookups, decide).await;
    Committing { incoming, pending, memory }
}

/// Waits for the commit, and gives the mail's share of the memory back. A mail whose decision failed
/// would fail again: it is quarantined, whole.
async fn settled(store: Store, committing: Committing) -> Result<(Place, Taken), StoreError> {
    let Committing { incoming, pending, memory } = committing;
    let place = incoming.place.clone();
    let taken = match pending.outcome().await {
        Err(error) if error.is_of_the_work() => {
            // Not the error's words: a panic quotes what it choked on.
            tracing::error!(
                "a mail could not be decided on and is quarantined; please report this as a bug of embargod"
            );
            let why = || quarantined("decide.failed", "deciding on the mail failed");
            store.take_in(incoming, Lookups::default(), move |_| why()).await.outcome().await
        }
        taken => taken,
    };
    drop(memory);
    taken.map(|taken| (place, taken))
}

impl Count {
    fn add(&mut self, taken: &Taken) {
        match taken {
            Taken::Decided { judgement, case, letters } => {
                self.decided = self.decided.saturating_add(1);
                let rule = judgement.reasons.first().map_or("", |reason| reason.rule.as_str());
                let case = case.map_or("-".to_owned(), |case| case.to_string());
                tracing::info!(kind = ?judgement.kind, rule, case, letters, "mail taken in");
            }
            Taken::SeenBefore => self.seen_before = self.seen_before.saturating_add(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::clock::Clock;
    use crate::domain::Timestamp;
    use crate::domain::mail::MessageId;
    use crate::domain::outgoing::{Hold, Outgoing, Purpose};
    use crate::domain::views::Told;

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
        let mut lines = store.work(Told::default()).await.unwrap().quarantined;
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
}
