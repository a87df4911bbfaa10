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
    let running = |duty: Duty| {
        Some(Running { due: Due::Authorities(duty.report), deadline: duty.by?, set_at: None })
    };
    by_deadline(open.filter_map(running))
}

/// The promises that run, the next one first: none does while an answer of the reporter is waited
/// for.
pub fn promises(case: &Case) -> Vec<Running> {
    let stands_still = matches!(case.state, State::Returned | State::Closed);
    if stands_still || case.awaiting.is_some() {
        return Vec::new();
    }
    let clock = |due, kept: bool, deadline: Option<Timestamp>, set_at| {
        let deadline = deadline.filter(|_| !kept)?;
        Some(Running { due, deadline, set_at })
    };
    let disclosed = case.disclosed_at.is_some();
    let planned = clock(Due::Disclose, disclosed, case.embargo_until, case.embargo_set_at);
    let promised = clock(Due::Disclose, disclosed, case.disclose_by, case.extended_at);
    let clocks = [
        clock(Due::Acknowledge, case.acknowledged_at.is_some(), case.acknowledge_by, None),
        clock(Due::Respond, case.responded_at.is_some(), case.respond_by, None),
        clock(Due::Update, false, case.next_update_by, None),
        planned.into_iter().chain(promised).min_by_key(|running| running.deadline),
    ];
    by_deadline(clocks.into_iter().flatten())
}

fn by_deadline(clocks: impl Iterator<Item = Running>) -> Vec<Running> {
    let mut clocks: Vec<Running> = clocks.collect();
    clocks.sort_by_key(|running| running.deadline);
    clocks
}
