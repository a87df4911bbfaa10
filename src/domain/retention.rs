//! What is kept of people who wrote, and for how long: what is looked at before anything is erased.

use std::collections::BTreeSet;

use super::Timestamp;
use super::case::Case;
use super::case_id::CaseId;
use super::exploited::Report;
use super::judgement::{Kind, VERIFICATION};
use super::state::Disposition;

/// What has an age of its own in `[retention]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Cases that ended so.
    Ended(Disposition),
    /// Cases from an archive of which nobody has said how they ended.
    Archived,
    /// Mail in no case that a machine wrote: bounces, automatic replies, our own mail come back.
    MachineMail,
    /// Mail in no case that was set aside: lists, services' verification mail, orders.
    SetAside,
    /// Mail in no case that a filter took for spam.
    Junk,
}

impl Class {
    /// The classes beside the dispositions.
    pub const OTHERS: [Self; 4] = [Self::Archived, Self::MachineMail, Self::SetAside, Self::Junk];

    /// Every class, in the order of the configuration.
    pub fn all() -> impl Iterator<Item = Self> {
        Disposition::ALL.into_iter().map(Self::Ended).chain(Self::OTHERS)
    }

    /// The class of a mail in no case, by its kind and the rule that decided.
    pub fn of_mail(kind: Kind, rule: &str) -> Self {
        match kind {
            _ if rule == VERIFICATION => Self::SetAside,
            Kind::Bounce | Kind::AutoReply | Kind::Own => Self::MachineMail,
            Kind::Spam => Self::Junk,
            Kind::Bulk | Kind::Command | Kind::Malformed => Self::SetAside,
            Kind::Submission | Kind::FollowUp => Self::SetAside,
        }
    }

    /// The name in `[retention]` and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ended(disposition) => disposition.name(),
            Self::Archived => "archived",
            Self::MachineMail => "machine-mail",
            Self::SetAside => "set-aside",
            Self::Junk => "junk",
        }
    }
}

/// A closed case of which personal data are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedCase {
    /// Its number.
    pub id: CaseId,
    /// Which age counts.
    pub class: Class,
    /// From when the age counts: when it ended, or what came after.
    pub since: Timestamp,
    /// Until when nothing of it is published.
    pub embargo_until: Option<Timestamp>,
    /// A report to the authorities that was not made.
    pub owed: Option<Report>,
    /// The case that it was merged into.
    pub merged_into: Option<CaseId>,
    /// Cases that have to do with it.
    pub links: Vec<CaseId>,
    /// Whether a mail of ours about it still waits to be sent, or one of theirs for a person.
    pub mail_waits: bool,
}

impl ClosedCase {
    /// What matters of a case; `None` where it is open or was purged before.
    pub fn of(case: &Case, mail_waits: bool) -> Option<Self> {
        let closed_at = case.closed_at.filter(|_| case.purged_at.is_none())?;
        let since = [Some(closed_at), Some(case.last_heard_at), case.last_told_at];
        let duties = case.exploited.iter().flat_map(|known| known.duties(case.fix_out_at()));
        Some(Self {
            id: case.id,
            class: case.disposition.map_or(Class::Archived, Class::Ended),
            since: since.into_iter().flatten().max().unwrap_or(closed_at),
            embargo_until: case.embargo_until,
            owed: duties.filter(|duty| duty.made_at.is_none()).map(|duty| duty.report).next(),
            merged_into: case.merged_into,
            links: case.links.clone(),
            mail_waits,
        })
    }
}

/// A mail in no case of which personal data are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LooseMail {
    /// Its number in the store.
    pub number: i64,
    /// Which age counts.
    pub class: Class,
    /// When it was taken in.
    pub since: Timestamp,
}

/// All that could be erased, and what stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holdings {
    /// The closed cases, by their numbers.
    pub closed: Vec<ClosedCase>,
    /// The open ones.
    pub open: BTreeSet<CaseId>,
    /// Mail in no case, by its numbers.
    pub mails: Vec<LooseMail>,
    /// Mails that wait for a person, since nobody could read them.
    pub quarantined: u64,
    /// Whether a purge before was broken off between erasing and clearing what was erased off the
    /// disk.
    pub unfinished: bool,
}

/// What is to be erased.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Erasure {
    /// Closed cases.
    pub cases: Vec<CaseId>,
    /// Mails in no case.
    pub mails: Vec<i64>,
}

impl Erasure {
    /// Whether that is nothing.
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty() && self.mails.is_empty()
    }
}
