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
use tokio::sync::{Notify, Semaphore, mpsc};

use super::committing::{commit, settled};
use super::desk::{Desk, Judged, judge_apart};
use super::heart::Heart;
use super::outage::Outage;
use super::stop::Stop;
use super::swept::Swept;
use super::wary::{TIMES, Wary};
use crate::domain::place::{Place, Position};
use crate::mail::inbox::{
    Arrived, Inbox, InboxError, InboxSettings, Patience, Retry, Seen, Source,
};
use crate::store::{Store, StoreError, Taken};

/// Bytes of mail in memory at the most, in KiB; one mail larger than all of it passes alone.
const BUDGET_KIB: u32 = 16 * 1024;

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
    /// Told once the inbox was looked through, or could not be.
    pub swept: Swept,
    /// How long its server may take for an answer.
    pub patience: Patience,
    /// Of which mails to be wary.
    pub wary: Wary,
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
            self.swept.over();
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
            None => kept.insert(Inbox::open_with(&self.inbox, self.patience).await?),
        };
        while !stop.is_said() {
            heart.beat(WAIT);
            self.sweep(inbox, heart, stop).await?;
            self.swept.over();
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
        let mut inbox = Inbox::open_with(&self.inbox, self.patience).await?;
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
        // What waits here is in nobody's budget.
        let (arrivals, waiting) = mpsc::channel(1);
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
            step!("intake.advancing");
            self.store.advance(folder, position).await?;
            step!("intake.advanced");
        }
        self.store.looked(self.desk.clock.now()).await?;
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
            step!("intake.fetched");
            Some((arrived, waiting))
        })
        .then(|arrived| {
            let (budget, store) = (Arc::clone(&budget), self.store.clone());
            let wary = self.wary.is_of_the_next();
            async move {
                let kib = u32::try_from(arrived.raw.len() / 1024).unwrap_or(u32::MAX);
                // All of the memory: nothing else is in hand meanwhile.
                let share = if wary { BUDGET_KIB } else { kib.clamp(1, BUDGET_KIB) };
                let permit = budget.acquire_many_owned(share).await.ok();
                let times = match wary {
                    // A store that fails will say so when the mail is committed.
                    true => store.attempt(arrived.place.clone()).await.unwrap_or(0),
                    false => 0,
                };
                (arrived, permit, times)
            }
        })
        .map(|(arrived, permit, times)| {
            let desk = Arc::clone(&self.desk);
            async move {
                let judged = match times {
                    0..TIMES => judge_apart(desk, arrived).await,
                    _ => Judged::deadly(arrived, times, desk.clock.now()),
                };
                step!("intake.judged");
                (judged, permit)
            }
        })
        .buffered(READING)
        .map(|(judged, permit)| {
            let desk = Arc::clone(&self.desk);
            async move {
                let judged = desk.authenticate(judged).await;
                step!("intake.authenticated");
                (judged, permit)
            }
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
            step!("intake.committed");
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

impl Count {
    fn add(&mut self, taken: &Taken) {
        match taken {
            Taken::Decided { judgement, case, letters } => {
                self.decided = self.decided.saturating_add(1);
                let rule = judgement.reasons.first().map_or("", |reason| reason.rule.as_str());
                let case = case.map_or("-".to_owned(), |case| case.to_string());
                let kind = judgement.kind.name();
                tracing::info!(kind, rule, case, letters, "mail taken in");
            }
            Taken::SeenBefore => self.seen_before = self.seen_before.saturating_add(1),
        }
    }
}
