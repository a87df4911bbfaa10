//! When to look at what nobody tells of.
//!
//! Whoever merely looks every minute looks at the full minute, as everybody else does: a machine that
//! has nothing to do is woken once and not by each in turn.

use std::time::Duration;

/// How long until the next multiple of `period`, for a clock that shows `since` its beginning. A whole
/// period if it is one now.
pub fn until_next(period: Duration, since: Duration) -> Duration {
    let past = since.as_millis().checked_rem(period.as_millis()).unwrap_or_default();
    period.saturating_sub(Duration::from_millis(u64::try_from(past).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_with_the_same_period_looks_at_the_same_moment() {
        let minute = Duration::from_secs(60);
        for start in [0, 1, 17_250, 59_999, 60_000, 123_456_789] {
            let start = Duration::from_millis(start);
            let wait = until_next(minute, start);
            assert!(wait > Duration::ZERO && wait <= minute);
            assert_eq!((start + wait).as_millis() % 60_000, 0);
        }
        assert_eq!(until_next(Duration::ZERO, minute), Duration::ZERO);
    }
}
