//! What a maintainer's digest says: the work there is, most urgent first, in few words.
//!
//! Relies on the store's view being complete. Promises: every open case stands in exactly one
//! section and every mail that waits for a person in one; a flood lengthens no section beyond what
//! a person reads; nothing of a report but its subject is shown (invariant 8): not a rule's
//! details, which may quote it, and not the reporter's address.

pub mod clock;
mod figures;
mod lines;
mod place;
mod schedule;
pub(in crate::policy) mod step;
mod words;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use chrono_tz::Tz;

pub use figures::figures_since;
pub use schedule::{figures_due, next_due};

use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::digest::{Digest, Heading, Line};
use crate::domain::history::History;
use crate::domain::people::Maintainer;
use crate::domain::views::{MailLine, WorkView};
use crate::policy::clocks;
use crate::policy::disclosure::EmbargoList;

/// How many lines a digest has at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// In a section.
    pub section: usize,
    /// In all; the less urgent sections get what the others leave, but never less than
    /// [`Room::LEAST`].
    pub whole: usize,
    /// Mails and ended cases of a kind that lines are chosen from: the latest. All are counted.
    pub rows: u32,
}

impl Room {
    /// As many as a person reads in one sitting, and a mail holds that no mail client cuts off.
    pub const MAIL: Self = Self { section: 30, whole: 90, rows: 500 };
    /// Every line.
    pub const ALL: Self = Self { section: usize::MAX, whole: usize::MAX, rows: u32::MAX };
    /// What a section has at least.
    pub const LEAST: usize = 3;
}

/// For whom a digest is made, and when.
#[derive(Debug, Clone, Copy)]
pub struct Edition<'a> {
    /// The project's name.
    pub project: &'a str,
    /// The reader.
    pub reader: &'a Maintainer,
    /// Everybody who handles cases.
    pub maintainers: &'a [Maintainer],
    /// The zone in which times are shown, unless the reader has a zone of their own.
    pub zone: Tz,
    /// When the last digest was made; without one, new is what arrived within a day.
    pub since: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
    /// Lists that may hear of a vulnerability before it is public.
    pub lists: &'a [EmbargoList],
    /// How long an answer of a reporter is waited for before closing is suggested.
    pub silent_after: TimeDelta,
    /// How many lines it has at most.
    pub room: Room,
    /// The history since [`figures_since`], where the figures of the week are in it.
    pub history: Option<&'a History>,
}

/// The digest of this moment, or `None` where there is nothing to say.
pub fn digest(view: &WorkView, edition: &Edition<'_>) -> Option<Digest> {
    let digest = even_if_empty(view, edition);
    let says =
        !digest.sections.is_empty() || digest.set_aside.is_some() || digest.figures.is_some();
    says.then_some(digest)
}

/// The digest of this moment, even where there is nothing to say.
pub fn even_if_empty(view: &WorkView, edition: &Edition<'_>) -> Digest {
    let set_aside = words::set_aside(&view.set_aside, view.verifications);
    let local = edition.now.with_timezone(&edition.zone());
    let sections: Vec<_> = edition
        .work(view)
        .into_iter()
        .map(|(heading, shelf)| words::section(heading, shelf.lines, shelf.count))
        .collect();
    Digest {
        project: edition.project.to_owned(),
        reader: edition.reader.handle.clone(),
        at: edition.now,
        day: local.date_naive(),
        short_day: local.format("%-d %b").to_string(),
        made: local.format("%A, %-d %B %Y, %H:%M %Z").to_string(),
        headline: words::headline(&sections, set_aside.is_some()),
        sections,
        set_aside,
        unanswered: open(view).filter(|case| case.withheld.is_some()).count(),
        figures: edition.history.map(|history| figures::figures(history, edition)),
    }
}

/// The cases that are open, of those that a digest looks at.
fn open(view: &WorkView) -> impl Iterator<Item = &Case> {
    view.open.iter().filter(|case| case.state.is_open())
}

/// The lines of a section: only as many are written as are read.
#[derive(Debug, Default)]
struct Shelf {
    lines: Vec<Line>,
    count: usize,
}

