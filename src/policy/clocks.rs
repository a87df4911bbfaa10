//! Which clocks of a case run.

use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::due::{Due, Running};
use crate::domain::state::State;

/// The clocks of a case that run, the most urgent first: what the law wants stands before what was
/// promised, whatever the times.
pub fn running(case: &Case) -> Vec<Running> {
    let mut clocks = duties(case);
    clocks.extend(promises(case));
    clocks.sort_by_key(|running| (!running.due.is_legal(), running.deadline));
    clocks
}

/// The reports to the authorities that are not made yet: they wait for no state and nobody's answer.
fn duties(case: &Case) -> Vec<Running> {
    let Some(exploited) = &case.exploited else { return Vec::new() };
    let open =
        exploited.duties(case.fix_out_at()).into_iter().filter(|duty| duty.made_at.is_none());
    open.filter_map(|duty| Some(Running { due: Due::Authorities(duty.report), deadline: duty.by? }))
        .collect()
}

/// What was promised: none of it runs while the reporter is asked something.
fn promises(case: &Case) -> Vec<Running> {
    let stands_still = matches!(case.state, State::Returned | State::Closed);
    if stands_still || case.awaiting.is_some() {
        return Vec::new();
    }
    let unless = |kept: bool, deadline: Option<Timestamp>| deadline.filter(|_| !kept);
    let disclose = [case.disclose_by, case.embargo_until].into_iter().flatten().min();
    [
        (Due::Acknowledge, unless(case.acknowledged_at.is_some(), case.acknowledge_by)),
        (Due::Respond, unless(case.responded_at.is_some(), case.respond_by)),
        (Due::Update, case.next_update_by),
        (Due::Disclose, unless(case.disclosed_at.is_some(), disclose)),
    ]
    .into_iter()
    .filter_map(|(due, deadline)| Some(Running { due, deadline: deadline? }))
    .collect()
}
