//! Every command by mail: its word, its form, and the request that it stands for.

use chrono_tz::Tz;

use super::lines::first_word;
use super::misread::Why;
use super::reading::{
    address, assign, case, close, confirm, describe, embargo, ending, exploited, extend, fix,
    handle, needed, no_fix, nothing, one, plain, release, split,
};
use crate::domain::state::Disposition;
use crate::policy::verbs::{Ending, Request};

/// A command by mail.
pub struct Verb {
    word: &'static str,
    /// Other words for it.
    others: &'static [&'static str],
    /// Its form.
    usage: &'static str,
    /// What it does, in a few words.
    does: &'static str,
    /// What becomes of the text under it.
    pub below: Below,
    /// How many cases it is about besides the one that it acts on.
    pub own_cases: usize,
    read: fn(&str, Tz) -> Result<Meaning, Why>,
}

/// What becomes of the text under a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Below {
    /// It is a note of its own.
    Note,
    /// It belongs to the command, which keeps it.
    Kept,
    /// It belongs to the command, which sends it to the reporter.
    Sent,
}

/// What a command stands for.
pub enum Meaning {
    /// What is wanted, in order.
    Requests(Vec<Request>),
    /// What else the reporter is told by the command before.
    Message(String),
    /// To know which commands there are.
    Help,
}

impl Verb {
    /// The command of a word.
    pub fn find(word: &str) -> Option<&'static Self> {
        VERBS.iter().find(|verb| verb.word == word || verb.others.contains(&word))
    }

    /// Every word, for whoever mistyped one.
    pub fn words() -> impl Iterator<Item = &'static str> {
        VERBS.iter().flat_map(|verb| std::iter::once(verb.word).chain(verb.others.iter().copied()))
    }

    /// What the command stands for with `said` behind it.
    ///
    /// # Errors
    /// [`Why`] it stands for nothing.
    pub fn means(&self, said: &str, zone: Tz) -> Result<Meaning, Why> {
        (self.read)(said, zone).map_err(|why| match why {
            Why::Missing { what, .. } => Why::Missing { what, usage: self.usage },
            Why::Extra { words, .. } => {
                let writes = Disposition::named(self.word).is_some_and(|d| d != Disposition::Spam);
                let more = match writes || matches!(self.word, "release" | "disclose") {
                    true => ", and what else the reporter is told under a line `!message`",
                    false => "",
                };
                Why::Extra { words, usage: self.usage, more }
            }
            other => other,
        })
    }
}

/// The form of each command and what it does.
pub fn help() -> impl Iterator<Item = (&'static str, &'static str)> {
    VERBS.iter().map(|verb| (verb.usage, verb.does))
}

const fn verb(
    word: &'static str,
    usage: &'static str,
    does: &'static str,
    below: Below,
    read: fn(&str, Tz) -> Result<Meaning, Why>,
) -> Verb {
    Verb { word, others: &[], usage, does, below, own_cases: 0, read }
}

const fn of_cases(verb: Verb) -> Verb {
    Verb { own_cases: 1, ..verb }
}

const fn or(verb: Verb, others: &'static [&'static str]) -> Verb {
    Verb { others, ..verb }
}

