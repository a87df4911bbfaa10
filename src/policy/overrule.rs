//! A person overrules a return: the report counts as received after all.

use crate::domain::Timestamp;
use crate::domain::case::{Case, NotAllowed};
use crate::domain::event::{Actor, Change, Event};
use crate::domain::judgement::Format;
use crate::domain::letter::{Answered, Letter};
use crate::domain::state::State;
use crate::policy::letters::{self, Report};
use crate::policy::rules::Rules;

/// What overruling a return comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Overruled {
    /// The case after it.
    pub case: Case,
    /// What happened.
    pub events: Vec<Event>,
    /// The acknowledgement that the reporter gets now.
    pub letter: Option<Letter>,
}

/// Accepts a case that was sent back, or whose acknowledgement was withheld.
///
/// The promise to acknowledge counts from the arrival, as it would have without the return.
///
/// # Errors
/// [`NotAllowed`] where it is neither.
pub fn accept(
    case: &Case,
    actor: Actor,
    answers: Option<Answered>,
    now: Timestamp,
    rules: &Rules,
) -> Result<Overruled, NotAllowed> {
    let unanswered = case.state == State::Received && case.withheld.is_some();
    if case.state != State::Returned && !unanswered {
        return Err(NotAllowed { case: case.id, state: case.state, event: "accepted" });
    }
    let why = format!("overruled by {}", actor.label());
    let acknowledge_by = rules.promises.acknowledge_by(case.received_at);
    let disclose_by = Some(rules.promises.disclose_by(case.received_at));
    let change = Change::Accepted { why, acknowledge_by, disclose_by };
    let event = Event { at: now, actor, change };
    let mut case = case.clone();
    case.apply(&event)?;
    let report = Report { arrived_at: case.received_at, missing: &[], format: Format::Whole };
    let letter = letters::acknowledgement(&case, report, answers, now, rules);
    Ok(Overruled { case, events: vec![event], letter })
}
