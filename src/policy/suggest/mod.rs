//! What a careful maintainer would notice in a report. Suggestions only: nothing here acts.

pub mod phrases;
pub mod report;
pub mod threat;
