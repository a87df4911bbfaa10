//! The lines under a writer's name that say who he is: trade, company, street, telephone, profiles.

use super::code::is_code;
use super::phrases::Phrases;
use super::targets;

/// Lines that a signature has at most; a company's may be long.
const LINES: usize = 12;
/// Of these, lines that nothing but their place and shortness makes a part of it.
const BARE_LINES: usize = 4;

/// How many of the lines under a name or a closing belong to the signature.
pub fn length(lines: &[&str]) -> usize {
    let (mut length, mut bare, mut blank) = (0_usize, 0_usize, false);
    for (nth, line) in lines.iter().enumerate().take(LINES) {
        let line = line.trim();
        if line.is_empty() {
            blank = true;
            continue;
        }
        if !is_contact(line) {
            // A name stands apart from its trade by no more than a line's end.
            if blank && length > 0 || bare == BARE_LINES || !is_bare(line) {
                break;
            }
            bare = bare.saturating_add(1);
        }
        length = nth.saturating_add(1);
    }
    length
}

/// Whether one of the lines says how to reach or find somebody.
pub fn tells_how_to_reach(lines: &[&str]) -> bool {
    lines.iter().any(|line| is_contact(line.trim()))
}

/// A short line without a verb's punctuation or a technical word: a name, a trade, a town.
fn is_bare(line: &str) -> bool {
    line.chars().count() < 60
        && line.split_whitespace().count() <= 8
        && !line.contains("://")
        && !line.ends_with([':', ';', '{', '}', '?', '!', '。', '！', '？'])
        && !line.starts_with(|c: char| c.is_ascii_digit())
        && Phrases::all().technical(&line.to_lowercase()) <= 1
        && !is_code(line)
}

/// A line that says how to reach or find somebody.
fn is_contact(line: &str) -> bool {
    if line.chars().count() > 100 || line.split_whitespace().count() > 12 || is_code(line) {
        return false;
    }
    let lower = line.to_lowercase();
    if Phrases::all().technical(&lower.replace("http", "")) > 2 {
        return false;
    }
    let parted = [" | ", " · ", " • ", " / "].iter().any(|mark| line.contains(mark));
    let digits = line.bytes().filter(u8::is_ascii_digit).count();
    let telephone = digits >= 6
        && line.bytes().filter(|byte| !b" +-()/.".contains(byte)).count()
            < digits.saturating_add(12);
    let address = line.split_whitespace().any(|word| {
        word.strip_prefix('@').is_some_and(|handle| handle.len() >= 3)
            || word.split_once('@').is_some_and(|(_, domain)| domain.contains('.'))
    });
    let mut links =
        line.split_whitespace().filter(|word| word.contains("://") || word.starts_with("www."));
    let profile = links.clone().next().is_some() && links.all(targets::is_profile);
    let elsewhere = line.contains("://") && !profile;
    !elsewhere && (parted || telephone || address || profile)
}
