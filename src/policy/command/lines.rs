//! Where a command begins in a text and which lines belong to it.

use crate::domain::address::displayable;

/// Some programs break lines that are longer than this, and what was one command becomes two lines.
const NEVER_BROKEN: usize = 60;

/// A text, parted at its commands.
#[derive(Debug, Default)]
pub struct Text<'t> {
    /// What stands before the first command.
    pub before: String,
    /// The commands.
    pub blocks: Vec<Block<'t>>,
}

/// A command's line and the lines under it.
#[derive(Debug)]
pub struct Block<'t> {
    /// What follows the `!`.
    pub head: &'t str,
    /// The whole line, fit to be shown.
    pub line: String,
    /// The lines under it.
    pub text: Vec<&'t str>,
}

impl<'t> Text<'t> {
    /// Parts a text.
    pub fn of(text: &'t str) -> Self {
        let mut parted = Self::default();
        let mut fence = None;
        for line in text.lines() {
            if let Some((mark, length)) = fence_mark(line) {
                fence = match fence {
                    None => Some((mark, length)),
                    // As in Markdown: a fence is closed by one at least as long.
                    Some((open, least)) if open == mark && length >= least => None,
                    open => open,
                };
            }
            let head = head(line).filter(|_| fence.is_none());
            match (head, parted.blocks.last_mut()) {
                (Some(head), _) => {
                    let line = displayable(line);
                    parted.blocks.push(Block { head, line, text: Vec::new() });
                }
                (None, Some(block)) => block.text.push(line),
                (None, None) => {
                    parted.before.push_str(line);
                    parted.before.push('\n');
                }
            }
        }
        parted
    }
}

impl Block<'_> {
    /// Whether the line right under the command may be the rest of it.
    pub fn is_wrapped(&self) -> bool {
        let Some(next) = self.text.first().filter(|line| !line.trim().is_empty()) else {
            return false;
        };
        let (word, _) = first_word(next);
        self.line.chars().count().saturating_add(word.chars().count()) >= NEVER_BROKEN
    }
}

/// What a command's line says, if it is one: a `!` and a letter, not indented like code.
fn head(line: &str) -> Option<&str> {
    let said = line.trim_start();
    // Programs that make HTML of text indent with spaces that do not break.
    let indent = line.chars().take_while(|c| c.is_whitespace()).count();
    let is_code = line.starts_with('\t') || indent >= 4;
    let head = said.strip_prefix(['!', '！'])?.trim_start();
    (!is_code && head.starts_with(|c: char| c.is_ascii_alphabetic())).then(|| head.trim_end())
}

/// The character and length of a line's mark that opens or closes a fence of code.
fn fence_mark(line: &str) -> Option<(char, usize)> {
    let line = line.trim_start();
    let length = |mark: char| line.chars().take_while(|c| *c == mark).count();
    ['`', '~'].into_iter().map(|mark| (mark, length(mark))).find(|(_, length)| *length >= 3)
}

/// The first word of a line and what follows it.
pub fn first_word(line: &str) -> (&str, &str) {
    let line = line.trim();
    line.split_once(char::is_whitespace)
        .map_or((line, ""), |(word, rest)| (word, rest.trim_start()))
}

/// A command's word as it is looked up.
pub fn plain_word(word: &str) -> String {
    word.trim_end_matches([':', ',', '.', '!']).to_lowercase().replace(['_', '–', '—'], "-")
}
