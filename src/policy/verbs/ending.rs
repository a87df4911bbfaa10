//! The ends of a case and the ways back: taking in what was sent back, closing, opening again.

use super::{Asked, Done, Refusal, one_line};
use crate::domain::case::NotAllowed;
use crate::domain::case_id::CaseId;
use crate::domain::event::Change;
use crate::domain::letter::{Clause, Closing, Content, Letter};
use crate::domain::line::Line;
use crate::domain::state::{Disposition, State};
use crate::policy::letters::{self, Report};
use crate::policy::rules::Rules;

/// How a person wants to end a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// How it ends.
    pub disposition: Disposition,
    /// The clause of the threat model, by its id.
    pub exclusion: Option<String>,
    /// The module the problem is in.
    pub package: Option<String>,
    /// The case that it duplicates.
    pub of: Option<CaseId>,
    /// What else the reporter is told, in the maintainer's words.
    pub message: Option<String>,
}

/// Takes in a report that was sent back, or acknowledges one whose acknowledgement was withheld, held
/// back or did not arrive: a person overrules.
///
/// The promise to acknowledge counts from the arrival, as it would have without the return.
pub(super) fn accept(asked: &Asked<'_>) -> Result<Done, Refusal> {
    let case = asked.case();
    let unanswered =
        case.state == State::Received && (case.withheld.is_some() || case.unreached.is_some());
    if case.state != State::Returned && !unanswered {
        return Err(NotAllowed { case: case.id, state: case.state, event: "accepted" }.into());
    }
    let promises = &asked.rules.promises;
    let format = letters::format(case);
    let change = Change::Accepted {
        why: format!("overruled by {}", asked.actor.label()),
        format,
        acknowledge_by: promises.acknowledge_by(case.received_at),
        disclose_by: Some(promises.disclose_by(case.received_at)),
    };
    let changed = asked.with(case, change)?;
    let report = Report { arrived_at: case.received_at, missing: &[], format };
    let answers = letters::answered(asked.file, asked.rules);
    let letter = letters::acknowledgement(&changed.case, report, answers, asked.now, asked.rules);
    Ok(Done { changed: vec![changed], letters: letter.into_iter().collect(), moved: None })
}

/// Ends a case and tells the reporter why; nobody answers spam.
pub(super) fn close(asked: &Asked<'_>, ending: &Ending) -> Result<Done, Refusal> {
    let case = asked.case();
    let clause = ending.exclusion.as_ref().map(|id| clause(id, asked.rules)).transpose()?;
    match (ending.disposition, ending.of) {
        (Disposition::Duplicate, None) => return Err(Refusal::OfNothing),
        (_, Some(of)) => drop(asked.other(of)?),
        _ => {}
    }
    let unsettled: Vec<String> = case.unsettled().map(Line::describe).collect();
    if ending.disposition == Disposition::Fixed && case.state.is_open() && !unsettled.is_empty() {
        return Err(Refusal::Unsettled { case: case.id, lines: unsettled });
    }
    let ground = match (&ending.exclusion, &ending.package, ending.of) {
        (Some(id), _, _) => Some(id.clone()),
        (None, Some(package), _) => Some(package.clone()),
        (None, None, of) => of.map(|of| of.to_string()),
    };
    let disposition = ending.disposition;
    let done = asked.change(Change::Closed { disposition, ground })?;
    let recipient = letters::recipient(case).filter(|_| disposition != Disposition::Spam);
    let letter = recipient.map(|to| Letter {
        to,
        cc: case.cc.clone(),
        answers: letters::answered(asked.file, asked.rules),
        content: Content::Closing(Closing {
            project: asked.rules.project.name.clone(),
            policy: asked.rules.project.policy.clone(),
            case: case.id,
            disposition,
            clause,
            package: ending.package.clone(),
            message: ending.message.clone(),
        }),
    });
    Ok(done.and_writes(letter))
}

fn clause(id: &str, rules: &Rules) -> Result<Clause, Refusal> {
    let found = rules.exclusions.iter().find(|exclusion| exclusion.id == id);
    let known = || match rules.exclusions.as_slice() {
        [] => "none".to_owned(),
        some => some.iter().map(|e| e.id.as_str()).collect::<Vec<_>>().join(", "),
    };
    found
        .map(|exclusion| Clause { title: exclusion.title.clone(), reply: exclusion.reply.clone() })
        .ok_or_else(|| Refusal::UnknownExclusion { id: id.to_owned(), known: known() })
}

/// Works on a closed case again. The promise of news starts anew; the others stand as they stood.
pub(super) fn reopen(asked: &Asked<'_>, why: &str) -> Result<Done, Refusal> {
    let why = one_line(why, "the reason")?;
    let next_update_by = Some(asked.rules.promises.update_by(asked.now));
    asked.change(Change::Reopened { why, next_update_by })
}
