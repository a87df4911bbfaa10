//! A case: what its events add up to.
//!
//! Promises: [`Case::open`] and [`Case::apply`] are the only ways to make or change one, both are
//! total and pure, and an event that the state does not allow is refused and changes nothing.

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::address::{Address, Mailbox};
use super::case_id::CaseId;
use super::event::{Change, Event};
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
    /// The primary handler's handle.
    pub handler: Option<String>,
    /// When the report arrived.
    pub received_at: Timestamp,
    /// By when it is to be acknowledged; `None` while it is sent back.
    pub acknowledge_by: Option<Timestamp>,
    /// When the acknowledgement went out.
    pub acknowledged_at: Option<Timestamp>,
    /// By when a person is to answer in detail.
    pub respond_by: Option<Timestamp>,
    /// When a person's detailed answer went out.
    pub responded_at: Option<Timestamp>,
    /// By when the reporter is to hear of the progress.
    pub next_update_by: Option<Timestamp>,
    /// Until when nothing is published.
    pub embargo_until: Option<Timestamp>,
    /// Affected versions, as ranges.
    pub affected: Vec<String>,
    /// What was noticed in its report: advice for people.
    pub suggestions: Vec<Suggestion>,
    /// The facts of its report, once one was read.
    pub facts: Option<Facts>,
    /// How often it was sent back.
    pub returned_times: u32,
    /// Who has written into the case: those whom a case number in a subject is believed.
    pub participants: Vec<Address>,
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

impl Case {
    /// The case that an `Opened` event begins; `None` for any other event.
    pub fn open(id: CaseId, event: &Event) -> Option<Self> {
        let Change::Opened { reporter, subject, received_at } = &event.change else { return None };
        Some(Self {
            id,
            state: State::Received,
            disposition: None,
            subject: subject.clone(),
            reporter: reporter.clone(),
            handler: None,
            received_at: *received_at,
            acknowledge_by: None,
            acknowledged_at: None,
            respond_by: None,
            responded_at: None,
            next_update_by: None,
            embargo_until: None,
            affected: Vec::new(),
            suggestions: Vec::new(),
            facts: None,
            returned_times: 0,
            participants: vec![reporter.address.clone()],
            last_heard_at: *received_at,
        })
    }

    /// Takes one event in.
    ///
    /// # Errors
    /// [`NotAllowed`] where the state does not permit the event; the case is unchanged then.
    pub fn apply(&mut self, event: &Event) -> Result<(), NotAllowed> {
        let refused = NotAllowed { case: self.id, state: self.state, event: event.change.name() };
        match &event.change {
            Change::Opened { .. } => return Err(refused),
            Change::Returned { .. } => match self.state {
                State::Received | State::Returned => {
                    self.state = State::Returned;
                    self.acknowledge_by = None;
                    self.returned_times = self.returned_times.saturating_add(1);
                }
                _ => return Err(refused),
            },
            Change::Accepted { acknowledge_by, .. } => match self.state {
                State::Received | State::Returned => {
                    self.state = State::Received;
                    self.acknowledge_by = Some(*acknowledge_by);
                }
                _ => return Err(refused),
            },
            Change::Assigned { handler } => match self.state {
                State::Closed => return Err(refused),
                _ => self.handler = Some(handler.clone()),
            },
            Change::Acknowledged { respond_by, .. } => match self.state {
                State::Received => {
                    self.state = State::Acknowledged;
                    self.acknowledged_at = Some(event.at);
                    self.respond_by = Some(*respond_by);
                }
                _ => return Err(refused),
            },
            Change::FollowUp { from, .. } => {
                if !self.participants.contains(&from.address) {
                    self.participants.push(from.address.clone());
                }
                self.last_heard_at = self.last_heard_at.max(event.at);
            }
            Change::Noticed { suggestions, facts } => {
                self.suggestions.clone_from(suggestions);
                self.facts = Some(facts.clone());
            }
            // Only a person's answer that went out stops the second clock (invariant 5).
            Change::Responded { .. } => {
                self.responded_at = self.responded_at.or(Some(event.at));
                if matches!(self.state, State::Received | State::Acknowledged) {
                    self.acknowledged_at = self.acknowledged_at.or(Some(event.at));
                    self.respond_by = self.respond_by.or(Some(event.at));
                    self.state = State::Triaging;
                }
            }
            Change::Closed { disposition, .. } => match self.state {
                State::Closed => return Err(refused),
                _ => {
                    self.state = State::Closed;
                    self.disposition = Some(*disposition);
                }
            },
            Change::MachineMail { .. } | Change::Undelivered { .. } | Change::Held { .. } => {}
        }
        Ok(())
    }
}
