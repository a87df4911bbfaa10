//! What a maintainer orders by answering a mail of ours.
//!
//! Commands are the lines at the top of what the maintainer wrote that begin with `!`; each becomes
//! the same [`Request`] as a command of the shell. Text without a command is a note among
//! maintainers. Relies on [`Said`] holding no quotation, signature or footer.
//!
//! Promises: total and pure. Nothing but what stands behind `!reply`, `!ask` or `!message` is ever
//! meant for the reporter; nothing within a fence of code or indented like code is a command; where
//! one line cannot be understood there are no commands at all.

mod lines;
mod misread;
mod reading;
mod verbs;

#[cfg(test)]
mod tests;

use chrono_tz::Tz;

pub use misread::{Misread, Why};
pub use verbs::help;

use self::lines::{Block, Text};
use self::verbs::{Below, Verb};
use crate::domain::address::displayable;
use crate::domain::case_id::CaseId;
use crate::policy::judge::Said;
use crate::policy::nearest::nearest;
use crate::policy::verbs::{Ending, Request};

/// The most commands in one mail.
const MOST: usize = 50;

/// One command.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// The cases that it names; none: the case of the mail that is answered.
    pub cases: Vec<CaseId>,
    /// What is wanted.
    pub wish: Wish,
    /// Its line, fit to be shown.
    pub line: String,
}

impl Command {
    /// Whether it is no more than text that no command introduces.
    pub fn is_text_alone(&self) -> bool {
        self.line == NOTE
    }
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// Something of each of the cases.
    Do(Request),
    /// To know which commands there are.
    Help,
}

/// How the line of a note is shown that no command introduces.
const NOTE: &str = "(your text, as a note)";

/// Reads the commands of a mail, in their order. Times without a zone are those of `zone`.
///
/// # Errors
/// [`Misread`]: the first line that is not understood.
pub fn read(said: &Said, zone: Tz) -> Result<Vec<Command>, Misread> {
    let Text { before, blocks } = Text::of(&said.above);
    let below = said.below.trim();
    if blocks.is_empty() {
        let text = [before.trim(), below].join("\n\n");
        return match text.trim() {
            "" => Err(Misread::of("", Why::Nothing)),
            text => Ok(vec![note(Vec::new(), text)]),
        };
    }
    if let Some(first) = blocks.first().filter(|_| !before.trim().is_empty()) {
        return Err(Misread::of(&first.line, Why::NotAtTheTop));
    }
    let mut commands = Vec::new();
    let last = blocks.len().saturating_sub(1);
    for (nth, block) in blocks.iter().enumerate() {
        let below = if nth == last { below } else { "" };
        command(block, below, zone, &mut commands)?;
        if commands.len() > MOST {
            return Err(Misread::of(&block.line, Why::TooMany { most: MOST }));
        }
    }
    Ok(commands)
}

/// Reads one block: a command and the lines under it. `below` is text under a quotation.
fn command(
    block: &Block<'_>,
    below: &str,
    zone: Tz,
    commands: &mut Vec<Command>,
) -> Result<(), Misread> {
    let wrong = |why| Misread::of(&block.line, why);
    let (mut cases, rest) = leading_cases(block.head);
    let (word, mut rest) = lines::first_word(rest);
    let word = lines::plain_word(word);
    let verb = Verb::find(&word).ok_or_else(|| unknown(&block.line, &word))?;
    if cases.is_empty() && verb.below == Below::Note {
        (cases, rest) = leading_cases_before(rest, verb.own_cases);
    }
    let text = block.text.join("\n");
    let said = match verb.below {
        Below::Note if block.is_wrapped() => return Err(wrong(Why::Wrapped)),
        Below::Note => rest.to_owned(),
        Below::Kept => [rest, &text, below].join("\n"),
        Below::Sent if !below.is_empty() => return Err(wrong(Why::BelowTheQuotation)),
        Below::Sent => [rest, &text].join("\n"),
    };
    let said = said.trim();
    let requests = match verb.means(said, zone).map_err(wrong)? {
        verbs::Meaning::Help => {
            let (cases, line) = (cases.clone(), block.line.clone());
            commands.push(Command { cases, wish: Wish::Help, line });
            Vec::new()
        }
        verbs::Meaning::Message(text) => {
            return add_message(commands.last_mut(), text, cases).map_err(wrong);
        }
        verbs::Meaning::Requests(requests) => requests,
    };
    for request in requests {
        let (cases, line) = (cases.clone(), block.line.clone());
        commands.push(Command { cases, wish: Wish::Do(request), line });
    }
    let left = [text.as_str(), below].join("\n\n");
    if verb.below == Below::Note && !left.trim().is_empty() {
        commands.push(note(cases, left.trim()));
    }
    Ok(())
}

fn note(cases: Vec<CaseId>, text: &str) -> Command {
    let wish = Wish::Do(Request::Note { text: text.to_owned() });
    Command { cases, wish, line: NOTE.to_owned() }
}

/// What else the reporter is told by the command above.
fn add_message(last: Option<&mut Command>, text: String, cases: Vec<CaseId>) -> Result<(), Why> {
    let Some(Command { wish: Wish::Do(request), .. }) = last else {
        return Err(Why::MessageOfWhat);
    };
    let message = match request {
        Request::Close(Ending { message, .. })
        | Request::Release { message, .. }
        | Request::Disclose { message } => message,
        _ => return Err(Why::MessageOfWhat),
    };
    if message.is_some() || !cases.is_empty() {
        return Err(Why::MessageOfWhat);
    }
    *message = Some(text);
    Ok(())
}

/// The cases that a line begins with, and what follows them.
fn leading_cases(line: &str) -> (Vec<CaseId>, &str) {
    let mut cases = Vec::new();
    let mut rest = line.trim_start();
    loop {
        let (word, after) = lines::first_word(rest);
        match word.trim_end_matches([':', ',']).parse() {
            Ok(case) => cases.push(case),
            Err(_) => return (cases, rest),
        }
        rest = after;
    }
}

/// The same, where the last `own` of them are what the command is about.
fn leading_cases_before(line: &str, own: usize) -> (Vec<CaseId>, &str) {
    let (cases, after) = leading_cases(line);
    let named = cases.len().saturating_sub(own);
    if named == cases.len() {
        return (cases, after);
    }
    let rest = (0..named).fold(line.trim_start(), |rest, _| lines::first_word(rest).1);
    (cases.into_iter().take(named).collect(), rest)
}

fn unknown(line: &str, word: &str) -> Misread {
    if word.is_empty() {
        return Misread::of(line, Why::NoVerb);
    }
    let near = nearest(word, Verb::words());
    Misread::of(line, Why::Unknown { word: displayable(word), near })
}
