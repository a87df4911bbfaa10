//! How much of a report stands in a text: words weighed by script, technical marks, lines of code.
//!
//! Sentences are taken one by one: what only points at a file or a link, or is polite, is no
//! substance unless it is full of technical words. Promises: linear in the text.

use std::borrow::Cow;

use super::address::{ends_in_address, has_address, without_addresses};
use super::code::is_code;
use super::own_text::OwnText;
use super::phrases::{Phrases, Sign, has_no_spaces};
use super::weight::weigh;

/// What was measured of a text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Substance {
    /// Words of the sentences that report something.
    pub words: f32,
    /// All words that are not a greeting.
    pub all_words: f32,
    /// Technical words, and things with the shape of code: identifiers, paths, versions, numbers.
    pub marks: usize,
    /// Lines of code, traces, requests.
    pub code_lines: usize,
    /// Steps and other items of lists.
    pub items: usize,
    /// Words of the sentences that only point elsewhere.
    pub pointing_words: f32,
    /// The sentence that points at a file.
    pub file_pointer: Option<String>,
    /// The sentence that points at a link.
    pub link_pointer: Option<String>,
    /// The sentence with the most technical marks, and their number.
    pub strongest: Option<(String, usize)>,
}

/// Words of a text that are no substance, and what they stand for.
#[derive(Debug, Clone, Default)]
pub struct Elsewhere {
    /// Whether there is a file or a picture at all.
    pub has_files: bool,
    /// The names of files.
    pub files: Vec<String>,
    /// The kinds of documents among them, as people call them: `pdf`.
    pub documents: Vec<&'static str>,
    /// The texts behind which a link stands.
    pub anchors: Vec<String>,
}

/// A sentence with its weight.
#[derive(Debug)]
struct Weighed<S> {
    sentence: S,
    words: f32,
    marks: usize,
}

impl Weighed<&str> {
    /// The same, to be kept for later.
    fn kept(self) -> Weighed<String> {
        Weighed { sentence: self.sentence.to_owned(), words: self.words, marks: self.marks }
    }
}

/// A text that is being measured.
struct Measure<'a> {
    phrases: &'a Phrases,
    elsewhere: &'a Elsewhere,
    found: Substance,
    /// A sentence that speaks of a link and has none: it points at one that follows at once, and
    /// else tells of a link, as a report on links does.
    promise: Option<Weighed<String>>,
    /// Sentences that say that the report is behind a link, until one is found.
    pointers: Vec<Weighed<String>>,
    /// Whether a link was found.
    linked: bool,
    /// Whether the sentence is the first of a list's item: a step that opens a page is no pointer.
    is_item: bool,
}

/// Words of the longest sentence that can be a mere pointer.
const POINTING_WORDS: f32 = 25.0;
/// Words of the longest announcement before an address.
const ANNOUNCING_WORDS: f32 = 15.0;
/// Words beside an address that are no more than its label.
const LABEL_WORDS: f32 = 6.0;

impl Substance {
    /// Measures the writer's own text.
    pub fn of(own: &OwnText<'_>, elsewhere: &Elsewhere) -> Self {
        let phrases = Phrases::all();
        let mut measure = Measure {
            phrases,
            elsewhere,
            found: Self::default(),
            promise: None,
            pointers: Vec::new(),
            linked: false,
            is_item: false,
        };
        let mut fenced = false;
        let mut paragraph = String::new();
        for line in &own.lines {
            let trimmed = line.trim();
            if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
                fenced = !fenced;
                measure.sentences(&mut paragraph);
                continue;
            }
            if trimmed.is_empty() {
                measure.sentences(&mut paragraph);
                continue;
            }
            if fenced || is_code(line) {
                measure.sentences(&mut paragraph);
                measure.code(trimmed);
                continue;
            }
            let listed = item(trimmed);
            if listed.is_some() || is_labelled(trimmed) {
                measure.sentences(&mut paragraph);
                measure.found.items = measure.found.items.saturating_add(1);
                measure.is_item = listed.is_some();
            }
            let text = listed.unwrap_or(trimmed);
            paragraph.push_str(text);
            // Only a line that was full goes on in the next one.
            if trimmed.chars().count() < 55 {
                measure.sentences(&mut paragraph);
            } else {
                paragraph.push(' ');
            }
        }
        measure.sentences(&mut paragraph);
        measure.keep_promise(false);
        measure.settle();
        measure.found
    }
}

/// The text of a list's item: `1. `, `2) `, `- `, `* `, `• `.
fn item(line: &str) -> Option<&str> {
    let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = line.len().saturating_sub(after_number.len());
    let rest = match numbered {
        0 => line.strip_prefix(['-', '*', '•', '·', '–'])?,
        1 | 2 => after_number.strip_prefix(['.', ')', '、', '．'])?,
        _ => return None,
    };
    // A marker that is followed by a space, but for scripts that write none.
    let text = rest.trim_start();
    let parted = text.len() < rest.len() || text.starts_with(has_no_spaces);
    (parted && text.chars().any(char::is_alphabetic)).then_some(text)
}

/// Whether a line is "Component: upload": one of a form's, and no address's label.
fn is_labelled(line: &str) -> bool {
    line.split_once([':', '：']).is_some_and(|(label, value)| {
        let value = value.trim();
        let named = (1..=3).contains(&label.split_whitespace().count()) && label.len() <= 40;
        named && !label.contains(['.', '(', '"']) && !value.is_empty() && !has_address(line)
    })
}

