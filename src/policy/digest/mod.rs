//! What a maintainer's digest says: the work there is, most urgent first, in few words.
//!
//! Relies on the store's view being complete. Promises: every open case stands in exactly one
//! section and every mail that waits for a person in one; a flood lengthens no section beyond what
//! a person reads; nothing of a report but its subject is shown (invariant 8): not a rule's
//! details, which may quote it, and not the reporter's address.

pub mod clock;
mod lines;
mod place;
mod schedule;
mod words;

use std::collections::BTreeMap;

use chrono_tz::Tz;

pub use schedule::{figures_due, next_due};

use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::digest::{Digest, Heading, Line};
use crate::domain::people::Maintainer;
use crate::domain::views::{MailLine, WorkView};

/// As many lines of a section as a person reads in one sitting.
pub const LINES: usize = 40;

/// For whom a digest is made, and when.
#[derive(Debug, Clone, Copy)]
pub struct Edition<'a> {
    /// The project's name.
    pub project: &'a str,
    /// The reader.
    pub reader: &'a Maintainer,
    /// The zone in which times are shown, unless the reader has a zone of their own.
    pub zone: Tz,
    /// When the last digest was made; without one, new is what arrived within a day.
    pub since: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
    /// How many lines a section has at most.
    pub lines: usize,
}

/// The digest of this moment, or `None` where there is nothing to say.
pub fn digest(view: &WorkView, edition: &Edition<'_>) -> Option<Digest> {
    let digest = even_if_empty(view, edition);
    (!digest.sections.is_empty() || digest.set_aside.is_some()).then_some(digest)
}

/// The digest of this moment, even where there is nothing to say.
pub fn even_if_empty(view: &WorkView, edition: &Edition<'_>) -> Digest {
    let work = edition.work(view);
    let set_aside = words::set_aside(&view.set_aside);
    let local = edition.now.with_timezone(&edition.zone());
    let sections: Vec<_> = work
        .into_iter()
        .map(|(heading, lines)| words::section(heading, lines, edition.lines))
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
    }
}

impl Edition<'_> {
    /// Every line, under its heading.
    fn work(&self, view: &WorkView) -> BTreeMap<Heading, Vec<Line>> {
        let mut work: BTreeMap<Heading, Vec<Line>> = BTreeMap::new();
        let mut cases: Vec<(Heading, &Case)> = view
            .open
            .iter()
            .filter(|case| case.state.is_open())
            .map(|case| (place::heading(case, self), case))
            .collect();
        cases.sort_by_key(|(heading, case)| place::order(*heading, case, self));
        for (heading, case) in cases {
            let line = lines::case(case, heading, view.returned.get(&case.id), self);
            work.entry(heading).or_default().push(line);
        }
        let case_of = |id: Option<CaseId>| view.open.iter().find(|case| Some(case.id) == id);
        let follow_up = |mail: &MailLine| lines::mail(mail, case_of(mail.case), self);
        let closed = |closed| lines::closed(closed, self);
        work.insert(
            Heading::Quarantined,
            view.quarantined.iter().map(|mail| lines::quarantined(mail, self)).collect(),
        );
        work.insert(
            Heading::Undelivered,
            view.undelivered.iter().map(|mail| lines::undelivered(mail, self)).collect(),
        );
        work.insert(Heading::FollowUps, view.follow_ups.iter().map(follow_up).collect());
        work.insert(Heading::Closed, view.closed.iter().map(closed).collect());
        for lines in work.values_mut() {
            lines.sort_by_key(|line| !line.own);
        }
        work.retain(|_, lines| !lines.is_empty());
        work
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
