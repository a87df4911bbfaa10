//! A sender that says just the same again: no person, whatever its header claims.
//!
//! A vacation responder that ignores every header answers each of our answers with the same text. It
//! gets one; after that its mail is taken in and not answered.

use sha2::{Digest as _, Sha256};

use crate::domain::address::Address;
use crate::domain::mail::Mail;

/// Who says what: the author, and a digest of the visible text without its white space. `None` where
/// nobody can be read, or nothing: silence is no repetition.
pub fn says(mail: &Mail) -> Option<(Address, i64)> {
    let author = mail.author()?.address.clone();
    mail.text.text.split_whitespace().next()?;
    let mut hash = Sha256::new();
    for word in mail.text.text.split_whitespace() {
        hash.update(word);
        hash.update(b" ");
    }
    let digest = hash.finalize();
    let (start, _) = digest.as_slice().split_first_chunk::<8>()?;
    Some((author, i64::from_be_bytes(*start)))
}
