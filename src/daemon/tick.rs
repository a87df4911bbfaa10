//! What the clock causes: reminders, and the daily digest.

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use tokio::sync::Notify;

use super::desk::Desk;
use super::heart::Heart;
use super::outage::Outage;
use super::stop::Stop;
use crate::domain::Timestamp;
use crate::domain::address::Mailbox;
use crate::domain::letter::{Content, Letter};
use crate::domain::people::Maintainer;
use crate::domain::views::Told;
use crate::mail::compose::ComposeError;
use crate::policy::digest::{self, Edition, Room};
use crate::policy::remind::remind;
use crate::policy::schedule::{DigestSchedule, WhenEmpty};
use crate::store::{LastDigest, Store, StoreError};

/// How often the clock is looked at: a machine may sleep, and its clock may jump.
const LOOK: Duration = Duration::from_secs(60);

/// Cases whose clocks are looked at in one transaction: far more than change or fall due in a week.
const LOOKS: u32 = 5000;

/// What the clock's loop needs.
#[derive(Debug, Clone)]
pub struct Tick {
    /// When digests are due.
    pub schedule: DigestSchedule,
    /// Where they are written.
    pub desk: Arc<Desk>,
    /// Where they are kept.
    pub store: Store,
    /// Tells the delivery that there may be mail to send.
    pub written: Arc<Notify>,
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
        while !stop.is_said() {
            let pause = match self.once(self.desk.clock.now()).await {
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
        self.remind(now).await?;
        self.write_digests(now).await
    }

    /// Looks at every clock that is due for a look. A person gets one letter, whatever has become
    /// due: only where it is more than one transaction should hold are there several.
    async fn remind(&self, now: Timestamp) -> Result<(), TickError> {
        loop {
            let (desk, zone) = (Arc::clone(&self.desk), self.schedule.timezone);
            let looked = self.store.look_at_clocks(now, LOOKS, move |watched| {
                let reminding = remind(watched, now, &desk.rules, zone);
                let mail = desk.write_all(&reminding.letters, now)?;
                Ok::<_, ComposeError>((reminding.looked, mail))
            });
            let looked = looked.await??;
            step!("clock.reminded");
            if looked > 0 {
                self.written.notify_one();
            }
            if looked < LOOKS as usize {
                return Ok(());
            }
        }
    }

    /// Writes every digest that is due. Whoever never had one gets the first when the clock next
    /// shows the hour.
    ///
    /// # Errors
    /// [`TickError`]; the digests before the failure are written.
    async fn write_digests(&self, now: Timestamp) -> Result<(), TickError> {
        for maintainer in &self.desk.rules.maintainers {
            match self.store.last_digest(maintainer.handle.clone()).await? {
                None => self.begin(maintainer, now).await?,
                Some(last) => {
                    let due = digest::next_due(&self.schedule, Some(last.written_at), now);
                    if due <= now {
                        self.write(maintainer, last, now).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Notes that the digests of a maintainer begin now, as if one had been written yesterday.
    async fn begin(&self, maintainer: &Maintainer, now: Timestamp) -> Result<(), StoreError> {
        let today = self.local_day(now);
        let yesterday = today.pred_opt().unwrap_or(today);
        let handle = maintainer.handle.clone();
        self.store.write_digest(handle, yesterday, now, Told::default(), None).await
    }

    async fn write(
        &self,
        maintainer: &Maintainer,
        last: LastDigest,
        now: Timestamp,
    ) -> Result<(), TickError> {
        let told = last.mailed.map(|mailed| mailed.told).unwrap_or_default();
        let work = self.store.work(told).await?;
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
            since: last.mailed.map(|mailed| mailed.at),
            now,
            lists: &self.desk.rules.disclosure.embargo_lists,
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
