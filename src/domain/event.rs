//! What happened to a case. The state of a case is what its events say, in their order.

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::address::Mailbox;
use super::judgement::Format;
use super::mail::MessageId;
use super::state::Disposition;
use super::suggestion::{Facts, Suggestion};

/// One change of a case: when, by whom, what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When it happened.
    pub at: Timestamp,
    /// Who caused it.
    pub actor: Actor,
    /// What happened.
    pub change: Change,
}

/// Who caused an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "who", content = "name")]
pub enum Actor {
    /// The reporter, or whoever else wrote into the case.
    Reporter,
    /// embargod itself, by a rule of the policy.
    Policy,
    /// A maintainer, by handle.
    Maintainer(String),
    /// Whoever ran a command on the machine, by login name.
    Operator(String),
}

impl Actor {
    /// A short form for listings.
    pub fn label(&self) -> String {
        match self {
            Self::Reporter => "reporter".to_owned(),
            Self::Policy => "policy".to_owned(),
            Self::Maintainer(handle) => handle.clone(),
            Self::Operator(login) => format!("operator:{login}"),
        }
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Change {
    /// A submission opened the case.
    Opened {
        /// Who reported.
        reporter: Mailbox,
        /// The subject, fit to be shown.
        subject: String,
        /// When the mail arrived, which starts the first clock.
        received_at: Timestamp,
    },
    /// The report was not in the body and was sent back.
    Returned {
        /// Where it was instead.
        format: Format,
        /// The rule that decided.
        rule: String,
    },
    /// The report counts as received.
    Accepted {
        /// Why: the rule, or who overruled a return.
        why: String,
        /// By when the acknowledgement was promised.
        acknowledge_by: Timestamp,
    },
    /// A primary handler was named.
    Assigned {
        /// The handle.
        handler: String,
    },
    /// The acknowledgement went out.
    Acknowledged {
        /// Which mail.
        message_id: MessageId,
        /// By when the reporter was promised a detailed answer.
        respond_by: Timestamp,
    },
    /// A mail joined the case.
    FollowUp {
        /// Who wrote it.
        from: Mailbox,
        /// Which mail.
        message_id: Option<MessageId>,
    },
    /// A machine's mail about the case: a bounce, a vacation notice.
    MachineMail {
        /// What it was.
        what: super::judgement::Kind,
        /// The rule that recognised it.
        rule: String,
    },
    /// What a careful reader would notice in the report: advice for people.
    Noticed {
        /// The advice.
        suggestions: Vec<Suggestion>,
        /// The facts of the report, found or not.
        facts: Facts,
    },
    /// A person's answer went out to the reporter.
    Responded {
        /// Which mail.
        message_id: MessageId,
    },
    /// The case ended.
    Closed {
        /// How.
        disposition: Disposition,
        /// On what ground: an exclusion, a package, another case.
        ground: Option<String>,
    },
    /// A mail of ours could not be delivered.
    Undelivered {
        /// Which mail.
        message_id: MessageId,
        /// What the server said.
        why: String,
    },
    /// A mail to the reporter was held because embargod only observes.
    Held {
        /// Which mail.
        message_id: MessageId,
    },
}

impl Change {
    /// The event's name in the store and in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Returned { .. } => "returned",
            Self::Accepted { .. } => "accepted",
            Self::Assigned { .. } => "assigned",
            Self::Acknowledged { .. } => "acknowledged",
            Self::FollowUp { .. } => "follow-up",
            Self::MachineMail { .. } => "machine-mail",
            Self::Noticed { .. } => "noticed",
            Self::Responded { .. } => "responded",
            Self::Closed { .. } => "closed",
            Self::Undelivered { .. } => "undelivered",
            Self::Held { .. } => "held",
        }
    }

    /// What happened, in words for a person.
    pub fn describe(&self) -> String {
        match self {
            Self::Opened { reporter, .. } => format!("reported by {reporter}"),
            Self::Returned { format, rule } => {
                let format = match format {
                    Format::LinkOnly => "the report is only behind a link",
                    Format::AttachmentOnly => "the report is only in an attachment",
                    _ => "there is no report in the body",
                };
                format!("sent back: {format} ({rule})")
            }
            Self::Accepted { why, .. } => format!("taken in: {why}"),
            Self::Assigned { handler } => format!("handler: {handler}"),
            Self::Acknowledged { respond_by, .. } => {
                format!(
                    "acknowledged; detailed response promised by {}",
                    respond_by.format("%Y-%m-%d %H:%M UTC")
                )
            }
            Self::FollowUp { from, .. } => format!("mail from {from}"),
            Self::MachineMail { rule, .. } => format!("machine mail ({rule})"),
            Self::Noticed { suggestions, .. } => match suggestions.as_slice() {
                [] => "nothing to suggest".to_owned(),
                some => {
                    let kinds: Vec<_> = some.iter().map(|s| s.kind.name()).collect();
                    format!("suggested: {}", kinds.join(", "))
                }
            },
            Self::Responded { .. } => "a person's answer went out".to_owned(),
            Self::Closed { disposition, ground: None } => {
                format!("closed as {}", disposition.name())
            }
            Self::Closed { disposition, ground: Some(ground) } => {
                format!("closed as {}: {ground}", disposition.name())
            }
            Self::Undelivered { why, .. } => format!("could not be delivered: {why}"),
            Self::Held { .. } => "answer held: mode is observe".to_owned(),
        }
    }
}
