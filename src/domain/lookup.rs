//! What a decision wants to know of the store, and what the store answers: both plain values, so
//! that a decision stays pure and the state it read is the state it changes.

use std::collections::BTreeMap;

use super::address::Address;
use super::allowance::{Bucket, BucketId};
use super::authenticity::Authenticity;
use super::capability::{KeptGrant, Nonce};
use super::case::Case;
use super::case_id::CaseId;
use super::mail::{Enclosure, MessageId};
use super::outgoing::Purpose;
use super::views::CaseFile;

/// The questions of one mail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lookups {
    /// The mail's own Message-ID: is it one of ours come back?
    pub own: Option<MessageId>,
    /// The Message-IDs it answers or reports on, nearest first.
    pub answers: Vec<MessageId>,
    /// The case number in its subject.
    pub named: Option<CaseId>,
    /// The numbers of which a report that resembles this one shares at least one.
    pub bands: Vec<u64>,
    /// Who says what: the sender, and a digest of the text.
    pub says: Option<(Address, i64)>,
    /// The buckets that an answer would take from.
    pub buckets: Vec<BucketId>,
    /// What it orders, where it may be an order.
    pub order: Option<OrderLookups>,
    /// The year in which a new case would be opened.
    pub year: i32,
}

/// The questions of a mail that may be an order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderLookups {
    /// The grant that its token names.
    pub grant: Option<Nonce>,
    /// The cases that it names. They are looked up where there is such a grant.
    pub cases: Vec<CaseId>,
}

/// The store's answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// The number that a new case would get.
    pub next_case: CaseId,
    /// Whether the mail's own Message-ID is one that we sent.
    pub is_ours: bool,
    /// What a canary with the mail's own Message-ID has to have in its text, while it is awaited.
    pub canary: Option<String>,
    /// The mail of ours that it answers, and its case.
    pub by_our_mail: Option<(OurMail, Case)>,
    /// The case that a mail it answers came into.
    pub by_their_mail: Option<Case>,
    /// The case named in the subject.
    pub by_number: Option<Case>,
    /// The case into which a mail with the same Message-ID came.
    pub same_mail: Option<Case>,
    /// The cases whose reports share a band with this one, with their fingerprints.
    pub alike: Vec<(CaseId, Vec<u8>)>,
    /// Whether the same sender has said just the same before.
    pub said_before: bool,
    /// The buckets asked for, as far as somebody took from them before.
    pub buckets: Vec<Bucket>,
    /// The grant that an order's token names.
    pub grant: Option<KeptGrant>,
    /// The case of that grant and the cases that the order names, as far as there are such cases.
    pub files: Vec<CaseFile>,
    /// Open cases a handler.
    pub load: BTreeMap<String, u32>,
    /// Who handles the newest case.
    pub last_handler: Option<String>,
}

impl Known {
    /// An empty store's answers.
    pub fn nothing(next_case: CaseId) -> Self {
        Self {
            next_case,
            is_ours: false,
            canary: None,
            by_our_mail: None,
            by_their_mail: None,
            by_number: None,
            same_mail: None,
            alike: Vec::new(),
            said_before: false,
            buckets: Vec::new(),
            grant: None,
            files: Vec::new(),
            load: BTreeMap::new(),
            last_handler: None,
        }
    }
}

/// A mail of ours that another one speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OurMail {
    /// Its Message-ID.
    pub id: MessageId,
    /// What it was for.
    pub purpose: Purpose,
}

/// A mail taken from an inbox, as the store keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// Where it lay.
    pub place: super::place::Place,
    /// When the server got it.
    pub arrived_at: super::Timestamp,
    /// When embargod decided on it.
    pub decided_at: super::Timestamp,
    /// The raw bytes, kept as they are.
    pub raw: Vec<u8>,
    /// SHA-256 of the raw bytes: how a mail is known again when its place changes.
    pub digest: [u8; 32],
    /// Size on the server; more than `raw` has where the mail passed the size limit.
    pub size: u64,
    /// Its own Message-ID.
    pub message_id: Option<MessageId>,
    /// The author, if one can be read.
    pub from: Option<Address>,
    /// The author's name.
    pub from_name: Option<String>,
    /// The subject, fit to be shown.
    pub subject: String,
    /// Whether it came from whom it says.
    pub authenticity: Authenticity,
    /// The files beside its text.
    pub files: Vec<Enclosure>,
    /// Whom it names as its readers, besides the project.
    pub readers: Vec<Address>,
}
