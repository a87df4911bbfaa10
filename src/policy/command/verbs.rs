//! Every command by mail: its word, its form, and the request that it stands for.

use chrono_tz::Tz;

use super::lines::{first_word, plain_word};
use super::misread::Why;
use crate::domain::address::{Address, displayable};
use crate::domain::advisory::Advisory;
use crate::domain::case_id::CaseId;
use crate::domain::exploited::Report;
use crate::domain::state::Disposition;
use crate::policy::moment::Moment;
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

fn one(request: Request) -> Meaning {
    Meaning::Requests(vec![request])
}

fn close(ending: Ending) -> Meaning {
    one(Request::Close(ending))
}

fn ending(disposition: Disposition) -> Ending {
    Ending { disposition, exclusion: None, package: None, of: None, message: None }
}

fn plain(said: &str, disposition: Disposition) -> Result<Meaning, Why> {
    nothing(said).map(|()| close(ending(disposition)))
}

fn missing(what: &'static str) -> Why {
    Why::Missing { what, usage: "" }
}

fn needed(said: &str, what: &'static str) -> Result<String, Why> {
    if said.is_empty() { Err(missing(what)) } else { Ok(said.to_owned()) }
}

fn nothing(said: &str) -> Result<(), Why> {
    match said {
        "" => Ok(()),
        words => Err(Why::Extra { words: displayable(words), usage: "", more: "" }),
    }
}

/// A case alone, or behind a word that people put before it.
fn case(said: &str, before: &str) -> Result<CaseId, Why> {
    let (word, rest) = first_word(said);
    let said = if word.eq_ignore_ascii_case(before) { rest } else { said };
    let (word, more) = first_word(said);
    let case = word.trim_end_matches([',', '.']).parse().map_err(|_| missing("the other case"))?;
    nothing(more).map(|()| case)
}

/// A handle, or none.
fn handle(said: &str) -> Result<Option<String>, Why> {
    let (handle, more) = first_word(said);
    nothing(more)?;
    Ok(Some(handle.trim_start_matches('@').to_owned()).filter(|handle| !handle.is_empty()))
}

/// An address, as mail programs write one.
fn address(said: &str) -> Result<Address, Why> {
    let (word, more) = first_word(said);
    let bare = word.trim_matches(['<', '>']);
    let address = needed(bare, "the address")?.parse().map_err(|_| missing("the address"))?;
    nothing(more).map(|()| address)
}

fn assign(said: &str, _: Tz) -> Result<Meaning, Why> {
    let (handle, note) = first_word(said);
    let handler = needed(handle.trim_start_matches('@'), "the handle")?;
    let note = Some(note.to_owned()).filter(|note| !note.is_empty());
    Ok(one(Request::Assign { handler, note }))
}

fn confirm(said: &str, _: Tz) -> Result<Meaning, Why> {
    let said =
        needed(said, "the range of affected versions")?.replace('≥', ">=").replace('≤', "<=");
    let words: Vec<&str> = said.split_whitespace().collect();
    let (ranges, lines) = match words.iter().rposition(|word| word.eq_ignore_ascii_case("in")) {
        Some(at) => words.split_at_checked(at).unwrap_or((&words, &[])),
        None => (words.as_slice(), [].as_slice()),
    };
    let ranges = ranges.join(" ");
    let affected = ranges.split("||").map(str::trim).filter(|range| !range.is_empty());
    let affected: Vec<String> = affected.map(str::to_owned).collect();
    if affected.is_empty() {
        return Err(missing("the range of affected versions"));
    }
    Ok(one(Request::Confirm {
        affected,
        lines: listed(&lines.iter().skip(1).copied().collect::<Vec<_>>().join(" ")),
    }))
}

