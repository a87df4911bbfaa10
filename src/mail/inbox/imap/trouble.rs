//! Which mail the server does not hand out.
//!
//! A mail that makes its server fail (or answer what cannot be read) would stop all the mails
//! behind it. So where a batch failed, its mails are asked for one at a time; and one that still
//! fails after a while is sent on without its content, so that a person learns of it.

use std::time::Duration;

use crate::mail::inbox::refusals::{Refusals, Verdict};

/// What went wrong in earlier rounds. Outlives the connection.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    uid_validity: u32,
    /// The last UID of the batch that failed.
    alone_until: u32,
    /// The mails that were asked for alone, without an answer so far.
    asked: Refusals<u32>,
}

impl Trouble {
    /// Forgets what was of another numbering.
    pub(super) fn of(&mut self, uid_validity: u32) {
        if self.uid_validity != uid_validity {
            *self = Self { uid_validity, ..Self::default() };
        }
    }

    /// A batch failed that ended with this mail.
    pub(super) fn failed(&mut self, last: u32) {
        self.alone_until = self.alone_until.max(last);
    }

    /// Whether to ask for a mail by itself.
    pub(super) fn is_alone(&self, uid: u32) -> bool {
        uid <= self.alone_until
    }

    /// A mail is about to be asked for by itself. Returns whether it failed for too long.
    pub(super) fn ask(&mut self, uid: u32, patience: Duration) -> Verdict {
        self.asked.ask(uid, patience)
    }

    /// A mail was handed out, or is gone.
    pub(super) fn settled(&mut self, uid: u32) {
        self.asked.settled(&uid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mails_of_a_failed_batch_are_asked_for_alone_until_the_numbering_changes() {
        let mut trouble = Trouble::default();
        trouble.of(1);
        trouble.failed(7);
        assert!(trouble.is_alone(7) && !trouble.is_alone(8));
        trouble.of(2);
        assert!(!trouble.is_alone(7));
    }
}
