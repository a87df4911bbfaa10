//! Delivering: committed mail out of the store, through the outbox, and the outcome back.
//!
//! Promises: only committed rows are sent; an attempt's outcome is queued for its commit before the
//! next mail goes out; nothing is read from the queue again before those commits are done, so that
//! no mail is sent twice by one daemon.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::clock::Clock;
use super::heart::Heart;
use super::outage::Outage;
use super::stop::Stop;
use crate::domain::outgoing::{AfterAttempt, Delivery as Outcome};
use crate::mail::outbox::{Outbox, OutboxSettings};
use crate::policy::delivery::{Attempt, consequences};
use crate::policy::promise::Promises;
use crate::policy::retry::{Patience, Tried};
use crate::store::{Pending, Queued, Settled, Store, StoreError};

/// Mails taken from the queue at a time.
const ROUND: u32 = 100;

/// Failures in a row after which the server is left alone for a while.
const ENOUGH: u32 = 3;

/// How long to sleep at the most: a command beside the daemon may have written a mail.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// What delivering needs.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Where mail leaves.
    pub outbox: OutboxSettings,
    /// Where it waits.
    pub store: Store,
    /// What was promised, for the clocks that a delivery starts.
    pub promises: Promises,
    /// What time it is.
    pub clock: Clock,
    /// How long and how often a mail is tried.
    pub patience: Patience,
    /// Told when mail may have been written.
    pub written: Arc<Notify>,
}

/// What one round came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Round {
    /// Mails accepted by the server.
    pub sent: u32,
    /// Mails refused for good or given up.
    pub given_up: u32,
    /// Mails to try again later.
    pub deferred: u32,
}

impl Round {
    fn plus(self, other: Self) -> Self {
        Self {
            sent: self.sent.saturating_add(other.sent),
            given_up: self.given_up.saturating_add(other.given_up),
            deferred: self.deferred.saturating_add(other.deferred),
        }
    }
}

impl Delivery {
    /// Delivers for ever.
    ///
    /// # Errors
    /// Only what no waiting heals: a damaged or closed store.
    pub async fn run(&self, heart: Heart, mut stop: Stop) -> Result<(), StoreError> {
        let mut outbox = Outbox::new(&self.outbox);
        let mut server = Outage::of("the outbox");
        let mut disk = Outage::of("the store");
        while !stop.is_said() {
            heart.beat(LONGEST_SLEEP);
            let pause = match self.round(&mut outbox, &heart, &stop, &mut server).await {
                Ok(Progress::More) => continue,
                Ok(Progress::Idle) => {
                    disk.worked();
                    outbox.close().await;
                    self.until_next().await?
                }
                Ok(Progress::Away(pause)) => pause,
                Err(error @ (StoreError::Damaged(_) | StoreError::Closed)) => return Err(error),
                Err(error) => disk.failed(&error),
            };
            heart.beat(pause);
            tokio::select! {
                () = self.written.notified(), if !server.is_on() => {}
                () = stop.sleep(pause) => {}
            }
        }
        Ok(())
    }

    /// Sends what is due, and what is written meanwhile, until `all_written` is said and nothing
    /// is due any more, or the server refuses too often.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn drain(
        &self,
        heart: &Heart,
        stop: &Stop,
        mut all_written: Stop,
    ) -> Result<Round, StoreError> {
        let mut outbox = Outbox::new(&self.outbox);
        let mut total = Round::default();
        loop {
            let was_all = all_written.is_said();
            let due = self.store.due(self.clock.now(), ROUND).await?;
            if due.is_empty() && !was_all && !stop.is_said() {
                tokio::select! {
                    () = self.written.notified() => {}
                    () = all_written.wait() => {}
                }
                continue;
            }
            if due.is_empty() || stop.is_said() {
                outbox.close().await;
                return Ok(total);
            }
            total = total.plus(self.send_all(due, &mut outbox, heart, stop).await?);
            if total.deferred >= ENOUGH {
                return Ok(total);
            }
        }
    }

    async fn round(
        &self,
        outbox: &mut Outbox,
        heart: &Heart,
        stop: &Stop,
        server: &mut Outage,
    ) -> Result<Progress, StoreError> {
        let due = self.store.due(self.clock.now(), ROUND).await?;
        if due.is_empty() {
            return Ok(Progress::Idle);
        }
        let round = self.send_all(due, outbox, heart, stop).await?;
        if round.sent > 0 {
            server.worked();
        }
        if round.deferred >= ENOUGH {
            return Ok(Progress::Away(server.failed(&"mail was deferred several times in a row")));
        }
        Ok(Progress::More)
    }

    /// Sends a round's mails one after another, and waits for the commits of their outcomes.
    async fn send_all(
        &self,
        due: Vec<Queued>,
        outbox: &mut Outbox,
        heart: &Heart,
        stop: &Stop,
    ) -> Result<Round, StoreError> {
        let mut round = Round::default();
        let mut commits = Vec::new();
        for queued in due {
            if stop.is_said() || round.deferred >= ENOUGH {
                break;
            }
            heart.beat(LONGEST_SLEEP);
            let outcome = outbox.send(&queued.mail).await;
            commits.push(self.settle(queued, outcome, &mut round).await);
        }
        for commit in commits {
            commit.outcome().await?;
        }
        Ok(round)
    }

    /// Queues the commit of one attempt's outcome.
    async fn settle(&self, queued: Queued, outcome: Outcome, round: &mut Round) -> Pending<()> {
        let at = self.clock.now();
        let tried = Tried {
            id: &queued.mail.message_id,
            purpose: queued.mail.purpose,
            written_at: queued.written_at,
            attempts: queued.attempts.saturating_add(1),
            at,
        };
        let after = self.patience.after(&tried, &outcome);
        let counter = match after {
            AfterAttempt::Sent => &mut round.sent,
            AfterAttempt::GiveUp => &mut round.given_up,
            AfterAttempt::RetryAt(_) => &mut round.deferred,
        };
        *counter = counter.saturating_add(1);
        let reply = match outcome {
            Outcome::Accepted(text)
            | Outcome::Deferred(text)
            | Outcome::Refused(text)
            | Outcome::Unknown(text) => text,
        };
        let attempt = Attempt {
            purpose: queued.mail.purpose,
            message_id: queued.mail.message_id.clone(),
            written_at: queued.written_at,
            after: after.clone(),
            reply: reply.clone(),
        };
        let promises = self.promises.clone();
        let settled = Settled { number: queued.number, at, after, reply };
        self.store.settle(settled, move |case| consequences(&attempt, case, at, &promises)).await
    }

    /// How long until the next mail is due.
    async fn until_next(&self) -> Result<Duration, StoreError> {
        let due = self.store.next_due().await?;
        let wait = due.map_or(LONGEST_SLEEP, |due| {
            due.signed_duration_since(self.clock.now()).to_std().unwrap_or(Duration::from_secs(1))
        });
        Ok(wait.clamp(Duration::from_secs(1), LONGEST_SLEEP))
    }
}

/// What a round of the loop leads to.
enum Progress {
    /// There may be more to send.
    More,
    /// Nothing is due.
    Idle,
    /// The server wants to be left alone.
    Away(Duration),
}
