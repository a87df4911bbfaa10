//! Who works on a case, and what they tell each other.

use super::{Asked, Done, Refusal, one_line, words};
use crate::domain::event::Change;

/// Names the primary handler.
pub(super) fn assign(asked: &Asked<'_>, handle: &str, note: Option<&str>) -> Result<Done, Refusal> {
    let people = &asked.rules.maintainers;
    let Some(person) = people.iter().find(|person| person.handle.eq_ignore_ascii_case(handle))
    else {
        let known = people.iter().map(|person| person.handle.as_str()).collect::<Vec<_>>();
        let known = known.join(", ");
        return Err(Refusal::UnknownHandler { handle: handle.to_owned(), known });
    };
    let note = note.map(|note| one_line(note, "the note")).transpose()?;
    asked.change(Change::Assigned { handler: person.handle.clone(), note })
}

/// Takes the handler off.
pub(super) fn unassign(asked: &Asked<'_>) -> Result<Done, Refusal> {
    asked.change(Change::Unassigned)
}

/// A word among maintainers.
pub(super) fn note(asked: &Asked<'_>, text: &str) -> Result<Done, Refusal> {
    asked.change(Change::Noted { text: words(text, "the note")?.to_owned() })
}
