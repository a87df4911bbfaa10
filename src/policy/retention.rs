//! What is old enough to be erased, and what has to be kept all the same.
//!
//! Promises: pure; nothing without an age in the configuration is ever erased, nothing of an open case
//! is, and what is kept although it is old enough has a reason for a person.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::TimeDelta;

use crate::domain::Timestamp;
use crate::domain::case_id::CaseId;
use crate::domain::exploited::Report;
use crate::domain::retention::{Class, ClosedCase, Erasure, Holdings, LooseMail};

/// `[retention]`: how old what may get. What is not in it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ages(BTreeMap<Class, TimeDelta>);

impl Ages {
    /// Whether everything is kept for ever.
    pub fn keep_everything(&self) -> bool {
        self.0.is_empty()
    }

    /// How old a class may get; `None`: as old as it likes.
    pub fn of(&self, class: Class) -> Option<TimeDelta> {
        self.0.get(&class).copied()
    }

    fn are_over(&self, class: Class, since: Timestamp, now: Timestamp) -> bool {
        self.of(class).is_some_and(|age| now.signed_duration_since(since) >= age)
    }
}

impl FromIterator<(Class, TimeDelta)> for Ages {
    fn from_iter<T: IntoIterator<Item = (Class, TimeDelta)>>(ages: T) -> Self {
        Self(ages.into_iter().collect())
    }
}

/// Why a case is kept although it is old enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Nothing of it may be published yet, and what may not be published may be needed.
    Embargo(Timestamp),
    /// The law wants a report of it.
    Owed(Report),
    /// Mail about it waits: to be sent, or for a person to read it.
    MailWaits,
    /// Another case goes on with its report.
    MergedInto(CaseId),
    /// An open case has to do with it.
    Linked(CaseId),
}

impl Kept {
    /// What it is called in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Embargo(_) => "embargo",
            Self::Owed(_) => "report-owed",
            Self::MailWaits => "mail-waits",
            Self::MergedInto(_) => "merged",
            Self::Linked(_) => "linked",
        }
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embargo(until) => write!(f, "under embargo until {}", until.format("%Y-%m-%d")),
            Self::Owed(report) => {
                write!(f, "the {} to the authorities was not made", report.name())
            }
            Self::MailWaits => f.write_str("mail about it waits: to be sent, or to be read"),
            Self::MergedInto(case) => write!(f, "it was merged into {case}, which is kept"),
            Self::Linked(case) => write!(f, "{case} has to do with it, and is open"),
        }
    }
}

/// What a purge does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// The cases of which what is personal is erased.
    pub cases: Vec<ClosedCase>,
    /// The mails in no case that are erased.
    pub mails: Vec<LooseMail>,
    /// What is old enough, and kept.
    pub kept: Vec<(ClosedCase, Kept)>,
}

impl Plan {
    /// What the store is told to erase.
    pub fn erasure(&self) -> Erasure {
        Erasure {
            cases: self.cases.iter().map(|case| case.id).collect(),
            mails: self.mails.iter().map(|mail| mail.number).collect(),
        }
    }
}

/// Says what is to be erased.
pub fn plan(holdings: &Holdings, ages: &Ages, now: Timestamp) -> Plan {
    let is_old = |case: &&ClosedCase| ages.are_over(case.class, case.since, now);
    let old: Vec<&ClosedCase> = holdings.closed.iter().filter(is_old).collect();
    let mut kept: BTreeMap<CaseId, Kept> =
        old.iter().filter_map(|case| Some((case.id, obligation(case, holdings, now)?))).collect();
    let young = holdings.closed.iter().filter(|case| !is_old(case)).map(|case| case.id);
    let mut stays: BTreeSet<CaseId> = young.chain(holdings.open.iter().copied()).collect();
    stays.extend(kept.keys());
    // A case goes only with the case that it was merged into: until nothing more is kept for that.
    let mut was_held = true;
    while was_held {
        was_held = false;
        for case in &old {
            let heir = case.merged_into.filter(|into| stays.contains(into));
            if let Some(heir) = heir.filter(|_| stays.insert(case.id)) {
                kept.insert(case.id, Kept::MergedInto(heir));
                was_held = true;
            }
        }
    }
    let mut plan = Plan::default();
    for case in old {
        match kept.get(&case.id) {
            Some(why) => plan.kept.push((case.clone(), *why)),
            None => plan.cases.push(case.clone()),
        }
    }
    let is_old = |mail: &&LooseMail| ages.are_over(mail.class, mail.since, now);
    plan.mails = holdings.mails.iter().filter(is_old).copied().collect();
    plan
}

