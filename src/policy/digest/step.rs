//! The command that takes the next step with a case, ready to be copied.

use super::{Edition, clock};
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::digest::Heading;
use crate::domain::due::Due;
use crate::domain::state::State;
use crate::domain::suggestion::{Suggestion, SuggestionKind};
use crate::policy::letters;

/// The next step, where it is plain which one that is.
pub(in crate::policy) fn next(case: &Case, heading: Heading) -> Option<String> {
    let id = case.id;
    match heading {
        Heading::Legal => {
            let due = clock::duties(case).filter(|duty| duty.by.is_some()).min_by_key(|d| d.by)?;
            Some(format!("embargod case exploited {id} --made {}", due.report.name()))
        }
        // Nobody was answered: accepting it does.
        _ if case.withheld.is_some() => Some(format!("embargod case accept {id}")),
        Heading::SentBack => Some(format!("embargod case accept {id}")),
        Heading::Overdue | Heading::DueSoon | Heading::New => {
            suggested(case).or_else(|| keeps(clock::promise(case)?.due, case))
        }
        Heading::WaitingForUs | Heading::EmbargoEnding => suggested(case),
        Heading::WaitingForReporter
        | Heading::Quarantined
        | Heading::Undelivered
        | Heading::FollowUps
        | Heading::Closed => None,
    }
}

/// The command that lets a reporter go who has been waited for long enough.
pub(super) fn let_go(case: &Case, edition: &Edition<'_>) -> Option<String> {
    let since = case.awaiting?;
    let is_silent = edition.now.signed_duration_since(since) >= edition.silent_after;
    is_silent.then(|| format!("embargod case close {} --as no-response", case.id))
}

/// What was noticed in a report that is still to be judged.
pub(in crate::policy) fn noticed(case: &Case) -> &[Suggestion] {
    if case.state < State::Confirmed { &case.suggestions } else { &[] }
}

fn suggested(case: &Case) -> Option<String> {
    noticed(case).iter().find_map(|suggestion| act_on(case.id, suggestion))
}

/// The command that follows a suggestion, where one does. A package's name is the reporter's word,
/// so it is left for the maintainer to type.
fn act_on(case: CaseId, suggestion: &Suggestion) -> Option<String> {
    let end = match (suggestion.kind, &suggestion.id) {
        (SuggestionKind::OutOfScope, Some(id)) => format!("out-of-scope --exclusion {id}"),
        (SuggestionKind::Duplicate, Some(id)) => format!("duplicate --of {id}"),
        (SuggestionKind::ThirdParty, _) => "third-party".to_owned(),
        _ => return None,
    };
    Some(format!("embargod case close {case} --as {end}"))
}

/// The command that keeps a promise.
fn keeps(promise: Due, case: &Case) -> Option<String> {
    let id = case.id;
    match promise {
        Due::Respond | Due::Update => Some(letters::answering(case)),
        Due::Disclose if case.state == State::Released => {
            Some(format!("embargod case disclose {id}"))
        }
        // The acknowledgement goes out by itself; what is not released is not disclosed.
        Due::Acknowledge | Due::Disclose | Due::Authorities(_) => None,
    }
}
