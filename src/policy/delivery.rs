//! What the outcome of an attempt to deliver means for the case.

use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::event::{Actor, Change, Event};
use crate::domain::mail::MessageId;
use crate::domain::outgoing::{AfterAttempt, Purpose};
use crate::policy::pause;
use crate::policy::promise::Promises;

/// A mail of ours after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What the mail is for.
    pub purpose: Purpose,
    /// Its Message-ID.
    pub message_id: MessageId,
    /// When the letter was written, from which its promises count.
    pub written_at: Timestamp,
    /// What follows from the attempt.
    pub after: AfterAttempt,
    /// What the server said.
    pub reply: String,
}

/// The events that an attempt causes on its case.
pub fn consequences(
    attempt: &Attempt,
    case: &Case,
    now: Timestamp,
    promises: &Promises,
) -> Vec<Event> {
    let change = match (&attempt.after, attempt.purpose) {
        (AfterAttempt::Sent, Purpose::Acknowledgement) => Change::Acknowledged {
            message_id: attempt.message_id.clone(),
            // The letter named this date when it was written: a late delivery moves no promise.
            respond_by: Some(promises.respond_by(attempt.written_at).min(promises.respond_by(now))),
        },
        (AfterAttempt::Sent, Purpose::Question) => Change::Asked {
            message_id: attempt.message_id.clone(),
            next_update_by: Some(promises.update_by(now)),
        },
        (AfterAttempt::Sent, purpose) if purpose.is_a_persons() => Change::Responded {
            message_id: attempt.message_id.clone(),
            next_update_by: Some(promises.update_by(now)),
        },
        // Nobody who waits for an answer: the digest shows that it did not arrive.
        (AfterAttempt::GiveUp, purpose) if !purpose.is_for_reporter() => return vec![],
        (AfterAttempt::GiveUp, _) => Change::Undelivered {
            message_id: attempt.message_id.clone(),
            why: attempt.reply.clone(),
        },
        (AfterAttempt::Sent | AfterAttempt::RetryAt(_) | AfterAttempt::StillDue(_), _) => {
            return vec![];
        }
    };
    let mut after = case.clone();
    let mut events = Vec::new();
    let mut happens = |change| {
        let event = Event { at: now, actor: Actor::Policy, change };
        if after.apply(&event).is_ok() {
            events.push(event);
        }
        pause::over(case, &after, now, promises)
    };
    if let Some(over) = happens(change) {
        happens(over);
    }
    events
}
