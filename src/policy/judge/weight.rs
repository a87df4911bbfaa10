//! What a text weighs: its words, by Unicode segmentation, and how many of them look like code.
//!
//! Relies on unicode-segmentation. Scripts that write no spaces are weighed by the character.

use unicode_segmentation::UnicodeSegmentation;

use super::address::address;
use super::code::is_code_shaped;
use super::phrases::has_no_spaces;

/// The words of a text, and how many of its words have the shape of code.
pub fn weigh(text: &str) -> (f32, usize) {
    let foreign = !text.is_ascii()
        && text
            .chars()
            .filter(|c| !c.is_ascii() && c.is_alphabetic())
            .any(|c| has_no_spaces(c) || ('\u{400}'..='\u{52f}').contains(&c));
    let mut words = 0.0;
    let mut shapes = 0_usize;
    for token in text.split_whitespace() {
        if !foreign && is_plain_word(token) {
            words += 1.0;
            continue;
        }
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

/// Whether a word is no more than small Latin letters, as most are: no address, and no code.
fn is_plain_word(token: &str) -> bool {
    token.bytes().all(|byte| byte.is_ascii_lowercase()) && !token.starts_with("rfc")
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
