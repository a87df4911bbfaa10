//! Whether the inbox was looked through since the start, or could not be: what the clock causes waits
//! for that, since mail that came while nobody looked may change it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The word. Clones hear what any of them says.
#[derive(Debug, Clone, Default)]
pub struct Swept(Arc<AtomicBool>);

impl Swept {
    /// Says that the first look is over, whatever came of it.
    pub fn over(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
