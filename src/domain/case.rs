//! A case: what its events add up to.
//!
//! Promises: [`Case::open`] and [`Case::apply`] are the only ways to make or change one, both are
//! total and pure, and an event that the state does not allow is refused and changes nothing. The
//! state follows from the other facts ([`Case::standing`]): no event sets it, so that it cannot
//! contradict them, and what an event takes back (a mail that bounced, a case reopened) needs no
//! memory of the state before.

mod allowed;
mod apply;
mod remains;

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::address::{Address, Mailbox};
use super::advisory::Advisory;
use super::authenticity::Verdict;
use super::case_id::CaseId;
use super::event::{Change, Event};
use super::exploited::Exploited;
use super::line::Line;
use super::mail::MessageId;
use super::state::{Disposition, State};
use super::suggestion::{Facts, Suggestion};

/// Everything that a listing shows of a case, and all that decisions rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its number.
    pub id: CaseId,
    /// Where it stands.
    pub state: State,
    /// How it ended.
    pub disposition: Option<Disposition>,
    /// The first mail's subject, fit to be shown.
    pub subject: String,
    /// Who reported.
    pub reporter: Mailbox,
    /// Who is answered: the reporter, or a relay in the reporter's place; `None` where a person
    /// answers elsewhere.
    pub correspondent: Option<Address>,
    /// The primary handler's handle.
    pub handler: Option<String>,
    /// When the report arrived.
    pub received_at: Timestamp,
    /// When the case was taken from an archive, if it was.
    pub imported_at: Option<Timestamp>,
    /// By when it is to be acknowledged; `None` while it is sent back.
    pub acknowledge_by: Option<Timestamp>,
    /// When the acknowledgement went out.
    pub acknowledged_at: Option<Timestamp>,
    /// By when a person is to answer in detail.
    pub respond_by: Option<Timestamp>,
    /// When a person's detailed answer went out.
    pub responded_at: Option<Timestamp>,
    /// When the reporter last heard from a person.
    pub last_told_at: Option<Timestamp>,
    /// By when the reporter is to hear of the progress.
    pub next_update_by: Option<Timestamp>,
    /// By when the problem is to be disclosed.
    pub disclose_by: Option<Timestamp>,
    /// When a person moved that promise last; the length of a wait for the reporter moves it on too.
    pub extended_at: Option<Timestamp>,
    /// Since when an answer of the reporter is waited for: the promises stand still until it comes.
    pub awaiting: Option<Timestamp>,
    /// Which mails of ours these times rest on.
    pub proof: Proof,
    /// The last mail to the reporter that did not reach them, until another one does.
    pub unreached: Option<Unreached>,
    /// Whether the report came from whom it says, where somebody looked.
    pub sender: Option<Verdict>,
    /// What is odd about the name of the last sender who looks like somebody of the project.
    pub doubt: Option<String>,
    /// Why the last automatic answer was not written, until the reporter hears of us.
    pub withheld: Option<String>,
    /// Whether no program could read the report, which is encrypted.
    pub encrypted: bool,
    /// What the handler was told when the case was handed over, until the case moves on.
    pub handover: Option<Handover>,
    /// When a person last answered by another way than ours, by the word of a maintainer.
    pub answered_elsewhere_at: Option<Timestamp>,
    /// Until when nothing is published.
    pub embargo_until: Option<Timestamp>,
    /// When that was set.
    pub embargo_set_at: Option<Timestamp>,
    /// Affected versions, as ranges.
    pub affected: Vec<String>,
    /// The lines of releases that were maintained when the case was confirmed; empty before.
    pub lines: Vec<Line>,
    /// What was looked for and found when the code was searched for similar problems.
    pub audit: Option<String>,
    /// What the advisory will say.
    pub advisory: Advisory,
    /// Who is credited, in order.
    pub credits: Vec<String>,
    /// What the law wants told of an exploited vulnerability.
    pub exploited: Option<Exploited>,
    /// When the problem was disclosed.
    pub disclosed_at: Option<Timestamp>,
    /// When the case was closed.
    pub closed_at: Option<Timestamp>,
    /// When what is personal in it was erased. Nothing happens to it any more.
    pub purged_at: Option<Timestamp>,
    /// The case that it was merged into.
    pub merged_into: Option<CaseId>,
    /// Cases that have to do with it.
    pub links: Vec<CaseId>,
    /// What was noticed in its report: advice for people.
    pub suggestions: Vec<Suggestion>,
    /// The facts of its report, once one was read.
    pub facts: Option<Facts>,
    /// How often it was sent back.
    pub returned_times: u32,
    /// Who has written into the case: those whom a case number in a subject is believed.
    pub participants: Vec<Address>,
    /// Who gets our letters to the reporter besides, by a person's word.
    pub cc: Vec<Address>,
    /// The handles of those who hear of every mail into the case besides its handler.
    pub followers: Vec<String>,
    /// When somebody last wrote into the case from outside.
    pub last_heard_at: Timestamp,
}

