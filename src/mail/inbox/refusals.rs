//! How long a mail that cannot be had is asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

/// How often a mail has to fail at least, however long that takes.
const ATTEMPTS: u32 = 3;

/// The mails that were asked for without success so far.
#[derive(Debug)]
pub(super) struct Refusals<K> {
    asked: BTreeMap<K, Asked>,
}

#[derive(Debug)]
struct Asked {
    since: Instant,
    times: u32,
}

/// What to do with a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Ask for it.
    Ask,
    /// Send it on without its content.
    GiveUp,
}

impl<K: Ord> Refusals<K> {
    /// A mail is about to be asked for. Returns whether it failed for too long.
    pub(super) fn ask(&mut self, mail: K, patience: Duration) -> Verdict {
        let asked =
            self.asked.entry(mail).or_insert_with(|| Asked { since: Instant::now(), times: 0 });
        if asked.times >= ATTEMPTS && asked.since.elapsed() >= patience {
            return Verdict::GiveUp;
        }
        asked.times = asked.times.saturating_add(1);
        Verdict::Ask
    }

    /// A mail was handed out, or is gone.
    pub(super) fn settled(&mut self, mail: &K) {
        self.asked.remove(mail);
    }

    /// Forgets the mails that are not there any more.
    pub(super) fn only(&mut self, there: impl Fn(&K) -> bool) {
        self.asked.retain(|mail, _| there(mail));
    }

    /// Whether a mail was asked for without success.
    pub(super) fn knows(&self, mail: &K) -> bool {
        self.asked.contains_key(mail)
    }
}

impl<K> Default for Refusals<K> {
    fn default() -> Self {
        Self { asked: BTreeMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(900);

    #[tokio::test(start_paused = true)]
    async fn a_mail_is_given_up_after_enough_attempts_and_enough_time() {
        let mut refusals = Refusals::default();
        for _ in 0..10 {
            assert_eq!(refusals.ask(7, PATIENCE), Verdict::Ask);
        }
        tokio::time::advance(PATIENCE).await;
        assert_eq!(refusals.ask(7, PATIENCE), Verdict::GiveUp);
    }

    #[tokio::test(start_paused = true)]
    async fn time_alone_gives_no_mail_up() {
        let mut refusals = Refusals::default();
        assert_eq!(refusals.ask(7, PATIENCE), Verdict::Ask);
        tokio::time::advance(PATIENCE * 4).await;
        assert_eq!(refusals.ask(7, PATIENCE), Verdict::Ask);
    }

    #[tokio::test(start_paused = true)]
    async fn a_mail_handed_out_starts_anew() {
        let mut refusals = Refusals::default();
        for _ in 0..3 {
            refusals.ask(7, PATIENCE);
        }
        tokio::time::advance(PATIENCE).await;
        refusals.settled(&7);
        assert_eq!(refusals.ask(7, PATIENCE), Verdict::Ask);
    }
}
