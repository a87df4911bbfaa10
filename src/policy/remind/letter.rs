//! What a person is told of the clocks that ring.

use chrono_tz::Tz;

use super::Ring;
use crate::domain::Timestamp;
use crate::domain::address::{Mailbox, displayable};
use crate::domain::due::{Due, Running};
use crate::domain::letter::{Content, Letter};
use crate::domain::people::Maintainer;
use crate::domain::reminder::{Line, Reminder, Stage};
use crate::policy::digest::clock;
use crate::policy::handler;
use crate::policy::rules::Rules;

/// The most clocks that one letter shows; the digest has them all.
const MOST: usize = 40;

/// The letter to one reader.
pub(super) fn of(
    mut rings: Vec<&Ring>,
    reader: &Maintainer,
    now: Timestamp,
    rules: &Rules,
    zone: Tz,
) -> Letter {
    // Most urgent first: what the law wants, then what is the longest overdue or soonest due.
    rings.sort_by_key(|ring| (!ring.running.due.is_legal(), ring.running.deadline, ring.case));
    let zone = reader.timezone.unwrap_or(zone);
    let lines: Vec<Line> =
        rings.iter().take(MOST).map(|ring| line(ring, reader, now, rules, zone)).collect();
    let overdue = rings.iter().filter(|ring| ring.running.deadline < now).count();
    Letter {
        to: Mailbox::new(Some(&reader.name), reader.address.clone()),
        cc: vec![],
        answers: None,
        content: Content::Reminder(Reminder {
            project: rules.project.name.clone(),
            reader: reader.handle.clone(),
            headline: headline(&lines, rings.len(), overdue),
            more: rings.len().saturating_sub(lines.len()),
            lines,
        }),
    }
}

fn line(ring: &Ring, reader: &Maintainer, now: Timestamp, rules: &Rules, zone: Tz) -> Line {
    let Running { due, deadline, .. } = ring.running;
    let handler = ring.handler.as_deref();
    Line {
        case: ring.case,
        subject: subject(&ring.subject),
        clock: clock::clock(due.words(), deadline, now, zone),
        stage: match ring.stage {
            Stage::Half => "half of the time is over",
            Stage::FourFifths => "four fifths of the time are over",
            Stage::Deadline => "the time is over",
        },
        handler: handler::named(handler, &reader.handle, &rules.maintainers, now, zone),
        commands: commands(ring),
    }
}

/// What it is about, for the subject.
fn headline(lines: &[Line], all: usize, overdue: usize) -> String {
    match (lines, overdue) {
        ([line], _) => format!("{}: {}", line.case, line.clock.words),
        (_, 0) => format!("{all} promises fall due"),
        (_, some) if some == all => format!("{some} promises are overdue"),
        (_, some) => format!("{all} promises fall due, {some} are overdue"),
    }
}

/// A subject, or words in its place.
fn subject(text: &str) -> String {
    let shown = displayable(text);
    if shown.is_empty() { "(no subject)".to_owned() } else { shown }
}

/// The commands that meet a promise.
fn commands(ring: &Ring) -> Vec<String> {
    let case = ring.case;
    match ring.running.due {
        // Nobody has to do this by hand, unless the mail came back or is held.
        Due::Acknowledge => vec![format!("embargod case show {case}"), ring.answering.clone()],
        Due::Respond | Due::Update => vec![ring.answering.clone()],
        Due::Disclose => vec![
            format!("embargod case disclose {case}"),
            format!("embargod case extend {case} DAY --reason WHY"),
        ],
        Due::Authorities(report) => {
            vec![format!("embargod case exploited {case} --made {}", report.name())]
        }
    }
}
