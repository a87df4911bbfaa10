//! The store: cases, events, mail in and out, positions, in one SQLite file.
//!
//! Relies on `domain` alone; knows neither where mail comes from nor how decisions are made, but
//! runs the decision within the transaction that writes it, so that the state it read is the state
//! it changes. Promises: one mail, one decision, one transaction (invariant 1); whole decisions in,
//! read-only views out, and no SQL above this floor.

mod again;
mod attempts;
mod backup;
mod buckets;
mod cases;
mod chain;
mod clear;
mod connection;
mod digests;
mod error;
mod grants;
mod identity;
mod import;
mod incoming;
mod keys;
mod likeness;
mod listing;
mod looks;
mod outbox;
mod overrule;
mod places;
#[cfg(test)]
mod plans;
mod projection;
mod purge;
mod recover;
mod schema;
mod stats;
mod verify;
mod views;
mod vitals;
mod watch;
mod whole;
mod worker;

use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;

pub use again::Quarantined;
pub use attempts::LastRun;
pub use connection::RunLock;
pub use digests::LastDigest;
pub use error::StoreError;
pub use grants::{Ordered, Revoked};
pub use identity::digest;
pub use listing::{Page, Which};
use outbox::Due;
pub use outbox::Queued;
pub use overrule::{OfMail, Overruling, WhichMail};
pub use recover::{Copied, Recovered};
pub use verify::{Check, Progress, Report, What};
pub use worker::Pending;

use crate::domain::Timestamp;
use crate::domain::archive::{Became, PastDecision, PastKnown, PastLookups};
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::decision::Decision;
use crate::domain::event::Event;
use crate::domain::judgement::Judgement;
use crate::domain::lookup::{Incoming, Known, Lookups};
use crate::domain::outgoing::{AfterAttempt, Outgoing};
use crate::domain::place::{Place, Position};
use crate::domain::views::{CaseFile, Told};
use connection::Access;
use worker::{Begin, Worker};

/// A decision with its mail in its final form.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The decision.
    pub decision: Decision,
    /// The mail to send, rendered.
    pub outgoing: Vec<Outgoing>,
    /// Why a person has to look at the mail, if one has to.
    pub quarantined: Option<String>,
    /// What a maintainer ordered by it.
    pub ordered: Ordered,
}

/// What became of a mail.
#[derive(Debug, Clone, PartialEq)]
pub enum Taken {
    /// It was decided on and written.
    Decided {
        /// What it is, as decided.
        judgement: Judgement,
        /// Its case.
        case: Option<CaseId>,
        /// How many mails go out because of it.
        letters: usize,
    },
    /// It was here before, at this place or another.
    SeenBefore,
}

/// What an attempt to deliver came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The mail's number in the store.
    pub number: i64,
    /// When the attempt ended.
    pub at: Timestamp,
    /// What follows.
    pub after: AfterAttempt,
    /// The server's last word.
    pub reply: String,
}

/// What a person's word about a case has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking {
    /// The case.
    pub case: CaseId,
    /// Another case that it is about.
    pub other: Option<CaseId>,
    /// The year in which a new case would be opened.
    pub year: i32,
}

/// The store's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Files {
    /// The case.
    pub file: CaseFile,
    /// The other case, if there is such a case.
    pub other: Option<CaseFile>,
    /// The number that a new case would get.
    pub next_case: CaseId,
}

/// A change by a person's word.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseChange {
    /// The cases after it, old and new, with what happened to them; the one asked about first.
    pub cases: Vec<(Case, Vec<Event>)>,
    /// The mail that goes out.
    pub outgoing: Vec<Outgoing>,
    /// An incoming mail that moves to another case, by its number.
    pub moved: Option<(i64, CaseId)>,
}

/// The store. Clones share its two threads: one that writes, one that reads.
#[derive(Debug, Clone)]
pub struct Store {
    writer: Worker,
    reader: Worker,
}

