//! `assign`, `unassign`, `reply`, `ask`, `answered`, `note`, `audit`: what people tell each other.

use clap::Args;

use super::super::super::Failure;
use super::super::targets::{Cases, Trial, cases_and_words, joined};
use super::super::text::Words;
use super::{Order, Place};
use crate::domain::case_id::CaseId;
use crate::policy::moment::Moment;
use crate::policy::verbs::Request;

/// Whom to assign.
#[derive(Debug, Args)]
pub struct AssignArgs {
    /// The cases, and the handle of a maintainer
    #[arg(value_name = "CASE", required = true, num_args = 2..)]
    words: Vec<String>,
    /// What the new handler should know; it stands in their digest
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    #[command(flatten)]
    trial: Trial,
}

impl AssignArgs {
    pub(super) fn order(self) -> Result<Order, Failure> {
        let (ids, words) = cases_and_words(&self.words)?;
        let handler = joined(&words, "the handle of the new handler")?;
        Ok(Order::each(ids, self.trial, Request::Assign { handler, note: self.note }))
    }
}

/// Whom to take off.
#[derive(Debug, Args)]
pub struct UnassignArgs {
    #[command(flatten)]
    cases: Cases,
}

impl UnassignArgs {
    pub(super) fn order(self) -> Order {
        Order::each(self.cases.ids, self.cases.trial, Request::Unassign)
    }
}

/// What to write to the reporter.
#[derive(Debug, Args)]
pub struct ReplyArgs {
    #[command(flatten)]
    cases: Cases,
    #[command(flatten)]
    words: Words,
}

/// What a message to the reporter is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Says {
    Reply,
    Question,
}

impl ReplyArgs {
    pub(super) fn order(self, place: &Place, says: Says) -> Result<Order, Failure> {
        let Cases { ids, trial } = self.cases;
        let whom = names(&ids);
        let about = match says {
            Says::Reply => format!("Your message to the reporter of {whom}."),
            Says::Question => {
                format!("Your question to the reporter of {whom}; the clocks wait for the answer.")
            }
        };
        let text = self.words.read(&hints(about, "It is sent as you write it"), &place.token)?;
        let request = match says {
            Says::Reply => Request::Reply { text },
            Says::Question => Request::Ask { text },
        };
        Ok(Order::each(ids, trial, request))
    }
}

/// What was answered elsewhere.
#[derive(Debug, Args)]
pub struct AnsweredArgs {
    #[command(flatten)]
    cases: Cases,
    /// When the person answered, with its hour [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Moment>,
    /// Where, and what was said, for the other maintainers
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

impl AnsweredArgs {
    pub(super) fn order(self, place: &Place) -> Result<Order, Failure> {
        let at = self.at.map_or(Ok(place.now), |at| at.at(place.zone))?;
        let Cases { ids, trial } = self.cases;
        Ok(Order::each(ids, trial, Request::Answered { at, note: self.note }))
    }
}

/// What to keep.
#[derive(Debug, Args)]
pub struct NoteArgs {
    /// The cases, and the words
    #[arg(value_name = "CASE", required = true)]
    given: Vec<String>,
    #[command(flatten)]
    words: Words,
    #[command(flatten)]
    trial: Trial,
}

/// As what words are kept.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keeps {
    Note,
    Audit,
}

impl NoteArgs {
    pub(super) fn order(self, place: &Place, keeps: Keeps) -> Result<Order, Failure> {
        let (ids, words) = cases_and_words(&self.given)?;
        let about = match keeps {
            Keeps::Note => format!("A note on {}.", names(&ids)),
            Keeps::Audit => {
                format!("What was looked for and found that is like {}.", names(&ids))
            }
        };
        let text = match words.is_empty() {
            false => words.join(" "),
            true => self.words.read(&hints(about, "It is never sent"), &place.token)?,
        };
        let request = match keeps {
            Keeps::Note => Request::Note { text },
            Keeps::Audit => Request::Audit { text },
        };
        Ok(Order::each(ids, self.trial, request))
    }
}

fn names(ids: &[CaseId]) -> String {
    ids.iter().map(CaseId::to_string).collect::<Vec<_>>().join(", ")
}

/// What the editor shows.
fn hints(about: String, fate: &str) -> Vec<String> {
    let fate = format!("{fate}. Lines that begin with #: are left out; an empty text stops it.");
    vec![about, fate]
}
