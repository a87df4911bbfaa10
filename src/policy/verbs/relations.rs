//! Cases that have to do with each other.

use super::{Asked, Changed, Done, Refusal, one_line};
use crate::domain::address::Mailbox;
use crate::domain::case::{Case, NotAllowed};
use crate::domain::case_id::CaseId;
use crate::domain::event::{Change, Event};
use crate::domain::state::State;
use crate::domain::views::{CaseFile, Direction, Message};
use crate::policy::letters::{self, Report};

/// Ends the case in favour of another of the same reporter; what comes into it goes there.
pub(super) fn merge(asked: &Asked<'_>, into: CaseId) -> Result<Done, Refusal> {
    let case = asked.case();
    let other = &asked.other(into)?.case;
    if !other.state.is_open() {
        return Err(Refusal::Closed(into));
    }
    let shared = other.participants.contains(&case.reporter.address)
        || case.participants.contains(&other.reporter.address);
    if !shared {
        return Err(Refusal::OtherReporter { case: case.id, into });
    }
    let merged = asked.with(case, Change::Merged { into })?;
    let participants = case.participants.clone();
    let absorbed = asked.with(other, Change::Absorbed { case: case.id, participants })?;
    Ok(Done { changed: vec![merged, absorbed], letters: vec![], moved: None })
}

/// Notes on both cases that they have to do with each other.
pub(super) fn link(asked: &Asked<'_>, with: CaseId) -> Result<Done, Refusal> {
    let other = &asked.other(with)?.case;
    let ours = asked.with(asked.case(), Change::Linked { case: with })?;
    let theirs = asked.with(other, Change::Linked { case: asked.case().id })?;
    Ok(Done { changed: vec![ours, theirs], letters: vec![], moved: None })
}

/// Opens a second case for a second report, with the same reporter or with the author of the mail
/// that moves there. The reporter is told its number by an acknowledgement, and the promise of a
/// detailed answer to it counts from there.
pub(super) fn split(
    asked: &Asked<'_>,
    mail: Option<i64>,
    subject: Option<&str>,
) -> Result<Done, Refusal> {
    let case = asked.case();
    if matches!(case.state, State::Returned | State::Closed) {
        return Err(NotAllowed { case: case.id, state: case.state, event: "split" }.into());
    }
    let moved = mail.map(|number| mail_of(asked.file, number)).transpose()?;
    let subject = match (subject, moved) {
        (Some(subject), _) => one_line(subject, "the subject")?,
        (None, Some(mail)) => mail.subject.clone(),
        (None, None) => case.subject.clone(),
    };
    let opening = opening(asked.file, moved, subject, asked.now);
    let opened = Event { at: asked.now, actor: asked.actor.clone(), change: opening };
    let new = asked.next_case;
    let not_allowed = NotAllowed { case: case.id, state: case.state, event: "split" };
    let mut second = Case::open(new, &opened).ok_or(not_allowed)?;
    let mut events = vec![opened];
    let promises = &asked.rules.promises;
    let format = letters::format(case);
    let accepted = Change::Accepted {
        why: format!("split from {} by {}", case.id, asked.actor.label()),
        format,
        // The report itself was acknowledged with the first case's.
        acknowledge_by: promises.acknowledge_by(asked.now),
        disclose_by: Some(promises.disclose_by(second.received_at)),
    };
    let assigned = case.handler.clone().map(|handler| Change::Assigned { handler, note: None });
    let linked = Change::Linked { case: case.id };
    for change in [Some(accepted), assigned, Some(linked)].into_iter().flatten() {
        let changed = asked.with(&second, change)?;
        second = changed.case;
        events.extend(changed.events);
    }
    let report = Report { arrived_at: second.received_at, missing: &[], format };
    let answers = letters::answered(asked.file, asked.rules);
    let letter = letters::of_a_split(&second, case.id, report, answers, asked.now, asked.rules);
    let first = asked.with(case, Change::Linked { case: new })?;
    Ok(Done {
        changed: vec![first, Changed { case: second, events }],
        letters: letter.into_iter().collect(),
        moved: mail.map(|number| (number, new)),
    })
}

/// A mail that came into the case, and is not all of it.
fn mail_of(file: &CaseFile, number: i64) -> Result<&Message, Refusal> {
    let case = file.case.id;
    let mut came = file.messages.iter().filter(|mail| mail.direction == Direction::In);
    let mail = came.clone().find(|mail| mail.number == number);
    let mail = mail.ok_or(Refusal::NoSuchMail { case, mail: number })?;
    match came.any(|other| other.number != number) {
        true => Ok(mail),
        false => Err(Refusal::OnlyMail { case, mail: number }),
    }
}

/// The event that opens the second case.
fn opening(
    file: &CaseFile,
    moved: Option<&Message>,
    subject: String,
    now: crate::domain::Timestamp,
) -> Change {
    let author = moved.and_then(|mail| mail.from.parse().ok());
    let received_at = moved.map_or(file.case.received_at, |mail| mail.at).min(now);
    match author.filter(|author| *author != file.case.reporter.address) {
        Some(author) => {
            let reporter = Mailbox { name: None, address: author };
            Change::Opened { reporter, subject, received_at, via: None }
        }
        None => {
            let via = file.events.iter().find_map(|event| match &event.change {
                Change::Opened { via, .. } => via.clone(),
                _ => None,
            });
            Change::Opened { reporter: file.case.reporter.clone(), subject, received_at, via }
        }
    }
}
