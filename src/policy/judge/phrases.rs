//! The phrases of all languages, from one data file a language in `phrases/`.
//!
//! All phrases are looked for in one pass over a text. Promises: matching is linear in the text; a
//! phrase counts at the start of a word only, and a short Latin one as a whole word only.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::policy::finder::{Finder, Hit};

/// What a phrase is a sign of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Sign {
    /// The content is in a file.
    AttachmentPointer = 1,
    /// The content is behind a link.
    LinkPointer = 1 << 1,
    /// A link is spoken of, or what people put behind one.
    LinkWord = 1 << 14,
    /// The sender presents himself, asks for money, or is polite.
    Courtesy = 1 << 2,
    /// "… wrote:".
    Attribution = 1 << 3,
    /// A line above a quoted mail.
    OriginalSeparator = 1 << 4,
    /// A line above a forwarded mail.
    ForwardSeparator = 1 << 5,
    /// What a mail program or a virus scanner adds.
    ClientFooter = 1 << 6,
    /// What a company adds.
    Disclaimer = 1 << 7,
    /// What a list or a gateway adds.
    ListFooter = 1 << 8,
    /// A vacation notice's subject.
    Vacation = 1 << 9,
    /// A program that asks not to be answered.
    Automatic = 1 << 10,
    /// A mail could not be delivered.
    Bounce = 1 << 11,
    /// A mail is late.
    Delay = 1 << 12,
    /// The writer says that he is away.
    Away = 1 << 13,
    /// A service asks for a proof, or hands one out: a code, an invitation, a new password.
    Verification = 1 << 15,
    /// What such a mail says to whoever did not ask for it.
    Disregard = 1 << 16,
}

/// A set of signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signs(u32);

impl Signs {
    /// Whether a sign is in the set.
    pub fn has(self, sign: Sign) -> bool {
        self.0 & sign as u32 != 0
    }

    fn add(&mut self, sign: Sign) {
        self.0 |= sign as u32;
    }
}

/// What was found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Said {
    /// The signs in it.
    pub signs: Signs,
    /// How many technical words stand in it: of those that overlap the first, and of those that begin
    /// at one place the longest.
    pub technical: usize,
}

/// One language's file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Language {
    #[serde(rename = "language")]
    _language: String,
    greetings: Vec<String>,
    closings: Vec<String>,
    attachment_pointers: Vec<String>,
    link_pointers: Vec<String>,
    link_words: Vec<String>,
    courtesy: Vec<String>,
    attributions: Vec<String>,
    header_labels: Vec<String>,
    from_labels: Vec<String>,
    original_separators: Vec<String>,
    forward_separators: Vec<String>,
    forward_prefixes: Vec<String>,
    reply_prefixes: Vec<String>,
    client_footers: Vec<String>,
    disclaimers: Vec<String>,
    list_footers: Vec<String>,
    vacation: Vec<String>,
    automatic: Vec<String>,
    away: Vec<String>,
    bounces: Vec<String>,
    delays: Vec<String>,
    verifications: Vec<String>,
    disregards: Vec<String>,
    technical: Vec<String>,
}

const FILES: [&str; 10] = [
    include_str!("phrases/en.toml"),
    include_str!("phrases/zh.toml"),
    include_str!("phrases/ja.toml"),
    include_str!("phrases/ru.toml"),
    include_str!("phrases/de.toml"),
    include_str!("phrases/fr.toml"),
    include_str!("phrases/es.toml"),
    include_str!("phrases/pt.toml"),
    include_str!("phrases/it.toml"),
    include_str!("phrases/ko.toml"),
];

/// The phrases of all languages.
#[derive(Debug, Default)]
pub struct Phrases {
    finder: Finder,
    /// What each phrase of the finder is.
    meanings: Vec<Meaning>,
    greetings: Vec<String>,
    closings: Vec<String>,
    header_labels: Vec<String>,
    from_labels: Vec<String>,
    client_footers: Vec<String>,
    forward_prefixes: Vec<String>,
    reply_prefixes: Vec<String>,
}

static ALL: LazyLock<Phrases> = LazyLock::new(Phrases::load);

