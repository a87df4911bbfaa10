//! A person's word that a recorded mail is a report: read again, decided on, in one transaction.

use std::sync::Arc;

use super::desk::{Desk, Judged};
use crate::domain::address::Mailbox;
use crate::domain::decision::Placement;
use crate::domain::event::Actor;
use crate::domain::judgement::{Format, Judgement, Kind};
use crate::domain::place::Place;
use crate::domain::views::Received;
use crate::mail::compose::ComposeError;
use crate::mail::inbox::Arrived;
use crate::policy::decide::{NotOverruled, Overruled, overrule};
use crate::policy::judge::Look;
use crate::policy::notice::{self, Noticed};
use crate::store::{Ordered, Overruling, Store, StoreError, Written};

/// Why a mail did not become a case.
#[derive(Debug, thiserror::Error)]
pub enum NotAccepted {
    /// It cannot.
    #[error(transparent)]
    NotOverruled(#[from] NotOverruled),
    /// Its answer cannot be written.
    #[error("the mail cannot be written: {0}")]
    Compose(ComposeError),
}

/// Takes a recorded mail in as a report, of `reporter` if a person says so.
///
/// # Errors
/// Any failure of the store; what stands in the way is an outcome.
pub async fn accept(
    desk: &Arc<Desk>,
    store: &Store,
    (received, raw): (Received, Vec<u8>),
    reporter: Option<Mailbox>,
    actor: Actor,
) -> Result<Overruling<NotAccepted>, StoreError> {
    let number = received.number;
    let place = Place::Archive { name: format!("mail {number}") };
    let size = received.size;
    let mut judged =
        desk.judge(Arrived { place, arrived_at: received.at, size, raw, withheld: None });
    judged.take_for_a_report();
    let (_, mut lookups, arrival) = desk.authenticate(judged).await.into_parts();
    let Ok(mut arrival) = arrival else { return Ok(Overruling::NoSuchMail) };
    arrival.noticed = notice::notice(&Look::at(&arrival.mail), &arrival.judgement, &desk.rules);
    lookups.bands = arrival.noticed.as_ref().map(Noticed::bands).unwrap_or_default();
    // It lies in the store already.
    lookups.says = None;
    let carried_out = Arc::clone(desk);
    let now = desk.clock.now();
    let decide = move |known| {
        let desk = carried_out;
        let overruled =
            Overruled { arrival: &arrival, before: &received.judgement, reporter, actor: &actor };
        let mut decision = overrule(&overruled, &known, now, &desk.rules)?;
        let outgoing = desk.write_all(&decision.letters, now).map_err(NotAccepted::Compose)?;
        if let Placement::Opens(case) | Placement::Joins(case) = &mut decision.placement {
            for mail in &outgoing {
                super::acting::note_if_held(case, &mut decision.events, mail, now);
            }
        }
        Ok(Written { decision, outgoing, quarantined: None, ordered: Ordered::default() })
    };
    store.overrule(number, lookups, now, decide).await
}

impl Judged {
    /// What it would be if a person had written it to report something.
    fn take_for_a_report(&mut self) {
        if let Some(judgement) = self.judgement_mut() {
            *judgement = Judgement {
                kind: Kind::Submission,
                format: Some(Format::Whole),
                reasons: judgement.reasons.clone(),
            };
        }
    }
}
