//! When a mail of ours is tried again, and when it is given up.
//!
//! Promises: pure and without randomness: the jitter that keeps a thousand deferred mails from
//! knocking at once follows from each mail's own id. Every mail is given up in the end.

use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

use super::calendar::later;
use crate::domain::Timestamp;
use crate::domain::mail::MessageId;
use crate::domain::outgoing::{AfterAttempt, Delivery, Purpose};

/// How patient to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The wait after the first attempt; each further one doubles it.
    pub first: TimeDelta,
    /// The longest wait, before jitter.
    pub longest: TimeDelta,
    /// The age at which a mail to a reporter is given up. An acknowledgement gets no less than the
    /// four to five days of RFC 5321 section 4.5.4.1: late, it still tells the reporter the case
    /// number, and until it is out its promise stands in the digest as overdue.
    pub letters: TimeDelta,
    /// The age at which a digest is given up: by then the next one says more.
    pub digests: TimeDelta,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first: TimeDelta::minutes(1),
            longest: TimeDelta::hours(4),
            letters: TimeDelta::days(5),
            digests: TimeDelta::hours(24),
        }
    }
}

/// One attempt at a mail.
#[derive(Debug, Clone, Copy)]
pub struct Tried<'a> {
    /// The mail.
    pub id: &'a MessageId,
    /// What it is for.
    pub purpose: Purpose,
    /// When it was written.
    pub written_at: Timestamp,
    /// How many attempts there were, with this one.
    pub attempts: u32,
    /// When this attempt ended.
    pub at: Timestamp,
}

impl Patience {
    /// What to do after an attempt.
    pub fn after(&self, tried: &Tried<'_>, delivery: &Delivery) -> AfterAttempt {
        match delivery {
            Delivery::Accepted(_) => AfterAttempt::Sent,
            Delivery::Refused(_) => AfterAttempt::GiveUp,
            Delivery::Deferred(_) | Delivery::Unknown(_) | Delivery::Away(_) => {
                let end = later(tried.written_at, self.age(tried.purpose));
                if tried.at >= end {
                    return AfterAttempt::GiveUp;
                }
                // The last attempt comes exactly at the end.
                match delivery {
                    // Long waits are for recipients. When the server is back, all goes out at once.
                    Delivery::Away(_) => {
                        AfterAttempt::StillDue(later(tried.at, self.wait(tried.id, 1)).min(end))
                    }
                    _ => AfterAttempt::RetryAt(
                        later(tried.at, self.wait(tried.id, tried.attempts)).min(end),
                    ),
                }
            }
        }
    }

    fn age(&self, purpose: Purpose) -> TimeDelta {
        let waited_for = purpose.leaves_the_project() || purpose == Purpose::Confirmation;
        if waited_for { self.letters } else { self.digests }
    }

    /// The wait after the n-th attempt: doubled each time, up to the longest, give or take a quarter.
    fn wait(&self, id: &MessageId, attempts: u32) -> TimeDelta {
        let doublings = attempts.saturating_sub(1).min(30);
        let even = self
            .first
            .checked_mul(1_i32.checked_shl(doublings).unwrap_or(i32::MAX))
            .map_or(self.longest, |wait| wait.min(self.longest));
        let permille = i64::from(jitter(id, attempts)).saturating_add(750);
        TimeDelta::milliseconds(even.num_milliseconds().saturating_mul(permille) / 1000)
    }
}

/// 0 to 500, from the mail's id and the attempt.
fn jitter(id: &MessageId, attempts: u32) -> u16 {
    let hash = Sha256::new().chain_update(&id.0).chain_update(attempts.to_be_bytes()).finalize();
    match hash.as_slice() {
        [high, low, ..] => u16::from_be_bytes([*high, *low]) % 501,
        _ => 250,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn start() -> Timestamp {
        chrono::DateTime::from_timestamp(1_795_424_400, 0).unwrap()
    }

    fn deferred() -> Delivery {
        Delivery::Deferred("451".to_owned())
    }

    #[test]
    fn an_accepted_mail_is_out_and_a_refused_one_is_given_up() {
        let id = MessageId("a@b".to_owned());
        let (purpose, at) = (Purpose::SentBack, start());
        let tried = Tried { id: &id, purpose, written_at: at, attempts: 1, at };
        let after = |delivery| Patience::default().after(&tried, &delivery);
        assert_eq!(after(Delivery::Accepted(String::new())), AfterAttempt::Sent);
        assert_eq!(after(Delivery::Refused(String::new())), AfterAttempt::GiveUp);
        let unknown = after(Delivery::Unknown(String::new()));
        assert_eq!(unknown, after(deferred()));
        assert!(matches!(unknown, AfterAttempt::RetryAt(_)));
    }

    proptest! {
        #[test]
        fn waits_double_up_to_the_longest_give_or_take_a_quarter(id in ".*", attempts in 1u32..10_000) {
            let patience = Patience::default();
            let wait = patience.wait(&MessageId(id), attempts);
            let minutes = 2_i64.saturating_pow(attempts - 1).min(240);
            prop_assert!(wait >= TimeDelta::minutes(minutes) * 3 / 4);
            prop_assert!(wait <= TimeDelta::minutes(minutes) * 5 / 4);
        }

        #[test]
        fn every_mail_is_tried_until_the_end_and_then_given_up(
            id in ".*",
            purpose in prop::sample::select(vec![Purpose::Acknowledgement, Purpose::SentBack, Purpose::Digest]),
        ) {
            let (patience, id) = (Patience::default(), MessageId(id));
            let (mut at, mut attempts) = (start(), 1);
            loop {
                let tried = Tried { id: &id, purpose, written_at: start(), attempts, at };
                match patience.after(&tried, &deferred()) {
                    AfterAttempt::RetryAt(next) => {
                        prop_assert!(next > at);
                        at = next;
                        attempts += 1;
                    }
                    outcome => {
                        prop_assert_eq!(outcome, AfterAttempt::GiveUp);
                        break;
                    }
                }
            }
            prop_assert_eq!(at - start(), patience.age(purpose));
            prop_assert!((12..60).contains(&attempts), "{} attempts", attempts);
        }
    }

    #[test]
    fn mails_deferred_together_do_not_come_back_together() {
        let wait = |n: u32| Patience::default().wait(&MessageId(format!("{n}@x")), 8);
        let waits: std::collections::BTreeSet<_> = (0..100).map(wait).collect();
        assert!(waits.len() > 70);
    }
}