impl Phrases {
    /// The phrases built into the program. They are data and never change.
    pub fn all() -> &'static Self {
        &ALL
    }

    fn load() -> Self {
        let mut phrases = Vec::new();
        let mut all = Self::default();
        // A file that cannot be read is caught by a test, not here.
        for file in FILES.iter().filter_map(|file| toml::from_str::<Language>(file).ok()) {
            let mut add = |more: Vec<String>, sign: Sign| {
                all.meanings
                    .extend(more.iter().map(|phrase| Meaning::of(phrase, What::Sign(sign))));
                phrases.extend(more);
            };
            add(file.attachment_pointers, Sign::AttachmentPointer);
            add(file.link_pointers, Sign::LinkPointer);
            add(file.link_words, Sign::LinkWord);
            add(file.courtesy, Sign::Courtesy);
            add(file.attributions, Sign::Attribution);
            add(file.original_separators, Sign::OriginalSeparator);
            add(file.forward_separators, Sign::ForwardSeparator);
            add(file.client_footers.clone(), Sign::ClientFooter);
            add(file.disclaimers, Sign::Disclaimer);
            add(file.list_footers, Sign::ListFooter);
            add(file.vacation, Sign::Vacation);
            add(file.automatic, Sign::Automatic);
            add(file.away, Sign::Away);
            add(file.bounces, Sign::Bounce);
            add(file.delays, Sign::Delay);
            add(file.verifications, Sign::Verification);
            add(file.disregards, Sign::Disregard);
            let meant = |phrase: &String| Meaning::of(phrase, What::Technical);
            all.meanings.extend(file.technical.iter().map(meant));
            phrases.extend(file.technical);
            all.greetings.extend(file.greetings);
            all.closings.extend(file.closings);
            all.header_labels.extend(file.header_labels);
            all.client_footers.extend(file.client_footers);
            all.from_labels.extend(file.from_labels);
            all.forward_prefixes.extend(file.forward_prefixes);
            all.reply_prefixes.extend(file.reply_prefixes);
        }
        all.finder = Finder::new(&phrases);
        all
    }

    /// The signs and technical words in a text, which must be in lower case.
    pub fn said(&self, lower: &str) -> Said {
        let mut said = Said::default();
        let mut technical: Option<Hit> = None;
        let mut count = |hit: Option<Hit>| {
            if hit.is_some_and(|hit| self.stands_alone(lower, hit)) {
                said.technical = said.technical.saturating_add(1);
            }
        };
        let mut signs = Signs::default();
        self.finder.each(lower, is_letter, |hit| match self.meaning(hit) {
            Some(Meaning { what: What::Sign(sign), .. }) if self.stands_alone(lower, hit) => {
                signs.add(sign);
            }
            Some(Meaning { what: What::Technical, .. }) => match technical {
                Some(before) if hit.start == before.start => technical = Some(hit),
                Some(before) if hit.start < before.end => {}
                before => {
                    count(before);
                    technical = Some(hit);
                }
            },
            _ => {}
        });
        count(technical);
        said.signs = signs;
        said
    }

    /// The signs in a text, which must be in lower case.
    pub fn signs(&self, lower: &str) -> Signs {
        self.said(lower).signs
    }

    /// How many technical words stand in a text, which must be in lower case.
    pub fn technical(&self, lower: &str) -> usize {
        self.said(lower).technical
    }

    fn meaning(&self, hit: Hit) -> Option<Meaning> {
        self.meanings.get(hit.phrase).copied()
    }

    /// Whether a phrase that must be a word of its own is one where it was found.
    fn stands_alone(&self, lower: &str, hit: Hit) -> bool {
        let after = || lower.get(hit.end..).and_then(|after| after.chars().next());
        let short = self.meaning(hit).is_some_and(|meaning| meaning.short);
        !(short && after().is_some_and(is_letter))
    }

    /// Whether a lower-case line begins with a greeting.
    pub fn greets(&self, lower: &str) -> bool {
        begins_with_word(&self.greetings, lower)
    }

    /// Whether a lower-case line begins with the end of a letter.
    pub fn closes(&self, lower: &str) -> bool {
        begins_with_word(&self.closings, lower)
    }

    /// Whether a lower-case line begins with a label such as `Sent:`.
    pub fn labels(&self, lower: &str) -> bool {
        begins_with_one(&self.header_labels, lower)
    }

    /// Whether a lower-case line begins with a label such as `From:`.
    pub fn labels_sender(&self, lower: &str) -> bool {
        begins_with_one(&self.from_labels, lower)
    }

    /// Whether a lower-case line is what a mail program adds: it begins so, or it is short and in a
    /// language that puts the device before the verb.
    pub fn is_client_footer(&self, lower: &str) -> bool {
        let line = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
        let length = line.chars().count();
        self.client_footers.iter().any(|phrase| {
            length < 100 && line.starts_with(phrase.as_str())
                || length < 40 && !phrase.is_ascii() && line.contains(phrase.as_str())
        })
    }

    /// Whether a lower-case subject says that a mail is passed on.
    pub fn forwards(&self, lower: &str) -> bool {
        self.forward_prefixes.iter().any(|prefix| lower.starts_with(prefix.as_str()))
    }

    /// Whether a lower-case subject says that a mail is an answer.
    pub fn answers(&self, lower: &str) -> bool {
        self.reply_prefixes.iter().any(|prefix| lower.starts_with(prefix.as_str()))
    }
}

