//! What the clock causes: reminders, and the daily digest.

use std::sync::Arc;
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::desk::Desk;
use super::heart::Heart;
use super::outage::Outage;
use super::stop::Stop;
use super::swept::Swept;
use crate::domain::Timestamp;
use crate::domain::address::Mailbox;
use crate::domain::letter::{Content, Letter};
use crate::domain::people::Maintainer;
use crate::mail::compose::ComposeError;
use crate::policy::digest::{self, Edition, Room};
use crate::policy::remind::{Outcome, Reminding};
use crate::policy::schedule::{DigestSchedule, WhenEmpty};
use crate::store::{LastDigest, Store, StoreError};

/// How often the clock is looked at: a machine may sleep, and its clock may jump.
const LOOK: Duration = Duration::from_secs(60);

/// How long the clock waits for the first look through the inbox after a start: what has waited there
/// may keep a promise, or be what a digest has to tell.
const PATIENCE: Duration = Duration::from_secs(600);

/// What the clock's loop needs.
#[derive(Debug, Clone)]
pub struct Tick {
    /// When digests are due.
    pub schedule: DigestSchedule,
    /// How often a canary is sent, if any is.
    pub canary_every: Option<TimeDelta>,
    /// Where they are written.
    pub desk: Arc<Desk>,
    /// Where they are kept.
    pub store: Store,
    /// Tells the delivery that there may be mail to send.
    pub written: Arc<Notify>,
    /// Knows whether the inbox was looked through since the start.
    pub swept: Swept,
}

/// Why a digest could not be written.
#[derive(Debug, thiserror::Error)]
pub enum TickError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The template failed.
    #[error("a mail to the maintainers cannot be written: {0}")]
    Compose(#[from] ComposeError),
}

impl Tick {
    /// Watches the clock for ever.
    ///
    /// # Errors
    /// Only what no waiting heals: a damaged or closed store.
    pub async fn run(&self, heart: Heart, mut stop: Stop) -> Result<(), StoreError> {
        let mut outage = Outage::of("the digest", Outage::SOON);
        let started = Instant::now();
        while !stop.is_said() {
            let now = self.desk.clock.now();
            let ended = match self.swept.is_over() || started.elapsed() >= PATIENCE {
                true => self.once(now).await,
                false => self.begin(now).await,
            };
            let pause = match ended {
                Ok(()) => {
                    outage.worked();
                    LOOK
                }
                Err(TickError::Store(error @ (StoreError::Damaged(_) | StoreError::Closed))) => {
                    return Err(error);
                }
                Err(error) => outage.failed(&error),
            };
            heart.beat(pause);
            stop.sleep_to_the_next(pause).await;
        }
        Ok(())
    }

    /// Reminds people of the clocks that have run far, and writes every digest that is due.
    ///
    /// # Errors
    /// [`TickError`]; what was written before the failure stays.
    pub async fn once(&self, now: Timestamp) -> Result<(), TickError> {
        self.begin(now).await?;
        self.remind(now).await?;
        self.write_digests(now).await?;
        self.release_canary(now).await
    }

    /// Writes to the project itself, where that is due. After a clock that was ahead, too.
    async fn release_canary(&self, now: Timestamp) -> Result<(), TickError> {
        let Some(every) = self.canary_every else { return Ok(()) };
        let last = self.store.last_canary().await?;
        let waits = |at: Timestamp| at <= now && now.signed_duration_since(at) < every;
        if last.is_some_and(waits) {
            return Ok(());
        }
        let clock = &self.desk.clock;
        let secret = clock.token();
        let mail = self.desk.composer.canary(now, &clock.token(), &secret)?;
        self.store.release_canary(mail, secret, now).await?;
        self.written.notify_one();
        Ok(())
    }

    /// Looks at every clock that is due for a look. A person gets one letter, whatever has become due.
    async fn remind(&self, now: Timestamp) -> Result<(), TickError> {
        let (watching, desk) = (Arc::clone(&self.desk), Arc::clone(&self.desk));
        let zone = self.schedule.timezone;
        let looked = self.store.look_at_clocks(
            now,
            Reminding::at(now),
            move |reminding, watched| reminding.look(watched, &watching.rules),
            move |reminding| {
                let Outcome { letters, looked } = reminding.outcome(&desk.rules, zone);
                Ok::<_, ComposeError>((looked, desk.write_all(&letters, now)?))
            },
        );
        let looked = looked.await??;
        step!("clock.reminded");
        if looked > 0 {
            self.written.notify_one();
        }
        Ok(())
    }

    /// Notes for whoever never had a digest that theirs begin now: the first comes when the clock next
    /// shows the hour, and tells what has happened by then.
    ///
    /// # Errors
    /// [`TickError`].
    pub async fn begin(&self, now: Timestamp) -> Result<(), TickError> {
        let today = self.local_day(now);
        let yesterday = today.pred_opt().unwrap_or(today);
        for maintainer in &self.desk.rules.maintainers {
            let handle = maintainer.handle.clone();
            if self.store.last_digest(handle.clone()).await?.is_none() {
                let told = self.store.told().await?;
                self.store.write_digest(handle, yesterday, now, told, None).await?;
            }
        }
        Ok(())
    }

    /// Writes every digest that is due.
    ///
    /// # Errors
    /// [`TickError`]; the digests before the failure are written.
    async fn write_digests(&self, now: Timestamp) -> Result<(), TickError> {
        for maintainer in &self.desk.rules.maintainers {
            let Some(last) = self.store.last_digest(maintainer.handle.clone()).await? else {
                continue;
            };
            if digest::next_due(&self.schedule, Some(last.written_at), now) <= now {
                self.write(maintainer, last, now).await?;
            }
        }
        Ok(())
    }

    async fn write(
        &self,
        maintainer: &Maintainer,
        last: LastDigest,
        now: Timestamp,
    ) -> Result<(), TickError> {
        let work = self.store.work(last.told, Room::MAIL.rows).await?;
        let history = match digest::figures_due(&self.schedule, Some(last.day), self.local_day(now))
        {
            true => Some(self.store.history(digest::figures_since(now), now).await?),
            false => None,
        };
        let edition = Edition {
            project: &self.desk.rules.project.name,
            reader: maintainer,
            maintainers: &self.desk.rules.maintainers,
            zone: self.schedule.timezone,
            since: last.mailed_at,
            now,
            lists: &self.desk.rules.disclosure.embargo_lists,
            silent_after: self.desk.rules.promises.silent_after,
            room: Room::MAIL,
            history: history.as_ref(),
        };
        let digest = match self.schedule.when_empty {
            WhenEmpty::Send => Some(digest::even_if_empty(&work, &edition)),
            WhenEmpty::Skip => digest::digest(&work, &edition),
        };
        let mail = digest
            .map(|digest| {
                let to = Mailbox::new(Some(&maintainer.name), maintainer.address.clone());
                let letter =
                    Letter { to, cc: vec![], answers: None, content: Content::Digest(digest) };
                self.desk.write(&letter, now)
            })
            .transpose()?;
        let handle = maintainer.handle.clone();
        self.store.write_digest(handle, self.local_day(now), now, work.told, mail).await?;
        step!("clock.told");
        self.written.notify_one();
        Ok(())
    }

    fn local_day(&self, now: Timestamp) -> NaiveDate {
        now.with_timezone(&self.schedule.timezone).date_naive()
    }
}
