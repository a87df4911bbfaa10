//! When the maintainers' daily digest goes out.

use chrono::{NaiveTime, Weekday};
use chrono_tz::Tz;

/// `[digest]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DigestSchedule {
    /// The time of day, on the clocks of `timezone`.
    pub at: NaiveTime,
    /// Where that clock hangs.
    pub timezone: Tz,
    /// What to do on a day without news.
    pub when_empty: WhenEmpty,
    /// On which day the figures of the week are in it; `None`: never.
    pub figures: Option<Weekday>,
}

/// What to do when a digest would say nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenEmpty {
    /// Send it all the same: it shows that embargod is alive.
    #[default]
    Send,
    /// Send nothing.
    Skip,
}

impl Default for DigestSchedule {
    fn default() -> Self {
        let at = NaiveTime::from_hms_opt(8, 0, 0).unwrap_or(NaiveTime::MIN);
        let figures = Some(Weekday::Mon);
        Self { at, timezone: Tz::UTC, when_empty: WhenEmpty::default(), figures }
    }
}
