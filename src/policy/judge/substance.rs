//! How much of a report stands in a text: words weighed by script, technical marks, lines of code.
//!
//! Relies on unicode-segmentation for words. Scripts that write no spaces are weighed by the
//! character. Promises: linear in the text.

use unicode_segmentation::UnicodeSegmentation;

use super::own_text::OwnText;
use super::phrases::{Phrases, Sign, has_no_spaces};

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
struct Weighed {
    shown: String,
    words: f32,
    marks: usize,
}

/// A text that is being measured.
struct Measure<'a> {
    phrases: &'a Phrases,
    elsewhere: &'a Elsewhere,
    found: Substance,
    /// A sentence that speaks of a link and has none: it points at one that follows at once, and
    /// else tells of a link, as a report on links does.
    promise: Option<Weighed>,
    /// Sentences that say that the report is behind a link, until one is found.
    pointers: Vec<Weighed>,
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
            let text = match item(trimmed) {
                Some(text) => {
                    measure.sentences(&mut paragraph);
                    measure.found.items = measure.found.items.saturating_add(1);
                    measure.is_item = true;
                    text
                }
                None => trimmed,
            };
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
        let mut text = sentence.to_owned();
        let mut linked = has_address(sentence);
        for anchor in &self.elsewhere.anchors {
            if text.contains(anchor.as_str()) {
                text = text.replace(anchor.as_str(), " ");
                linked = true;
            }
        }
        for name in &self.elsewhere.files {
            if text.contains(name.as_str()) {
                text = text.replace(name.as_str(), " ");
            }
        }
        let lower = text.to_lowercase();
        let signs = self.phrases.signs(&lower);
        let (words, shapes) = weigh(&text);
        let marks = shapes.saturating_add(self.phrases.technical(&without_addresses(&lower)));
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
        let weighed = Weighed { shown: shorten(sentence), words, marks };
        match (linked, signs.has(Sign::LinkPointer), signs.has(Sign::LinkWord)) {
            (false, true, _) if short && empty => self.pointers.push(weighed),
            (false, false, true) if words <= ANNOUNCING_WORDS && empty => {
                self.promise = Some(weighed)
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
    fn point(&mut self, sentence: Weighed) {
        self.pointing_words += sentence.words;
        self.link_pointer.get_or_insert(sentence.shown);
    }

    fn take(&mut self, sentence: Weighed) {
        self.words += sentence.words;
        self.marks = self.marks.saturating_add(sentence.marks);
        if sentence.marks > self.strongest.as_ref().map_or(0, |(_, most)| *most) {
            self.strongest = Some((sentence.shown, sentence.marks));
        }
    }
}

/// Whether a sentence is "…: https://…": a label or an announcement, and the address.
fn ends_in_address(sentence: &str) -> bool {
    let at = ["http://", "https://", "www."].iter().filter_map(|start| sentence.find(start)).min();
    let Some((before, address)) = at.and_then(|at| sentence.split_at_checked(at)) else {
        return false;
    };
    before.trim_end_matches([' ', '<', '(', '*']).ends_with([':', '：', '-', '>', '→'])
        && address.split_whitespace().all(has_address)
}

/// A text without the addresses on the web in it, whose parts are words of nobody.
fn without_addresses(lower: &str) -> std::borrow::Cow<'_, str> {
    if !has_address(lower) {
        return lower.into();
    }
    lower
        .split_inclusive(char::is_whitespace)
        .filter(|word| address(word.trim_end()) != Some(false))
        .collect::<String>()
        .into()
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

/// Whether an address on the web stands in a text.
fn has_address(text: &str) -> bool {
    text.contains("://") || text.contains("www.")
}

/// Sentences of a paragraph.
fn split(paragraph: &str) -> impl Iterator<Item = &str> {
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

/// The words of a text, and how many of its words have the shape of code.
fn weigh(text: &str) -> (f32, usize) {
    let foreign = text
        .chars()
        .filter(|c| c.is_alphabetic())
        .any(|c| !c.is_ascii() && (has_no_spaces(c) || ('\u{400}'..='\u{52f}').contains(&c)));
    let mut words = 0.0;
    let mut shapes = 0_usize;
    for token in text.split_whitespace() {
        if let Some(payload) = address(token) {
            if payload {
                shapes = shapes.saturating_add(2);
                words += 1.0;
            }
            continue;
        }
        words += token_words(token);
        shapes = shapes.saturating_add(usize::from(is_code_shaped(token)));
        // A Latin word in a text of another script is a name or a term.
        if foreign && token.bytes().filter(u8::is_ascii_alphabetic).count() >= 2 {
            shapes = shapes.saturating_add(1);
        }
    }
    (words, shapes)
}

fn token_words(token: &str) -> f32 {
    if token.is_ascii() {
        return if token.bytes().any(|byte| byte.is_ascii_alphanumeric()) { 1.0 } else { 0.0 };
    }
    let dense: f32 = token
        .chars()
        .map(|c| match c {
            '\u{3040}'..='\u{30ff}' | '\u{ff66}'..='\u{ff9f}' => 0.35,
            '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => 0.22,
            '\u{ac00}'..='\u{d7af}' => 0.45,
            c if has_no_spaces(c) => 0.6,
            _ => 0.0,
        })
        .sum();
    let spaced = token.unicode_words().filter(|word| !word.chars().any(has_no_spaces)).count();
    dense + f32::from(u16::try_from(spaced).unwrap_or(u16::MAX))
}

/// Whether a word is an address on the web or of a person, and if so whether it carries a payload.
fn address(token: &str) -> Option<bool> {
    // Every address has one of these; most words have none, and are not searched further.
    if !token.bytes().any(|byte| matches!(byte, b':' | b'.' | b'@')) {
        return None;
    }
    let at = ["https://", "http://", "ftp://", "www.", "mailto:"]
        .iter()
        .filter_map(|scheme| token.find(scheme))
        .min();
    let Some(at) = at else {
        let inner = token.trim_matches(|c: char| !c.is_alphanumeric());
        let is_mail = inner.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && domain.contains('.') && !inner.contains(['/', '=', '('])
        });
        return is_mail.then_some(false);
    };
    let target = token.get(at..).unwrap_or_default().to_ascii_lowercase();
    let attack = [
        "<script",
        "%3c",
        "../",
        "%2e%2e",
        "%00",
        "{{",
        "${",
        "%27",
        "'--",
        "alert(",
        "__proto__",
        "//evil",
        "payload=",
        "union+select",
        "javascript:",
        "url=http",
        "redirect=http",
        "next=http",
        "%0d%0a",
    ];
    Some(attack.iter().any(|mark| target.contains(mark)))
}

