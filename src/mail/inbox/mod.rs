//! Inboxes: where reports come in.
//!
//! Promises of every inbox: reading changes nothing (no flag, no folder, no file); mail that is not
//! for the project is never fetched beyond its header and never leaves this module; an empty answer
//! is never taken for an empty mailbox without a checked command after it.

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::Timestamp;
use crate::domain::address::Address;
use crate::domain::place::Place;
use crate::domain::secret::Secret;
use crate::mail::tls::Server;

/// `[inbox]`.
#[derive(Debug, Clone)]
pub struct InboxSettings {
    /// Where the inbox is.
    pub source: Source,
    /// Take only mail to these addresses; empty takes the whole folder.
    pub only_to: Vec<Address>,
    /// How often to look where the server cannot tell of new mail.
    pub poll: Duration,
    /// Mail larger than this is read only at its beginning.
    pub message_bytes: u64,
}

/// Where an inbox is.
#[derive(Debug, Clone)]
pub enum Source {
    /// A folder on an IMAP server.
    Imap {
        /// The server.
        server: Server,
        /// Login name.
        user: String,
        /// Password.
        password: Secret,
        /// Folder.
        folder: String,
    },
    /// A Maildir on this machine.
    Maildir(PathBuf),
}

/// A mail as the inbox had it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// Where it lies.
    pub place: Place,
    /// When the server got it (INTERNALDATE, or the file's time).
    pub arrived_at: Timestamp,
    /// Its size on the server.
    pub size: u64,
    /// The raw mail; only its beginning where `size` passes the limit.
    pub raw: Vec<u8>,
}
