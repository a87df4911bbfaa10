//! The history of the cases as figures need it: times, endings and handlers, without a word of
//! what was reported.

use super::Timestamp;
use super::state::Disposition;

/// The times of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifeline {
    /// When its first mail arrived.
    pub received_at: Timestamp,
    /// From when its acknowledgement is timed; `None` where the report was sent back first, since
    /// the reporter's own time would be counted with it.
    pub whole_at: Option<Timestamp>,
    /// By when it was to be acknowledged.
    pub acknowledge_by: Option<Timestamp>,
    /// When it was.
    pub acknowledged_at: Option<Timestamp>,
    /// By when a person was to answer in detail.
    pub respond_by: Option<Timestamp>,
    /// When a person did.
    pub responded_at: Option<Timestamp>,
    /// Since when the reporter is waited for.
    pub awaiting: Option<Timestamp>,
    /// How it ended. Of a case that was reopened and closed again, the last time.
    pub ended: Option<Ended>,
    /// The primary handler's handle.
    pub handler: Option<String>,
}

/// The end of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// How; `None` where nobody knows, as of a thread in an archive.
    pub how: Option<Disposition>,
}

/// The cases that matter for the figures of a period.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// Every case that was open at some moment of the period or got an answer in it, and any others.
    pub cases: Vec<Lifeline>,
    /// When reports were sent back: each time one was.
    pub sent_back: Vec<Timestamp>,
}
