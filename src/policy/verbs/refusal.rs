//! Why a request is refused: what is missing, and the way out.

use crate::domain::Timestamp;
use crate::domain::case::NotAllowed;
use crate::domain::case_id::CaseId;
use crate::domain::state::State;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The state of the case forbids it.
    #[error("{0}{way}", way = way_out(.0))]
    NotAllowed(NotAllowed),
    /// Nobody knows any more what the case was about.
    #[error(
        "{case} was purged ({}): what it was about is erased, and nothing can be done with it", moment(.at)
    )]
    Purged {
        /// The case.
        case: CaseId,
        /// When.
        at: Timestamp,
    },
    /// Nobody is answered from here.
    #[error(
        "{0} came by a relay that is answered elsewhere: no mail can be sent to its reporter from here; answer there, and note it with `embargod case answered {0}`"
    )]
    AnsweredElsewhere(CaseId),
    /// A text has nothing in it.
    #[error("{what} is empty: nothing was done")]
    NothingSaid {
        /// The text.
        what: &'static str,
    },
    /// There is no such case.
    #[error("there is no case {0}; `embargod case list --all` shows them")]
    NoSuchCase(CaseId),
    /// A case and itself.
    #[error("{0} is the same case: name another one")]
    Itself(CaseId),
    /// Nobody has that handle.
    #[error("nobody has the handle {handle:?}; the configuration has: {known}")]
    UnknownHandler {
        /// What was asked for.
        handle: String,
        /// The handles there are.
        known: String,
    },
    /// It is not known who is meant.
    #[error("who? Name a maintainer with --as HANDLE")]
    Who,
    /// A maintainer's address would be shown to the reporter.
    #[error(
        "that is the address of {handle}, which no mail to a reporter shows: use `embargod case follow {case} --as {handle}`"
    )]
    CopyToMaintainer {
        /// The case.
        case: CaseId,
        /// Whose it is.
        handle: String,
    },
    /// Our mail would come back to us.
    #[error("that is an address of the project's own: our mail would come back as a report")]
    CopyToOurselves,
    /// They get our letters already.
    #[error("our mail about {case} goes there already")]
    CopiedAlready {
        /// The case.
        case: CaseId,
    },
    /// They do not get our letters.
    #[error("our mail about {case} does not go there; it goes to the reporter{}", others(.known))]
    NotCopied {
        /// The case.
        case: CaseId,
        /// Who gets it besides the reporter.
        known: String,
    },
    /// There is no such line of releases.
    #[error("there is no line {line:?}; {known}")]
    UnknownLine {
        /// What was asked for.
        line: String,
        /// The lines there are.
        known: String,
    },
    /// No line of releases gets fixes.
    #[error(
        "none of the [[release_lines]] is maintained any more: name the affected ones with --line"
    )]
    NothingMaintained,
    /// Which versions are affected was not said.
    #[error("which versions are affected? Add --affected RANGE, such as --affected '< 4.3.2'")]
    NoRange,
    /// The problem was not confirmed yet.
    #[error(
        "{case} has no checklist yet: confirm it first with `embargod case confirm {case} --affected RANGE`"
    )]
    NotConfirmed {
        /// The case.
        case: CaseId,
    },
    /// The line does not have the problem.
    #[error("{line} is not affected: if it is, confirm {case} again with --line {line}")]
    NotAffected {
        /// The case.
        case: CaseId,
        /// The line.
        line: String,
    },
    /// The line has no fix that could be released.
    #[error(
        "{line} of {case} has no fix yet: note it first with `embargod case fix {case} {line}`"
    )]
    NoFix {
        /// The case.
        case: CaseId,
        /// The line.
        line: String,
    },
    /// The line has a release with the fix.
    #[error("{line} of {case} was released as {version} already")]
    ReleasedAlready {
        /// The case.
        case: CaseId,
        /// The line.
        line: String,
        /// The release.
        version: String,
    },
    /// Affected lines have neither a release nor a reason.
    #[error("{case} is not released: {}; release them, or `embargod case fix {case} LINE --none REASON`", .lines.join("; "))]
    Unsettled {
        /// The case.
        case: CaseId,
        /// The lines and what they lack.
        lines: Vec<String>,
    },
    /// A time that has to lie ahead has passed.
    #[error("{what} lies in the past ({})", moment(.at))]
    Past {
        /// Which time.
        what: &'static str,
        /// When.
        at: Timestamp,
    },
    /// A time that has to have passed lies ahead.
    #[error("{what} lies in the future ({})", moment(.at))]
    Future {
        /// Which time.
        what: &'static str,
        /// When.
        at: Timestamp,
    },
    /// An answer to what was not there yet.
    #[error("{what} ({}) lies before the report arrived ({})", moment(.at), moment(.received_at))]
    BeforeTheReport {
        /// Which time.
        what: &'static str,
        /// When.
        at: Timestamp,
        /// When the report arrived.
        received_at: Timestamp,
    },
    /// A deadline would not be extended.
    #[error("disclosure of {case} is promised by {} already: an extension has to be later", moment(.by))]
    NoExtension {
        /// The case.
        case: CaseId,
        /// By when it is promised.
        by: Timestamp,
    },
    /// The embargo holds.
    #[error("{case} is under embargo until {}; `embargod case embargo {case} --lift` ends it early", moment(.until))]
    Embargo {
        /// The case.
        case: CaseId,
        /// Until when.
        until: Timestamp,
    },
    /// The advisory has no words yet.
    #[error(
        "{case} has no title and summary to publish: state them with `embargod case describe {case} --title … --summary …`"
    )]
    NotDescribed {
        /// The case.
        case: CaseId,
    },
    /// A fact has not the form of one.
    #[error("{value:?} is not {what}: {why}")]
    NoFact {
        /// What it should be.
        what: &'static str,
        /// What was given.
        value: String,
        /// Why not, or the form it should have.
        why: String,
    },
    /// The exclusion is not in the configuration.
    #[error("there is no exclusion {id:?}; the configuration has: {known}")]
    UnknownExclusion {
        /// What was asked for.
        id: String,
        /// The ids there are.
        known: String,
    },
    /// A duplicate of nothing.
    #[error("which case is it a duplicate of? Add --of CASE")]
    OfNothing,
    /// Cases of different reporters.
    #[error(
        "{case} and {into} are not from the same reporter: `embargod case close {case} --as duplicate --of {into}` keeps them apart and answers both"
    )]
    OtherReporter {
        /// The case.
        case: CaseId,
        /// The one it should go into.
        into: CaseId,
    },
    /// A closed case takes nothing in.
    #[error("{0} is closed: reopen it first with `embargod case reopen {0} --reason …`")]
    Closed(CaseId),
    /// The case has no such mail.
    #[error("mail {mail} did not come into {case}; `embargod case show {case}` lists its mail")]
    NoSuchMail {
        /// The case.
        case: CaseId,
        /// The number.
        mail: i64,
    },
    /// The case has no other mail.
    #[error(
        "mail {mail} is all there is in {case}: leave --mail out to open a second case beside it"
    )]
    OnlyMail {
        /// The case.
        case: CaseId,
        /// The number.
        mail: i64,
    },
    /// No exploitation is known.
    #[error("{0} is not known to be exploited: say since when with --known-since TIME")]
    NotExploited(CaseId),
}

// By hand, since the words of the one are in the words of the other already.
impl From<NotAllowed> for Refusal {
    fn from(refused: NotAllowed) -> Self {
        Self::NotAllowed(refused)
    }
}

/// What to do where a state forbids something.
fn way_out(refused: &NotAllowed) -> String {
    let case = refused.case;
    match (refused.state, refused.event) {
        (State::Closed, _) => format!("; `embargod case reopen {case} --reason …` opens it again"),
        (State::Returned, _) => format!("; `embargod case accept {case}` takes the report in"),
        (_, "reopened") => "; it is open".to_owned(),
        (_, "accepted") => "; it was taken in already".to_owned(),
        _ => String::new(),
    }
}

fn others(known: &str) -> String {
    if known.is_empty() { String::new() } else { format!(" and {known}") }
}

fn moment(at: &Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
