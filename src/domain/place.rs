//! Where in an inbox a mail lies, and how far an inbox has been read.

use serde::{Deserialize, Serialize};

/// The folder of everything that was imported.
pub const ARCHIVE: &str = "import";

/// The place of one mail in one folder. Stable for as long as the server keeps its promise.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Place {
    /// An IMAP message: RFC 9051 section 2.3.1.1 makes the three unique together.
    Imap {
        /// Server and folder, as the configuration names them; never a password.
        folder: String,
        /// UIDVALIDITY of the folder when the mail was read.
        uid_validity: u32,
        /// UID of the mail.
        uid: u32,
    },
    /// A file of a Maildir, by the part of its name that never changes (before `:2,`).
    Maildir {
        /// The Maildir's path.
        folder: String,
        /// The unique name.
        name: String,
    },
    /// A mail of an archive that was imported.
    Archive {
        /// The file, and where it holds many mails, which one.
        name: String,
    },
}

impl Place {
    /// The folder the mail lies in.
    pub fn folder(&self) -> &str {
        match self {
            Self::Imap { folder, .. } | Self::Maildir { folder, .. } => folder,
            Self::Archive { .. } => ARCHIVE,
        }
    }
}

/// How far a folder has been read: nothing at or before it is fetched again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Position {
    /// UIDVALIDITY that the UID belongs to; 0 before the first mail.
    pub uid_validity: u32,
    /// The highest UID whose decision is committed; 0 before the first mail.
    pub uid: u32,
}
