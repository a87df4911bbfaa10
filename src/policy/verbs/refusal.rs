//! Why a request is refused. `told` has the words.

use crate::domain::Timestamp;
use crate::domain::case::NotAllowed;
use crate::domain::case_id::CaseId;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The state of the case forbids it.
    NotAllowed(NotAllowed),
    /// Nobody knows any more what the case was about.
    Purged {
        /// The case.
        case: CaseId,
        /// When.
        at: Timestamp,
    },
    /// Nobody is answered from here.
    AnsweredElsewhere(CaseId),
    /// A text has nothing in it.
    NothingSaid {
        /// The text.
        what: &'static str,
    },
    /// There is no such case.
    NoSuchCase(CaseId),
    /// A case and itself.
    Itself(CaseId),
    /// Nobody has that handle.
    UnknownHandler {
        /// What was asked for.
        handle: String,
        /// The handles there are.
        known: String,
    },
    /// It is not known who is meant.
    Who,
    /// They do not hear of it.
    FollowsNot {
        /// The case.
        case: CaseId,
        /// Who.
        handle: String,
        /// Who does.
        known: String,
    },
    /// A maintainer's address would be shown to the reporter.
    CopyToMaintainer {
        /// The case.
        case: CaseId,
        /// Whose it is.
        handle: String,
    },
    /// Our mail would come back to us.
    CopyToOurselves,
    /// They get our letters already.
    CopiedAlready {
        /// The case.
        case: CaseId,
    },
    /// They do not get our letters.
    NotCopied {
        /// The case.
        case: CaseId,
        /// Who gets it besides the reporter.
        known: String,
    },
    /// There is no such line of releases.
    UnknownLine {
        /// What was asked for.
        line: String,
        /// The lines there are.
        known: String,
    },
    /// No line of releases gets fixes.
    NothingMaintained,
    /// Which versions are affected was not said.
    NoRange,
    /// The problem was not confirmed yet.
    NotConfirmed {
        /// The case.
        case: CaseId,
    },
    /// The line does not have the problem.
    NotAffected {
        /// The case.
        case: CaseId,
        /// The line.
        line: String,
    },
    /// The line has no fix that could be released.
    NoFix {
        /// The case.
        case: CaseId,
        /// The line.
        line: String,
    },
    /// The line has a release with the fix.
    ReleasedAlready {
        /// The case.
        case: CaseId,
        /// The line.
        line: String,
        /// The release.
        version: String,
    },
    /// Affected lines have neither a release nor a reason.
    Unsettled {
        /// The case.
        case: CaseId,
        /// The lines and what they lack.
        lines: Vec<String>,
    },
    /// A time that has to lie ahead has passed.
    Past {
        /// Which time.
        what: &'static str,
        /// When.
        at: Timestamp,
    },
    /// A time that has to have passed lies ahead.
    Future {
        /// Which time.
        what: &'static str,
        /// When.
        at: Timestamp,
    },
    /// An answer to what was not there yet.
    BeforeTheReport {
        /// Which time.
        what: &'static str,
        /// When.
        at: Timestamp,
        /// When the report arrived.
        received_at: Timestamp,
    },
    /// A deadline would not be extended.
    NoExtension {
        /// The case.
        case: CaseId,
        /// By when it is promised.
        by: Timestamp,
    },
    /// The embargo holds.
    Embargo {
        /// The case.
        case: CaseId,
        /// Until when.
        until: Timestamp,
    },
    /// The advisory has no words yet.
    NotDescribed {
        /// The case.
        case: CaseId,
    },
    /// A fact has not the form of one.
    NoFact {
        /// What it should be.
        what: &'static str,
        /// What was given.
        value: String,
        /// Why not, or the form it should have.
        why: String,
    },
    /// The exclusion is not in the configuration.
    UnknownExclusion {
        /// What was asked for.
        id: String,
        /// The ids there are.
        known: String,
    },
    /// A duplicate of nothing.
    OfNothing,
    /// Cases of different reporters.
    OtherReporter {
        /// The case.
        case: CaseId,
        /// The one it should go into.
        into: CaseId,
    },
    /// A closed case takes nothing in.
    Closed(CaseId),
    /// The case has no such mail.
    NoSuchMail {
        /// The case.
        case: CaseId,
        /// The number.
        mail: i64,
    },
    /// The case has no other mail.
    OnlyMail {
        /// The case.
        case: CaseId,
        /// The number.
        mail: i64,
    },
    /// No exploitation is known.
    NotExploited(CaseId),
}

impl From<NotAllowed> for Refusal {
    fn from(refused: NotAllowed) -> Self {
        Self::NotAllowed(refused)
    }
}
