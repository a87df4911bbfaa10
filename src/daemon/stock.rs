//! Whether every mail that the inbox has is in the store.
//!
//! Relies on an inbox that is read and never changed. Promises: takes nothing in; a mail is known by
//! its place, or else by its bytes; what no look through the inbox has met yet is not missing.

use std::collections::HashSet;

use chrono::TimeDelta;
use tokio::sync::mpsc;

use super::intake::IntakeError;
use crate::domain::Timestamp;
use crate::domain::address::displayable;
use crate::domain::place::{Place, Position};
use crate::mail::inbox::{Arrived, Inbox, InboxSettings, Patience, Seen, Sieve};
use crate::mail::read;
use crate::store::{Store, digest};

/// A Maildir's file can be as old as this before a look through the inbox meets it.
const COARSE: TimeDelta = TimeDelta::seconds(10);

/// A mail that the inbox has and the store has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Where it lies.
    pub place: Place,
    /// When it arrived.
    pub arrived_at: Timestamp,
    /// Its size, in bytes.
    pub size: u64,
    /// Its Message-ID, fit to be shown.
    pub message_id: Option<String>,
}

/// What a look through the whole inbox found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stock {
    /// Mails that are in the store.
    pub known: u64,
    /// Mails for somebody else, which are none of the store's.
    pub for_others: u64,
    /// Mails that the next look through the inbox takes in.
    pub waiting: u64,
    /// Mails that should be in the store.
    pub missing: Vec<Missing>,
}

/// How far the daemon's own looks came.
#[derive(Debug, Clone, Copy)]
struct Looked {
    position: Position,
    at: Option<Timestamp>,
}

impl Looked {
    /// Whether the daemon has yet to meet a mail.
    fn has_yet_to_meet(self, place: &Place, arrived_at: Timestamp) -> bool {
        match place {
            Place::Imap { uid_validity, uid, .. } => {
                *uid_validity != self.position.uid_validity || *uid > self.position.uid
            }
            Place::Maildir { .. } | Place::Archive { .. } => {
                let met = self.at.and_then(|at| at.checked_sub_signed(COARSE));
                met.is_none_or(|met| arrived_at > met)
            }
        }
    }
}

/// Looks through the inbox, from `since` on. `tell` hears how many mails had to be read.
///
/// # Errors
/// [`IntakeError`].
pub async fn take_stock(
    settings: &InboxSettings,
    store: &Store,
    since: Option<Timestamp>,
    tell: impl FnMut(u64),
) -> Result<Stock, IntakeError> {
    let folder = settings.folder();
    let known: HashSet<Place> = store.seen_places(folder.clone()).await?.into_iter().collect();
    let looked =
        Looked { position: store.position(folder).await?, at: store.vitals().await?.looked_at };
    let mut inbox = Inbox::open_with(settings, Patience::default()).await?;
    let seen = Seen::Sifted(Sieve { known, since });
    let (arrivals, unknown) = mpsc::channel(8);
    let fetch = async {
        let arrivals = arrivals;
        inbox.take_waiting(&seen, &arrivals).await
    };
    let (reached, stock) = tokio::join!(fetch, compare(unknown, store, looked, tell));
    // A store that fails ends the fetching as well, and is the reason.
    let (mut stock, reached) = (stock?, reached?);
    stock.known = stock.known.saturating_add(reached.known);
    stock.for_others = reached.left_alone;
    Ok(stock)
}

/// Looks for mails at places that are not known by their bytes.
async fn compare(
    mut unknown: mpsc::Receiver<Arrived>,
    store: &Store,
    looked: Looked,
    mut tell: impl FnMut(u64),
) -> Result<Stock, IntakeError> {
    let mut stock = Stock::default();
    let mut read = 0_u64;
    while let Some(arrived) = unknown.recv().await {
        read = read.saturating_add(1);
        tell(read);
        if store.has_mail(digest(&arrived.place, &arrived.raw)).await? {
            stock.known = stock.known.saturating_add(1);
        } else if looked.has_yet_to_meet(&arrived.place, arrived.arrived_at) {
            stock.waiting = stock.waiting.saturating_add(1);
        } else {
            stock.missing.push(missing(arrived));
        }
    }
    Ok(stock)
}

fn missing(arrived: Arrived) -> Missing {
    let id = read::read(&arrived.raw, arrived.size).message_id;
    Missing {
        place: arrived.place,
        arrived_at: arrived.arrived_at,
        size: arrived.size,
        message_id: id.map(|id| displayable(&format!("<{}>", id.0))),
    }
}
