//! What each event changes.

use super::{Case, Handover, NotAllowed, Unreached};
use crate::domain::Timestamp;
use crate::domain::case_id::CaseId;
use crate::domain::event::{Change, Event};
use crate::domain::exploited::Exploited;
use crate::domain::judgement::Format;
use crate::domain::line::{Line, Repair};
use crate::domain::mail::MessageId;
use crate::domain::state::{Disposition, State};

impl Case {
    /// Takes one event in.
    ///
    /// # Errors
    /// [`NotAllowed`] where the state does not permit the event; the case is unchanged then.
    pub fn apply(&mut self, event: &Event) -> Result<(), NotAllowed> {
        if !self.allows(&event.change) {
            let event = event.change.name();
            return Err(NotAllowed { case: self.id, state: self.state, event });
        }
        let before = (self.state, self.last_told_at);
        self.take(&event.change, event.at);
        self.state = self.standing();
        // An acknowledgement is no step of the new handler's.
        let moved_on =
            self.state > State::Acknowledged && before != (self.state, self.last_told_at);
        self.handover = self.handover.take().filter(|_| !moved_on);
        Ok(())
    }

    fn take(&mut self, change: &Change, at: Timestamp) {
        match change {
            Change::Opened { .. } | Change::MachineMail { .. } | Change::Wrote { .. } => {}
            Change::Noted { .. } | Change::CommandRefused { .. } => {}
            Change::Imported => self.imported_at = Some(at),
            Change::Archived => self.closed_at = self.closed_at.max(Some(at)),
            Change::Preceded { reporter, subject, received_at } => {
                self.reporter = reporter.clone();
                self.correspondent = Some(reporter.address.clone());
                self.subject.clone_from(subject);
                self.received_at = *received_at;
                if !self.participants.contains(&reporter.address) {
                    self.participants.push(reporter.address.clone());
                }
            }
            Change::SenderChecked { verdict, .. } => self.sender = self.sender.or(Some(*verdict)),
            Change::SenderDoubted { why } => self.doubt = Some(why.clone()),
            Change::Withheld { why, .. } => self.withheld = Some(why.clone()),
            Change::Returned { .. } => {
                self.acknowledge_by = None;
                self.returned_times = self.returned_times.saturating_add(1);
            }
            Change::Accepted { acknowledge_by, disclose_by, format, .. } => {
                self.encrypted = *format == Format::Encrypted;
                self.acknowledge_by = Some(*acknowledge_by);
                self.disclose_by = *disclose_by;
            }
            Change::Assigned { handler, note } => {
                self.handler = Some(handler.clone());
                self.handover = note.clone().map(|note| Handover { at, note });
            }
            Change::Unassigned => {
                self.handler = None;
                self.handover = None;
            }
            Change::Acknowledged { message_id, respond_by } => {
                self.acknowledged_at = Some(at);
                self.respond_by = *respond_by;
                self.proof.acknowledgement = Some(message_id.clone());
                self.unreached = None;
                self.withheld = None;
            }
            Change::FollowUp { from, .. } => {
                if !self.participants.contains(&from.address) {
                    self.participants.push(from.address.clone());
                }
                self.last_heard_at = self.last_heard_at.max(at);
                self.resume(at);
            }
            Change::Noticed { suggestions, facts } => {
                self.suggestions.clone_from(suggestions);
                self.facts = Some(facts.clone());
            }
            Change::Responded { message_id, next_update_by } => {
                self.told(message_id, *next_update_by, at);
            }
            Change::Answered { answered_at, next_update_by, .. } => {
                self.answered_elsewhere(*answered_at, *next_update_by, at);
            }
            Change::Asked { message_id, next_update_by } => {
                self.told(message_id, *next_update_by, at);
                if self.state.is_open() {
                    self.awaiting = Some(at);
                    self.proof.question = Some(message_id.clone());
                }
            }
            Change::Resumed { next_update_by, disclose_by } => {
                self.next_update_by = *next_update_by;
                self.disclose_by = *disclose_by;
            }
            Change::Undelivered { message_id, why } => self.undelivered(message_id, why, at),
            Change::Held { message_id } => {
                self.unreached_by(message_id, "held: mode is observe", at)
            }
            Change::Confirmed { affected, lines } => self.confirmed(affected, lines, at),
            Change::Audited { text } => self.audit = Some(text.clone()),
            Change::FixReady { line } => self.repair(line, |_| Repair::Ready { fixed_at: at }),
            Change::FixRefused { line, why } => {
                self.repair(line, |_| Repair::Refused { why: why.clone() });
            }
            Change::LineReleased { line, version } => {
                self.repair(line, |before| Repair::Released {
                    fixed_at: before.fixed_at().unwrap_or(at),
                    released_at: before.released_at().unwrap_or(at),
                    version: version.clone(),
                })
            }
            Change::Embargoed { until } => {
                self.embargo_until = *until;
                self.embargo_set_at = until.map(|_| at);
            }
            Change::Extended { disclose_by, .. } => {
                self.rebase(at);
                self.disclose_by = Some(*disclose_by);
                self.extended_at = Some(at);
            }
            Change::Credited { name } => {
                if !self.credits.contains(name) {
                    self.credits.push(name.clone());
                }
            }
            Change::Described { facts } => self.advisory.take(facts),
            Change::Disclosed => self.disclosed_at = Some(at),
            Change::Closed { disposition, .. } => self.closed(*disposition, at),
            Change::Merged { into } => {
                self.closed(Disposition::Duplicate, at);
                self.merged_into = Some(*into);
            }
            Change::Absorbed { case, participants } => {
                self.link(*case);
                for address in participants {
                    if !self.participants.contains(address) {
                        self.participants.push(address.clone());
                    }
                }
            }
            Change::Linked { case } => self.link(*case),
            Change::Purged { remains } => self.clone_from(remains),
            Change::Reopened { next_update_by, .. } => {
                self.closed_at = None;
                self.disposition = None;
                self.merged_into = None;
                if self.last_told_at.is_some() {
                    self.next_update_by = (*next_update_by).max(self.next_update_by);
                }
            }
            Change::Followed { handle } => {
                if !self.followers.contains(handle) {
                    self.followers.push(handle.clone());
                }
            }
            Change::Unfollowed { handle } => self.followers.retain(|known| known != handle),
            Change::CcAdded { address } => {
                for list in [&mut self.cc, &mut self.participants] {
                    if !list.contains(address) {
                        list.push(address.clone());
                    }
                }
            }
            // Who wrote into the case may still do so.
            Change::CcDropped { address } => self.cc.retain(|known| known != address),
            Change::Exploited { known_since } => match &mut self.exploited {
                Some(exploited) => exploited.known_since = *known_since,
                None => self.exploited = Some(Exploited::since(*known_since)),
            },
            Change::ReportMade { report } => {
                if let Some(exploited) = &mut self.exploited {
                    exploited.make(*report, at);
                }
            }
        }
    }

