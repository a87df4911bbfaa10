//! Whether a report is about the project at all.
//!
//! A package that is not ours is suggested only where the report is *about* it: labelled, told of
//! in a sentence, or named in the subject, while nothing of ours is. What a proof of concept
//! requires beside ours says nothing.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::packages::{Manner, Mention, mentions};
use super::report::{Report, Setting};
use crate::domain::suggestion::{Excerpt, Suggestion, SuggestionKind};
use crate::policy::scope::Scope;

/// Words that are also packages' names: bare, in a sentence, they name no package.
static EVERYDAY: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("everyday.txt").split_whitespace().collect());

impl Scope {
    /// The scope, ready to be asked about many words.
    pub fn ours(&self) -> Ours {
        let lower = || self.packages.iter().map(|name| name.to_lowercase());
        Ours {
            names: lower().filter(|name| !name.ends_with('*')).collect(),
            stems: lower().filter_map(|name| name.strip_suffix('*').map(str::to_owned)).collect(),
        }
    }
}

/// The packages of a scope.
#[derive(Debug, Clone)]
pub struct Ours {
    names: HashSet<String>,
    stems: Vec<String>,
}

impl Ours {
    /// Whether a package (in lower case) is the project's.
    pub fn has(&self, name: &str) -> bool {
        let name = name.strip_suffix(".js").unwrap_or(name);
        self.names.contains(name) || self.stems.iter().any(|stem| name.starts_with(stem))
    }

    /// Whether a sentence (in lower case) names a part of the project: one of its packages other
    /// than by greeting the team or telling what the application is built on.
    pub fn part_named_in(&self, lower: &str) -> bool {
        self.named_in(lower, |_, next| !is_use(next))
    }

    /// The suggestion that a report is about somebody else's package.
    pub fn suggestion(&self, report: &Report<'_>) -> Option<Suggestion> {
        if self.names.is_empty() && self.stems.is_empty() {
            return None;
        }
        let mentions = mentions(report);
        if self.ours_is_the_subject(report, &mentions) {
            return None;
        }
        let (name, line) = self.foreign_subject(report, &mentions)?;
        let cited = sentence_at(report, line, &name);
        let gist = "seems to be about a package outside the scope".to_owned();
        Some(Suggestion {
            kind: SuggestionKind::ThirdParty,
            why: format!("about `{name}`, which is not in the scope: {}", cited.cite()),
            id: Some(name),
            gist,
        })
    }

    /// Whether a report is about a package of these, and not only uses one.
    pub fn is_about(&self, report: &Report<'_>) -> bool {
        self.ours_is_the_subject(report, &mentions(report))
    }

    fn ours_is_the_subject(&self, report: &Report<'_>, mentions: &[Mention]) -> bool {
        let told = mentions.iter().any(|m| {
            self.has(&m.name)
                && match m.manner {
                    Manner::Labelled | Manner::Purl | Manner::Told | Manner::Spec => true,
                    Manner::Address | Manner::Installed | Manner::Imported | Manner::Locked => {
                        false
                    }
                }
        });
        told || self.subject_of_sentence(&report.subject.to_lowercase())
            || report
                .sentences
                .iter()
                .skip(1)
                .filter(|s| s.setting == Setting::Prose)
                .any(|s| self.subject_of_sentence(&s.lower))
    }

    /// Whether a sentence says something about a package of ours, and not only that it is used.
    fn subject_of_sentence(&self, lower: &str) -> bool {
        self.named_in(lower, |before, next| !is_use(next) && !is_using(before))
    }

    /// Whether a package of ours is named between two words that `fits` likes.
    fn named_in(&self, lower: &str, fits: impl Fn(&str, &str) -> bool) -> bool {
        if self.names.is_empty() && self.stems.is_empty() {
            return false;
        }
        let mut before = "";
        let mut words = lower.split_whitespace().peekable();
        while let Some(written) = words.next() {
            let word = bare(written);
            let part = word.split(['(', '.', '#']).next().unwrap_or(word);
            let next = words.peek().map_or("", |next| bare(next));
            let marked = written.starts_with(['`', '\'', '"'])
                || word.len() > part.len()
                || next.starts_with(|c: char| c.is_ascii_digit())
                || is_noun(next);
            let ours = self.has(word) || self.has(part);
            if ours && (marked || !EVERYDAY.contains(part)) && fits(before, next) {
                return true;
            }
            before = word;
        }
        false
    }

