//! What the writer of a mail wrote in this mail: quotations, signatures, footers and legal notices
//! taken away.
//!
//! A forwarded mail is the content of the mail that forwards it and stays. What was taken away is
//! kept aside, because where nothing else is left it may be the report after all.

use super::line::{LONGEST_LOOKED_AT, Line};
use super::phrases::{Phrases, Sign, Signs};
use super::{signature, subject};

/// The lines of a mail by whose they are.
#[derive(Debug, Default)]
pub struct OwnText<'a> {
    /// What the writer wrote.
    pub lines: Vec<&'a str>,
    /// The signs in each of these lines, as far as they were looked for.
    signs: Vec<Signs>,
    /// What stands in quotation marks or under "… wrote:".
    pub quoted: Vec<&'a str>,
    /// What was taken for a program's footer.
    pub footers: Vec<&'a str>,
    /// Whether a signature or footer was taken away.
    pub signed: bool,
    /// Whether any of the writer's lines is not blank.
    wrote: bool,
    /// How many of the writer's lines stand above the first quotation that they answer.
    above: Option<usize>,
}

/// How much a signature may hold (RFC 3676 section 4.3 says four lines; companies do not care).
const SIGNATURE_LINES: usize = 12;
/// A signature names trades and products, but a text that is full of technical words is a report
/// under a line of dashes.
const SIGNATURE_TECHNICAL: usize = 10;
/// How far below its mark a signature may end, blank lines and legal notices included.
const SIGNATURE_REACH: usize = 80;

impl<'a> OwnText<'a> {
    /// Divides the visible text of a mail.
    pub fn of(text: &'a str, mail_subject: &str, author: &str) -> Self {
        let mut own = Self::with_signature(text, mail_subject);
        own.drop_signatures(author, Phrases::all());
        own
    }

    /// The same, where a signature without a mark stays: its lines may be the writer's words.
    fn with_signature(text: &'a str, mail_subject: &str) -> Self {
        let phrases = Phrases::all();
        let forwarded = phrases.forwards(&mail_subject.trim().to_lowercase());
        let lines = without_dashes(text).map(|line| Line::of(line, phrases));
        let lines: Vec<Line<'a>> = lines.collect();
        let mut own = Self::default();
        let mut at = 0_usize;
        while let Some(line) = lines.get(at) {
            at = match own.step(&lines, at, line, forwarded) {
                Step::Next => at.saturating_add(1),
                Step::Skip(count) => at.saturating_add(count.max(1)),
                Step::RestIsQuoted => {
                    own.quoted.extend(lines.iter().skip(at).map(|line| line.text));
                    break;
                }
            };
        }
        own
    }

    /// What the writer said, above the first quotation and below it. Of a signature without a mark
    /// only what plainly is one is taken away, since the rest may be sent to somebody.
    pub fn said(text: &'a str, mail_subject: &str, author: &str) -> (Vec<&'a str>, Vec<&'a str>) {
        let own = Self::with_signature(text, mail_subject);
        let mut above = own.lines;
        let below = own.above.map_or_else(Vec::new, |above_it| above.split_off(above_it));
        let name = author.trim().to_lowercase();
        (without_signature(above, &name), without_signature(below, &name))
    }

    /// Text that is all of one kind.
    pub fn plain(lines: Vec<&'a str>) -> Self {
        Self { lines, ..Self::default() }
    }