fn begins_with_one(phrases: &[String], text: &str) -> bool {
    let first = text.as_bytes().first();
    phrases.iter().any(|p| p.as_bytes().first() == first && text.starts_with(p.as_str()))
}

fn begins_with_word(phrases: &[String], text: &str) -> bool {
    let first = text.as_bytes().first();
    let mut near = phrases.iter().filter(|phrase| phrase.as_bytes().first() == first);
    near.any(|phrase| {
        text.strip_prefix(phrase.as_str()).is_some_and(|rest| {
            // Scripts without spaces have no end of a word to look for.
            !phrase.is_ascii() || !rest.starts_with(char::is_alphanumeric)
        })
    })
}

/// What a phrase stands for.
#[derive(Debug, Clone, Copy)]
struct Meaning {
    what: What,
    /// Whether it is too short to count as the beginning of a longer word.
    short: bool,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Sign(Sign),
    Technical,
}

impl Meaning {
    fn of(phrase: &str, what: What) -> Self {
        Self { what, short: phrase.len() <= 4 && phrase.is_ascii() }
    }
}

/// Whether a character makes up words that have spaces between them.
fn is_letter(c: char) -> bool {
    match c.is_ascii() {
        true => c.is_ascii_alphanumeric(),
        false => c.is_alphanumeric() && !has_no_spaces(c),
    }
}

/// Characters of scripts that write no space between words.
pub fn has_no_spaces(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_file_can_be_read_and_its_phrases_are_in_lower_case() {
        for file in FILES {
            let language: Language = toml::from_str(file).unwrap();
            for phrases in [
                &language.greetings,
                &language.closings,
                &language.attachment_pointers,
                &language.link_pointers,
                &language.link_words,
                &language.courtesy,
                &language.attributions,
                &language.header_labels,
                &language.bounces,
                &language.delays,
                &language.vacation,
                &language.away,
                &language.verifications,
                &language.disregards,
                &language.technical,
            ] {
                assert!(!phrases.is_empty(), "{}", language._language);
                for phrase in phrases {
                    assert_eq!(phrase.trim(), phrase.to_lowercase(), "{}", language._language);
                    assert!(!phrase.is_empty());
                }
            }
        }
    }

    #[test]
    fn a_phrase_counts_at_the_start_of_a_word() {
        let phrases = Phrases::all();
        assert!(phrases.signs("see the attached file").has(Sign::AttachmentPointer));
        assert!(!phrases.signs("unattached").has(Sign::AttachmentPointer));
        assert!(phrases.signs("内容在附件里").has(Sign::AttachmentPointer));
        assert_eq!(phrases.technical("an api key"), 2);
        assert_eq!(phrases.technical("apidae"), 0);
        assert_eq!(phrases.technical("a format string"), 1, "the longest one at its place");
    }
}
