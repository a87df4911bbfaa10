//! Delivering: committed mail out of the store, through the outbox, and the outcome back.
//!
//! Promises: only committed rows are sent; an attempt's outcome is queued for its commit before the
//! next mail goes out; nothing is read from the queue again before those commits are done, so that
//! no mail is sent twice by one daemon, however long the disk is away. A recipient who is deferred
//! waits alone; only a server that takes no mail at all makes the others wait.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::clock::Clock;
use super::heart::Heart;
use super::outage::Outage;
use super::stop::Stop;
use crate::domain::outgoing::{AfterAttempt, Delivery as Attempted};
use crate::mail::outbox::{Outbox, OutboxSettings};
use crate::policy::delivery::{Attempt, consequences};
use crate::policy::promise::Promises;
use crate::policy::retry::{Patience, Tried};
use crate::store::{Pending, Queued, Settled, Store, StoreError};

/// Mails taken from the queue at a time.
const ROUND: u32 = 100;

/// How long to sleep at the most: a command beside the daemon may have written a mail.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// The first pause for a server that is away. No shorter: where it refuses the login, it counts.
const FIRST_PAUSE: Duration = Duration::from_secs(15);

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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Round {
    /// Mails accepted by the server.
    pub sent: u32,
    /// Mails refused for good or given up.
    pub given_up: u32,
    /// Mails to try again later, each for a reason of its own.
    pub deferred: u32,
    /// Why the server takes no mail at all, where it does not.
    pub away: Option<String>,
}

impl Round {
    /// Both rounds together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            sent: self.sent.saturating_add(other.sent),
            given_up: self.given_up.saturating_add(other.given_up),
            deferred: self.deferred.saturating_add(other.deferred),
            away: other.away.or(self.away),
        }
    }

    fn count(&mut self, after: &AfterAttempt) {
        let counter = match after {
            AfterAttempt::Sent => &mut self.sent,
            AfterAttempt::GiveUp => &mut self.given_up,
            AfterAttempt::RetryAt(_) => &mut self.deferred,
            AfterAttempt::StillDue(_) => return,
        };
        *counter = counter.saturating_add(1);
    }

    /// Whether the server said anything about a mail.
    fn was_answered(&self) -> bool {
        self.sent > 0 || self.given_up > 0 || self.deferred > 0
    }
}

/// An outbox at work, and what it did that is not on the disk yet.
#[derive(Debug)]
struct Sending {
    outbox: Outbox,
    unsettled: Vec<Ended>,
}

/// What a round came to.
enum Step {
    /// Mails were sent, or tried.
    Sent(Round),
    /// Nothing is due for this long.
    Idle(Duration),
}

/// An attempt that ended.
#[derive(Debug, Clone)]
struct Ended {
    settled: Settled,
    attempt: Attempt,
}

impl Delivery {
    /// Delivers for ever.
    ///
    /// # Errors
    /// Only what no waiting heals: a damaged or closed store.
    pub async fn run(&self, heart: Heart, mut stop: Stop) -> Result<(), StoreError> {
        let mut sending = self.begin();
        let mut server = Outage::of("the outbox", FIRST_PAUSE);
        let mut disk = Outage::of("the store", Outage::SOON);
        while !stop.is_said() {
            heart.beat(LONGEST_SLEEP);
            let pause = match self.round(&mut sending, &heart, &stop).await {
                Ok(Step::Idle(pause)) => {
                    disk.worked();
                    sending.outbox.close().await;
                    pause
                }
                Ok(Step::Sent(round)) => {
                    disk.worked();
                    if round.was_answered() {
                        server.worked();
                    }
                    match round.away {
                        Some(why) => server.failed(&why),
                        None => continue,
                    }
                }
                Err(error @ (StoreError::Damaged(_) | StoreError::Closed)) => return Err(error),
                Err(error) => disk.failed(&error),
            };
            heart.beat(pause);
            let rest = async {
                match pause {
                    LONGEST_SLEEP => stop.sleep_to_the_next(pause).await,
                    pause => stop.sleep(pause).await,
                }
            };
            tokio::select! {
                () = self.written.notified(), if !server.is_on() && !disk.is_on() => {}
                () = rest => {}
            }
        }
        Ok(())
    }

