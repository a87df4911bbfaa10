//! What the daemon takes from the world besides mail: the time, and tokens that nobody can guess.
//!
//! Promises: everything above the pure floors asks this value and nothing else, so that a whole
//! life of a report can be run through the real loops in a second, the same each time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use chrono::Utc;

use crate::domain::Timestamp;
use crate::domain::capability::Nonce;

/// A clock with its source of tokens. Clones show the same time.
#[derive(Debug, Clone, Default)]
pub struct Clock(Source);

#[derive(Debug, Clone, Default)]
enum Source {
    #[default]
    System,
    Wound(Arc<Wound>),
}

/// A clock's hands and the count of its tokens.
#[derive(Debug)]
struct Wound {
    seconds: AtomicI64,
    tokens: AtomicU64,
}

impl Clock {
    /// The system's time and the system's randomness.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still until it is set, and whose tokens are counted: for replays and
    /// tests.
    pub fn wound(at: Timestamp) -> Self {
        let hands = Wound { seconds: at.timestamp().into(), tokens: AtomicU64::new(0) };
        Self(Source::Wound(Arc::new(hands)))
    }

    /// Sets a wound clock, and with it all its clones. The system's clock is not ours to set.
    pub fn set(&self, at: Timestamp) {
        if let Source::Wound(hands) = &self.0 {
            hands.seconds.store(at.timestamp(), Ordering::SeqCst);
        }
    }

    /// The present, in whole seconds: the precision of everything that is stored or promised.
    pub fn now(&self) -> Timestamp {
        let now = Utc::now();
        let seconds = match &self.0 {
            Source::System => now.timestamp(),
            Source::Wound(hands) => hands.seconds.load(Ordering::SeqCst),
        };
        Timestamp::from_timestamp(seconds, 0).unwrap_or(now)
    }

    /// 16 hexadecimal digits, random where the clock is the system's: what makes a Message-ID of
    /// ours unguessable.
    pub fn token(&self) -> String {
        self.octets::<8>().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What no other grant is called.
    pub fn nonce(&self) -> Nonce {
        Nonce(self.octets())
    }

    /// Eight octets or more, none of them the same again.
    fn octets<const N: usize>(&self) -> [u8; N] {
        let counted = match &self.0 {
            Source::System => {
                let mut octets = [0u8; N];
                if getrandom::fill(&mut octets).is_ok() {
                    return octets;
                }
                // No entropy: the clock still keeps what is made apart, if not secret.
                Utc::now().timestamp_nanos_opt().unwrap_or_default().to_be_bytes()
            }
            Source::Wound(hands) => hands.tokens.fetch_add(1, Ordering::SeqCst).to_be_bytes(),
        };
        let mut octets = [0u8; N];
        for (octet, counted) in octets.iter_mut().rev().zip(counted.into_iter().rev()) {
            *octet = counted;
        }
        octets
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_wound_clock_moves_when_it_is_set_and_its_clones_with_it() {
        let noon = Timestamp::from_timestamp(1_790_000_000, 0).unwrap();
        let clock = Clock::wound(noon);
        let other = clock.clone();
        assert_eq!(other.now(), noon);
        clock.set(noon + TimeDelta::days(90));
        assert_eq!(other.now(), noon + TimeDelta::days(90));
        assert_eq!((clock.token().len(), clock.token() == other.token()), (16, false));
    }

    #[test]
    fn the_systems_clock_is_not_set_and_its_tokens_are_not_counted() {
        let clock = Clock::system();
        clock.set(Timestamp::UNIX_EPOCH);
        assert!(clock.now() > Timestamp::from_timestamp(1_790_000_000, 0).unwrap());
        assert_ne!(clock.token(), clock.token());
        assert!(clock.token().chars().any(|digit| digit != '0'));
    }
}
