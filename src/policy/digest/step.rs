//! The command that takes the next step with a case, ready to be copied.

use super::{Edition, clock};
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::digest::Heading;
use crate::domain::due::Due;
use crate::domain::state::State;
use crate::domain::suggestion::{Suggestion, SuggestionKind};
use crate::policy::letters;
use crate::policy::promise::in_words;

/// The next step, where it is plain which one that is.
pub(super) fn next(case: &Case, heading: Heading, edition: &Edition<'_>) -> Option<String> {
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
        Heading::WaitingForReporter => {
            silent(case, edition).then(|| format!("embargod case close {id} --as no-response"))
        }
        Heading::Quarantined | Heading::Undelivered | Heading::FollowUps | Heading::Closed => None,
    }
}

/// What a line of the digest suggests.
pub(super) fn suggestions(case: &Case, edition: &Edition<'_>) -> Vec<String> {
    let silent = silent(case, edition)
        .then(|| format!("no answer for {}: close it?", in_words(edition.silent_after)));
    let noticed = noticed(case).iter().map(|suggestion| suggestion.gist.clone());
    silent.into_iter().chain(noticed).collect()
}

/// Whether a reporter has been waited for long enough.
fn silent(case: &Case, edition: &Edition<'_>) -> bool {
    case.awaiting
        .is_some_and(|since| edition.now.signed_duration_since(since) >= edition.silent_after)
}

/// What was noticed in a report that is still to be judged.
fn noticed(case: &Case) -> &[Suggestion] {
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
