//! How far a long command has come: one line on stderr, on a terminal alone.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// How often the line is written anew.
const EVERY: Duration = Duration::from_millis(100);

/// How long the bar is: it leaves room for words and numbers on a narrow terminal.
const WIDTH: u64 = 30;

/// The line.
#[derive(Debug)]
pub struct Line {
    written: Option<Instant>,
}

impl Line {
    /// Nothing is shown yet; a command that is done at once never shows anything.
    pub fn new() -> Self {
        Self { written: std::io::stderr().is_terminal().then(Instant::now) }
    }

    /// Shows how much of `what` is done.
    pub fn show(&mut self, what: &str, done: u64, of: u64) {
        if self.written.is_none_or(|written| written.elapsed() < EVERY) {
            return;
        }
        // To the line's beginning, and what was there erased.
        let _ = write!(std::io::stderr(), "\r\x1b[K{what}{}", bar(done, of));
        self.written = Some(Instant::now());
    }
}

/// A bar of what is done of so many, with the share: none where nobody knows how many there are.
fn bar(done: u64, of: u64) -> String {
    let share = |whole: u64| done.min(of).saturating_mul(whole).checked_div(of);
    let (Some(full), Some(percent)) = (share(WIDTH), share(100)) else { return String::new() };
    let [full, empty] = [full, WIDTH.saturating_sub(full)]
        .map(|length| usize::try_from(length).unwrap_or_default());
    format!(" [{}{}] {percent:>3} % of {of}", "#".repeat(full), ".".repeat(empty))
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.written.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_grows_with_what_is_done_and_is_none_where_the_end_is_not_known() {
        assert_eq!(bar(0, 8), format!(" [{}]   0 % of 8", ".".repeat(30)));
        assert_eq!(bar(4, 8), format!(" [{}{}]  50 % of 8", "#".repeat(15), ".".repeat(15)));
        assert_eq!(bar(9, 8), format!(" [{}] 100 % of 8", "#".repeat(30)));
        assert_eq!(bar(9, 0), "");
        assert_eq!(bar(u64::MAX, u64::MAX).len(), " [] 100 % of ".len() + 30 + 20);
    }
}