    fn step(&mut self, lines: &[Line<'a>], at: usize, line: &Line<'a>, forwarded: bool) -> Step {
        if let Some(skip) = armour(lines, at) {
            return Step::Skip(skip);
        }
        if line.quoted {
            self.quoted.push(line.text);
            if self.wrote {
                self.above.get_or_insert(self.lines.len());
            }
            return Step::Next;
        }
        let wrote = self.wrote;
        if line.signs.has(Sign::ForwardSeparator) && line.text.len() < 120 {
            let end = header_block(lines, next_text(lines, at));
            return Step::Skip(end.map_or(1, |end| end.saturating_sub(at)));
        }
        let separator = line.signs.has(Sign::OriginalSeparator) && line.text.len() < 120
            || is_rule(line.text) && header_block(lines, next_text(lines, at)).is_some();
        let header = header_block(lines, at);
        if separator || header.is_some() {
            if !forwarded && (wrote || subject::is_quoting(lines, at)) {
                return Step::RestIsQuoted;
            }
            let end = header.or_else(|| header_block(lines, next_text(lines, at)));
            return Step::Skip(end.map_or(1, |end| end.saturating_sub(at)));
        }
        if let Some(length) = attribution(lines, at) {
            let next = next_text(lines, at.saturating_add(length).saturating_sub(1));
            if lines.get(next).is_some_and(|line| line.quoted) || !wrote || forwarded {
                return Step::Skip(length);
            }
            return Step::RestIsQuoted;
        }
        if is_signature_mark(line.text) {
            let rest = lines.iter().skip(at.saturating_add(1)).take(SIGNATURE_REACH);
            let body: Vec<&Line<'_>> = rest.take_while(|line| !line.ends_signature()).collect();
            let full = body.iter().filter(|line| !line.is_blank() && !line.is_footer()).count();
            let technical =
                || -> usize { body.iter().map(|line| Phrases::all().technical(&line.lower)).sum() };
            let fits = full <= SIGNATURE_LINES && body.len() < SIGNATURE_REACH;
            // With nothing above the mark, less will do to doubt that it is one.
            let most = if wrote { SIGNATURE_TECHNICAL } else { SIGNATURE_TECHNICAL / 2 };
            if fits && technical() < most {
                self.signed = true;
                return Step::Skip(body.len().saturating_add(1));
            }
        }
        if line.is_footer() {
            self.signed = true;
            // A legal notice goes on to the end of its paragraph.
            let rest = lines.iter().skip(at);
            let paragraph = rest.take_while(|line| !line.is_blank() && !line.quoted).count();
            let legal = line.signs.has(Sign::Disclaimer);
            let count = if legal { paragraph } else { 1 };
            if !legal {
                self.footers.extend(lines.iter().skip(at).take(count).map(|line| line.text));
            }
            return Step::Skip(count);
        }
        self.lines.push(line.text);
        self.signs.push(line.signs);
        self.wrote |= !line.is_blank();
        Step::Next
    }

    /// "Best regards" or the writer's name, with the lines after it that say who he is.
    fn drop_signatures(&mut self, author: &str, phrases: &Phrases) {
        let name = author.trim().to_lowercase();
        let lines = &self.lines;
        let last_closing = lines.iter().rposition(|line| is_closing(line, phrases));
        let mut dropped = vec![false; lines.len()];
        for (at, line) in lines.iter().enumerate() {
            if Some(at) != last_closing && !is_name(line, &name) {
                continue;
            }
            let after = at.saturating_add(1);
            let end =
                after.saturating_add(signature::length(lines.get(after..).unwrap_or_default()));
            dropped.iter_mut().take(end).skip(at).for_each(|drop| *drop = true);
            self.signed |= end > after;
        }
        let mut kept = dropped.iter();
        self.lines.retain(|_| !kept.next().copied().unwrap_or_default());
        let mut kept = dropped.iter();
        self.signs.retain(|_| !kept.next().copied().unwrap_or_default());
    }

    /// The writer's lines, each with the signs in it.
    pub fn signed_lines(&self) -> impl Iterator<Item = (&'a str, Signs)> {
        self.lines.iter().copied().zip(self.signs.iter().copied()).map(|(line, signs)| {
            let looked_at = line.len() <= LONGEST_LOOKED_AT;
            (line, if looked_at { signs } else { Phrases::all().signs(&line.to_lowercase()) })
        })
    }
}

/// Lines without the signature at their end: a closing or the writer's name, and under it nothing but
/// who they are, with a way to reach them.
fn without_signature<'a>(mut lines: Vec<&'a str>, name: &str) -> Vec<&'a str> {
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    let begins = (0..lines.len()).find(|at| {
        let (Some(line), Some(under)) = (lines.get(*at), lines.get(at.saturating_add(1)..)) else {
            return false;
        };
        (is_closing(line, Phrases::all()) || is_name(line, name))
            && signature::length(under) == under.len()
            && signature::tells_how_to_reach(under)
    });
    lines.truncate(begins.unwrap_or(lines.len()));
    lines
}

/// Whether a line is the writer's name, or a part of it, and nothing else.
fn is_name(line: &str, name: &str) -> bool {
    if name.is_empty() || line.len() > 80 {
        return false;
    }
    let line = line.trim().trim_start_matches(['-', '~', '—', ' ']);
    // Nothing has fewer characters in lower case.
    if line.chars().count() > name.chars().count() {
        return false;
    }
    let line = line.to_lowercase();
    !line.is_empty() && (line == name || name.split(' ').any(|part| part == line))
}

/// Whether a short line ends a letter.
fn is_closing(line: &str, phrases: &Phrases) -> bool {
    line.len() < 60
        && line.split_whitespace().count() <= 6
        && phrases.closes(&line.trim().to_lowercase())
}

enum Step {
    Next,
    Skip(usize),
    RestIsQuoted,
}

