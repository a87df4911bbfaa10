//! Mail as bytes on the wire and on disk: reading it, composing it, fetching and delivering it.
//!
//! Relies on `domain` (and the policy's types), never on the store. Promises: only
//! [`read`] names mail_parser, only `outbox`, `compose` and the form of an address that they share
//! name lettre, only `inbox::imap` names async_imap; every network step has a deadline.

pub mod alert;
pub mod authenticate;
pub mod compose;
pub mod gpgv;
pub mod inbox;
pub mod outbox;
pub mod read;
pub mod tls;
mod wire_address;
