//! One mail's transaction: queued, and waited for.
//!
//! Promises: a mail whose decision fails is quarantined, whole, and stops nothing behind it; a store
//! that fails keeps the mail where it is.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::desk::{Desk, Judged, quarantined};
use crate::domain::lookup::{Incoming, Known, Lookups};
use crate::domain::place::Place;
use crate::store::{Pending, Store, StoreError, Taken, Written};

/// A mail whose commit is on its way, with its share of the memory.
#[derive(Debug)]
pub struct Committing {
    incoming: Arc<Incoming>,
    pending: Pending<Taken>,
    memory: Option<OwnedSemaphorePermit>,
}

/// Queues one mail's transaction.
pub async fn commit(
    store: Store,
    desk: Arc<Desk>,
    judged: Judged,
    memory: Option<OwnedSemaphorePermit>,
) -> Committing {
    let (incoming, lookups, arrival) = judged.into_parts();
    let decide = move |known: Known| Judged::decide(arrival, &known, &desk);
    begun(&store, incoming, lookups, decide, memory).await
}

/// Queues a mail's transaction with any decision.
pub async fn begun(
    store: &Store,
    incoming: Incoming,
    lookups: Lookups,
    decide: impl FnOnce(Known) -> Written + Send + 'static,
    memory: Option<OwnedSemaphorePermit>,
) -> Committing {
    let incoming = Arc::new(incoming);
    let pending = store.take_in(Arc::clone(&incoming), lookups, decide).await;
    Committing { incoming, pending, memory }
}

/// Waits for the commit, and gives the mail's share of the memory back. A mail whose decision failed
/// would fail again: it is quarantined, whole.
///
/// # Errors
/// Where the store failed, and not the work on this mail.
pub async fn settled(store: Store, committing: Committing) -> Result<(Place, Taken), StoreError> {
    let Committing { incoming, pending, memory } = committing;
    let place = incoming.place.clone();
    let taken = match pending.outcome().await {
        Err(error) if error.is_of_the_work() => {
            // Not the error's words: a panic quotes what it choked on.
            tracing::error!(
                "a mail could not be decided on and is quarantined; please report this as a bug of embargod"
            );
            let why = || quarantined("decide.failed", "deciding on the mail failed");
            store.take_in(incoming, Lookups::default(), move |_| why()).await.outcome().await
        }
        taken => taken,
    };
    drop(memory);
    taken.map(|taken| (place, taken))
}
