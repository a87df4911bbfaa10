//! What happened to a case. The state of a case is what its events say, in their order.

mod name;
mod words;

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::address::{Address, Mailbox};
use super::advisory::Advisory;
use super::authenticity::Verdict;
use super::case::Case;
use super::case_id::CaseId;
use super::exploited::Report;
use super::judgement::Format;
use super::line::Line;
use super::mail::MessageId;
use super::outgoing::Purpose;
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
        /// Who forwarded it, where somebody did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        via: Option<Forwarded>,
    },
    /// The case comes from an archive: no promise was made, and none runs out.
    Imported,
    /// Its thread ended in the archive, and how is not known.
    Archived,
    /// An earlier mail of its thread was imported: the case began with that.
    Preceded {
        /// Who reported.
        reporter: Mailbox,
        /// The subject, fit to be shown.
        subject: String,
        /// When the mail arrived.
        received_at: Timestamp,
    },
    /// Who really sent the report was looked at.
    SenderChecked {
        /// What follows.
        verdict: Verdict,
        /// What was seen, and by whom.
        how: String,
    },
    /// The sender of a mail looks like somebody of the project.
    SenderDoubted {
        /// Why, in words.
        why: String,
    },
    /// An automatic answer was not written.
    Withheld {
        /// Which.
        what: Purpose,
        /// Why.
        why: String,
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
        /// How the report can be read.
        #[serde(default = "whole")]
        format: Format,
        /// By when the acknowledgement was promised.
        acknowledge_by: Timestamp,
        /// By when disclosure was promised.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        disclose_by: Option<Timestamp>,
    },
    /// A primary handler was named.
    Assigned {
        /// The handle.
        handler: String,
        /// What the new handler should know.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Nobody handles the case any more.
    Unassigned,
    /// The acknowledgement went out.
    Acknowledged {
        /// Which mail.
        message_id: MessageId,
        /// By when the reporter was promised a detailed answer, if that was promised.
        respond_by: Option<Timestamp>,
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
        /// The mail of ours to somebody else than the reporter that it gives back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lost: Option<MessageId>,
    },
    /// What a careful reader would notice in the report: advice for people.
    Noticed {
        /// The advice.
        suggestions: Vec<Suggestion>,
        /// The facts of the report, found or not.
        facts: Facts,
    },
    /// A person wrote to the reporter. It counts for the promises once it has gone out.
    Wrote {
        /// What was written.
        what: Purpose,
    },
    /// A person's answer went out to the reporter.
    Responded {
        /// Which mail.
        message_id: MessageId,
        /// By when the reporter is to hear of the progress.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_update_by: Option<Timestamp>,
    },
    /// A person answered the reporter by another way than ours, as a maintainer says.
    Answered {
        /// When they answered.
        answered_at: Timestamp,
        /// What was said, and where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// By when the reporter is to hear of the progress.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_update_by: Option<Timestamp>,
    },
    /// A person's question went out to the reporter: until the answer, the promises stand still.
    Asked {
        /// Which mail.
        message_id: MessageId,
        /// By when the reporter is to hear of the progress, had nothing been asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_update_by: Option<Timestamp>,
    },
    /// A wait for the reporter was over, and working time has been counted: where the promises lie now.
    Resumed {
        /// By when the reporter is to hear of the progress.
        next_update_by: Option<Timestamp>,
        /// By when disclosure is promised.
        disclose_by: Option<Timestamp>,
    },
    /// The problem is real.
    Confirmed {
        /// The affected versions, as ranges.
        affected: Vec<String>,
        /// The lines of releases that are maintained, affected or not.
        lines: Vec<Line>,
    },
    /// The code was searched for similar problems.
    Audited {
        /// What was looked for and found.
        text: String,
    },
    /// A line has a fix, which no release has yet.
    FixReady {
        /// The line.
        line: String,
    },
    /// A line will get no fix.
    FixRefused {
        /// The line.
        line: String,
        /// The stated reason.
        why: String,
    },
    /// A release of a line has the fix.
    LineReleased {
        /// The line.
        line: String,
        /// The release.
        version: String,
    },
    /// Until when nothing is published was agreed on, or lifted.
    Embargoed {
        /// Until when; `None` where it was lifted.
        until: Option<Timestamp>,
    },
    /// The promise to disclose was moved.
    Extended {
        /// By when now.
        disclose_by: Timestamp,
        /// The stated reason.
        why: String,
    },
    /// Somebody is to be credited.
    Credited {
        /// As they want to be named.
        name: String,
    },
    /// Facts for the advisory were stated.
    Described {
        /// The facts.
        facts: Advisory,
    },
    /// The advisory is public.
    Disclosed,
    /// The case ended.
    Closed {
        /// How.
        disposition: Disposition,
        /// On what ground: an exclusion, a package, another case.
        ground: Option<String>,
    },
    /// The case ended because another has its report too.
    Merged {
        /// Which other.
        into: CaseId,
    },
    /// Another case was merged into this one.
    Absorbed {
        /// Which other.
        case: CaseId,
        /// Who has written into it.
        participants: Vec<Address>,
    },
    /// Another case has to do with this one.
    Linked {
        /// Which other.
        case: CaseId,
    },
    /// A closed case is worked on again.
    Reopened {
        /// Why.
        why: String,
        /// By when the reporter is to hear of the progress, if a person ever wrote to them.
        next_update_by: Option<Timestamp>,
    },
    /// A maintainer wants to hear of every mail that comes into the case.
    Followed {
        /// The handle.
        handle: String,
    },
    /// A maintainer no longer does.
    Unfollowed {
        /// The handle.
        handle: String,
    },
    /// Letters to the reporter go to somebody else too, by a person's word.
    CcAdded {
        /// Who that is.
        address: Address,
    },
    /// They no longer do.
    CcDropped {
        /// Who that was.
        address: Address,
    },
    /// A mail that may have been meant as a maintainer's command was not believed.
    CommandRefused {
        /// The address that it says it is from.
        from: Option<Address>,
        /// Why.
        why: String,
    },
    /// A word among maintainers, never sent.
    Noted {
        /// The word.
        text: String,
    },
    /// The vulnerability is being exploited.
    Exploited {
        /// Since when the project knows.
        known_since: Timestamp,
    },
    /// A report to the authorities was made.
    ReportMade {
        /// Which.
        report: Report,
    },
    /// A mail of ours could not be delivered.
    Undelivered {
        /// Which mail.
        message_id: MessageId,
        /// What the server said.
        why: String,
    },
    /// What is personal in a closed case was erased, with all events before this one.
    Purged {
        /// What is left of the case.
        remains: Box<Case>,
    },
    /// A mail to the reporter was held because embargod only observes.
    Held {
        /// Which mail.
        message_id: MessageId,
    },
}

fn whole() -> Format {
    Format::Whole
}

/// How a report was forwarded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forwarded {
    /// Who forwarded it.
    pub by: Mailbox,
    /// Who is answered; `None` where nobody is.
    pub answered: Option<Address>,
}