/// Every command, in the order in which people learn them.
static VERBS: &[Verb] = &[
    verb(
        "reply",
        "reply TEXT",
        "send TEXT, and the lines under it, to the reporter",
        Below::Sent,
        |said, _| Ok(one(Request::Reply { text: needed(said, "the text")? })),
    ),
    verb(
        "ask",
        "ask TEXT",
        "the same as a question: the clocks wait for the answer",
        Below::Sent,
        |said, _| Ok(one(Request::Ask { text: needed(said, "the question")? })),
    ),
    verb(
        "note",
        "note TEXT",
        "a word among maintainers, as is all text without a command",
        Below::Kept,
        |said, _| Ok(one(Request::Note { text: needed(said, "the text")? })),
    ),
    verb("assign", "assign HANDLE [NOTE]", "name the handler", Below::Note, assign),
    verb("unassign", "unassign", "nobody handles it", Below::Note, |said, _| {
        nothing(said).map(|()| one(Request::Unassign))
    }),
    verb(
        "follow",
        "follow [HANDLE]",
        "hear of every mail that comes into it, or let somebody hear of it",
        Below::Note,
        |said, _| Ok(one(Request::Follow { handle: handle(said)? })),
    ),
    verb("unfollow", "unfollow [HANDLE]", "hear of it no longer", Below::Note, |said, _| {
        Ok(one(Request::Unfollow { handle: handle(said)? }))
    }),
    verb(
        "add-cc",
        "add-cc ADDRESS",
        "send our letters to the reporter there too",
        Below::Note,
        |said, _| Ok(one(Request::AddCc { address: address(said)? })),
    ),
    verb("drop-cc", "drop-cc ADDRESS", "send them there no longer", Below::Note, |said, _| {
        Ok(one(Request::DropCc { address: address(said)? }))
    }),
    verb(
        "accept",
        "accept",
        "take in a report that was sent back, or acknowledge one that was not",
        Below::Note,
        |said, _| nothing(said).map(|()| one(Request::Accept)),
    ),
    verb(
        "confirm",
        "confirm RANGE [|| RANGE] [in LINE, LINE]",
        "the problem is real: which versions have it",
        Below::Note,
        confirm,
    ),
    verb(
        "audit",
        "audit TEXT",
        "the code was searched for similar problems",
        Below::Kept,
        |said, _| Ok(one(Request::Audit { text: needed(said, "what was found")? })),
    ),
    verb("fix", "fix LINE", "the fix of a line of releases is ready", Below::Note, fix),
    or(
        verb("no-fix", "no-fix LINE REASON", "a line will get no fix", Below::Note, no_fix),
        &["fix-none", "refuse-fix"],
    ),
    verb("release", "release LINE VERSION", "a release has the fix", Below::Note, release),
    verb(
        "describe",
        "describe FACT TEXT",
        "state a fact for the advisory: title, summary, workaround, cvss, cwe, cve, reference",
        Below::Kept,
        describe,
    ),
    verb("credit", "credit NAME", "name somebody in the advisory", Below::Note, |said, _| {
        Ok(one(Request::Credit { name: needed(said, "the name")? }))
    }),
    verb(
        "embargo",
        "embargo TIME, or embargo lift",
        "publish nothing before a time",
        Below::Note,
        embargo,
    ),
    verb("extend", "extend DAY REASON", "move the promise to disclose", Below::Note, extend),
    verb("disclose", "disclose", "the problem is public now", Below::Note, |said, _| {
        nothing(said).map(|()| one(Request::Disclose { message: None }))
    }),
    verb(
        "exploited",
        "exploited since TIME, or exploited REPORT",
        "it is exploited, or a report to the authorities was made: early-warning, notification, final-report",
        Below::Note,
        exploited,
    ),
    verb(
        "out-of-scope",
        "out-of-scope [ID]",
        "end it by a clause of the threat model",
        Below::Note,
        |said, _| {
            let (id, more) = first_word(said);
            nothing(more)?;
            let exclusion = Some(id.to_owned()).filter(|id| !id.is_empty());
            Ok(close(Ending { exclusion, ..ending(Disposition::OutOfScope) }))
        },
    ),
    verb(
        "third-party",
        "third-party [PACKAGE]",
        "end it: the problem is in somebody else's package",
        Below::Note,
        |said, _| {
            let (package, more) = first_word(said);
            nothing(more)?;
            let package = Some(package.to_owned()).filter(|package| !package.is_empty());
            Ok(close(Ending { package, ..ending(Disposition::ThirdParty) }))
        },
    ),
    of_cases(verb(
        "duplicate",
        "duplicate CASE",
        "end it: CASE has the problem already",
        Below::Note,
        |said, _| {
            let of = Some(case(said, "of")?);
            Ok(close(Ending { of, ..ending(Disposition::Duplicate) }))
        },
    )),
    verb(
        "not-a-vulnerability",
        "not-a-vulnerability",
        "end it: it works as documented",
        Below::Note,
        |said, _| plain(said, Disposition::NotAVulnerability),
    ),
    verb(
        "not-reproducible",
        "not-reproducible",
        "end it: it could not be shown",
        Below::Note,
        |said, _| plain(said, Disposition::NotReproducible),
    ),
    verb("fixed", "fixed", "end it: a fix was released", Below::Note, |said, _| {
        plain(said, Disposition::Fixed)
    }),
    verb("withdrawn", "withdrawn", "end it: the reporter took it back", Below::Note, |said, _| {
        plain(said, Disposition::Withdrawn)
    }),
    verb(
        "no-response",
        "no-response",
        "end it: the reporter fell silent",
        Below::Note,
        |said, _| plain(said, Disposition::NoResponse),
    ),
    verb("spam", "spam", "end it; nobody is told", Below::Note, |said, _| {
        plain(said, Disposition::Spam)
    }),
    verb(
        "message",
        "message TEXT",
        "what else the reporter is told by the command before it",
        Below::Sent,
        |said, _| needed(said, "the text").map(Meaning::Message),
    ),
    verb("reopen", "reopen [REASON]", "work on it again", Below::Note, |said, _| {
        let why = if said.is_empty() { "no reason given" } else { said };
        Ok(one(Request::Reopen { why: why.to_owned() }))
    }),
    of_cases(verb(
        "merge",
        "merge CASE",
        "end it in favour of CASE, of the same reporter",
        Below::Note,
        |said, _| Ok(one(Request::Merge { into: case(said, "into")? })),
    )),
    of_cases(verb("link", "link CASE", "CASE has to do with it", Below::Note, |said, _| {
        Ok(one(Request::Link { with: case(said, "with")? }))
    })),
    verb(
        "split",
        "split [mail NUMBER] [SUBJECT]",
        "open a second case for a second report in it",
        Below::Note,
        split,
    ),
    verb("help", "help", "this list", Below::Note, |_, _| Ok(Meaning::Help)),
];
