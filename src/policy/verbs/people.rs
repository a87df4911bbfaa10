//! Who works on a case, and what they tell each other.

use super::{Asked, Done, Refusal, one_line, words};
use crate::domain::event::{Actor, Change};
use crate::domain::people::Maintainer;

/// The maintainer of a handle.
fn known<'a>(asked: &Asked<'a>, handle: &str) -> Result<&'a Maintainer, Refusal> {
    let people = &asked.rules.maintainers;
    people.iter().find(|person| person.handle.eq_ignore_ascii_case(handle)).ok_or_else(|| {
        let known = people.iter().map(|person| person.handle.as_str()).collect::<Vec<_>>();
        Refusal::UnknownHandler { handle: handle.to_owned(), known: known.join(", ") }
    })
}

/// The maintainer of a handle, or the one who asks.
fn named<'a>(asked: &Asked<'a>, handle: Option<&str>) -> Result<&'a Maintainer, Refusal> {
    match (handle, asked.actor) {
        (Some(handle), _) => known(asked, handle),
        (None, Actor::Maintainer(handle)) => known(asked, handle),
        (None, _) => Err(Refusal::Who),
    }
}

/// Tells a maintainer of every mail into the case.
pub(super) fn follow(asked: &Asked<'_>, handle: Option<&str>) -> Result<Done, Refusal> {
    let handle = named(asked, handle)?.handle.clone();
    asked.change(Change::Followed { handle })
}

/// Tells them no longer. Whoever is no maintainer any more can be taken off, too.
pub(super) fn unfollow(asked: &Asked<'_>, handle: Option<&str>) -> Result<Done, Refusal> {
    let follows = |handle: &&str| asked.case().followers.iter().any(|known| known == handle);
    let handle = match handle.filter(follows) {
        Some(handle) => handle.to_owned(),
        None => named(asked, handle)?.handle.clone(),
    };
    let case = asked.case();
    if !case.followers.contains(&handle) {
        let known = case.followers.join(", ");
        return Err(Refusal::FollowsNot { case: case.id, handle, known });
    }
    asked.change(Change::Unfollowed { handle })
}

/// Names the primary handler.
pub(super) fn assign(asked: &Asked<'_>, handle: &str, note: Option<&str>) -> Result<Done, Refusal> {
    let person = known(asked, handle)?;
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
