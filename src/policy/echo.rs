//! A sender that says just the same again: no person, whatever its header claims.
//!
//! A vacation responder that ignores every header answers each of our answers with the same text, and
//! a ticket system with the same text and another number. Either gets one answer; after that its mail
//! is taken in and not answered. Reports that differ in a number alone are a person's: numbers are
//! passed over only in what is no clear report.

use sha2::{Digest as _, Sha256};

use crate::domain::address::Address;
use crate::domain::judgement::Judgement;
use crate::domain::mail::Mail;
use crate::policy::judge::said;
use crate::policy::orders::Order;

/// How a text is compared with what its author said before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// All of it that can be seen.
    Whole,
    /// What its author wrote, but for words with a digit in them.
    ButForNumbers,
}

impl Compared {
    /// How a mail of this judgement is, which may hold an order.
    pub fn of(judgement: &Judgement, order: Option<&Order>) -> Self {
        let in_doubt = judgement.reasons.iter().any(|reason| reason.rule == "body.in-doubt");
        match in_doubt || order.is_some_and(Order::may_be_a_machines) {
            true => Self::ButForNumbers,
            false => Self::Whole,
        }
    }
}

/// Who says what: the author, and a digest of the text without its white space. `None` where nobody
/// can be read, or nothing: silence is no repetition.
pub fn says(mail: &Mail, compared: Compared) -> Option<(Address, i64)> {
    let author = mail.author()?.address.clone();
    let text = match compared {
        Compared::Whole => mail.text.text.clone(),
        Compared::ButForNumbers => {
            let said = said(mail);
            said.above + "\n" + &said.below
        }
    };
    let is_left_out = |word: &&str| {
        compared == Compared::ButForNumbers && word.contains(|letter: char| letter.is_numeric())
    };
    let mut words = text.split_whitespace().filter(|word| !is_left_out(word)).peekable();
    words.peek()?;
    let mut hash = Sha256::new();
    for word in words {
        hash.update(word);
        hash.update(b" ");
    }
    let digest = hash.finalize();
    let (start, _) = digest.as_slice().split_first_chunk::<8>()?;
    Some((author, i64::from_be_bytes(*start)))
}
