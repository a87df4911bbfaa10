//! Mail of an archive: what its decision wants to know of the store, and what comes of it.
//!
//! Apart from `lookup`, since an archive is trusted where an inbox is not: whoever imports it vouches
//! for it, so that a mail finds its thread by any Message-ID, whoever wrote it.

use super::address::Address;
use super::case::Case;
use super::case_id::CaseId;
use super::decision::Decision;
use super::judgement::Kind;
use super::mail::MessageId;
use super::outgoing::Purpose;

/// The questions of one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastLookups {
    /// The mail's own Message-ID, or where it has none, one made of its bytes.
    pub own: MessageId,
    /// The Message-IDs of its thread, nearest first.
    pub thread: Vec<MessageId>,
    /// The case number in its subject.
    pub named: Option<CaseId>,
    /// The numbers of which a report that resembles this one shares at least one.
    pub bands: Vec<u64>,
    /// The year in which it arrived.
    pub year: i32,
}

/// The store's answers.
#[derive(Debug, Clone, PartialEq)]
pub struct PastKnown {
    /// The mail's own Message-ID, as it was asked for.
    pub own: MessageId,
    /// The number that a new case would get.
    pub next_case: CaseId,
    /// Whether it is a mail of ours that is kept already.
    pub is_ours: bool,
    /// Whether a mail with its Message-ID came in before, and the case of that.
    pub twin: Option<Option<Case>>,
    /// The cases of its thread, nearest first: of mails that it answers, of mails that answer it, of
    /// mails that answer the same one.
    pub thread: Vec<Case>,
    /// The case named in the subject.
    pub named: Option<Case>,
    /// The cases whose reports share a band with this one, with their fingerprints.
    pub alike: Vec<(CaseId, Vec<u8>)>,
}

/// What becomes of one mail of an archive. Never an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum PastDecision {
    /// It is a mail of ours, kept already.
    Ours,
    /// It came in.
    In(Decision),
    /// It went out: the project's own answer.
    Out {
        /// What comes of it.
        decision: Decision,
        /// Whom it was for.
        to: Address,
        /// What it was for.
        purpose: Purpose,
    },
}

/// What became of one mail of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// It opened a case.
    Case(CaseId),
    /// It joined a case.
    FollowUp(CaseId),
    /// It is the project's answer in a case.
    Reply(CaseId),
    /// It is a machine's, or nobody's, and only recorded, in a case where it speaks of one.
    Recorded(Kind, Option<CaseId>),
    /// A mail with its Message-ID is here already; it is kept beside that if its bytes differ.
    Duplicate,
    /// It is here already, byte for byte.
    KnownAlready,
}