/// `-- `, and what clients make of it.
fn is_signature_mark(line: &str) -> bool {
    matches!(line, "-- " | "--" | "— " | "--  " | "—") || line.trim_end() == "--\u{a0}"
}

/// A line of underscores or dashes.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 5 && line.chars().all(|c| matches!(c, '_' | '-' | '=' | '*' | '─' | '—'))
}

/// The next line after `at` that is not blank.
fn next_text(lines: &[Line<'_>], at: usize) -> usize {
    let next = at.saturating_add(1);
    lines
        .iter()
        .skip(next)
        .position(|line| !line.is_blank())
        .map_or(lines.len(), |n| n.saturating_add(next))
}

/// Where the header that a mail program writes above a quoted mail ends, if one begins at `at`:
/// a sender's label and two more within the next lines.
fn header_block(lines: &[Line<'_>], at: usize) -> Option<usize> {
    let phrases = Phrases::all();
    let first = lines.get(at)?;
    let from = first.lower.trim_start_matches(['*', ' ']);
    if first.text.len() > 300
        || !(phrases.labels_sender(&first.lower) || phrases.labels_sender(from))
    {
        return None;
    }
    let mut labels = 1_usize;
    let mut end = at.saturating_add(1);
    for (nth, line) in lines.iter().enumerate().skip(end).take(12) {
        if line.is_blank() {
            // Some clients put a blank line between the fields.
            if labels >= 3 {
                break;
            }
            continue;
        }
        if !phrases.labels(line.lower.trim_start_matches(['*', ' '])) {
            if labels >= 3 {
                break;
            }
            // A long list of recipients goes on.
            if nth > end.saturating_add(2) {
                return None;
            }
            continue;
        }
        labels = labels.saturating_add(1);
        end = nth.saturating_add(1);
    }
    // Received and Message-ID stand in headers that a report is about, never in a client's.
    let raw = lines.iter().skip(at).take(14).any(|line| {
        ["received:", "message-id:", "auto-submitted:", "mime-version:", "return-path:", "x-"]
            .iter()
            .any(|name| line.lower.starts_with(name))
    });
    (labels >= 3 && !raw).then_some(end)
}

/// How many lines an attribution takes that begins at `at`.
fn attribution(lines: &[Line<'_>], at: usize) -> Option<usize> {
    let ends = |line: &Line<'_>| line.text.trim_end().ends_with([':', '：']);
    if !lines.iter().skip(at).take(3).any(ends) {
        return None;
    }
    let mut joined = String::new();
    for (nth, line) in lines.iter().skip(at).take(3).enumerate() {
        if line.is_blank() || line.quoted || line.text.len() > 250 {
            return None;
        }
        joined.push(' ');
        joined.push_str(&line.lower);
        if !ends(line) {
            continue;
        }
        let has_date = joined.chars().filter(char::is_ascii_digit).count() >= 3;
        let has_address = joined.contains('@') && joined.contains('<');
        let says = Phrases::all().signs(&joined).has(Sign::Attribution);
        // Some languages need no verb: the date, the address and a colon.
        let found = (says && (has_date || joined.contains('@'))) || (has_date && has_address);
        return (found && !joined.contains("http://") && !joined.contains("https://"))
            .then_some(nth.saturating_add(1));
    }
    None
}

/// The lines of a text. In what is clear-signed those that begin with a dash have another before
/// them (RFC 9580 section 7.2), which is taken away.
fn without_dashes(text: &str) -> impl Iterator<Item = &str> {
    text.lines().scan(false, |is_signed, line| {
        match line.trim_end() {
            "-----BEGIN PGP SIGNED MESSAGE-----" => *is_signed = true,
            "-----BEGIN PGP SIGNATURE-----" => *is_signed = false,
            _ => {}
        }
        Some(
            line.strip_prefix("- ")
                .filter(|rest| *is_signed && rest.starts_with('-'))
                .unwrap_or(line),
        )
    })
}

/// How many lines of PGP armour begin at `at`. Of a clear-signed text only the frame is skipped.
fn armour(lines: &[Line<'_>], at: usize) -> Option<usize> {
    let first = lines.get(at)?.text.trim();
    if !first.starts_with("-----BEGIN PGP ") {
        return None;
    }
    if first.starts_with("-----BEGIN PGP SIGNED MESSAGE") {
        let head = lines.iter().skip(at).take(6).take_while(|line| !line.is_blank()).count();
        return Some(head.max(1));
    }
    let rest = lines.iter().skip(at);
    let length = rest.take_while(|line| !line.text.trim().starts_with("-----END PGP ")).count();
    Some(length.saturating_add(1))
}
