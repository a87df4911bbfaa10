//! Another try at a quarantined mail.

use std::sync::Arc;

use super::desk::{Desk, Judged, judge_apart};
use crate::mail::inbox::Arrived;
use crate::store::{Quarantined, Store, StoreError, Taken};

/// What came of another try.
#[derive(Debug, Clone, PartialEq)]
pub enum Again {
    /// No mail of that number is quarantined.
    NotThere,
    /// There is nothing to try: the content of the mail never came.
    NeverHad,
    /// It failed again, and stays where it is.
    Fails(String),
    /// It was decided on.
    Taken(Taken),
}

/// Reads, judges and decides on a mail once more, in the same way as when it came.
///
/// # Errors
/// Any failure of the store.
pub async fn again(store: &Store, desk: &Arc<Desk>, number: i64) -> Result<Again, StoreError> {
    let Some(mail) = store.quarantined_mail(number).await? else { return Ok(Again::NotThere) };
    if mail.raw.is_empty() {
        return Ok(Again::NeverHad);
    }
    let Quarantined { place, arrived_at, size, raw, .. } = mail;
    let arrived = Arrived { place, arrived_at, size, raw, withheld: None };
    let judged = desk.authenticate(judge_apart(Arc::clone(desk), arrived).await).await;
    let (incoming, lookups, arrival) = judged.into_parts();
    let deciding = Arc::clone(desk);
    let decide = move |known| Judged::decide(arrival, &known, &deciding);
    match store.take_again(number, incoming, lookups, decide).await {
        Ok(None) => Ok(Again::NotThere),
        Ok(Some(taken)) => match store.quarantined_mail(number).await? {
            Some(mail) => Ok(Again::Fails(mail.why)),
            None => Ok(Again::Taken(taken)),
        },
        Err(error) if error.is_of_the_work() => {
            Ok(Again::Fails("deciding on the mail failed".to_owned()))
        }
        Err(error) => Err(error),
    }
}
