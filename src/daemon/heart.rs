//! A loop's own handle on the register of progress.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::progress::{Loop, Progress};

/// What a step may take beyond what its loop foresaw: deadlines of servers, a slow disk.
const SLACK: Duration = Duration::from_secs(600);

/// The heart of one loop.
#[derive(Debug, Clone)]
pub struct Heart {
    which: Loop,
    progress: Arc<Progress>,
}

impl Heart {
    /// The heart of a loop.
    pub fn of(which: Loop, progress: &Arc<Progress>) -> Self {
        Self { which, progress: Arc::clone(progress) }
    }

    /// The loop moved; its next pause may last for `pause`.
    pub fn beat(&self, pause: Duration) {
        self.progress.mark(self.which, Instant::now(), pause.saturating_add(SLACK));
    }
}

impl Drop for Heart {
    fn drop(&mut self) {
        self.progress.ended(self.which);
    }
}
