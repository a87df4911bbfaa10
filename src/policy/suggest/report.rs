//! A report as its readers here want it: lines and sentences with their places, quotes left out,
//! code told from prose.
//!
//! Promises: linear in the text, and bounded: only the first [`MOST_TEXT`] bytes are looked at.

use std::borrow::Cow;

use crate::domain::suggestion::Excerpt;

/// As much of a text as is looked at. A report that a person wrote is far below it; a pasted log
/// of 20 MiB says nothing in its second half that its first did not.
pub const MOST_TEXT: usize = 256 * 1024;
/// The longest sentence; longer ones are cut where a word ends.
const MOST_SENTENCE: usize = 600;
/// The longest excerpt in characters.
const MOST_EXCERPT: usize = 200;

/// A report, split up.
#[derive(Debug)]
pub struct Report<'a> {
    /// The subject without `Re:` and the like.
    pub subject: &'a str,
    /// The same as a line; its number is 0.
    pub title: Line<'a>,
    /// Every line that is not a quote, in order.
    pub lines: Vec<Line<'a>>,
    /// Every sentence, the subject first.
    pub sentences: Vec<Sentence>,
}

/// One line.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// Its number in the visible text, from 1.
    pub number: u32,
    /// The line, trimmed.
    pub text: &'a str,
    /// The same in lower case.
    pub lower: Cow<'a, str>,
    /// Whether it stands in a fenced block or looks like code.
    pub setting: Setting,
}

/// What a line stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Written for a person.
    Prose,
    /// Written for a machine.
    Code,
}

/// One sentence, in lower case and with single spaces.
#[derive(Debug, Clone)]
pub struct Sentence {
    /// The line it begins in; 0 is the subject.
    pub line: u32,
    /// As it was written, on one line.
    pub written: String,
    /// In lower case.
    pub lower: String,
    /// What it stands in.
    pub setting: Setting,
}

impl Sentence {
    fn new(line: u32, written: String, setting: Setting) -> Self {
        let lower = written.to_lowercase();
        Self { line, written, lower, setting }
    }

    /// The sentence as a finding shows it.
    pub fn excerpt(&self) -> Excerpt {
        excerpt(self.line, &self.written)
    }
}

/// `text` as a finding shows it: on one line, without control characters, and bounded.
pub fn excerpt(line: u32, text: &str) -> Excerpt {
    let mut sentence = String::new();
    for (count, c) in text.trim().chars().enumerate() {
        if count >= MOST_EXCERPT {
            sentence.push('…');
            break;
        }
        sentence.push(if c.is_control() { ' ' } else { c });
    }
    Excerpt { line, sentence }
}

impl<'a> Line<'a> {
    fn new(number: u32, text: &'a str, setting: Setting) -> Self {
        let is_lower = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
        let lower = if is_lower { text.into() } else { text.to_lowercase().into() };
        Self { number, text, lower, setting }
    }
}

impl<'a> Report<'a> {
    /// Every line, the subject first.
    pub fn all_lines(&self) -> impl Iterator<Item = &Line<'a>> {
        std::iter::once(&self.title).chain(&self.lines)
    }

    /// Splits a report up.
    pub fn new(subject: &'a str, text: &'a str) -> Self {
        let subject = bare_subject(beginning(subject, 1_000));
        let lines = lines_of(beginning(text, MOST_TEXT));
        let mut sentences = vec![Sentence::new(0, subject.to_owned(), Setting::Prose)];
        sentences_of(&lines, &mut sentences);
        Self { subject, title: Line::new(0, subject, Setting::Prose), lines, sentences }
    }
}