/// An event that a case's state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{case} is {state}: it cannot be {event}", state = .state.name())]
pub struct NotAllowed {
    /// The case.
    pub case: CaseId,
    /// Its state.
    pub state: State,
    /// The event's name.
    pub event: &'static str,
}

/// The mails of ours on which a case's facts rest: if one of them bounces, its fact falls.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Proof {
    /// The acknowledgement that went out.
    pub acknowledgement: Option<MessageId>,
    /// The mail that met the promise of a detailed answer.
    pub response: Option<MessageId>,
    /// The question that is waited on.
    pub question: Option<MessageId>,
    /// The last mail of a person.
    pub latest: Option<MessageId>,
}

/// A case that changed hands, with a word about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// When.
    pub at: Timestamp,
    /// The word, in one line.
    pub note: String,
}

/// A mail to the reporter that did not reach them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreached {
    /// Since when that is known.
    pub at: Timestamp,
    /// Which mail.
    pub message_id: MessageId,
    /// Why: the server's words, or that it is held.
    pub why: String,
}

impl Case {
    /// The case that an `Opened` event begins, or what a `Purged` event left of one; `None` for any
    /// other event.
    pub fn open(id: CaseId, event: &Event) -> Option<Self> {
        let (reporter, subject, received_at, via) = match &event.change {
            Change::Opened { reporter, subject, received_at, via } => {
                (reporter, subject, received_at, via)
            }
            Change::Purged { remains } => return Some((**remains).clone()),
            _ => return None,
        };
        let mut participants = vec![reporter.address.clone()];
        let mut correspondent = Some(reporter.address.clone());
        if let Some(via) = via {
            participants.push(via.by.address.clone());
            participants.dedup();
            correspondent.clone_from(&via.answered);
        }
        Some(Self {
            id,
            state: State::Received,
            disposition: None,
            subject: subject.clone(),
            reporter: reporter.clone(),
            correspondent,
            handler: None,
            received_at: *received_at,
            imported_at: None,
            acknowledge_by: None,
            acknowledged_at: None,
            respond_by: None,
            responded_at: None,
            last_told_at: None,
            next_update_by: None,
            disclose_by: None,
            extended_at: None,
            awaiting: None,
            proof: Proof::default(),
            unreached: None,
            sender: None,
            doubt: None,
            withheld: None,
            encrypted: false,
            handover: None,
            answered_elsewhere_at: None,
            embargo_until: None,
            embargo_set_at: None,
            affected: Vec::new(),
            lines: Vec::new(),
            audit: None,
            advisory: Advisory::default(),
            credits: Vec::new(),
            exploited: None,
            disclosed_at: None,
            closed_at: None,
            purged_at: None,
            merged_into: None,
            links: Vec::new(),
            suggestions: Vec::new(),
            facts: None,
            returned_times: 0,
            participants,
            cc: Vec::new(),
            followers: Vec::new(),
            last_heard_at: *received_at,
        })
    }

    /// The state that the facts say.
    fn standing(&self) -> State {
        let is_sent_back = self.acknowledge_by.is_none() && self.returned_times > 0;
        if self.closed_at.is_some() {
            State::Closed
        } else if is_sent_back {
            State::Returned
        } else if self.disclosed_at.is_some() {
            State::Disclosed
        } else if !self.lines.is_empty() && self.lines.iter().all(Line::is_settled) {
            State::Released
        } else if self.lines.iter().any(Line::is_begun) {
            State::Fixing
        } else if !self.lines.is_empty() {
            State::Confirmed
        } else if self.responded_at.is_some() {
            State::Triaging
        } else if self.acknowledged_at.is_some() {
            State::Acknowledged
        } else {
            State::Received
        }
    }

    /// Whether an address is somebody's who wrote into the case or was added to it.
    pub fn knows(&self, address: &Address) -> bool {
        self.participants.contains(address) || self.cc.contains(address)
    }

    /// A line of the checklist.
    pub fn line(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.name == name)
    }

    /// The affected lines with neither a release nor a stated reason why there will be none.
    pub fn unsettled(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| !line.is_settled())
    }

    /// Whether only a person's word, and no mail of ours, says that a person answered.
    pub fn is_answered_by_word(&self) -> bool {
        self.responded_at.is_some() && self.proof.response.is_none()
    }

    /// When the first release with a fix was out.
    pub fn fix_out_at(&self) -> Option<Timestamp> {
        self.lines.iter().filter_map(Line::released_at).min()
    }
}
