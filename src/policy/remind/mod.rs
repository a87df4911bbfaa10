//! Who is reminded of which clock, and when.
//!
//! The rule: when half of the promised time is left the handler is reminded, when a fifth is left
//! the handler and the lead, and when nothing is left everybody. Whoever is away is passed over, and
//! where nobody remains it is the lead.
//!
//! Promises: pure; each point of each clock once, however often it is asked; a person gets one
//! letter however much has become due, so that after a week's downtime there is one summary.

mod letter;
mod points;
#[cfg(test)]
mod tests;

use chrono_tz::Tz;

use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::due::Running;
use crate::domain::letter::Letter;
use crate::domain::people::Maintainer;
use crate::domain::reminder::{Looked, Reminded, Stage, Watched};
use crate::policy::handler;
use crate::policy::letters;
use crate::policy::rules::Rules;

/// What looks at the clocks of cases come to, as many cases at a time as anybody likes.
#[derive(Debug)]
pub struct Reminding {
    now: Timestamp,
    rings: Vec<Ring>,
    looked: Vec<Looked>,
}

/// What comes of all the looks together.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The letters to send: one a person at the most.
    pub letters: Vec<Letter>,
    /// What to remember of each case.
    pub looked: Vec<Looked>,
}

/// A clock that somebody is reminded of.
#[derive(Debug)]
struct Ring {
    case: CaseId,
    subject: String,
    handler: Option<String>,
    running: Running,
    stage: Stage,
    /// The command that answers the reporter.
    answering: String,
    /// Who is reminded, by handle.
    readers: Vec<String>,
}

impl Reminding {
    /// Before the first look, which is at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self { now, rings: Vec::new(), looked: Vec::new() }
    }

    /// Looks at the clocks of some cases.
    pub fn look(&mut self, watched: &[Watched], rules: &Rules) {
        for Watched { case, reminded } in watched {
            let mut looked = Looked { case: case.id, reminded: Vec::new(), next: None };
            for running in crate::policy::clocks::running(case) {
                let points = points::of(&running, &rules.promises);
                let passed = points::passed(points, self.now);
                let next = points.into_iter().map(|(_, at)| at).filter(|at| *at > self.now).min();
                looked.next = [looked.next, next].into_iter().flatten().min();
                let before = reminded.iter().find(|reminded| reminded.due == running.due);
                let (note, stage) = weigh(&running, passed, before);
                looked.reminded.extend(note.then_some(Reminded {
                    due: running.due,
                    deadline: running.deadline,
                    stage: passed,
                }));
                self.rings.extend(stage.map(|stage| self.ring(case, running, stage, rules)));
            }
            self.looked.push(looked);
        }
    }

    fn ring(&self, case: &Case, running: Running, stage: Stage, rules: &Rules) -> Ring {
        let readers = readers(case, stage, self.now, &rules.maintainers);
        Ring {
            case: case.id,
            subject: case.subject.clone(),
            handler: case.handler.clone(),
            running,
            stage,
            answering: letters::answering(case),
            readers: readers.into_iter().map(|reader| reader.handle.clone()).collect(),
        }
    }

    /// What comes of it. `zone` is that of people who have none of their own.
    pub fn outcome(self, rules: &Rules, zone: Tz) -> Outcome {
        let letter = |reader: &Maintainer| {
            let is_for = |ring: &&Ring| ring.readers.contains(&reader.handle);
            let rings: Vec<&Ring> = self.rings.iter().filter(is_for).collect();
            (!rings.is_empty()).then(|| letter::of(rings, reader, self.now, rules, zone))
        };
        let letters = rules.maintainers.iter().filter_map(letter).collect();
        Outcome { letters, looked: self.looked }
    }
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
