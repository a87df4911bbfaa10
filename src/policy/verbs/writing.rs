//! A person writes to the reporter.

use super::{Asked, Done, Refusal, one_line, words};
use crate::domain::Timestamp;
use crate::domain::case::{Case, NotAllowed};
use crate::domain::event::Change;
use crate::domain::letter::{Content, Letter, Message, Saying};
use crate::domain::state::State;
use crate::policy::letters;

/// Answers the reporter, or tells them how it goes.
pub(super) fn reply(asked: &Asked<'_>, text: &str) -> Result<Done, Refusal> {
    write(asked, text, Saying::Answer)
}

/// Asks the reporter something that is needed.
pub(super) fn ask(asked: &Asked<'_>, text: &str) -> Result<Done, Refusal> {
    let Case { id: case, state, .. } = *asked.case();
    if matches!(state, State::Returned | State::Closed) {
        return Err(NotAllowed { case, state, event: "asked about" }.into());
    }
    write(asked, text, Saying::Question)
}

/// Notes that a person answered elsewhere: on the platform of a relay, by telephone. It keeps the
/// promises as a mail of ours does, and stays marked as somebody's word.
pub(super) fn answered(
    asked: &Asked<'_>,
    at: Timestamp,
    note: Option<&str>,
) -> Result<Done, Refusal> {
    let case = asked.case();
    let what = "the time of the answer";
    if at > asked.now {
        return Err(Refusal::Future { what, at });
    }
    if at < case.received_at {
        return Err(Refusal::BeforeTheReport { what, at, received_at: case.received_at });
    }
    let note = note.map(|note| one_line(note, "the note")).transpose()?;
    let next_update_by = Some(asked.rules.promises.update_by(at));
    asked.change(Change::Answered { answered_at: at, note, next_update_by })
}

fn write(asked: &Asked<'_>, text: &str, saying: Saying) -> Result<Done, Refusal> {
    let text = words(text, "the message")?.to_owned();
    let case = asked.case();
    let to = letters::recipient(case).ok_or(Refusal::AnsweredElsewhere(case.id))?;
    let project = asked.rules.project.name.clone();
    let content = Content::Message(Message { project, case: case.id, text, saying });
    let wrote = Change::Wrote { what: content.purpose() };
    let (cc, answers) = (case.cc.clone(), letters::answered(asked.file, asked.rules));
    let letter = Letter { to, cc, answers, content };
    Ok(asked.change(wrote)?.and_writes(Some(letter)))
}
