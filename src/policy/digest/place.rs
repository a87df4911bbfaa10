//! Where a case stands in a digest.

use std::cmp::Reverse;

use chrono::TimeDelta;

use super::{Edition, clock};
use crate::domain::Timestamp;
use crate::domain::authenticity::Verdict;
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::digest::Heading;
use crate::domain::state::State;
use crate::policy::clocks;

/// How long before its end an embargo is worth a look.
const EMBARGO_NEAR: TimeDelta = TimeDelta::days(14);

/// The one section in which a case stands: the most urgent that fits.
pub(super) fn heading(case: &Case, edition: &Edition<'_>) -> Heading {
    if clocks::owed(case).next().is_some() {
        return Heading::Legal;
    }
    if case.state == State::Returned {
        return Heading::SentBack;
    }
    let day = TimeDelta::hours(24);
    let left = |deadline: Timestamp| deadline.signed_duration_since(edition.now);
    match clock::promise(case).map(|promise| left(promise.deadline)) {
        Some(left) if left < TimeDelta::zero() => return Heading::Overdue,
        Some(left) if left <= day => return Heading::DueSoon,
        _ => {}
    }
    if case.awaiting.is_some() {
        return Heading::WaitingForReporter;
    }
    let is_new = match edition.since {
        Some(since) => case.received_at > since,
        None => edition.now.signed_duration_since(case.received_at) <= day,
    };
    match (is_new, embargo_ends(case, edition)) {
        (true, _) => Heading::New,
        (false, true) => Heading::EmbargoEnding,
        (false, false) => Heading::WaitingForUs,
    }
}

/// Whether an embargo ends so soon, or ended, that the digest says so wherever the case stands: also
/// where a list keeps the secret for longer, so that nobody misses the day on which it can be told.
pub(super) fn embargo_ends(case: &Case, edition: &Edition<'_>) -> bool {
    let lists = edition.lists.iter().map(|list| later_by_a_day(list.max));
    let near = lists.chain([EMBARGO_NEAR]).max().unwrap_or(EMBARGO_NEAR);
    clock::embargo(case).is_some_and(|until| until.signed_duration_since(edition.now) <= near)
}

/// The digest of the day before tells what becomes possible.
fn later_by_a_day(time: TimeDelta) -> TimeDelta {
    time.checked_add(&TimeDelta::days(1)).unwrap_or(time)
}

/// The order of cases within a section: what may be forged comes last, so that no flood buries a
/// report; then what runs out first comes first, whatever is longest overdue before all; of what
/// waits for nobody the latest.
pub(super) fn order(
    heading: Heading,
    case: &Case,
    edition: &Edition<'_>,
) -> (bool, bool, Timestamp, Reverse<Timestamp>, CaseId) {
    let deadline = match heading {
        Heading::EmbargoEnding => clock::embargo(case),
        Heading::WaitingForReporter => case.awaiting,
        _ => clock::next_promise(case).map(|(_, deadline)| deadline),
    };
    let latest = Timestamp::MAX_UTC;
    let in_doubt = case.withheld.is_some()
        || matches!(case.sender, Some(Verdict::Unproven | Verdict::Disowned));
    (
        in_doubt,
        !edition.is_own(case),
        deadline.unwrap_or(latest),
        Reverse(case.received_at),
        case.id,
    )
}
