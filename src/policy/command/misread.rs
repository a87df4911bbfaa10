//! A line that is not understood, and what to write instead.

use crate::domain::address::displayable;
use crate::policy::moment::NoMoment;

/// A command that is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Misread {
    /// Its line, fit to be shown; empty where it is about the whole mail.
    pub line: String,
    /// Why.
    pub why: Why,
}

impl Misread {
    pub(super) fn of(line: &str, why: Why) -> Self {
        Self { line: displayable(line), why }
    }
}

/// Why a command is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// There is nothing.
    #[error("there is nothing in your mail besides what it quotes: write above the quotation")]
    Nothing,
    /// The words before it may be meant for somebody.
    #[error("commands stand at the top of your mail, before any other text")]
    NotAtTheTop,
    /// A case, and then nothing.
    #[error("after the case comes what to do with it, such as `!EMB-2026-0001 assign bob`")]
    NoVerb,
    /// There is no such command.
    #[error("there is no command !{word}{}. A line of a message that has to begin with ! is indented by four spaces", hint(.near))]
    Unknown {
        /// Its word.
        word: String,
        /// The known one nearest to it.
        near: Option<&'static str>,
    },
    /// Too many.
    #[error("a mail can hold {most} commands at the most")]
    TooMany {
        /// How many.
        most: usize,
    },
    /// Its line may have been broken.
    #[error(
        "the line under it may be the rest of it: write the command on one line, and leave an empty line before other text"
    )]
    Wrapped,
    /// A message is parted by a quotation.
    #[error(
        "there is text below the quotation, and only what stands above it would be sent: write all of the message above the quotation"
    )]
    BelowTheQuotation,
    /// Nothing that could be told more of.
    #[error(
        "!message adds words to the command before it, where that writes to the reporter: !release, !disclose, or one that ends a case"
    )]
    MessageOfWhat,
    /// Something is missing.
    #[error("{what} is missing: write `!{usage}`")]
    Missing {
        /// What.
        what: &'static str,
        /// The form of the command.
        usage: &'static str,
    },
    /// Words that mean nothing there.
    #[error("`{words}` has no meaning there: write `!{usage}`{more}")]
    Extra {
        /// The words.
        words: String,
        /// The form of the command.
        usage: &'static str,
        /// What may have been meant.
        more: &'static str,
    },
    /// A word that is none of those that can stand there.
    #[error("{word:?} is not known there: {}", one_of(.known))]
    NotOneOf {
        /// The word.
        word: String,
        /// Those that can.
        known: Vec<&'static str>,
    },
    /// A time that is none.
    #[error(transparent)]
    NoMoment(#[from] NoMoment),
}

fn hint(near: &Option<&'static str>) -> String {
    near.map_or(String::new(), |near| format!("; the nearest is !{near}"))
}

fn one_of(known: &[&str]) -> String {
    format!("one of {}", known.join(", "))
}