    /// A person's mail to the reporter is out: only this meets the second promise (invariant 5).
    fn told(&mut self, id: &MessageId, next_update_by: Option<Timestamp>, at: Timestamp) {
        self.rebase(at);
        self.last_told_at = Some(at);
        self.proof.latest = Some(id.clone());
        self.unreached = None;
        self.withheld = None;
        if self.state != State::Closed {
            self.next_update_by = next_update_by.or(self.next_update_by);
        }
        // What is said about a report that was sent back is no answer to the report.
        if self.state == State::Returned {
            return;
        }
        if self.responded_at.is_none() {
            self.responded_at = Some(at);
            self.proof.response = Some(id.clone());
        }
        if self.acknowledged_at.is_none() {
            self.acknowledged_at = Some(at);
            self.proof.acknowledgement = Some(id.clone());
            self.respond_by = self.respond_by.or(Some(at));
        }
    }

    /// A person's word that a person has told the reporter: it keeps the promises, and rests on no mail.
    fn answered_elsewhere(
        &mut self,
        answered_at: Timestamp,
        next_update_by: Option<Timestamp>,
        at: Timestamp,
    ) {
        self.rebase(at);
        let is_latest = self.last_told_at.is_none_or(|told| told <= answered_at);
        self.answered_elsewhere_at = self.answered_elsewhere_at.max(Some(answered_at));
        self.withheld = None;
        if is_latest {
            self.last_told_at = Some(answered_at);
            self.proof.latest = None;
            self.unreached = None;
            self.next_update_by = next_update_by.or(self.next_update_by);
        }
        self.responded_at.get_or_insert(answered_at);
        self.acknowledged_at.get_or_insert(answered_at);
        self.respond_by.get_or_insert(answered_at);
    }