impl Measure<'_> {
    fn code(&mut self, line: &str) {
        self.keep_promise(false);
        let (words, shapes) = weigh(line);
        let found = &mut self.found;
        found.words += words;
        found.all_words += words;
        found.code_lines = found.code_lines.saturating_add(1);
        found.marks = found
            .marks
            .saturating_add(shapes.max(1))
            .saturating_add(self.phrases.technical(&line.to_lowercase()).min(2));
    }

    fn sentences(&mut self, paragraph: &mut String) {
        for sentence in split(paragraph) {
            self.sentence(sentence);
        }
        paragraph.clear();
    }

    fn sentence(&mut self, sentence: &str) {
        let mut text = Cow::Borrowed(sentence);
        let mut linked = has_address(sentence);
        for anchor in &self.elsewhere.anchors {
            if text.contains(anchor.as_str()) {
                text = text.replace(anchor.as_str(), " ").into();
                linked = true;
            }
        }
        for name in &self.elsewhere.files {
            if text.contains(name.as_str()) {
                text = text.replace(name.as_str(), " ").into();
            }
        }
        let lower = text.to_lowercase();
        let said = self.phrases.said(&lower);
        let signs = said.signs;
        let technical = match has_address(&lower) {
            true => self.phrases.technical(&without_addresses(&lower)),
            false => said.technical,
        };
        let (words, shapes) = weigh(&text);
        let marks = shapes.saturating_add(technical);
        self.linked |= linked;
        self.keep_promise(linked && words < 1.0);
        let linked = linked && !std::mem::take(&mut self.is_item);
        // Who points, points in a few words; a long sentence tells something.
        let short = words <= POINTING_WORDS;
        let named = self.elsewhere.documents.iter().any(|kind| has_word(&lower, kind));
        let at_file =
            short && self.elsewhere.has_files && (signs.has(Sign::AttachmentPointer) || named);
        let link_words = signs.has(Sign::LinkPointer) || signs.has(Sign::LinkWord);
        let announced = words <= ANNOUNCING_WORDS && ends_in_address(sentence);
        let at_link = short && linked && (link_words || announced);
        if at_file && self.found.file_pointer.is_none() {
            self.found.file_pointer = Some(shorten(sentence));
        }
        if at_link && self.found.link_pointer.is_none() {
            self.found.link_pointer = Some(shorten(sentence));
        }
        if words <= 5.0 && self.phrases.greets(&lower) {
            return;
        }
        self.found.all_words += words;
        // A pointing or polite sentence may still say what the matter is; then it is full of it.
        let empty = marks < 4;
        if (at_file || at_link) && empty {
            self.found.pointing_words += words;
            return;
        }
        let polite = signs.has(Sign::Courtesy) || signs.has(Sign::Automatic);
        if (polite || linked && words <= LABEL_WORDS) && empty {
            return;
        }
        let weighed = Weighed { sentence, words, marks };
        match (linked, signs.has(Sign::LinkPointer), signs.has(Sign::LinkWord)) {
            (false, true, _) if short && empty => self.pointers.push(weighed.kept()),
            (false, false, true) if words <= ANNOUNCING_WORDS && empty => {
                self.promise = Some(weighed.kept())
            }
            _ => self.found.take(weighed),
        }
    }

    /// Settles what a sentence about a link was: its link follows, or it tells of one.
    fn keep_promise(&mut self, kept: bool) {
        let Some(weighed) = self.promise.take() else { return };
        if kept { self.found.point(weighed) } else { self.found.take(weighed) }
    }

    /// What says that the report is behind a link is true only of a mail with one.
    fn settle(&mut self) {
        for weighed in std::mem::take(&mut self.pointers) {
            if self.linked { self.found.point(weighed) } else { self.found.take(weighed) }
        }
    }
}

impl Substance {
    fn point<S: AsRef<str>>(&mut self, Weighed { sentence, words, .. }: Weighed<S>) {
        self.pointing_words += words;
        self.link_pointer.get_or_insert_with(|| shorten(sentence.as_ref()));
    }

    fn take<S: AsRef<str>>(&mut self, Weighed { sentence, words, marks }: Weighed<S>) {
        self.words += words;
        self.marks = self.marks.saturating_add(marks);
        if self.strongest.as_ref().is_none_or(|(_, most)| marks > *most) {
            self.strongest = Some((shorten(sentence.as_ref()), marks));
        }
    }
}

/// Whether a word stands in a text by itself.
fn has_word(lower: &str, word: &str) -> bool {
    lower.match_indices(word).any(|(at, _)| {
        let before = lower.get(..at).and_then(|before| before.chars().next_back());
        let after =
            lower.get(at.saturating_add(word.len())..).and_then(|after| after.chars().next());
        let joins = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '.');
        !joins(before) && !after.is_some_and(|c| c.is_ascii_alphanumeric())
    })
}

/// Sentences of a paragraph.
pub fn split(paragraph: &str) -> impl Iterator<Item = &str> {
    let mut rest = paragraph;
    std::iter::from_fn(move || {
        if rest.trim().is_empty() {
            return None;
        }
        let mut chars = rest.char_indices().peekable();
        let mut end = rest.len();
        while let Some((at, c)) = chars.next() {
            let after = at.saturating_add(c.len_utf8());
            let stops = match c {
                '。' | '！' | '？' | '；' => true,
                '.' | '!' | '?' | ';' => chars.peek().is_none_or(|(_, next)| next.is_whitespace()),
                _ => false,
            };
            if stops {
                end = after;
                break;
            }
        }
        let (sentence, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(sentence.trim())
    })
}

fn shorten(sentence: &str) -> String {
    let clean = crate::domain::address::displayable(sentence);
    let mut chars = clean.chars();
    let short: String = chars.by_ref().take(120).collect();
    if chars.next().is_some() { short + "…" } else { short }
}