impl Shelf {
    fn add(&mut self, limit: usize, line: impl FnOnce() -> Line) {
        if self.lines.len() < limit {
            self.lines.push(line());
        }
        self.count = self.count.saturating_add(1);
    }
}

impl Edition<'_> {
    /// Every section that has a line.
    fn work(&self, view: &WorkView) -> BTreeMap<Heading, Shelf> {
        let mut work: BTreeMap<Heading, Shelf> = BTreeMap::new();
        let mut add = |heading: Heading, line: &dyn Fn() -> Line| {
            work.entry(heading).or_default().add(self.room.section, line);
        };
        let mut cases: Vec<(Heading, &Case)> = view
            .open
            .iter()
            .filter(|case| case.state.is_open() || clocks::owed(case).next().is_some())
            .map(|case| (place::heading(case, self), case))
            .collect();
        cases.sort_by_cached_key(|(heading, case)| place::order(*heading, case, self));
        for (heading, case) in cases {
            add(heading, &|| lines::case(case, heading, view.returned.get(&case.id), self));
        }
        for mail in &view.quarantined.rows {
            add(Heading::Quarantined, &|| lines::quarantined(mail, self));
        }
        for line in self.undelivered(view) {
            add(Heading::Undelivered, &|| line.clone());
        }
        let known = self.cases_of(view);
        let case_of = |mail: &MailLine| known.get(&mail.case?).copied();
        let mut follow_ups: Vec<_> =
            view.follow_ups.rows.iter().map(|mail| (mail, case_of(mail))).collect();
        follow_ups.sort_by_key(|(_, case)| !case.is_some_and(|case| self.is_own(case)));
        for (mail, case) in follow_ups {
            add(Heading::FollowUps, &|| lines::mail(mail, case, self));
        }
        let mut closed: Vec<_> = view.closed.rows.iter().collect();
        closed.sort_by_key(|closed| !self.is_own(&closed.case));
        for closed in closed {
            add(Heading::Closed, &|| lines::closed(closed, self));
        }
        for (heading, unseen) in [
            (Heading::Quarantined, view.quarantined.unseen()),
            (Heading::Undelivered, view.undelivered.unseen()),
            (Heading::FollowUps, view.follow_ups.unseen()),
            (Heading::Closed, view.closed.unseen()),
        ] {
            if let Some(shelf) = work.get_mut(&heading) {
                shelf.count = shelf.count.saturating_add(unseen);
            }
        }
        let mut left = self.room.whole;
        for shelf in work.values_mut() {
            shelf.lines.truncate(left.max(Room::LEAST));
            left = left.saturating_sub(shelf.lines.len());
        }
        work
    }

    /// The cases that mail has come into.
    fn cases_of<'v>(&self, view: &'v WorkView) -> BTreeMap<CaseId, &'v Case> {
        let wanted: BTreeSet<CaseId> = view.follow_ups.rows.iter().filter_map(|m| m.case).collect();
        let cases = view.open.iter().filter(|case| wanted.contains(&case.id));
        cases.map(|case| (case.id, case)).collect()
    }

    /// Reporters whom our last mail did not reach, for as long as none does, and what else did not
    /// arrive since the last digest. One's own first, then the latest.
    fn undelivered(&self, view: &WorkView) -> Vec<Line> {
        let unreached = open(view).filter_map(|case| Some((case, case.unreached.as_ref()?)));
        let mut lines: Vec<Line> =
            unreached.map(|(case, unreached)| lines::unreached(case, unreached, self)).collect();
        lines.extend(view.undelivered.rows.iter().map(|mail| lines::undelivered(mail, self)));
        lines.sort_by_key(|line| (!line.own, Reverse(line.since)));
        lines
    }

    /// The zone in which the reader reads clocks.
    fn zone(&self) -> Tz {
        self.reader.timezone.unwrap_or(self.zone)
    }

    /// A moment on the reader's clocks.
    fn moment(&self, at: Timestamp) -> String {
        clock::moment(at, self.now, self.zone())
    }

    fn is_own(&self, case: &Case) -> bool {
        case.handler.as_deref() == Some(self.reader.handle.as_str())
    }
}
