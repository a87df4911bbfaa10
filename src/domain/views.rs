//! What the store shows to people: read-only values for listings and the digest.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Timestamp;
use super::address::{Address, Mailbox};
use super::authenticity::Authenticity;
use super::case::Case;
use super::case_id::CaseId;
use super::event::Event;
use super::judgement::{Format, Judgement, Kind, Reason};
use super::mail::Enclosure;
use super::outgoing::Purpose;

/// A case with its history.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseFile {
    /// The case.
    pub case: Case,
    /// What happened to it, oldest first.
    pub events: Vec<Event>,
    /// The mail that came and went, oldest first.
    pub messages: Vec<Message>,
    /// Earlier cases of the same reporter, the newest first. For maintainers only.
    pub earlier: Vec<Case>,
}

/// One mail of a case, in either direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Its number among the mails that went its way.
    pub number: i64,
    /// Which way it went.
    pub direction: Direction,
    /// When it arrived, or when it was sent (made, if it has not been sent).
    pub at: Timestamp,
    /// Who wrote it.
    pub from: String,
    /// Whom it was for.
    pub to: String,
    /// Its subject, fit to be shown.
    pub subject: String,
    /// Its Message-ID.
    pub message_id: Option<String>,
    /// An incoming mail's kind, or an outgoing mail's status.
    pub status: String,
    /// Whether an incoming mail came from whom it says, where somebody looked.
    pub sender: Option<Authenticity>,
    /// What an outgoing mail was for.
    pub purpose: Option<Purpose>,
    /// The files of an incoming mail.
    pub files: Vec<Enclosure>,
    /// Whom an incoming mail names as its readers, besides the project.
    pub readers: Vec<Address>,
}

/// Which way a mail went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// To us.
    In,
    /// From us.
    Out,
}

/// A mail as the digest lists it, where it belongs to no case or needs a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailLine {
    /// Its number in the store.
    pub number: i64,
    /// When it arrived.
    pub at: Timestamp,
    /// Who wrote it, fit to be shown.
    pub from: String,
    /// Its subject, fit to be shown.
    pub subject: String,
    /// What it was taken for.
    pub kind: Kind,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Its case, if it has one.
    pub case: Option<CaseId>,
}

/// A mail that was taken in, as `embargod mail` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its number in the store.
    pub number: i64,
    /// When it arrived.
    pub at: Timestamp,
    /// Who wrote it, if that can be read.
    pub from: Option<Mailbox>,
    /// Its subject, fit to be shown.
    pub subject: String,
    /// Its Message-ID.
    pub message_id: Option<String>,
    /// What it was taken for, and why.
    pub judgement: Judgement,
    /// Its case, if it has one.
    pub case: Option<CaseId>,
    /// Why a person has to look at it, if one has to.
    pub quarantined: Option<String>,
    /// Whether it came from whom it says, where somebody looked.
    pub sender: Option<Authenticity>,
    /// Its files.
    pub files: Vec<Enclosure>,
    /// Whom it names as its readers, besides the project.
    pub readers: Vec<Address>,
    /// Its size on its server.
    pub size: u64,
    /// When all but what it was and when it came was erased.
    pub purged_at: Option<Timestamp>,
}

/// A mail of ours that did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndeliveredLine {
    /// When it was given up.
    pub at: Timestamp,
    /// What it was for.
    pub purpose: Purpose,
    /// Whom it was for.
    pub to: String,
    /// What the server said.
    pub why: String,
    /// Its case.
    pub case: Option<CaseId>,
}

/// A case that ended.
#[derive(Debug, Clone, PartialEq)]
pub struct ClosedCase {
    /// The case.
    pub case: Case,
    /// When it ended.
    pub at: Timestamp,
}

/// Why a report was sent back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// Where the report was instead of the body.
    pub format: Format,
    /// The rule that decided.
    pub rule: String,
}

/// How far a digest has told of what happened once: rows by their numbers. Times would not do, since
/// what is decided in the same second, or decided earlier and written later, would be missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// The last mail taken in.
    pub incoming: i64,
    /// The last mail of ours given up, in the order of giving up.
    pub undelivered: i64,
    /// The last event of any case.
    pub events: i64,
}

/// Rows of which there may be more than anybody reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Latest<T> {
    /// The latest of them first, as many as were asked for.
    pub rows: Vec<T>,
    /// How many there are in all.
    pub count: usize,
}

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), count: 0 }
    }
}

impl<T> From<Vec<T>> for Latest<T> {
    /// All there are.
    fn from(rows: Vec<T>) -> Self {
        Self { count: rows.len(), rows }
    }
}

impl<T> Latest<T> {
    /// How many are counted only.
    pub fn unseen(&self) -> usize {
        self.count.saturating_sub(self.rows.len())
    }
}

/// Everything a digest may show, as the store has it at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WorkView {
    /// Up to where this view goes.
    pub told: Told,
    /// Every open case, and those closed ones that are known to be exploited.
    pub open: Vec<Case>,
    /// Why, for each open case that is sent back: its last `Returned` event.
    pub returned: BTreeMap<CaseId, Returned>,
    /// Mail quarantined since the last digest.
    pub quarantined: Latest<MailLine>,
    /// How much of each kind of machines' and unreadable mail came since the last digest.
    pub set_aside: BTreeMap<Kind, usize>,
    /// How many of these are verification mails of services.
    pub verifications: usize,
    /// Mail into known cases since the last digest.
    pub follow_ups: Latest<MailLine>,
    /// Mail of ours given up since the last digest, but for that to reporters of open cases which
    /// say themselves that they were not reached.
    pub undelivered: Latest<UndeliveredLine>,
    /// Cases that ended since the last digest.
    pub closed: Latest<ClosedCase>,
}
