//! Which mail the server does not hand out.
//!
//! A mail that makes its server fail (or answer what cannot be read) would stop all the mails
//! behind it. So where a batch failed, its mails are asked for one at a time; and one that still
//! fails after a while is sent on without its content, so that a person learns of it.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

/// How often a mail has to fail at least, however long that takes.
const ATTEMPTS: u32 = 3;

/// What went wrong in earlier rounds. Outlives the connection.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    uid_validity: u32,
    /// The last UID of the batch that failed.
    alone_until: u32,
    /// The mails that were asked for alone, without an answer so far.
    asked: BTreeMap<u32, Asked>,
}

#[derive(Debug)]
struct Asked {
    since: Instant,
    times: u32,
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
        let asked =
            self.asked.entry(uid).or_insert_with(|| Asked { since: Instant::now(), times: 0 });
        if asked.times >= ATTEMPTS && asked.since.elapsed() >= patience {
            return Verdict::GiveUp;
        }
        asked.times = asked.times.saturating_add(1);
        Verdict::Ask
    }

    /// A mail was handed out, or is gone.
    pub(super) fn settled(&mut self, uid: u32) {
        self.asked.remove(&uid);
    }
}

/// What to do with a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Ask the server for it.
    Ask,
    /// Send it on without its content.
    GiveUp,
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(900);

    #[tokio::test(start_paused = true)]
    async fn a_mail_is_given_up_after_enough_attempts_and_enough_time() {
        let mut trouble = Trouble::default();
        trouble.failed(7);
        assert!(trouble.is_alone(7) && !trouble.is_alone(8));
        for _ in 0..10 {
            assert_eq!(trouble.ask(7, PATIENCE), Verdict::Ask);
        }
        tokio::time::advance(PATIENCE).await;
        assert_eq!(trouble.ask(7, PATIENCE), Verdict::GiveUp);
    }

    #[tokio::test(start_paused = true)]
    async fn time_alone_gives_no_mail_up() {
        let mut trouble = Trouble::default();
        assert_eq!(trouble.ask(7, PATIENCE), Verdict::Ask);
        tokio::time::advance(PATIENCE * 4).await;
        assert_eq!(trouble.ask(7, PATIENCE), Verdict::Ask);
    }

    #[tokio::test(start_paused = true)]
    async fn a_mail_handed_out_or_a_new_numbering_starts_anew() {
        let mut trouble = Trouble::default();
        trouble.of(1);
        for _ in 0..3 {
            trouble.ask(7, PATIENCE);
        }
        tokio::time::advance(PATIENCE).await;
        trouble.settled(7);
        assert_eq!(trouble.ask(7, PATIENCE), Verdict::Ask);
        trouble.failed(7);
        trouble.of(2);
        assert!(!trouble.is_alone(7));
    }
}