    /// A mail of ours did not arrive: what rested on it falls, and shows at once.
    fn undelivered(&mut self, id: &MessageId, why: &str, at: Timestamp) {
        let rests_on = |proof: &Option<MessageId>| proof.as_ref() == Some(id);
        let is_latest = rests_on(&self.proof.latest);
        // A later mail of a person that did arrive stands in for an earlier one, and so does the word
        // that a person answered elsewhere.
        let later = self.last_told_at.filter(|_| !is_latest).zip(self.proof.latest.clone());
        let later = later.map(|(at, id)| (at, Some(id)));
        let later = later.or(self.answered_elsewhere_at.map(|at| (at, None)));
        if rests_on(&self.proof.question) {
            self.resume(at);
        }
        if self.proof.response.as_ref() == Some(id) {
            (self.responded_at, self.proof.response) =
                later.map_or((None, None), |(at, id)| (Some(at), id));
        }
        if self.proof.acknowledgement.as_ref() == Some(id) {
            self.acknowledged_at = self.responded_at;
            self.proof.acknowledgement = self.proof.response.clone();
        }
        if is_latest {
            self.last_told_at = self.answered_elsewhere_at;
            self.proof.latest = None;
            // Whoever was not reached is to be told now, by another way; unless nobody was ever told,
            // and the promise of the first answer runs again.
            let now = |by: Timestamp| self.responded_at.map(|_| by.min(at));
            self.next_update_by = self.next_update_by.and_then(now);
        }
        self.unreached_by(id, why, at);
    }

    fn unreached_by(&mut self, id: &MessageId, why: &str, at: Timestamp) {
        self.unreached = Some(Unreached { at, message_id: id.clone(), why: why.to_owned() });
    }

    /// The wait for the reporter is over: every promise that stood still moves on by as much. One
    /// that was broken before the wait stays broken.
    fn resume(&mut self, at: Timestamp) {
        let Some(since) = self.awaiting.take() else { return };
        self.proof.question = None;
        let pause = at.signed_duration_since(since).max(chrono::TimeDelta::zero());
        let moved = |by: Timestamp| match by <= since {
            true => by,
            false => by.checked_add_signed(pause).unwrap_or(Timestamp::MAX_UTC),
        };
        let running = [
            (self.acknowledged_at.is_none(), &mut self.acknowledge_by),
            (self.responded_at.is_none(), &mut self.respond_by),
            (true, &mut self.next_update_by),
            (self.disclosed_at.is_none(), &mut self.disclose_by),
        ];
        for (is_running, deadline) in running {
            if is_running {
                *deadline = deadline.map(moved);
            }
        }
        let later = |set: Timestamp| set.checked_add_signed(pause).unwrap_or(Timestamp::MAX_UTC);
        self.extended_at = self.extended_at.map(later);
    }

    /// A wait goes on, but counts from now: a deadline that is set within it is not moved by the part
    /// of the wait that lies before.
    fn rebase(&mut self, at: Timestamp) {
        let question = self.proof.question.clone();
        if self.awaiting.is_some() {
            self.resume(at);
            self.awaiting = Some(at);
            self.proof.question = question;
        }
    }

    /// The checklist; what was done on a line before stays done.
    fn confirmed(&mut self, affected: &[String], lines: &[Line], at: Timestamp) {
        self.resume(at);
        self.affected = affected.to_vec();
        let before = std::mem::take(&mut self.lines);
        self.lines = lines.to_vec();
        for line in &mut self.lines {
            let known = before.iter().find(|known| known.name == line.name && known.is_begun());
            if let Some(known) = known.filter(|_| line.is_affected()) {
                line.clone_from(known);
            }
        }
    }

    fn repair(&mut self, name: &str, next: impl FnOnce(&Line) -> Repair) {
        if let Some(line) = self.lines.iter_mut().find(|line| line.name == name) {
            line.repair = next(line);
        }
    }

    fn closed(&mut self, disposition: Disposition, at: Timestamp) {
        self.resume(at);
        self.closed_at = Some(at);
        self.disposition = Some(disposition);
    }

    fn link(&mut self, case: CaseId) {
        if case != self.id && !self.links.contains(&case) {
            self.links.push(case);
        }
    }
}
