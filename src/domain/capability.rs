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

/// A grant with the name of its row: what a mail carries besides its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The name.
    pub nonce: Nonce,
    /// What was granted.
    pub grant: Grant,
}

/// A grant as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptGrant {
    /// What was granted.
    pub grant: Grant,
    /// When it was made.
    pub given_at: Timestamp,
    /// When a change was made with it; it makes none after that.
    pub used_at: Option<Timestamp>,
    /// When somebody took it back.
    pub revoked_at: Option<Timestamp>,
}

/// What makes one grant different from every other: random, and the name of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Nonce(pub [u8; 10]);

/// Whether a grant holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Holds,
    /// It ran out.
    Expired,
    /// Somebody took it back.
    Revoked,
    /// A change was made with it.
    Used,
}

impl Standing {
    /// The name on the screen and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Used => "used",
        }
    }
}

impl KeptGrant {
    /// Whether it holds at `now`.
    pub fn standing(&self, now: Timestamp) -> Standing {
        match (self.revoked_at, self.used_at) {
            (Some(_), _) => Standing::Revoked,
            (None, Some(_)) => Standing::Used,
            (None, None) if self.grant.expires_at <= now => Standing::Expired,
            (None, None) => Standing::Holds,
        }
    }
}
