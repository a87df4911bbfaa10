//! What lets a maintainer act by answering a mail: a grant, bound to one person, one case and one
//! kind of mail, and the token that stands for it in that mail.

use super::Timestamp;
use super::case_id::CaseId;
use super::outgoing::Purpose;

/// What a mail to a maintainer lets them do by answering it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The maintainer, by handle.
    pub handle: String,
    /// The case; `None` where the mail is about many, and a command has to name its own.
    pub case: Option<CaseId>,
    /// What the mail was for.
    pub purpose: Purpose,
    /// Until when it holds.
    pub expires_at: Timestamp,
}

/// A grant as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptGrant {
    /// What was granted.
    pub grant: Grant,
    /// When a change was made with it; it makes none after that.
    pub used_at: Option<Timestamp>,
    /// When somebody took it back.
    pub revoked_at: Option<Timestamp>,
}

/// What makes one grant different from every other: random, and the name of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Nonce(pub [u8; 10]);