impl Store {
    /// Opens the store at `path`, creating or upgrading it.
    ///
    /// # Errors
    /// [`StoreError::Open`] and [`StoreError::Newer`], with the way out.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let writer =
            Worker::start("store-write", connection::open(path, Access::Write)?, Begin::Immediate)?;
        let reader =
            Worker::start("store-read", connection::open(path, Access::Read)?, Begin::Deferred)?;
        Ok(Self { writer, reader })
    }

    /// Opens a store that must be there already, for a command that looks or changes a case.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is none.
    pub fn open_existing(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing { path: path.to_owned() });
        }
        Self::open(path)
    }

    /// Takes in one mail: looks up what its decision wants to know, decides, and writes all of it.
    /// Mails queued one after another are committed in that order, many together where they wait.
    pub async fn take_in(
        &self,
        incoming: impl Into<Arc<Incoming>>,
        lookups: Lookups,
        decide: impl FnOnce(Known) -> Written + Send + 'static,
    ) -> Pending<Taken> {
        let incoming = incoming.into();
        self.writer.queue(move |c| incoming::take_in(c, &incoming, &lookups, decide)).await
    }

    /// Takes in one mail of an archive: looks up what its decision wants to know, decides, and writes
    /// all of it, without a mail to send.
    pub async fn import(
        &self,
        incoming: Incoming,
        lookups: PastLookups,
        decide: impl FnOnce(&PastKnown) -> PastDecision + Send + 'static,
    ) -> Pending<Became> {
        self.writer.queue(move |c| import::take_in(c, &incoming, &lookups, decide)).await
    }

    /// Whether a mail with these bytes is here.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn has_mail(&self, digest: [u8; 32]) -> Result<bool, StoreError> {
        self.reader.run(move |c| incoming::by_digest(c, &digest).map(|found| found.is_some())).await
    }

    /// Up to where a folder has been looked at.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn position(&self, folder: String) -> Result<Position, StoreError> {
        self.reader.run(move |c| places::position(c, &folder)).await
    }

    /// The unique names seen in a Maildir.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn seen_names(&self, folder: String) -> Result<Vec<String>, StoreError> {
        self.reader.run(move |c| places::seen_names(c, &folder)).await
    }

    /// Every place of a folder where mail was seen.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn seen_places(&self, folder: String) -> Result<Vec<Place>, StoreError> {
        self.reader.run(move |c| places::seen_places(c, &folder)).await
    }

    /// Notes up to where a folder has been looked at.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn advance(&self, folder: String, to: Position) -> Result<(), StoreError> {
        self.writer.run(move |c| places::advance(c, &folder, to)).await
    }

    /// The mail that is due: what was not tried yet and what was, in turn, each longest waiting
    /// first, so that neither waits behind all of the other. A mail that cannot be read back is
    /// given up and holds up nobody.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Queued>, StoreError> {
        let Due { mails, unreadable } =
            self.reader.run(move |c| outbox::due(c, now, limit)).await?;
        for (number, why) in unreadable {
            let settled = Settled { number, at: now, after: AfterAttempt::GiveUp, reply: why };
            self.settle_alone(settled).await?;
        }
        Ok(mails)
    }

    /// When the next mail is due.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.reader.run(outbox::next_due).await
    }

    /// Writes what an attempt came to, and what `consequences` says it means for the case.
    pub async fn settle(
        &self,
        settled: Settled,
        consequences: impl FnOnce(&Case) -> Vec<Event> + Send + 'static,
    ) -> Pending<()> {
        self.writer.queue(move |c| outbox::settle(c, &settled, consequences)).await
    }

    /// Writes what an attempt came to, whatever that means for a case.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn settle_alone(&self, settled: Settled) -> Result<(), StoreError> {
        self.writer.run(move |c| outbox::note(c, &settled).map(drop)).await
    }

    /// Changes a case by a person's word: `change` sees the case as it is and says what becomes of
    /// it, or refuses.
    ///
    /// # Errors
    /// Any failure of the store; the refusal comes back as the inner error.
    pub async fn change_case<E: Send + 'static>(
        &self,
        asking: Asking,
        now: Timestamp,
        change: impl FnOnce(Files) -> Result<CaseChange, E> + Send + 'static,
    ) -> Result<Option<Result<CaseChange, E>>, StoreError> {
        self.writer
            .run(move |c| {
                let Some(files) = views::files(c, asking)? else { return Ok(None) };
                let changed = match change(files) {
                    Ok(changed) => changed,
                    Err(refusal) => return Ok(Some(Err(refusal))),
                };
                for (case, events) in &changed.cases {
                    cases::save(c, case)?;
                    cases::add_events(c, case.id, events)?;
                }
                if let Some((number, to)) = changed.moved {
                    incoming::move_to(c, number, to)?;
                }
                for mail in &changed.outgoing {
                    outbox::add(c, mail, now)?;
                }
                Ok(Some(Ok(changed)))
            })
            .await
    }

    /// What a person's word about a case has to know, to see what it would come to.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn files(&self, asking: Asking) -> Result<Option<Files>, StoreError> {
        self.reader.run(move |c| views::files(c, asking)).await
    }

    /// The last digest of a maintainer.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn last_digest(&self, handle: String) -> Result<Option<LastDigest>, StoreError> {
        self.reader.run(move |c| digests::last(c, &handle)).await
    }

    /// Writes the digest of a maintainer for one local day, what it told of, and its mail if there is
    /// one. A second digest for the day changes nothing.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn write_digest(
        &self,
        handle: String,
        day: NaiveDate,
        now: Timestamp,
        told: Told,
        mail: Option<Outgoing>,
    ) -> Result<(), StoreError> {
        self.writer.run(move |c| digests::write(c, &handle, day, now, told, mail.as_ref())).await
    }
}