/// Words with commas or white space between them.
fn listed(said: &str) -> Vec<String> {
    let words = said.split(|c: char| c == ',' || c.is_whitespace());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn fix(said: &str, _: Tz) -> Result<Meaning, Why> {
    let lines = listed(&needed(said, "the line of releases")?);
    Ok(Meaning::Requests(lines.into_iter().map(|line| Request::Fix { line }).collect()))
}

fn no_fix(said: &str, _: Tz) -> Result<Meaning, Why> {
    let (line, why) = first_word(said);
    let line = needed(line, "the line of releases")?;
    Ok(one(Request::RefuseFix { line, why: needed(why, "the reason")? }))
}

fn release(said: &str, _: Tz) -> Result<Meaning, Why> {
    let (line, rest) = first_word(said);
    let (version, more) = first_word(rest);
    let line = needed(line, "the line of releases")?;
    let version = needed(version, "the version")?;
    nothing(more)?;
    Ok(one(Request::Release { line, version, message: None }))
}

/// The facts that an advisory states.
const FACTS: [&str; 7] = ["title", "summary", "workaround", "cvss", "cwe", "cve", "reference"];

fn describe(said: &str, _: Tz) -> Result<Meaning, Why> {
    let (fact, rest) = first_word(said);
    let fact = plain_word(fact);
    let (line, under) = rest.split_once('\n').unwrap_or((rest, ""));
    let line = line.trim();
    let text = || needed(rest.trim(), "the text");
    let mut facts = Advisory::default();
    let mut takes_all = false;
    match fact.as_str() {
        "" => return Err(missing("the fact")),
        "title" => facts.title = Some(needed(line, "the title")?),
        "summary" => (facts.summary, takes_all) = (Some(text()?), true),
        "workaround" => (facts.workaround, takes_all) = (Some(text()?), true),
        "cvss" => facts.cvss = listed(&needed(line, "the vector")?),
        "cwe" => facts.cwe = Some(needed(line, "the number")?),
        "cve" => facts.cve = Some(needed(line, "the number")?),
        "reference" | "references" => facts.references = listed(&needed(line, "the address")?),
        _ => return Err(Why::NotOneOf { word: displayable(&fact), known: FACTS.to_vec() }),
    }
    let mut requests = vec![Request::Describe(facts)];
    if !takes_all && !under.trim().is_empty() {
        requests.push(Request::Note { text: under.trim().to_owned() });
    }
    Ok(Meaning::Requests(requests))
}

fn embargo(said: &str, zone: Tz) -> Result<Meaning, Why> {
    let said = needed(said, "the time, such as 2026-12-24T18:00Z, or `lift`")?;
    let until = match plain_word(&said).as_str() {
        "lift" | "lifted" | "none" => None,
        _ => Some(said.parse::<Moment>()?.at(zone)?),
    };
    Ok(one(Request::Embargo { until }))
}

fn extend(said: &str, zone: Tz) -> Result<Meaning, Why> {
    let said = needed(said, "the new day, such as 2027-03-31")?;
    // A day, an hour and a zone, as many of them as there are; then the reason.
    let words: Vec<&str> = said.split_whitespace().collect();
    let time = |count: &usize| words.get(..*count).map(|words| words.join(" ").parse::<Moment>());
    let longest = (1..=3).rev().find(|count| matches!(time(count), Some(Ok(_)))).unwrap_or(1);
    let day =
        words.iter().take(longest).copied().collect::<Vec<_>>().join(" ").parse::<Moment>()?;
    let why = words.iter().skip(longest).copied().collect::<Vec<_>>().join(" ");
    let why = needed(&why, "the reason")?;
    Ok(one(Request::Extend { disclose_by: day.at_the_latest(zone)?, why }))
}

fn exploited(said: &str, zone: Tz) -> Result<Meaning, Why> {
    let said = needed(said, "the time since which it is known, or a report that was made")?;
    if let Some(report) = Report::named(&plain_word(&said)) {
        return Ok(one(Request::MakeReport { report }));
    }
    let (word, rest) = first_word(&said);
    let time = if word.eq_ignore_ascii_case("since") { rest } else { said.as_str() };
    Ok(one(Request::Exploited { known_since: time.parse::<Moment>()?.at(zone)? }))
}

fn split(said: &str, _: Tz) -> Result<Meaning, Why> {
    let (word, rest) = first_word(said);
    let (number, subject) = first_word(rest);
    let mail = number.parse().ok().filter(|_| word.eq_ignore_ascii_case("mail"));
    let subject = if mail.is_some() { subject } else { said };
    let subject = Some(subject.to_owned()).filter(|subject| !subject.is_empty());
    Ok(one(Request::Split { mail, subject }))
}
