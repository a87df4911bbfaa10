//! The decision on one mail, as a value: what the store is to write, all or nothing.

use super::allowance::Bucket;
use super::case::Case;
use super::case_id::CaseId;
use super::event::Event;
use super::judgement::Judgement;
use super::letter::Letter;

/// What becomes of one mail.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What the mail is, with the reasons.
    pub judgement: Judgement,
    /// Where it goes.
    pub placement: Placement,
    /// What happens to the case, in order. Empty where there is none.
    pub events: Vec<Event>,
    /// The mail to send.
    pub letters: Vec<Letter>,
    /// By what a later report like this one is found, where the mail is a report.
    pub fingerprint: Option<Fingerprint>,
    /// The buckets that its answers took from, as they are left.
    pub buckets: Vec<Bucket>,
}

/// By what similar reports find each other; its meaning is the policy's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Numbers of which two similar reports share at least one.
    pub bands: Vec<u64>,
    /// What their likeness is measured by.
    pub bytes: Vec<u8>,
}

/// Where a mail goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Placement {
    /// It opened this case.
    Opens(Box<Case>),
    /// It joined this case, shown as it is after the events.
    Joins(Box<Case>),
    /// It belongs to no case and is only recorded.
    Recorded,
}

impl Placement {
    /// The case the mail belongs to.
    pub fn case_id(&self) -> Option<CaseId> {
        match self {
            Self::Opens(case) | Self::Joins(case) => Some(case.id),
            Self::Recorded => None,
        }
    }
}
