//! How far a long command has come: one line on stderr, on a terminal alone.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// How often the line is written anew.
const EVERY: Duration = Duration::from_millis(100);

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
        let percent = done.saturating_mul(100).checked_div(of);
        let percent = percent.map(|p| format!(" {p} % of {of}")).unwrap_or_default();
        // To the line's beginning, and what was there erased.
        let _ = write!(std::io::stderr(), "\r\x1b[K{what}{percent}");
        self.written = Some(Instant::now());
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.written.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
