//! What the clock causes: the daily digest.

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
use crate::policy::digest::{self, Edition, Room};
use crate::policy::schedule::{DigestSchedule, WhenEmpty};
use crate::store::{LastDigest, Store, StoreError};

/// How often the clock is looked at: a machine may sleep, and its clock may jump.
const LOOK: Duration = Duration::from_secs(60);

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
    #[error("the digest cannot be written: {0}")]
    Compose(#[from] crate::mail::compose::ComposeError),
}

impl Tick {
    /// Watches the clock for ever.
    ///
    /// # Errors
    /// Only what no waiting heals: a damaged or closed store.
    pub async fn run(&self, heart: Heart, mut stop: Stop) -> Result<(), StoreError> {
        let mut outage = Outage::of("the digest");
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
            stop.sleep(pause).await;
        }
        Ok(())
    }

    /// Writes every digest that is due. Whoever never had one gets the first when the clock next
    /// shows the hour.
    ///
    /// # Errors
    /// [`TickError`]; the digests before the failure are written.
    pub async fn once(&self, now: Timestamp) -> Result<(), TickError> {
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
        self.store.write_digest(maintainer.handle.clone(), yesterday, now, None).await
    }

    async fn write(
        &self,
        maintainer: &Maintainer,
        last: LastDigest,
        now: Timestamp,
    ) -> Result<(), TickError> {
        let work = self.store.work(last.mailed_at.unwrap_or(Timestamp::UNIX_EPOCH)).await?;
        let edition = Edition {
            project: &self.desk.rules.project.name,
            reader: maintainer,
            zone: self.schedule.timezone,
            since: last.mailed_at,
            now,
            lists: &self.desk.rules.disclosure.embargo_lists,
            room: Room::MAIL,
            history: None,
        };
        let digest = match self.schedule.when_empty {
            WhenEmpty::Send => Some(digest::even_if_empty(&work, &edition)),
            WhenEmpty::Skip => digest::digest(&work, &edition),
        };
        let mail = digest
            .map(|digest| {
                let to = Mailbox::new(Some(&maintainer.name), maintainer.address.clone());
                let letter = Letter { to, answers: None, content: Content::Digest(digest) };
                self.desk.write(&letter, now)
            })
            .transpose()?;
        let handle = maintainer.handle.clone();
        self.store.write_digest(handle, self.local_day(now), now, mail).await?;
        self.written.notify_one();
        Ok(())
    }

    fn local_day(&self, now: Timestamp) -> NaiveDate {
        now.with_timezone(&self.schedule.timezone).date_naive()
    }
}
