//! Who is reminded of which clock, and when.
//!
//! The rule: when half of the promised time is left the handler is reminded, when a fifth is left
//! the handler and the lead, and when nothing is left everybody. Whoever is away is passed over, and
//! where nobody remains it is the lead. The points are counted back from the deadline by the
//! promise's own calendar, so that a clock that stood still needs no memory of it.
//!
//! Promises: pure; each point of each clock once, however often it is asked; a person gets one
//! letter however much has become due, so that after a week's downtime there is one summary.

mod letter;
mod points;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono_tz::Tz;

use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::due::Running;
use crate::domain::letter::Letter;
use crate::domain::people::Maintainer;
use crate::domain::reminder::{Looked, Reminded, Stage, Watched};
use crate::policy::handler;
use crate::policy::rules::Rules;

/// What a look at some cases comes to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reminding {
    /// The letters to send.
    pub letters: Vec<Letter>,
    /// What to remember of each case.
    pub looked: Vec<Looked>,
}

/// A clock that somebody is reminded of.
#[derive(Debug, Clone, Copy)]
struct Ring<'a> {
    case: &'a Case,
    running: Running,
    stage: Stage,
}

/// Looks at the clocks of some cases. `zone` is that of people who have none of their own.
pub fn remind(watched: &[Watched], now: Timestamp, rules: &Rules, zone: Tz) -> Reminding {
    let mut reminding = Reminding::default();
    let mut rings: BTreeMap<&str, Vec<Ring<'_>>> = BTreeMap::new();
    for Watched { case, reminded } in watched {
        let mut looked = Looked { case: case.id, reminded: Vec::new(), next: None };
        for running in crate::policy::clocks::running(case) {
            let points = points::of(&running, &rules.promises);
            let passed = points::passed(points, now);
            let next = points.into_iter().map(|(_, at)| at).filter(|at| *at > now).min();
            looked.next = [looked.next, next].into_iter().flatten().min();
            let before = reminded.iter().find(|reminded| reminded.due == running.due);
            let (note, stage) = weigh(&running, passed, before);
            looked.reminded.extend(note.then_some(Reminded {
                due: running.due,
                deadline: running.deadline,
                stage: passed,
            }));
            let Some(stage) = stage else { continue };
            for reader in readers(case, stage, now, &rules.maintainers) {
                let ring = Ring { case, running, stage };
                rings.entry(&reader.handle).or_default().push(ring);
            }
        }
        reminding.looked.push(looked);
    }
    for reader in &rules.maintainers {
        if let Some(rings) = rings.remove(reader.handle.as_str()) {
            reminding.letters.push(letter::of(rings, reader, now, rules, zone));
        }
    }
    reminding
}

/// Whether a clock is to be remembered as it is now, and the point of it that people are reminded
/// of.
fn weigh(
    running: &Running,
    passed: Option<Stage>,
    before: Option<&Reminded>,
) -> (bool, Option<Stage>) {
    match before {
        None => (passed.is_some(), passed),
        Some(before) if before.deadline == running.deadline => {
            let stage = passed.filter(|_| passed > before.stage);
            (stage.is_some(), stage)
        }
        // It was moved: of the points that lie behind it already only the deadline is news.
        Some(_) => (true, passed.filter(|stage| *stage == Stage::Deadline)),
    }
}

/// Who is reminded.
fn readers<'a>(
    case: &Case,
    stage: Stage,
    now: Timestamp,
    maintainers: &'a [Maintainer],
) -> Vec<&'a Maintainer> {
    let is_handler = |person: &Maintainer| case.handler.as_deref() == Some(&person.handle);
    let reached: Vec<&Maintainer> = maintainers
        .iter()
        .filter(|person| match stage {
            Stage::Half => is_handler(person),
            Stage::FourFifths => is_handler(person) || person.lead,
            Stage::Deadline => true,
        })
        .filter(|person| person.absence_at(now).is_none())
        .collect();
    match reached.is_empty() {
        true => handler::lead(maintainers).into_iter().collect(),
        false => reached,
    }
}
