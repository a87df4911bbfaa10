//! A person ends a case: the change, and the answer the reporter gets.

use crate::domain::Timestamp;
use crate::domain::address::Mailbox;
use crate::domain::case::{Case, NotAllowed};
use crate::domain::case_id::CaseId;
use crate::domain::event::{Actor, Change, Event};
use crate::domain::letter::{Answered, Clause, Closing, Content, Letter};
use crate::domain::state::Disposition;
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

/// What ending a case comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// The case after it.
    pub case: Case,
    /// What happened.
    pub events: Vec<Event>,
    /// The reporter's answer; nobody answers spam.
    pub letter: Option<Letter>,
}

/// Why a case cannot be ended so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its state forbids it.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The exclusion is not in the configuration.
    #[error("there is no exclusion {id:?}; the configuration has: {known}")]
    UnknownExclusion {
        /// What was asked for.
        id: String,
        /// The ids there are.
        known: String,
    },
    /// A duplicate of itself.
    #[error("{0} cannot be a duplicate of itself")]
    OfItself(CaseId),
    /// A duplicate of nothing.
    #[error("which case is it a duplicate of? Add --of CASE")]
    OfNothing,
}

/// Ends a case.
///
/// # Errors
/// [`Refusal`], saying what is missing or wrong; nothing changes then.
pub fn close(
    case: &Case,
    ending: &Ending,
    actor: Actor,
    answers: Option<Answered>,
    now: Timestamp,
    rules: &Rules,
) -> Result<Ended, Refusal> {
    let clause = ending.exclusion.as_ref().map(|id| clause(id, rules)).transpose()?;
    match (ending.disposition, ending.of) {
        (Disposition::Duplicate, None) => return Err(Refusal::OfNothing),
        (_, Some(of)) if of == case.id => return Err(Refusal::OfItself(of)),
        _ => {}
    }
    let ground = match (&ending.exclusion, &ending.package, ending.of) {
        (Some(id), _, _) => Some(id.clone()),
        (None, Some(package), _) => Some(package.clone()),
        (None, None, of) => of.map(|of| of.to_string()),
    };
    let disposition = ending.disposition;
    let event = Event { at: now, actor, change: Change::Closed { disposition, ground } };
    let mut closed = case.clone();
    closed.apply(&event)?;
    let letter = (disposition != Disposition::Spam).then(|| Letter {
        to: Mailbox { name: None, address: case.reporter.address.clone() },
        answers,
        content: Content::Closing(Closing {
            project: rules.project.name.clone(),
            policy: rules.project.policy.clone(),
            case: case.id,
            disposition,
            clause,
            package: ending.package.clone(),
            message: ending.message.clone(),
        }),
    });
    Ok(Ended { case: closed, events: vec![event], letter })
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
