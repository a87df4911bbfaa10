//! Which events a case allows: the one table of the state machine.

use super::Case;
use crate::domain::event::Change;
use crate::domain::line::Repair;
use crate::domain::state::State;

impl Case {
    /// Whether the event can happen to the case as it is.
    pub(super) fn allows(&self, change: &Change) -> bool {
        if self.purged_at.is_some() {
            // That another case has to do with it says nothing of anybody.
            return matches!(change, Change::Linked { .. });
        }
        let open = self.state.is_open();
        // A report that was sent back has to come back whole, or be accepted, before it is worked on.
        let at_work = open && self.state != State::Returned;
        match change {
            Change::Opened { .. } => false,
            Change::Imported => self.imported_at.is_none(),
            Change::Preceded { .. } => self.imported_at.is_some(),
            // What a person said of its end stands.
            Change::Archived => self.imported_at.is_some() && self.disposition.is_none(),
            Change::Returned { .. } | Change::Accepted { .. } => {
                matches!(self.state, State::Received | State::Returned)
            }
            Change::Acknowledged { .. } => {
                self.state != State::Returned && self.acknowledged_at.is_none()
            }
            Change::Resumed { .. }
            | Change::Assigned { .. }
            | Change::Unassigned
            | Change::Closed { .. }
            | Change::Merged { .. }
            | Change::Exploited { .. } => open,
            Change::Reopened { .. } | Change::Purged { .. } => !open,
            Change::Answered { .. }
            | Change::Audited { .. }
            | Change::Described { .. }
            | Change::Credited { .. }
            | Change::Embargoed { .. } => at_work,
            Change::Confirmed { .. } | Change::Extended { .. } => {
                at_work && self.state < State::Disclosed
            }
            Change::FixReady { line } => self.repairs(line, |repair| {
                matches!(repair, Repair::Missing | Repair::Ready { .. } | Repair::Refused { .. })
            }),
            Change::FixRefused { line, .. } => self.repairs(line, |repair| {
                matches!(repair, Repair::Missing | Repair::Ready { .. } | Repair::Refused { .. })
            }),
            Change::LineReleased { line, .. } => self.repairs(line, |repair| {
                matches!(repair, Repair::Ready { .. } | Repair::Released { .. })
            }),
            Change::Disclosed => self.state == State::Released,
            Change::ReportMade { .. } => self.exploited.is_some(),
            // What is known of the case, said to somebody, or came in: true in any state.
            Change::FollowUp { .. }
            | Change::SenderChecked { .. }
            | Change::SenderDoubted { .. }
            | Change::Withheld { .. }
            | Change::MachineMail { .. }
            | Change::Noticed { .. }
            | Change::Wrote { .. }
            | Change::Responded { .. }
            | Change::Asked { .. }
            | Change::Undelivered { .. }
            | Change::Held { .. }
            | Change::Followed { .. }
            | Change::Unfollowed { .. }
            | Change::CcAdded { .. }
            | Change::CcDropped { .. }
            | Change::CommandRefused { .. }
            | Change::Noted { .. }
            | Change::Absorbed { .. }
            | Change::Linked { .. } => true,
        }
    }

    /// Whether work on a line's fix is going on, and the fix stands so.
    fn repairs(&self, line: &str, stands: impl FnOnce(&Repair) -> bool) -> bool {
        let at_work = matches!(self.state, State::Confirmed | State::Fixing | State::Released);
        at_work && self.line(line).is_some_and(|line| stands(&line.repair))
    }
}
