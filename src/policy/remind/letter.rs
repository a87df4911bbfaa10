//! What a person is told of the clocks that ring.

use chrono_tz::Tz;

use super::Ring;
use crate::domain::Timestamp;
use crate::domain::address::{Mailbox, displayable};
use crate::domain::case_id::CaseId;
use crate::domain::digest::Urgency;
use crate::domain::due::Due;
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
    mut rings: Vec<Ring<'_>>,
    reader: &Maintainer,
    now: Timestamp,
    rules: &Rules,
    zone: Tz,
) -> Letter {
    // Most urgent first: what the law wants, then what is the longest overdue or soonest due.
    rings.sort_by_key(|ring| (!ring.running.due.is_legal(), ring.running.deadline, ring.case.id));
    let zone = reader.timezone.unwrap_or(zone);
    let mut lines: Vec<Line> = rings
        .iter()
        .map(|ring| Line {
            case: ring.case.id,
            subject: subject(&ring.case.subject),
            clock: clock::clock(ring.running.due.words(), ring.running.deadline, now, zone),
            stage: match ring.stage {
                Stage::Half => "half of the time is over",
                Stage::FourFifths => "four fifths of the time are over",
                Stage::Deadline => "the time is over",
            },
            handler: handler::named(
                ring.case.handler.as_deref(),
                &reader.handle,
                &rules.maintainers,
                now,
                zone,
            ),
            commands: commands(ring.case.id, ring.running.due),
        })
        .collect();
    let headline = headline(&lines);
    let more = lines.len().saturating_sub(MOST);
    lines.truncate(MOST);
    Letter {
        to: Mailbox::new(Some(&reader.name), reader.address.clone()),
        cc: vec![],
        answers: None,
        content: Content::Reminder(Reminder {
            project: rules.project.name.clone(),
            reader: reader.handle.clone(),
            headline,
            lines,
            more,
        }),
    }
}

/// What it is about, for the subject.
fn headline(lines: &[Line]) -> String {
    match lines {
        [line] => format!("{}: {}", line.case, line.clock.words),
        lines => {
            let overdue =
                lines.iter().filter(|line| line.clock.urgency == Urgency::Overdue).count();
            match overdue {
                0 => format!("{} promises fall due", lines.len()),
                some if some == lines.len() => format!("{some} promises are overdue"),
                some => format!("{} promises fall due, {some} are overdue", lines.len()),
            }
        }
    }
}

/// A subject, or words in its place.
fn subject(text: &str) -> String {
    let shown = displayable(text);
    if shown.is_empty() { "(no subject)".to_owned() } else { shown }
}

/// The commands that meet a promise.
fn commands(case: CaseId, due: Due) -> Vec<String> {
    match due {
        // Nobody has to do this by hand, unless the mail came back or is held.
        Due::Acknowledge => {
            vec![format!("embargod case show {case}"), format!("embargod case reply {case}")]
        }
        Due::Respond | Due::Update => vec![format!("embargod case reply {case}")],
        Due::Disclose => vec![
            format!("embargod case disclose {case}"),
            format!("embargod case extend {case} DAY --reason WHY"),
        ],
        Due::Authorities(report) => {
            vec![format!("embargod case exploited {case} --made {}", report.name())]
        }
    }
}
