//! Mail that may end the daemon: a bug, or a machine too small for it, must not be met for ever.
//!
//! After an end that nobody asked for, the mails that may have been in hand are taken one by one, each
//! noted before it is worked on. One that was in hand at [`TIMES`] such ends is not worked on again:
//! it is set aside whole. Promises: a daemon that always ends as it was told pays nothing for this.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::store::LastRun;

/// As many mails as can be in hand at an end, and more.
const IN_HAND: u32 = 256;

/// At how many ends a mail may have been in hand, alone.
pub const TIMES: u32 = 3;

/// How many of the next mails are taken one by one. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Wary(Arc<AtomicU32>);

impl Wary {
    /// As wary as the end of the last run gives reason for.
    pub fn after(last: LastRun) -> Self {
        let mails = match last {
            LastRun::Ended => 0,
            LastRun::Died => IN_HAND,
        };
        Self(Arc::new(AtomicU32::new(mails)))
    }

    /// Whether to be wary of the next mail.
    pub fn is_of_the_next(&self) -> bool {
        let one_less = |left: u32| left.checked_sub(1);
        self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_end_that_nobody_asked_for_makes_wary_and_not_for_ever() {
        assert!(!Wary::after(LastRun::Ended).is_of_the_next());
        let wary = Wary::after(LastRun::Died);
        assert!((0..IN_HAND).all(|_| wary.clone().is_of_the_next()));
        assert!(!wary.is_of_the_next());
    }
}
