//! What a mail is and whether its report is whole: the words of `screen --json`.

use serde::{Deserialize, Serialize};

/// The rule that knows a mail by which some service lets an address prove itself.
pub const VERIFICATION: &str = "machine.verification";

/// The rule that knows a canary which came home: what embargod wrote to itself is nobody's news.
pub const CANARY: &str = "own.canary";

/// The rules of a command whose maintainer was told what became of it: nobody waits for an answer.
pub const TOLD: [&str; 3] = ["command.done", "command.refused", "command.repeated"];

/// What a mail is. Only a submission or a person's follow-up is ever answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A person reports something new.
    Submission,
    /// A person answers a case or a mail of ours.
    FollowUp,
    /// A maintainer tells embargod what to do.
    Command,
    /// A delivery status notification (RFC 3464), or an MTA's older notice.
    Bounce,
    /// A vacation notice, a ticket acknowledgement or the like (RFC 3834).
    AutoReply,
    /// A list, newsletter or announcement.
    Bulk,
    /// Our own mail come back.
    Own,
    /// An upstream filter said so.
    Spam,
    /// Not even a sender can be read.
    Malformed,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Submission,
        Self::FollowUp,
        Self::Command,
        Self::Bounce,
        Self::AutoReply,
        Self::Bulk,
        Self::Own,
        Self::Spam,
        Self::Malformed,
    ];

    /// The name in the store, in JSON and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Submission => "submission",
            Self::FollowUp => "follow-up",
            Self::Command => "command",
            Self::Bounce => "bounce",
            Self::AutoReply => "auto-reply",
            Self::Bulk => "bulk",
            Self::Own => "own",
            Self::Spam => "spam",
            Self::Malformed => "malformed",
        }
    }
}

/// Where the content of a submission is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// In the body, as the policy asks.
    Whole,
    /// Only behind a link.
    LinkOnly,
    /// Only in an attachment.
    AttachmentOnly,
    /// Nowhere.
    Empty,
    /// In an encrypted body that cannot be opened here: whole by the policy, for a person to read.
    Encrypted,
}

impl Format {
    /// Whether the policy's one automatic rule sends the mail back.
    pub fn is_sent_back(self) -> bool {
        matches!(self, Self::LinkOnly | Self::AttachmentOnly | Self::Empty)
    }
}

/// One ground of a judgement: the rule that spoke and what it saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The rule's id, such as `body.only-links`. Ids are part of the product's interface.
    pub rule: String,
    /// What the rule saw, with its numbers, for a person.
    pub detail: String,
}

impl Reason {
    /// A reason of the rule `rule`.
    pub fn new(rule: &str, detail: impl Into<String>) -> Self {
        Self { rule: rule.to_owned(), detail: detail.into() }
    }
}

/// The judgement of one mail: a kind, for a submission a format, and never without a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// What the mail is.
    pub kind: Kind,
    /// Where a submission's (or a follow-up's) content is; `None` for machines' mail.
    pub format: Option<Format>,
    /// Why, the deciding reason first. Never empty.
    pub reasons: Vec<Reason>,
}