    /// Sends what is due, and what is written meanwhile, until `all_written` is said and nothing
    /// is due any more, or the server is away.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn drain(
        &self,
        heart: &Heart,
        stop: &Stop,
        mut all_written: Stop,
    ) -> Result<Round, StoreError> {
        let mut sending = self.begin();
        let mut total = Round::default();
        loop {
            let was_all = all_written.is_said();
            match self.round(&mut sending, heart, stop).await? {
                Step::Sent(round) => total = total.plus(round),
                Step::Idle(_) if was_all => break,
                Step::Idle(_) => tokio::select! {
                    () = self.written.notified() => {}
                    () = all_written.wait() => {}
                },
            }
            if stop.is_said() || total.away.is_some() {
                break;
            }
        }
        sending.outbox.close().await;
        Ok(total)
    }

    fn begin(&self) -> Sending {
        Sending { outbox: Outbox::new(&self.outbox), unsettled: Vec::new() }
    }

    /// Sends what is due now.
    async fn round(
        &self,
        sending: &mut Sending,
        heart: &Heart,
        stop: &Stop,
    ) -> Result<Step, StoreError> {
        // What was sent is sent: before that is on the disk nothing else may be.
        let unsettled = std::mem::take(&mut sending.unsettled);
        let mut commits = Vec::new();
        for ended in unsettled {
            commits.push(self.settle(ended).await);
        }
        self.committed(sending, commits).await?;
        let due = self.store.due(self.clock.now(), ROUND).await?;
        if due.is_empty() {
            return self.until_next().await.map(Step::Idle);
        }
        self.send_all(due, sending, heart, stop).await.map(Step::Sent)
    }

    /// Sends a round's mails one after another, and waits for the commits of their outcomes.
    async fn send_all(
        &self,
        due: Vec<Queued>,
        sending: &mut Sending,
        heart: &Heart,
        stop: &Stop,
    ) -> Result<Round, StoreError> {
        let mut round = Round::default();
        let mut commits = Vec::new();
        for queued in due {
            if stop.is_said() || round.away.is_some() {
                break;
            }
            heart.beat(LONGEST_SLEEP);
            let outcome = sending.outbox.send(&queued.mail).await;
            if let Attempted::Away(why) = &outcome {
                round.away = Some(why.clone());
            }
            let ended = self.ended(queued, outcome);
            round.count(&ended.settled.after);
            commits.push(self.settle(ended).await);
            step!("record.queued");
        }
        self.committed(sending, commits).await?;
        step!("record.committed");
        Ok(round)
    }

    /// What follows from one attempt.
    fn ended(&self, queued: Queued, outcome: Attempted) -> Ended {
        let at = self.clock.now();
        let tried = Tried {
            id: &queued.mail.message_id,
            purpose: queued.mail.purpose,
            written_at: queued.written_at,
            attempts: queued.attempts.saturating_add(1),
            at,
        };
        let after = self.patience.after(&tried, &outcome);
        let reply = match outcome {
            Attempted::Accepted(text)
            | Attempted::Deferred(text)
            | Attempted::Away(text)
            | Attempted::Refused(text)
            | Attempted::Unknown(text) => text,
        };
        let attempt = Attempt {
            purpose: queued.mail.purpose,
            message_id: queued.mail.message_id,
            written_at: queued.written_at,
            after: after.clone(),
            reply: reply.clone(),
        };
        Ended { settled: Settled { number: queued.number, at, after, reply }, attempt }
    }

    /// Queues the commit of one attempt's outcome.
    async fn settle(&self, ended: Ended) -> (Ended, Pending<()>) {
        let Ended { settled, attempt } = ended.clone();
        let (at, promises) = (settled.at, self.promises.clone());
        let consequences = move |case: &_| consequences(&attempt, case, at, &promises);
        (ended, self.store.settle(settled, consequences).await)
    }

    /// Waits for the commits, and keeps what the disk did not take.
    async fn committed(
        &self,
        sending: &mut Sending,
        commits: Vec<(Ended, Pending<()>)>,
    ) -> Result<(), StoreError> {
        let mut failed = Ok(());
        for (ended, commit) in commits {
            let outcome = match commit.outcome().await {
                // The case stands in the way: what became of the mail is written all the same.
                Err(error) if error.is_of_the_work() => {
                    tracing::error!("an outcome could not be noted on its case: {error}");
                    self.store.settle_alone(ended.settled.clone()).await
                }
                outcome => outcome,
            };
            if let Err(error) = outcome {
                sending.unsettled.push(ended);
                failed = Err(error);
            }
        }
        failed
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
