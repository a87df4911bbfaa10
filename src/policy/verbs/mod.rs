//! What a person can do to a case: one request, one pure decision.
//!
//! A command of the shell and a command by mail become the same [`Request`]; [`perform`] says what
//! follows, or refuses. Promises: total and pure; a refused request changes nothing and its refusal
//! says what is missing and the way out; an event that the case's state does not allow is a refusal.
//! Nothing that is only written counts for a promise: that follows when it has gone out
//! (`policy::delivery`).

mod advisory;
mod copies;
mod ending;
mod fixes;
mod law;
mod medium;
mod people;
mod publishing;
mod refusal;
mod relations;
mod told;
mod writing;

pub use ending::Ending;
pub use medium::Medium;
pub use refusal::Refusal;

use crate::domain::Timestamp;
use crate::domain::address::Address;
use crate::domain::advisory::Advisory;
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::event::{Actor, Change, Event};
use crate::domain::exploited::Report;
use crate::domain::letter::Letter;
use crate::domain::views::CaseFile;
use crate::policy::pause;
use crate::policy::rules::Rules;

/// What a person wants of a case.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Take in a report that was sent back.
    Accept,
    /// Name the primary handler.
    Assign {
        /// The handle.
        handler: String,
        /// What they should know.
        note: Option<String>,
    },
    /// Take the handler off.
    Unassign,
    /// Write to the reporter.
    Reply {
        /// The words.
        text: String,
    },
    /// Ask the reporter; the promises stand still until the answer.
    Ask {
        /// The words.
        text: String,
    },
    /// Note that a person has answered the reporter by another way than ours.
    Answered {
        /// When they did; `None`: now.
        at: Option<Timestamp>,
        /// What was said, and where.
        note: Option<String>,
    },
    /// The problem is real.
    Confirm {
        /// The affected versions, as ranges.
        affected: Vec<String>,
        /// The affected lines of releases; none: every one that is maintained.
        lines: Vec<String>,
    },
    /// The code was searched for similar problems.
    Audit {
        /// What was looked for and found.
        text: String,
    },
    /// Facts for the advisory.
    Describe(Advisory),
    /// Somebody to be named.
    Credit {
        /// As they want to be named.
        name: String,
    },
    /// A line has a fix.
    Fix {
        /// The line.
        line: String,
    },
    /// A line will get no fix.
    RefuseFix {
        /// The line.
        line: String,
        /// The reason.
        why: String,
    },
    /// A release of a line has the fix.
    Release {
        /// The line.
        line: String,
        /// The release.
        version: String,
        /// What else the reporter is told, if this was the last line.
        message: Option<String>,
    },
    /// Publish nothing before a time; `None` lifts it.
    Embargo {
        /// The time.
        until: Option<Timestamp>,
    },
    /// Move the promise to disclose.
    Extend {
        /// By when now.
        disclose_by: Timestamp,
        /// The reason.
        why: String,
    },
    /// The problem is public now.
    Disclose {
        /// What else the reporter is told.
        message: Option<String>,
    },
    /// End the case.
    Close(Ending),
    /// Work on a closed case again.
    Reopen {
        /// Why.
        why: String,
    },
    /// Tell a maintainer of every mail that comes into the case.
    Follow {
        /// The handle; `None`: of whoever asks, who has to be a maintainer.
        handle: Option<String>,
    },
    /// Tell them no longer.
    Unfollow {
        /// The handle, as above.
        handle: Option<String>,
    },
    /// Send our letters to the reporter to somebody else too.
    AddCc {
        /// Whom.
        address: Address,
    },
    /// Send them there no longer.
    DropCc {
        /// Whom.
        address: Address,
    },
    /// A word among maintainers.
    Note {
        /// The word.
        text: String,
    },
    /// End the case, since another has the same reporter's report too.
    Merge {
        /// The other.
        into: CaseId,
    },
    /// Open another case for a second report in this one.
    Split {
        /// The incoming mail that becomes the other case's, by its number.
        mail: Option<i64>,
        /// The other case's subject.
        subject: Option<String>,
    },
    /// Note that another case has to do with this one.
    Link {
        /// The other.
        with: CaseId,
    },
    /// The vulnerability is exploited.
    Exploited {
        /// Since when the project knows.
        known_since: Timestamp,
    },
    /// A report to the authorities was made.
    MakeReport {
        /// Which.
        report: Report,
    },
}

impl Request {
    /// The other case that the request is about, whose file has to be at hand.
    pub fn other(&self) -> Option<CaseId> {
        match self {
            Self::Merge { into: other } | Self::Link { with: other } => Some(*other),
            Self::Close(ending) => ending.of,
            _ => None,
        }
    }
}

