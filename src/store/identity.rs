//! By what a mail is known again.
//!
//! By its bytes, wherever it lies. A mail of which the inbox gave no byte is nobody's double: it is
//! known by its place alone.

use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

use super::error::StoreError;
use crate::domain::place::Place;

/// SHA-256 of a mail's bytes, or of its place where there are none.
pub fn digest(place: &Place, raw: &[u8]) -> [u8; 32] {
    if !raw.is_empty() {
        return Sha256::digest(raw).into();
    }
    match place {
        Place::Imap { folder, uid_validity, uid } => {
            of_place(folder, *uid_validity, &uid.to_string())
        }
        Place::Maildir { name, .. } | Place::Archive { name } => of_place(place.folder(), 0, name),
    }
}

/// The same for a place as a row of `sightings` has it.
pub(super) fn of_row(
    folder: &str,
    uid_validity: u32,
    place: ValueRef<'_>,
) -> Result<[u8; 32], StoreError> {
    let place = match place {
        ValueRef::Integer(uid) => uid.to_string(),
        ValueRef::Text(name) => String::from_utf8_lossy(name).into_owned(),
        _ => return Err(StoreError::Unreadable("a place is neither a UID nor a name".to_owned())),
    };
    Ok(of_place(folder, uid_validity, &place))
}

fn of_place(folder: &str, uid_validity: u32, place: &str) -> [u8; 32] {
    // No field holds a line feed, so that no two places have the same text.
    Sha256::digest(format!("place\n{folder}\n{uid_validity}\n{place}")).into()
}
