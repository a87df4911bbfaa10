//! What an inbox needs to know, and how patient it is with its server.

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::address::Address;
use crate::domain::secret::Secret;
use crate::mail::read::recipients::{Named, named};
use crate::mail::tls::Server;

/// As much is read of a mail beyond the limit: its header, and what a person wrote above what they
/// attached.
pub(super) const BEGINNING: u64 = 1024 * 1024;

/// `[inbox]`.
#[derive(Debug, Clone)]
pub struct InboxSettings {
    /// Where the inbox is.
    pub source: Source,
    /// Whose mail is taken.
    pub addressees: Addressees,
    /// How often to look where the server cannot tell of new mail.
    pub poll: Duration,
    /// Mail larger than this is read only at its beginning.
    pub message_bytes: u64,
}

/// Whose mail is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addressees {
    /// The whole folder is the project's.
    Everybody,
    /// Only mail to these addresses. What is for others is never touched.
    Only {
        /// The addresses.
        addresses: Vec<Address>,
        /// What becomes of mail that names nobody.
        unaddressed: Unaddressed,
    },
}

impl Addressees {
    /// Whether a mail with this header is taken.
    pub(super) fn take(&self, header: &[u8]) -> bool {
        match self {
            Self::Everybody => true,
            Self::Only { addresses, unaddressed } => match named(addresses, header) {
                Named::One => true,
                Named::Others => false,
                Named::Nobody => *unaddressed == Unaddressed::Taken,
            },
        }
    }
}

/// What becomes of mail that no field says the recipient of: an empty one, or one to
/// "undisclosed recipients" from a server that does not note the envelope's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unaddressed {
    /// The mailbox is the project's, so the mail is.
    Taken,
    /// The mailbox is somebody's own, so the mail is theirs.
    LeftAlone,
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

impl InboxSettings {
    /// The folder as every [`Place`](crate::domain::place::Place) of this inbox names it.
    ///
    /// Port and protection are left out: a server that moves from STARTTLS to TLS keeps its mails.
    pub fn folder(&self) -> String {
        match &self.source {
            Source::Imap { server, user, folder, .. } => {
                format!("imap:{user}@{}/{folder}", server.host)
            }
            Source::Maildir(path) => format!("maildir:{}", path.display()),
        }
    }
}

/// How long each step with a server may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Name, TCP and TLS together.
    pub connect: Duration,
    /// One answer of the server, beside what its size takes.
    pub answer: Duration,
    /// The slowest line that is still put up with, in bytes a second.
    pub bytes_per_second: u64,
    /// The longest IDLE. Below the 29 minutes of RFC 2177, since many routers forget a silent
    /// connection after five.
    pub idle: Duration,
    /// How long a mail that its server will not hand out is asked for, before it is sent on
    /// without its content.
    pub refused: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            answer: Duration::from_secs(60),
            bytes_per_second: 16 * 1024,
            idle: Duration::from_secs(290),
            refused: Duration::from_secs(15 * 60),
        }
    }
}

impl Patience {
    /// How long an answer of up to `bytes` may take.
    pub(super) fn answer_of(&self, bytes: u64) -> Duration {
        let for_size = bytes.checked_div(self.bytes_per_second).unwrap_or_default();
        self.answer.saturating_add(Duration::from_secs(for_size))
    }
}
