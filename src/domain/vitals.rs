//! Whether embargod itself does its work: what its store shows of that.

use super::Timestamp;

/// The signs of life in a store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Vitals {
    /// When a daemon last began to work.
    pub since: Option<Timestamp>,
    /// When it last read the inbox to its end.
    pub looked_at: Option<Timestamp>,
    /// When the first canary was written that has not come home, since the last one that has.
    pub canary_out: Option<Timestamp>,
    /// When a canary last came home.
    pub canary_back: Option<Timestamp>,
    /// Mails of ours that wait to be sent.
    pub waiting: u64,
    /// When the one that waits longest was written.
    pub waits_since: Option<Timestamp>,
    /// Whose last digest was given up, and when.
    pub digests_lost: Vec<(String, Timestamp)>,
    /// Mails that are set aside.
    pub set_aside: u64,
    /// Mails taken in, ever.
    pub taken_in: u64,
    /// Mails of ours that were written, ever.
    pub written: u64,
    /// Mails given up, ever.
    pub given_up: u64,
    /// Cases that are open.
    pub open: u64,
}
