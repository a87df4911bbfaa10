//! A mail that is to be sent, and what became of each attempt.

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::address::Address;
use super::capability::Granted;
use super::case_id::CaseId;
use super::mail::MessageId;

/// What a mail of ours is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// The automatic acknowledgement of a report.
    Acknowledgement,
    /// The answer to a report that is not in the body.
    SentBack,
    /// A person's answer.
    Reply,
    /// A person's question, until whose answer the promises stand still.
    Question,
    /// A person's word that the fix is released.
    Released,
    /// A person's answer that ends a case.
    Closing,
    /// A person's word that the problem is public now.
    Disclosure,
    /// The same to a list that announces such things.
    Announcement,
    /// The maintainers' daily work queue.
    Digest,
    /// To a maintainer: clocks that have run far.
    Reminder,
    /// To a maintainer: a mail came into a case, or a mail of ours came back.
    Notice,
    /// To a maintainer: what came of a mail with commands.
    Confirmation,
    /// What the reporter gets, to somebody else who was added to the case.
    Copy,
    /// To the project itself, to see whether mail comes in.
    Canary,
}

impl Purpose {
    /// Whether the mail goes to a reporter.
    pub fn is_for_reporter(self) -> bool {
        match self {
            Self::Acknowledgement | Self::SentBack => true,
            Self::Reply | Self::Question | Self::Released => true,
            Self::Closing | Self::Disclosure => true,
            Self::Announcement | Self::Copy => false,
            Self::Digest | Self::Reminder | Self::Notice | Self::Confirmation => false,
            Self::Canary => false,
        }
    }

    /// Whether the mail goes to others than the maintainers, and is held in observe mode.
    pub fn leaves_the_project(self) -> bool {
        self.is_for_reporter() || matches!(self, Self::Announcement | Self::Copy)
    }

    /// Whether a person says it, so that it keeps the promises that only a person can keep.
    pub fn is_a_persons(self) -> bool {
        match self {
            Self::Reply | Self::Question | Self::Released => true,
            Self::Closing | Self::Disclosure => true,
            Self::Acknowledgement | Self::SentBack => false,
            Self::Digest | Self::Reminder | Self::Notice | Self::Confirmation => false,
            // To those who were promised nothing.
            Self::Announcement | Self::Copy | Self::Canary => false,
        }
    }

    /// The name in the store and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Acknowledgement => "acknowledgement",
            Self::SentBack => "sent-back",
            Self::Reply => "reply",
            Self::Question => "question",
            Self::Released => "released",
            Self::Closing => "closing",
            Self::Disclosure => "disclosure",
            Self::Announcement => "announcement",
            Self::Digest => "digest",
            Self::Reminder => "reminder",
            Self::Notice => "notice",
            Self::Confirmation => "confirmation",
            Self::Copy => "copy",
            Self::Canary => "canary",
        }
    }
}

/// A rendered mail: these bytes and no others go out, however often they must be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// What it is for.
    pub purpose: Purpose,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// MAIL FROM; `None` is the null sender.
    pub envelope_from: Option<Address>,
    /// RCPT TO: one recipient a mail, so that one refusal never stops another.
    pub to: Address,
    /// Its Message-ID, for the threads and for a second try.
    pub message_id: MessageId,
    /// The subject, for listings.
    pub subject: String,
    /// The mail, CRLF line ends, ready for DATA before dot-stuffing.
    pub bytes: Vec<u8>,
    /// Sent at once, or held because embargod only observes.
    pub hold: Hold,
    /// What answering it lets its reader do, kept with it.
    pub grant: Option<Granted>,
}

/// Whether a mail may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// It goes out.
    Send,
    /// It stays in the store: `mode = "observe"`.
    Observe,
}

/// What became of one attempt to hand a mail over. An outcome, not an error: each is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The server took responsibility, with this last line.
    Accepted(String),
    /// Not now, and why: the server did not take this mail (4xx), try it again later.
    Deferred(String),
    /// The server takes no mail at all (no connection, no login, 421), and why: says nothing about
    /// this one.
    Away(String),
    /// Never (5xx), and why: trying again would be refused again.
    Refused(String),
    /// The connection was lost after the last dot: it may have been taken. The same bytes with the
    /// same Message-ID go again.
    Unknown(String),
}

/// Where a mail of ours stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Waits for its (next) attempt.
    Queued,
    /// Held by observe mode.
    Held,
    /// Accepted by the server.
    Sent,
    /// Refused for good, too old to try again, or reported undeliverable later.
    Undelivered,
}

impl Status {
    /// The name in the store and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Held => "held",
            Self::Sent => "sent",
            Self::Undelivered => "undelivered",
        }
    }
}

/// What to do after an attempt, as the retry policy decided it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AfterAttempt {
    /// It is out.
    Sent,
    /// Try again at this time.
    RetryAt(Timestamp),
    /// Try again at this time; this was no attempt, since there was no server to attempt it with.
    StillDue(Timestamp),
    /// Give up, and say so in the digest.
    GiveUp,
}
