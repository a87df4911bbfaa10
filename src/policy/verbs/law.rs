//! What the law wants told of an exploited vulnerability.

use super::{Asked, Done, Refusal};
use crate::domain::Timestamp;
use crate::domain::event::Change;
use crate::domain::exploited::Report;

/// The vulnerability is exploited: the clocks start when the project came to know.
pub(super) fn exploited(asked: &Asked<'_>, known_since: Timestamp) -> Result<Done, Refusal> {
    if known_since > asked.now {
        return Err(Refusal::Future { what: "the time since which it is known", at: known_since });
    }
    asked.change(Change::Exploited { known_since })
}

/// A report to the authorities was made.
pub(super) fn make_report(asked: &Asked<'_>, report: Report) -> Result<Done, Refusal> {
    if asked.case().exploited.is_none() {
        return Err(Refusal::NotExploited(asked.case().id));
    }
    asked.change(Change::ReportMade { report })
}
