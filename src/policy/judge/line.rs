//! A line of a mail's text, with what is seen of it at once.

use super::phrases::{Phrases, Sign, Signs};

/// The longest line in which signs are looked for at once: no footer is longer.
pub const LONGEST_LOOKED_AT: usize = 1500;

/// A line with what is known of it.
#[derive(Debug)]
pub struct Line<'a> {
    /// As it stands in the mail.
    pub text: &'a str,
    /// The same in lower case, trimmed; empty where the line is too long to be looked at.
    pub lower: String,
    /// The signs in it.
    pub signs: Signs,
    /// Whether it is quoted from another mail.
    pub quoted: bool,
    footer: bool,
}

impl<'a> Line<'a> {
    /// Looks at a line.
    pub fn of(text: &'a str, phrases: &Phrases) -> Self {
        let quoted = text.trim_start().starts_with('>') && !text.trim_start().starts_with(">>>");
        let nested =
            text.starts_with(">>>") && text.chars().take(8).filter(|&c| c == '>').count() > 3;
        let quoted = quoted || nested || text.starts_with(">>> On ") || text.starts_with("> >");
        let looked_at = text.len() <= LONGEST_LOOKED_AT;
        let lower = if looked_at { text.trim().to_lowercase() } else { String::new() };
        let signs = phrases.signs(&lower);
        let footer = footer(&lower, signs);
        Self { text, lower, signs, quoted, footer }
    }

    /// Whether nothing stands in the line.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Whether a program or a company added it.
    pub fn is_footer(&self) -> bool {
        self.footer
    }

    /// Whether no signature goes beyond it.
    pub fn ends_signature(&self) -> bool {
        self.quoted
            || self.signs.has(Sign::OriginalSeparator)
            || self.signs.has(Sign::ForwardSeparator)
            || self.signs.has(Sign::Attribution) && self.text.trim_end().ends_with(':')
    }

    /// The line in lower case.
    pub fn lower(&self) -> &str {
        &self.lower
    }
}

/// What a program or a company adds. Such words may stand in a report too, so that they count only
/// where the line says little else that is technical.
fn footer(lower: &str, signs: Signs) -> bool {
    if signs == Signs::default() {
        return false;
    }
    let technical = || Phrases::all().technical(lower);
    let client = signs.has(Sign::ClientFooter) && Phrases::all().is_client_footer(lower);
    (client && technical() < 2)
        || (signs.has(Sign::ListFooter) && technical() < 3)
        || (signs.has(Sign::Disclaimer) && technical() < 5)
}
