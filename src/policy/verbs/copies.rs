//! Who gets our letters to the reporter besides.
//!
//! Whom a stranger puts into Cc gets nothing: a person's word is needed, since from then on the whole
//! conversation goes there. Maintainers follow a case instead; their addresses are in no mail that
//! leaves the project.

use super::{Asked, Done, Refusal};
use crate::domain::address::Address;
use crate::domain::event::Change;

/// Adds somebody.
pub(super) fn add(asked: &Asked<'_>, address: &Address) -> Result<Done, Refusal> {
    let case = asked.case();
    let of_the_project = asked.rules.surroundings();
    let maintainer = asked.rules.maintainers.iter().find(|person| person.address == *address);
    if let Some(person) = maintainer {
        return Err(Refusal::CopyToMaintainer { case: case.id, handle: person.handle.clone() });
    }
    if of_the_project.own.contains(address) {
        return Err(Refusal::CopyToOurselves);
    }
    if case.cc.contains(address) || case.correspondent.as_ref() == Some(address) {
        return Err(Refusal::CopiedAlready { case: case.id });
    }
    asked.change(Change::CcAdded { address: address.clone() })
}

/// Takes somebody off.
pub(super) fn drop_from(asked: &Asked<'_>, address: &Address) -> Result<Done, Refusal> {
    let case = asked.case();
    if !case.cc.contains(address) {
        let known = case.cc.iter().map(Address::as_str).collect::<Vec<_>>().join(", ");
        return Err(Refusal::NotCopied { case: case.id, known });
    }
    asked.change(Change::CcDropped { address: address.clone() })
}
