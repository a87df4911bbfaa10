//! A person's request, carried out: decided on by the policy, its mail in its final form.
//!
//! The commands of the shell call this within the store's transaction; so will commands by mail.

use super::desk::Desk;
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::event::{Actor, Change, Event};
use crate::domain::outgoing::{Hold, Outgoing};
use crate::mail::compose::ComposeError;
use crate::policy::verbs::{Asked, Changed, Done, Medium, Refusal, Request, perform};
use crate::store::{CaseChange, Files};

/// Why a request came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum Undone {
    /// The policy refuses it.
    #[error("{}", .0.told(Medium::Shell))]
    Refused(Refusal),
    /// Its mail cannot be written.
    #[error("the mail cannot be written: {0}")]
    Compose(ComposeError),
}

// By hand, since the words of the one are in the words of the other already.
impl From<Refusal> for Undone {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<ComposeError> for Undone {
    fn from(error: ComposeError) -> Self {
        Self::Compose(error)
    }
}

impl Desk {
    /// What a request of `actor` comes to.
    ///
    /// # Errors
    /// The policy's [`Refusal`].
    pub fn decide(
        &self,
        files: &Files,
        request: &Request,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Done, Refusal> {
        let asked = Asked {
            file: &files.file,
            other: files.other.as_ref(),
            next_case: files.next_case,
            actor,
            now,
            rules: &self.rules,
        };
        perform(&asked, request)
    }

    /// The same, with its mail as it will be sent.
    ///
    /// # Errors
    /// [`Undone`]; nothing changes then.
    pub fn act(
        &self,
        files: &Files,
        request: &Request,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<CaseChange, Undone> {
        let done = self.decide(files, request, actor, now)?;
        let outgoing = self.write_all(&done.letters, now)?;
        let mut changed = done.changed;
        for changed in &mut changed {
            for mail in &outgoing {
                note_if_held(&mut changed.case, &mut changed.events, mail, now);
            }
        }
        let cases = changed.into_iter().map(|Changed { case, events }| (case, events)).collect();
        Ok(CaseChange { cases, outgoing, moved: done.moved })
    }
}

/// What is held back reaches nobody: that has to show on its case.
pub(super) fn note_if_held(
    case: &mut Case,
    events: &mut Vec<Event>,
    mail: &Outgoing,
    now: Timestamp,
) {
    let reaches_nobody = mail.hold != Hold::Send && mail.purpose.is_for_reporter();
    if !reaches_nobody || mail.case != Some(case.id) {
        return;
    }
    let change = Change::Held { message_id: mail.message_id.clone() };
    let event = Event { at: now, actor: Actor::Policy, change };
    if case.apply(&event).is_ok() {
        events.push(event);
    }
}
