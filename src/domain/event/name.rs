//! What each change is called in the store and in JSON.

use super::Change;

impl Change {
    /// The event's name in the store and in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Imported => "imported",
            Self::Archived => "archived",
            Self::Preceded { .. } => "preceded",
            Self::SenderChecked { .. } => "sender-checked",
            Self::SenderDoubted { .. } => "sender-doubted",
            Self::Withheld { .. } => "withheld",
            Self::Returned { .. } => "returned",
            Self::Accepted { .. } => "accepted",
            Self::Assigned { .. } => "assigned",
            Self::Unassigned => "unassigned",
            Self::Acknowledged { .. } => "acknowledged",
            Self::FollowUp { .. } => "follow-up",
            Self::MachineMail { .. } => "machine-mail",
            Self::Noticed { .. } => "noticed",
            Self::Wrote { .. } => "wrote",
            Self::Responded { .. } => "responded",
            Self::Answered { .. } => "answered",
            Self::Asked { .. } => "asked",
            Self::Resumed { .. } => "resumed",
            Self::Confirmed { .. } => "confirmed",
            Self::Audited { .. } => "audited",
            Self::FixReady { .. } => "fix-ready",
            Self::FixRefused { .. } => "fix-refused",
            Self::LineReleased { .. } => "line-released",
            Self::Embargoed { .. } => "embargoed",
            Self::Extended { .. } => "extended",
            Self::Credited { .. } => "credited",
            Self::Described { .. } => "described",
            Self::Disclosed => "disclosed",
            Self::Merged { .. } => "merged",
            Self::Absorbed { .. } => "absorbed",
            Self::Linked { .. } => "linked",
            Self::Reopened { .. } => "reopened",
            Self::Followed { .. } => "followed",
            Self::Unfollowed { .. } => "unfollowed",
            Self::CcAdded { .. } => "cc-added",
            Self::CcDropped { .. } => "cc-dropped",
            Self::CommandRefused { .. } => "command-refused",
            Self::Noted { .. } => "noted",
            Self::Exploited { .. } => "exploited",
            Self::ReportMade { .. } => "report-made",
            Self::Closed { .. } => "closed",
            Self::Undelivered { .. } => "undelivered",
            Self::Held { .. } => "held",
            Self::Purged { .. } => "purged",
        }
    }
}