/// Identifiers, versions, paths, calls, numbers with a prefix, advisories.
fn is_code_shaped(token: &str) -> bool {
    let token = token.trim_matches(|c: char| {
        matches!(c, ',' | '.' | ';' | ':' | '"' | '\'' | '!' | '?' | '，' | '。' | '*')
    });
    let inner = token.trim_matches(['(', ')', '[', ']', '`', '“', '”']);
    if inner.len() < 2 || inner.len() > 400 {
        return false;
    }
    let lower = inner.get(..inner.len().min(5)).unwrap_or_default().to_ascii_lowercase();
    let advisory =
        ["cve-2", "cve-1", "cwe-", "ghsa-", "cvss:", "rfc"].iter().any(|p| lower.starts_with(p));
    let bytes = inner.as_bytes();
    let has = |byte: u8| bytes.contains(&byte);
    let letters = bytes.iter().any(u8::is_ascii_alphabetic);
    let digits = bytes.iter().any(u8::is_ascii_digit);
    let dots = bytes.iter().filter(|&&byte| byte == b'.').count();
    let version = digits
        && dots >= 1
        && bytes.iter().filter(|b| b.is_ascii_digit()).count() >= 2
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+' | b'_'))
        && bytes.split(|&b| b == b'.').all(|part| !part.is_empty() && part.len() <= 12);
    let symbols = has(b'_') && letters && !inner.starts_with("__") | (inner.len() > 6)
        || inner.contains("::")
        || inner.contains("()")
        || inner.contains("->")
        || inner.contains("=>")
        || has(b'=') && letters
        || has(b'{')
        || has(b'}')
        || has(b'<') && has(b'>') && !has(b'@')
        || has(b'$') && letters
        || has(b'\\')
        || inner.starts_with("0x")
        || inner.starts_with('/') && letters && inner.len() > 3
        || inner.contains("../");
    let camel = bytes
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()))
        .count()
        >= 1
        && !token.contains('@')
        && inner.len() > 4;
    let quoted = token.starts_with('`') && token.ends_with('`') && token.len() > 2;
    advisory || version || symbols || camel || quoted
}

/// Whether a line is code, a trace, a request or a command rather than a sentence.
pub fn is_code(line: &str) -> bool {
    let trimmed = line.trim();
    if trimmed.contains("://") && !trimmed.contains(' ') {
        return false;
    }
    let starts = [
        "GET /",
        "POST /",
        "PUT /",
        "DELETE /",
        "HEAD /",
        "OPTIONS /",
        "PATCH /",
        "HTTP/1",
        "HTTP/2",
        "Host: ",
        "Content-Type: ",
        "Content-Length: ",
        "User-Agent: ",
        "Cookie: ",
        "Accept: ",
        "Connection: ",
        "Transfer-Encoding: ",
        "$ ",
        "# curl",
        "curl ",
        "npm ",
        "node ",
        "python",
        "import ",
        "from flask",
        "const ",
        "let ",
        "var ",
        "function ",
        "require(",
        "def ",
        "class ",
        "fn ",
        "use ",
        "#include",
        "#0",
        "#1",
        "#2",
        "at /",
        "Traceback (",
        "File \"",
        "==",
        "diff --git",
        "+++ ",
        "--- a/",
        "@@ ",
        "SELECT ",
        "docker ",
        "gcc ",
        "make ",
        "cargo ",
        "pip ",
        "git clone",
        "<?xml",
        "<?php",
        "<!DOCTYPE",
        "<script",
        ">>> ",
    ];
    if trimmed.len() > 3 && starts.iter().any(|start| trimmed.starts_with(start)) {
        let symbols = trimmed.bytes().filter(|byte| b"/=:(){}[];<>$\"'#@".contains(byte)).count();
        return symbols >= 1;
    }
    // A label and an address are none.
    if has_address(trimmed) && trimmed.split_whitespace().count() <= 4 {
        return false;
    }
    let indented = line.starts_with("    ") || line.starts_with('\t');
    let symbols = trimmed.bytes().filter(|byte| b"=(){}[];<>$|&\\_".contains(byte)).count();
    let long = trimmed.len() >= 8;
    let stack = trimmed.starts_with("at ") && trimmed.contains('(') && trimmed.contains(':');
    stack
        || (indented && long && symbols >= 2)
        || (trimmed.ends_with([';', '{', '}']) && symbols >= 2)
        || (symbols.saturating_mul(5) >= trimmed.len()
            && long
            && trimmed.bytes().any(|b| b.is_ascii_alphabetic()))
}

fn shorten(sentence: &str) -> String {
    let clean = crate::domain::address::displayable(sentence);
    let mut chars = clean.chars();
    let short: String = chars.by_ref().take(120).collect();
    if chars.next().is_some() { short + "…" } else { short }
}
