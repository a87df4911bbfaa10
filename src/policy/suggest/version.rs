//! Whether a line names the version of what is reported, and not of something beside it.

use std::collections::HashSet;

use super::scope::Ours;

/// What is known of a line before its numbers are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// A word announces a version.
    Announced,
    /// Nothing does.
    Bare,
}

/// Whether a line (in lower case) names a version. `others` are the words before a number that is
/// the version of something else: of the runtime, the system, a protocol.
pub fn names_one(lower: &str, context: Context, ours: &Ours, others: &HashSet<String>) -> bool {
    let mut before = Before::Nothing;
    for raw in lower.split(|c: char| c.is_whitespace() || "(),;|\"'`<>=~^*、。，：（）".contains(c))
    {
        let word = raw.trim_matches(|c: char| !c.is_alphanumeric());
        if word.is_empty() {
            continue;
        }
        if let Some((name, version)) = word.trim_start_matches('@').rsplit_once('@')
            && shape(version).is_some()
            && !name.is_empty()
        {
            return true;
        }
        // "版本4.17.1", "バージョン4.x": no space before the number.
        let number = word.trim_start_matches(|c: char| !c.is_ascii_digit());
        let attached = word.strip_suffix(number).unwrap_or_default();
        let own_word = attached.is_empty() || attached.chars().all(|c| c == 'v' || !c.is_ascii());
        let shape = if own_word { shape(number) } else { None };
        match (shape, before) {
            (None, _) => {}
            (Some(_), Before::Other) => {}
            (Some(_), Before::Ours) => return true,
            (Some(_), _) if context == Context::Announced || attached == "v" => return true,
            (Some(Shape::Full), Before::Name) => return true,
            (Some(_), _) => {}
        }
        before = before.then(word, shape, ours, others);
    }
    false
}

/// The word before a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    /// Some name.
    Name,
    /// A package of ours.
    Ours,
    /// Something that is not what the report is about.
    Other,
}

impl Before {
    fn then(self, word: &str, shape: Option<Shape>, ours: &Ours, others: &HashSet<String>) -> Self {
        let bare = word.split(['/', ':']).next().unwrap_or(word);
        if others.contains(bare) || others.contains(word) {
            Self::Other
        } else if ours.has(word) {
            Self::Ours
        } else if shape.is_some()
            || matches!(word, "version" | "versions" | "v" | "and" | "or" | "to" | "x64")
        {
            // "Node.js version 18.1", "ubuntu 22.04 and 24.04": still the same thing.
            self
        } else {
            Self::Name
        }
    }
}

/// How much a number looks like a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// `4.17`, `4.x`.
    Partial,
    /// `4.17.1`, `5.0.0-beta.1`.
    Full,
}

fn shape(text: &str) -> Option<Shape> {
    let text = text.strip_prefix('v').unwrap_or(text);
    if text.len() > 40 || text.contains(['/', ':']) {
        return None;
    }
    let core = text.split(['-', '+']).next().unwrap_or(text);
    let mut parts = 0_u32;
    for (place, part) in core.split('.').enumerate() {
        let number =
            !part.is_empty() && part.len() <= 5 && part.bytes().all(|b| b.is_ascii_digit());
        let open = place > 0 && matches!(part, "x" | "*");
        if !number && !open {
            return None;
        }
        // 2026.11.23 and 23.11.2026 are dates.
        if part.len() >= 4 && (place == 0 || place == 2) {
            return None;
        }
        parts = parts.saturating_add(1);
    }
    match parts {
        2 => Some(Shape::Partial),
        3 => Some(Shape::Full),
        // Four are an IP address.
        _ => None,
    }
}