    fn foreign_subject(&self, report: &Report<'_>, mentions: &[Mention]) -> Option<(String, u32)> {
        let foreign = || {
            mentions.iter().filter(|m| !self.has(&m.name) && !EVERYDAY.contains(m.name.as_str()))
        };
        let known =
            |name: &str| foreign().any(|m| m.name == name && !matches!(m.manner, Manner::Told));
        let strong = foreign().find(|m| match m.manner {
            Manner::Labelled => m.name.contains('-') || known_elsewhere(&m.name, mentions, m.line),
            Manner::Purl => true,
            Manner::Spec => true,
            // Called a package, with a version, in one sentence.
            Manner::Told => {
                known(&m.name)
                    || told_twice(&m.name, m.line, mentions)
                    || (m.line == 0 && closes(report.subject, &m.name))
            }
            Manner::Address | Manner::Installed | Manner::Imported | Manner::Locked => false,
        });
        if let Some(mention) = strong {
            return Some((mention.name.clone(), mention.line));
        }
        let subject = report.subject.to_lowercase();
        let in_subject = foreign().find(|m| subject.split_whitespace().any(|w| bare(w) == m.name));
        if let Some(mention) = in_subject {
            return Some((mention.name.clone(), 0));
        }
        // Where nothing of ours is named in whatever manner, a report is about the only package
        // whose home or place in a lock file it shows.
        let mut shown = foreign().filter(|m| matches!(m.manner, Manner::Address | Manner::Locked));
        let first = shown.next()?;
        let alone = foreign().all(|m| m.name == first.name);
        let ours = mentions.iter().any(|m| self.has(&m.name))
            || report.sentences.iter().any(|s| self.named_in(&s.lower, |_, _| true));
        (alone && !ours).then(|| (first.name.clone(), first.line))
    }
}

/// Whether a labelled name is a package's and not a word: named elsewhere too, in whatever manner.
fn known_elsewhere(name: &str, mentions: &[Mention], line: u32) -> bool {
    mentions.iter().any(|m| m.name == name && (m.line != line || m.manner != Manner::Labelled))
}

/// Whether a line says twice that a word is a package: by a noun and by a version.
fn told_twice(name: &str, line: u32, mentions: &[Mention]) -> bool {
    let told = |m: &&Mention| m.name == name && m.line == line && m.manner == Manner::Told;
    mentions.iter().filter(told).count() >= 2
}

/// Whether a subject ends with a package's name, a version at most after it: "Path traversal in
/// st", but not "XSS in key names".
fn closes(subject: &str, name: &str) -> bool {
    let lower = subject.to_lowercase();
    let mut words = lower.split_whitespace().rev().map(bare);
    let last = words.find(|w| !w.starts_with(|c: char| c.is_ascii_digit()) && !w.is_empty());
    last.is_some_and(|last| last == name && !name.contains('_'))
}

fn sentence_at(report: &Report<'_>, line: u32, name: &str) -> Excerpt {
    let of_line = |s: &&super::report::Sentence| s.line <= line && s.lower.contains(name);
    report
        .sentences
        .iter()
        .rfind(of_line)
        .or_else(|| report.sentences.iter().find(|s| s.lower.contains(name)))
        .map(super::report::Sentence::excerpt)
        .unwrap_or(Excerpt { line, sentence: name.to_owned() })
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric() && c != '@')
}

/// What follows a word and makes it a package's name.
fn is_noun(next: &str) -> bool {
    matches!(next, "package" | "module" | "middleware" | "library" | "dependency" | "npm")
}

/// What follows a package's name when it is only used or greeted: "express app", "express team".
fn is_use(next: &str) -> bool {
    matches!(
        next,
        "app"
            | "apps"
            | "application"
            | "applications"
            | "server"
            | "servers"
            | "team"
            | "project"
            | "security"
            | "maintainers"
            | "site"
            | "sites"
            | "backend"
            | "api"
            | "users"
            | "developers"
            | "community"
            | "folks"
            | "based"
            | "framework"
    )
}

/// What stands before a package's name when it is only used: "with express", "uses express".
fn is_using(before: &str) -> bool {
    matches!(
        before,
        "with"
            | "uses"
            | "using"
            | "use"
            | "on"
            | "dear"
            | "hi"
            | "hello"
            | "by"
            | "for"
            | "and"
            | "an"
            | "under"
            | "like"
            | "as"
            | "your"
            | "team"
            | "from"
            | "require"
            | "import"
            | "via"
            | "into"
    )
}
