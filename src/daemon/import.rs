//! Taking in an archive: through the desk into the store as an inbox's mail is, and nothing goes out.
//!
//! Promises: mails are committed in the order in which they come; at most [`BUDGET_KIB`] of mail are
//! in memory; a stop lets the mails that were read be decided on.

use std::fmt::Display;
use std::io;
use std::pin::pin;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::desk::{Desk, Judged, judge_apart};
use super::stop::Stop;
use crate::domain::Timestamp;
use crate::domain::archive::{Became, PastKnown};
use crate::domain::mail::MessageId;
use crate::domain::place::Place;
use crate::mail::inbox::Arrived;
use crate::policy::import::{self, Stand};
use crate::store::{Pending, Store, StoreError};

/// Bytes of mail in memory at the most, in KiB; one mail larger than all of it passes alone.
const BUDGET_KIB: u32 = 32 * 1024;

/// Mails read and judged at the same time.
const READING: usize = 4;

/// Decisions whose commit may be on its way.
const COMMITTING: usize = 128;

/// Where an archive is taken in.
#[derive(Debug, Clone)]
pub struct Import {
    /// Where its mail is worked on.
    pub desk: Arc<Desk>,
    /// Where it is kept.
    pub store: Store,
}

/// One mail of an archive before it is read.
#[derive(Debug, Clone)]
pub struct Unread<T> {
    /// Where it lies.
    pub spot: T,
    /// When it arrived.
    pub at: Timestamp,
    /// How large it is.
    pub size: u64,
    /// Where it stands in its thread.
    pub stand: Stand,
}

/// What became of one mail, or why it could not be read.
pub type Outcome<T> = (T, io::Result<Became>);

/// What comes next for a mail that was read.
enum Next {
    /// Nothing more.
    Nothing(io::Result<Became>),
    /// Its decision.
    Decide(Box<Judged>),
    /// Its commit, which is on its way.
    Wait(Pending<Became>),
}

/// A mail on its way, with its share of the memory.
type OnItsWay<T> = (Unread<T>, Result<Next, StoreError>, Option<OwnedSemaphorePermit>);

impl Import {
    /// Takes in mails in their order; `load` reads one, its first bytes and its whole size, and
    /// `tell` hears what became of each.
    ///
    /// # Errors
    /// A failure of the store; everything before it is kept.
    pub async fn take_in<T: Display + Clone + Send + 'static>(
        &self,
        mails: Vec<Unread<T>>,
        load: impl Fn(&T) -> io::Result<(Vec<u8>, u64)> + Clone + Send + 'static,
        stop: &Stop,
        tell: &mut dyn FnMut(Outcome<T>),
    ) -> Result<(), StoreError> {
        let budget = Arc::new(Semaphore::new(BUDGET_KIB as usize));
        let committed = stream::iter(mails)
            .take_while(|_| std::future::ready(!stop.is_said()))
            .then(|mail| {
                let budget = Arc::clone(&budget);
                async move {
                    let kib = u32::try_from(mail.size / 1024).unwrap_or(u32::MAX);
                    let memory = budget.acquire_many_owned(kib.clamp(1, BUDGET_KIB)).await.ok();
                    (mail, memory)
                }
            })
            .map(|(mail, memory)| {
                let (load, spot) = (load.clone(), mail.spot.clone());
                async move {
                    let read = tokio::task::spawn_blocking(move || load(&spot)).await;
                    let read = read.unwrap_or_else(|gone| Err(io::Error::other(gone)));
                    let next = self.judge(&mail, read).await;
                    (mail, next, memory)
                }
            })
            .buffered(READING)
            .then(|on_its_way| self.commit(on_its_way))
            .map(ended)
            .buffered(COMMITTING);
        let mut committed = pin!(committed);
        while let Some(outcome) = committed.try_next().await? {
            tell(outcome);
        }
        Ok(())
    }

    /// Judges a mail, unless it is here already: then an import is begun again, and time is saved.
    async fn judge<T: Display>(
        &self,
        mail: &Unread<T>,
        read: io::Result<(Vec<u8>, u64)>,
    ) -> Result<Next, StoreError> {
        let (raw, size) = match read {
            Ok((raw, _)) if raw.is_empty() => {
                return Ok(Next::Nothing(Err(io::Error::other("it is empty"))));
            }
            Ok(read) => read,
            Err(error) => return Ok(Next::Nothing(Err(error))),
        };
        let digest: [u8; 32] = Sha256::digest(&raw).into();
        if self.store.has_mail(digest).await? {
            return Ok(Next::Nothing(Ok(Became::KnownAlready)));
        }
        // At another import the file may hold another mail: only with the digest the place is one.
        let name = format!("{} {}", mail.spot, hex(&digest));
        let place = Place::Archive { name };
        let arrived = Arrived { place, arrived_at: mail.at, size, raw, withheld: None };
        Ok(Next::Decide(Box::new(judge_apart(Arc::clone(&self.desk), arrived).await)))
    }

    /// Queues the transaction of a mail that was judged.
    async fn commit<T>(&self, (mail, next, memory): OnItsWay<T>) -> OnItsWay<T> {
        let Ok(Next::Decide(judged)) = next else { return (mail, next, memory) };
        let (incoming, _, arrival) = judged.into_parts();
        let made = MessageId(format!("{}@import.invalid", hex(&incoming.digest)));
        let lookups = import::lookups(arrival.as_ref().ok(), made);
        let (desk, stand) = (Arc::clone(&self.desk), mail.stand);
        let decide = move |known: &PastKnown| match arrival {
            Ok(arrival) => import::decide(&arrival, stand, known, desk.clock.now(), &desk.rules),
            Err(reason) => import::unreadable(reason),
        };
        (mail, Ok(Next::Wait(self.store.import(incoming, lookups, decide).await)), memory)
    }
}

/// Waits for the commit, and gives the mail's share of the memory back.
async fn ended<T>((mail, next, memory): OnItsWay<T>) -> Result<Outcome<T>, StoreError> {
    let became = match next? {
        Next::Nothing(became) => became,
        Next::Wait(pending) => Ok(pending.outcome().await?),
        Next::Decide(_) => Err(io::Error::other("it was not decided on")),
    };
    drop(memory);
    Ok((mail.spot, became))
}

fn hex(digest: &[u8; 32]) -> String {
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