/// All that a decision rests on.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// The case.
    pub file: &'a CaseFile,
    /// The other case of [`Request::other`], if there is such a case.
    pub other: Option<&'a CaseFile>,
    /// The number that a new case would get.
    pub next_case: CaseId,
    /// Who wants it.
    pub actor: &'a Actor,
    /// When.
    pub now: Timestamp,
    /// The project's policy.
    pub rules: &'a Rules,
}

/// What follows from a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// The cases that change: the one asked about first.
    pub changed: Vec<Changed>,
    /// What is written to the reporter.
    pub letters: Vec<Letter>,
    /// An incoming mail that moves to another case, by its number.
    pub moved: Option<(i64, CaseId)>,
}

/// One case after a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// The case.
    pub case: Case,
    /// What happened to it.
    pub events: Vec<Event>,
}

/// Decides on one request.
///
/// # Errors
/// [`Refusal`]: nothing changes then.
pub fn perform(asked: &Asked<'_>, request: &Request) -> Result<Done, Refusal> {
    if let Some(at) = asked.case().purged_at {
        return Err(Refusal::Purged { case: asked.case().id, at });
    }
    match request {
        Request::Accept => ending::accept(asked),
        Request::Assign { handler, note } => people::assign(asked, handler, note.as_deref()),
        Request::Unassign => people::unassign(asked),
        Request::Follow { handle } => people::follow(asked, handle.as_deref()),
        Request::Unfollow { handle } => people::unfollow(asked, handle.as_deref()),
        Request::AddCc { address } => copies::add(asked, address),
        Request::DropCc { address } => copies::drop_from(asked, address),
        Request::Note { text } => people::note(asked, text),
        Request::Reply { text } => writing::reply(asked, text),
        Request::Ask { text } => writing::ask(asked, text),
        Request::Answered { at, note } => {
            writing::answered(asked, at.unwrap_or(asked.now), note.as_deref())
        }
        Request::Confirm { affected, lines } => fixes::confirm(asked, affected, lines),
        Request::Fix { line } => fixes::fix(asked, line),
        Request::RefuseFix { line, why } => fixes::refuse(asked, line, why),
        Request::Release { line, version, message } => {
            fixes::release(asked, line, version, message.as_deref())
        }
        Request::Audit { text } => advisory::audit(asked, text),
        Request::Describe(facts) => advisory::describe(asked, facts),
        Request::Credit { name } => advisory::credit(asked, name),
        Request::Embargo { until } => publishing::embargo(asked, *until),
        Request::Extend { disclose_by, why } => publishing::extend(asked, *disclose_by, why),
        Request::Disclose { message } => publishing::disclose(asked, message.as_deref()),
        Request::Close(how) => ending::close(asked, how),
        Request::Reopen { why } => ending::reopen(asked, why),
        Request::Merge { into } => relations::merge(asked, *into),
        Request::Split { mail, subject } => relations::split(asked, *mail, subject.as_deref()),
        Request::Link { with } => relations::link(asked, *with),
        Request::Exploited { known_since } => law::exploited(asked, *known_since),
        Request::MakeReport { report } => law::make_report(asked, *report),
    }
}

impl<'a> Asked<'a> {
    fn case(&self) -> &'a Case {
        &self.file.case
    }

    /// The case with one change, and the event.
    fn with(&self, case: &Case, change: Change) -> Result<Changed, Refusal> {
        let event = Event { at: self.now, actor: self.actor.clone(), change };
        let mut changed = Changed { case: case.clone(), events: vec![] };
        changed.case.apply(&event)?;
        changed.events.push(event);
        if let Some(over) = pause::over(case, &changed.case, self.now, &self.rules.promises) {
            let event = Event { at: self.now, actor: Actor::Policy, change: over };
            changed.case.apply(&event)?;
            changed.events.push(event);
        }
        Ok(changed)
    }

    /// One change of the case, and nothing else.
    fn change(&self, change: Change) -> Result<Done, Refusal> {
        Ok(Done { changed: vec![self.with(self.case(), change)?], letters: vec![], moved: None })
    }

    /// The other case, which has to be there.
    fn other(&self, id: CaseId) -> Result<&'a CaseFile, Refusal> {
        if id == self.case().id {
            return Err(Refusal::Itself(id));
        }
        self.other.ok_or(Refusal::NoSuchCase(id))
    }
}

impl Done {
    fn and_writes(mut self, letter: Option<Letter>) -> Self {
        self.letters.extend(letter);
        self
    }
}

/// Words that a person gave: without the white space around them, and not empty.
fn words<'t>(text: &'t str, what: &'static str) -> Result<&'t str, Refusal> {
    let text = text.trim();
    if text.is_empty() { Err(Refusal::NothingSaid { what }) } else { Ok(text) }
}

/// Words that a person gave for one line: fit to be shown on it.
fn one_line(text: &str, what: &'static str) -> Result<String, Refusal> {
    Ok(crate::domain::address::displayable(words(text, what)?))
}
