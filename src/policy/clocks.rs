//! Which clocks of a case run.

use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::due::{Due, Running};
use crate::domain::exploited::Duty;
use crate::domain::state::State;

/// The clocks of a case that run, the most urgent first: what the law wants stands before what was
/// promised, whatever the times.
pub fn running(case: &Case) -> Vec<Running> {
    duties(case).into_iter().chain(promises(case)).collect()
}

/// The reports to the authorities that are due, the next one first: they wait for no state and
/// nobody's answer.
pub fn duties(case: &Case) -> Vec<Running> {
    let Some(exploited) = &case.exploited else { return Vec::new() };
    let open =
        exploited.duties(case.fix_out_at()).into_iter().filter(|duty| duty.made_at.is_none());
    let running =
        |duty: Duty| Some(Running { due: Due::Authorities(duty.report), deadline: duty.by? });
    by_deadline(open.filter_map(running))
}

/// The promises that run, the next one first: none does while an answer of the reporter is waited
/// for.
pub fn promises(case: &Case) -> Vec<Running> {
    let stands_still = matches!(case.state, State::Returned | State::Closed);
    if stands_still || case.awaiting.is_some() {
        return Vec::new();
    }
    let unless = |kept: bool, deadline: Option<Timestamp>| deadline.filter(|_| !kept);
    let disclose = [case.disclose_by, case.embargo_until].into_iter().flatten().min();
    let clocks = [
        (Due::Acknowledge, unless(case.acknowledged_at.is_some(), case.acknowledge_by)),
        (Due::Respond, unless(case.responded_at.is_some(), case.respond_by)),
        (Due::Update, case.next_update_by),
        (Due::Disclose, unless(case.disclosed_at.is_some(), disclose)),
    ];
    let running =
        |(due, deadline): (Due, Option<Timestamp>)| Some(Running { due, deadline: deadline? });
    by_deadline(clocks.into_iter().filter_map(running))
}

fn by_deadline(clocks: impl Iterator<Item = Running>) -> Vec<Running> {
    let mut clocks: Vec<Running> = clocks.collect();
    clocks.sort_by_key(|running| running.deadline);
    clocks
}
