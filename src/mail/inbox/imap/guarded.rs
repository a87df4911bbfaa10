//! async-imap's reading, without the panics of its parser.
//!
//! imap-proto cuts the text behind a response code at its first byte, whatever that is part of (0.17:
//! `Outcome::parse`), so one word of a server in an old character set would end the loop that reads.
//! Promises: such an answer is an error of its step, as is every other that cannot be read.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use crate::mail::inbox::{InboxError, Step};

/// Waits for what async-imap reads. After an error nothing more can be read from its connection.
pub(super) async fn guarded<T>(
    step: Step,
    reading: impl Future<Output = T>,
) -> Result<T, InboxError> {
    let read = AssertUnwindSafe(reading).catch_unwind().await;
    read.map_err(|_| InboxError::Unintelligible { step })
}
