//! The loops that keep the promises: take in, deliver, tick.
//!
//! Relies on everything below; decides nothing itself. Promises: a loop that fails waits and tries
//! again, and says so once; a stop lets the mail in hand finish and starts nothing new.

pub mod delivery;
pub mod desk;
pub mod heart;
pub mod intake;
pub mod loops;
pub mod notify;
pub mod once;
pub mod outage;
pub mod progress;
pub mod service;
pub mod signals;
pub mod stop;
pub mod tick;

use crate::domain::Timestamp;

/// The present, in whole seconds: the precision of everything that is stored or promised.
pub fn now() -> Timestamp {
    let now = chrono::Utc::now();
    Timestamp::from_timestamp(now.timestamp(), 0).unwrap_or(now)
}

/// 16 random hexadecimal digits: what makes a Message-ID of ours unguessable.
pub fn token() -> String {
    let mut bytes = [0u8; 8];
    if getrandom::fill(&mut bytes).is_err() {
        // No entropy: the clock still keeps Message-IDs apart, if not secret.
        let nanos = chrono::Utc::now().timestamp_nanos_opt().unwrap_or_default();
        bytes = nanos.to_be_bytes();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
