//! Where the promises of a case lie once a wait for the reporter is over.
//!
//! The case itself moves each on by the length of the wait. Where working time counts, that is not
//! the same as having as much of it left as before: then an event says where they lie.

use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::event::Change;
use crate::policy::promise::{Promise, Promises};

/// The event that has to follow the one that led from `before` to `after`, if one has to.
pub fn over(before: &Case, after: &Case, now: Timestamp, promises: &Promises) -> Option<Change> {
    let since = before.awaiting.filter(|since| after.awaiting != Some(*since))?;
    let moved = |promise: &Promise, deadline: Option<Timestamp>| {
        deadline.map(|deadline| promise.resumed(deadline, since, now))
    };
    // What the event itself set anew is right already.
    let told_anew = before.last_told_at != after.last_told_at;
    let next_update_by = match told_anew {
        true => after.next_update_by,
        false => moved(&promises.update, before.next_update_by),
    };
    let disclose_by = match before.disclosed_at {
        Some(_) => after.disclose_by,
        None => moved(&promises.disclose, before.disclose_by),
    };
    let is_right = next_update_by == after.next_update_by && disclose_by == after.disclose_by;
    let stands = after.state.is_open() && !is_right;
    stands.then_some(Change::Resumed { next_update_by, disclose_by })
}