/// The first `most` bytes of a text, cut between characters.
pub fn beginning(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

fn bare_subject(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some((prefix, after)) = rest.split_once([':', '：']) {
        if !matches!(
            prefix.to_lowercase().as_str(),
            "re" | "fw"
                | "fwd"
                | "aw"
                | "wg"
                | "tr"
                | "rv"
                | "sv"
                | "res"
                | "enc"
                | "回复"
                | "转发"
        ) {
            break;
        }
        rest = after.trim_start();
    }
    rest
}

fn lines_of(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut fenced = Setting::Prose;
    let mut number = 0_u32;
    for raw in text.lines() {
        number = number.saturating_add(1);
        let text = raw.trim();
        if text.starts_with('>') {
            continue;
        }
        if text.starts_with("```") || text.starts_with("~~~") {
            fenced = match fenced {
                Setting::Prose => Setting::Code,
                Setting::Code => Setting::Prose,
            };
            continue;
        }
        let setting = match fenced {
            Setting::Code => Setting::Code,
            Setting::Prose if looks_like_code(text) => Setting::Code,
            Setting::Prose => Setting::Prose,
        };
        lines.push(Line::new(number, text, setting));
    }
    lines
}

/// Whether a line is written for a machine, whatever language surrounds it.
fn looks_like_code(line: &str) -> bool {
    const BEGINNINGS: &[&str] = &[
        "$ ",
        "# ./",
        "curl ",
        "wget ",
        "npm ",
        "npx ",
        "yarn ",
        "pnpm ",
        "node ",
        "python",
        "pip ",
        "docker ",
        "git ",
        "const ",
        "let ",
        "var ",
        "import ",
        "function ",
        "app.",
        "at ",
        "printf ",
        "nc ",
        "require(",
    ];
    const MARKS: &[&str] =
        &["=> {", "});", "){", ") {", " = require(", "();", "://localhost", "==="];
    let prose_like = line.ends_with('.') && line.split_whitespace().count() > 6;
    let first = line.as_bytes().first();
    let begins = |b: &&str| b.as_bytes().first() == first && line.starts_with(*b);
    // Each of the marks has one of these.
    let may_be_marked = line.bytes().any(|byte| matches!(byte, b')' | b':' | b'='));
    (!prose_like && BEGINNINGS.iter().any(begins))
        || is_request_line(line)
        || (line.ends_with([';', '{', '}']) && line.contains(['(', '=', '{', '}']))
        || (may_be_marked && !prose_like && MARKS.iter().any(|m| line.contains(m)))
}

/// Whether a line begins an HTTP request: a method and a target.
pub fn is_request_line(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let method = words.next().unwrap_or_default();
    let target = words.next().unwrap_or_default();
    matches!(
        method,
        "GET" | "POST" | "PUT" | "DELETE" | "PATCH" | "HEAD" | "OPTIONS" | "CONNECT" | "TRACE"
    ) && (target.starts_with('/') || target.starts_with("http") || target == "*")
}

fn sentences_of(lines: &[Line<'_>], sentences: &mut Vec<Sentence>) {
    let mut open = Open::default();
    for line in lines {
        if line.text.is_empty() || line.setting == Setting::Code || begins_item(line.text) {
            open.finish(sentences);
        }
        if line.text.is_empty() {
            continue;
        }
        if line.setting == Setting::Code {
            let written = beginning(line.text, MOST_SENTENCE).to_owned();
            sentences.push(Sentence::new(line.number, written, Setting::Code));
            continue;
        }
        for word in line.text.split_whitespace() {
            open.word(line.number, word, sentences);
        }
        if line.text.starts_with('#') {
            open.finish(sentences);
        }
    }
    open.finish(sentences);
}

/// Whether a line begins an item of a list, is a heading or has a label (`Version: …`): a sentence
/// never runs into it.
fn begins_item(line: &str) -> bool {
    line.starts_with(['-', '*', '•', '#', '|'])
        || line
            .split_once([':', '：'])
            .is_some_and(|(label, _)| label.len() <= 60 && label.split_whitespace().count() <= 4)
        || line.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['.', ')'])
}

/// The sentence that is being read.
#[derive(Default)]
struct Open {
    line: u32,
    text: String,
}

impl Open {
    fn word(&mut self, line: u32, word: &str, sentences: &mut Vec<Sentence>) {
        if word.is_ascii() {
            return self.piece(line, word, sentences);
        }
        // Scripts without spaces: a "word" is a whole line, and the full stop is inside it.
        for piece in word.split_inclusive(['。', '！', '？']) {
            self.piece(line, piece, sentences);
        }
    }

    fn piece(&mut self, line: u32, piece: &str, sentences: &mut Vec<Sentence>) {
        if self.text.is_empty() {
            self.line = line;
        } else {
            self.text.push(' ');
        }
        self.text.push_str(beginning(piece, MOST_SENTENCE));
        let ends = piece.ends_with(['。', '！', '？', '!', '?'])
            || (piece.ends_with('.') && !matches!(piece, "e.g." | "i.e." | "cf." | "vs." | "etc."));
        if ends || self.text.len() >= MOST_SENTENCE {
            self.finish(sentences);
        }
    }

    fn finish(&mut self, sentences: &mut Vec<Sentence>) {
        if !self.text.is_empty() {
            let written = std::mem::take(&mut self.text);
            sentences.push(Sentence::new(self.line, written, Setting::Prose));
        }
    }
}
