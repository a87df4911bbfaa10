//! What the clock causes: the daily digest.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::desk::Desk;
use super::heart::Heart;
use super::outage::Outage;
use super::stop::Stop;
use super::{now, token};
use crate::domain::Timestamp;
use crate::domain::people::Maintainer;
use crate::policy::digest::{self, DigestSchedule};
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
            let pause = match self.once(now()).await {
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

    /// Writes every digest that is due.
    ///
    /// # Errors
    /// [`TickError`]; the digests before the failure are written.
    pub async fn once(&self, now: Timestamp) -> Result<(), TickError> {
        for maintainer in &self.desk.rules.maintainers {
            let last = self.store.last_digest(maintainer.handle.clone()).await?;
            if let Some(day) = self.schedule.due_day(last.map(|last| last.day), now) {
                self.write(maintainer, last, day, now).await?;
            }
        }
        Ok(())
    }

    async fn write(
        &self,
        maintainer: &Maintainer,
        last: Option<LastDigest>,
        day: chrono::NaiveDate,
        now: Timestamp,
    ) -> Result<(), TickError> {
        let since = last.map_or(Timestamp::UNIX_EPOCH, |last| last.written_at);
        let work = self.store.work(since).await?;
        let mail = digest::letter(&work, maintainer, &self.desk.rules, &self.schedule, now)
            .map(|letter| self.desk.composer.compose(&letter, now, &token()))
            .transpose()?;
        let handle = maintainer.handle.clone();
        self.store.write_digest(handle, day, now, mail).await?;
        self.written.notify_one();
        Ok(())
    }
}
