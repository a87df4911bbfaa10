//! Inboxes: where reports come in.
//!
//! Relies on `domain` and on [`tls`](super::tls). Promises of every inbox: reading changes nothing
//! (no flag, no folder, no file); mail that is not for the project is never fetched beyond its
//! header and never leaves this module; an empty answer is never taken for an empty mailbox without
//! a checked command after it; no step waits for ever.

mod error;
mod imap;
mod maildir;
mod refusals;
mod settings;

use std::collections::HashSet;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::domain::Timestamp;
use crate::domain::place::{Place, Position};

pub use error::{InboxError, Retry, Step};
pub use settings::{Addressees, InboxSettings, Patience, Source, Unaddressed};

use imap::{Account, ImapInbox};
use maildir::MaildirInbox;

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
    /// Why `raw` is empty, where the mail is there but could not be had for [`Patience::refused`]:
    /// such a mail must become a row too, and not keep the mails behind it waiting.
    pub withheld: Option<String>,
}

/// What of an inbox is known already, and need not be taken again.
#[derive(Debug, Clone)]
pub enum Seen {
    /// Of an IMAP folder: everything up to a position.
    Position(Position),
    /// Of a Maildir: the unique names of its mails.
    Names(HashSet<String>),
    /// Of either, for a look through all of it that takes nothing in.
    Sifted(Sieve),
}

/// Mails that need no second look.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sieve {
    /// Where they lie.
    pub known: HashSet<Place>,
    /// Whatever arrived before needs none either; `None` is the beginning of time.
    pub since: Option<Timestamp>,
}

impl Sieve {
    /// Whether mail that arrived then is looked at.
    pub(crate) fn is_recent(&self, arrived_at: Timestamp) -> bool {
        self.since.is_none_or(|since| arrived_at >= since)
    }
}

/// How far a look into an inbox went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reached {
    /// Up to here every mail of an IMAP folder was sent on, was not for the project, or is gone.
    /// It may be stored once all that was sent on is committed. `None` for a Maildir.
    pub position: Option<Position>,
    /// Mails sent on.
    pub taken: u64,
    /// Mails left alone, since they are not for the project.
    pub left_alone: u64,
    /// Mails whose place was known, of a [`Sieve`]: those that are recent.
    pub known: u64,
}

/// Why a wait ended. Look into the inbox after either: a server need not tell of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// The inbox has something new.
    News,
    /// The time is over.
    Quiet,
}

/// An open inbox.
///
/// After an error it may be used again: the next call connects anew, and remembers which mail made
/// the trouble. A call may be dropped half-way; the connection is closed then.
#[derive(Debug)]
pub enum Inbox {
    /// A folder on an IMAP server.
    Imap(Box<ImapInbox>),
    /// A Maildir on this machine.
    Maildir(Box<MaildirInbox>),
}

impl Inbox {
    /// Opens an inbox: connects, logs in and opens the folder, or looks whether the Maildir is one.
    pub async fn open(settings: &InboxSettings) -> Result<Self, InboxError> {
        Self::open_with(settings, Patience::default()).await
    }

    /// Opens an inbox with other deadlines.
    pub async fn open_with(
        settings: &InboxSettings,
        patience: Patience,
    ) -> Result<Self, InboxError> {
        match &settings.source {
            Source::Imap { server, user, password, folder } => {
                let account = Account {
                    server: server.clone(),
                    user: user.clone(),
                    password: password.clone(),
                    folder: folder.clone(),
                };
                let inbox = ImapInbox::open(account, settings, patience).await?;
                Ok(Self::Imap(Box::new(inbox)))
            }
            Source::Maildir(path) => {
                let inbox = MaildirInbox::open(path, settings, patience.refused).await?;
                Ok(Self::Maildir(Box::new(inbox)))
            }
        }
    }

    /// Sends every waiting mail that is for the project into `out`, the oldest first.
    ///
    /// Waits while `out` is full, so that no more than a batch is ever held here. Mails that arrive
    /// meanwhile may wait for the next call; [`wait`](Self::wait) knows of them.
    pub async fn take_waiting(
        &mut self,
        seen: &Seen,
        out: &mpsc::Sender<Arrived>,
    ) -> Result<Reached, InboxError> {
        match (self, seen) {
            (Self::Imap(inbox), Seen::Position(position)) => {
                inbox.take_waiting(*position, &Sieve::default(), out).await
            }
            (Self::Imap(inbox), Seen::Names(_)) => {
                inbox.take_waiting(Position::default(), &Sieve::default(), out).await
            }
            (Self::Imap(inbox), Seen::Sifted(sieve)) => {
                inbox.take_waiting(Position::default(), sieve, out).await
            }
            (Self::Maildir(inbox), Seen::Names(names)) => {
                inbox.take_waiting(names, &Sieve::default(), out).await
            }
            (Self::Maildir(inbox), Seen::Position(_)) => {
                inbox.take_waiting(&HashSet::new(), &Sieve::default(), out).await
            }
            (Self::Maildir(inbox), Seen::Sifted(sieve)) => {
                inbox.take_waiting(&HashSet::new(), sieve, out).await
            }
        }
    }

    /// Waits until the inbox has something new, but not longer than `limit`.
    pub async fn wait(&mut self, limit: Duration) -> Result<Wake, InboxError> {
        match self {
            Self::Imap(inbox) => inbox.wait(limit).await,
            Self::Maildir(inbox) => inbox.wait(limit).await,
        }
    }
}