/// What obliges the project to keep a closed case.
fn obligation(case: &ClosedCase, holdings: &Holdings, now: Timestamp) -> Option<Kept> {
    let embargo = case.embargo_until.filter(|until| *until > now).map(Kept::Embargo);
    let owed = || case.owed.map(Kept::Owed);
    let waits = || case.mail_waits.then_some(Kept::MailWaits);
    let linked = || case.links.iter().find(|id| holdings.open.contains(id)).copied();
    embargo.or_else(owed).or_else(waits).or_else(|| linked().map(Kept::Linked))
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;
    use crate::domain::state::Disposition;

    const FIXED: Class = Class::Ended(Disposition::Fixed);

    fn day(n: i64) -> Timestamp {
        chrono::Utc.timestamp_opt(n * 86_400, 0).unwrap()
    }

    fn id(number: u32) -> CaseId {
        CaseId { year: 2026, number }
    }

    fn case(number: u32, merged_into: Option<u32>) -> ClosedCase {
        ClosedCase {
            id: id(number),
            class: FIXED,
            since: day(0),
            embargo_until: None,
            owed: None,
            merged_into: merged_into.map(id),
            links: Vec::new(),
            mail_waits: false,
        }
    }

    fn ages() -> Ages {
        [(FIXED, TimeDelta::days(30)), (Class::Junk, TimeDelta::days(7))].into_iter().collect()
    }

    #[test]
    fn an_age_is_over_on_its_day_and_not_before() {
        let holdings = Holdings {
            closed: vec![case(1, None)],
            mails: vec![LooseMail { number: 1, class: Class::Junk, since: day(0) }],
            ..Holdings::default()
        };
        let erased = |at| plan(&holdings, &ages(), at).erasure();
        let second = TimeDelta::seconds(1);
        assert!(erased(day(7) - second).is_empty());
        assert_eq!(erased(day(7)).mails, [1]);
        assert!(erased(day(30) - second).cases.is_empty());
        assert_eq!(erased(day(30)).cases, [id(1)]);
        assert!(plan(&holdings, &Ages::default(), day(9999)).erasure().is_empty());
    }

    #[test]
    fn a_chain_of_merged_cases_waits_for_its_end() {
        let closed = vec![
            case(1, Some(2)),
            case(2, Some(3)),
            case(3, Some(4)),
            case(5, Some(6)),
            case(6, None),
        ];
        let holdings = Holdings { closed, open: [id(4)].into(), ..Holdings::default() };
        let plan = plan(&holdings, &ages(), day(99));
        assert_eq!(plan.erasure().cases, [id(5), id(6)]);
        let kept: Vec<_> = plan.kept.iter().map(|(case, why)| (case.id, *why)).collect();
        let merged = |n: u32| (id(n), Kept::MergedInto(id(n + 1)));
        assert_eq!(kept, [merged(1), merged(2), merged(3)]);
    }

    #[test]
    fn an_embargo_holds_until_it_is_over() {
        let closed = vec![ClosedCase { embargo_until: Some(day(50)), ..case(1, None) }];
        let holdings = Holdings { closed, ..Holdings::default() };
        assert_eq!(plan(&holdings, &ages(), day(49)).kept[0].1, Kept::Embargo(day(50)));
        assert_eq!(plan(&holdings, &ages(), day(50)).erasure().cases, [id(1)]);
    }
}
