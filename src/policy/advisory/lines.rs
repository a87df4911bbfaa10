//! The lines of releases of a case against the versions that are affected: what each fix ends, and
//! what contradicts what.
//!
//! Promises: a fix ends the affected versions of its own line and no others; what the maintainers
//! stated is never widened; where two statements do not fit together, that is a [`Conflict`].

use nodejs_semver::Version;

use super::ecosystem::Numbering;
use super::range::{self, Versions};
use super::span::{End, Span, common, fixed_from};
use crate::domain::line::{Line, Repair};

/// The affected versions of a package once its lines are taken into account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The affected versions.
    pub versions: Versions,
    /// Of each line, by its name, the affected versions in words; `None` where that cannot be told.
    pub of_line: Vec<(String, Option<String>)>,
    /// What does not fit together.
    pub conflicts: Vec<Conflict>,
}

/// Two statements that do not fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conflict {
    /// Where the line's own versions begin and end is not known, and its fix lies within a range.
    UnknownLine {
        /// The line.
        line: String,
    },
    /// No affected version is in the line.
    Unaffected {
        /// The line.
        line: String,
    },
    /// The range of affected versions ends before the fix.
    EndsBefore {
        /// The line.
        line: String,
        /// Where it ends.
        end: String,
        /// The fix.
        fix: String,
    },
    /// The line is said to be free of the problem, and affected versions are in it.
    Affected {
        /// The line.
        line: String,
        /// Which.
        versions: String,
    },
    /// The version with the fix is no version here.
    NotAVersion {
        /// The line.
        line: String,
        /// What should be one.
        version: String,
    },
}

/// Takes the fixes of a package's lines into account.
pub fn settle(numbering: Numbering, stated: Versions, lines: &[Line]) -> Settled {
    match stated {
        Versions::Ordered(spans) => settle_ordered(numbering, spans, lines),
        Versions::Stated(spans) => settle_stated(spans, lines),
    }
}

fn settle_ordered(numbering: Numbering, stated: Vec<Span<Version>>, lines: &[Line]) -> Settled {
    let mut spans = stated;
    let mut conflicts = Vec::new();
    for line in lines {
        let Some(version) = line.version() else { continue };
        let name = line.name.clone();
        let Ok(fix) = Version::parse(version) else {
            conflicts.push(Conflict::NotAVersion { line: name, version: version.to_owned() });
            continue;
        };
        match span_of(numbering, &line.name).filter(|own| own.iter().any(|own| own.holds(&fix))) {
            Some(own) => match ends_before(&spans, &own, &fix) {
                Ok(()) => spans = fixed_from(&released_in(spans, &own, &fix), &own, &fix),
                Err(None) => conflicts.push(Conflict::Unaffected { line: name }),
                Err(Some(end)) => conflicts.push(Conflict::EndsBefore {
                    line: name,
                    end: end.to_string(),
                    fix: fix.to_string(),
                }),
            },
            None if spans.iter().any(|span| span.holds(&fix)) => {
                conflicts.push(Conflict::UnknownLine { line: name });
            }
            None => {}
        }
    }
    let mut of_line = Vec::new();
    for line in lines {
        let own = span_of(numbering, &line.name).map(|own| common(&spans, &own));
        if let (Repair::NotAffected, Some(some @ [_, ..])) = (&line.repair, own.as_deref()) {
            let versions = in_words(some);
            conflicts.push(Conflict::Affected { line: line.name.clone(), versions });
        }
        let words = own.filter(|own| !own.is_empty()).map(|own| in_words(&own));
        of_line.push((line.name.clone(), words));
    }
    Settled { versions: Versions::Ordered(spans), of_line, conflicts }
}

/// Without an order a fix can only be found where a range ends with it.
fn settle_stated(spans: Vec<Span<String>>, lines: &[Line]) -> Settled {
    let mut conflicts = Vec::new();
    let mut of_line = Vec::new();
    for line in lines {
        let ending = line.version().and_then(|version| {
            spans.iter().find(|span| span.to == End::Before(version.to_owned()))
        });
        if line.version().is_some() && ending.is_none() {
            conflicts.push(Conflict::UnknownLine { line: line.name.clone() });
        }
        of_line.push((line.name.clone(), ending.map(Span::to_string)));
    }
    Settled { versions: Versions::Stated(spans), of_line, conflicts }
}

/// The versions that a line's name stands for, where it stands for some: `5.x`, `4.17`, `>=2 <3`.
fn span_of(numbering: Numbering, line: &str) -> Option<Vec<Span<Version>>> {
    match numbering {
        Numbering::Npm => range::ordered(numbering, line).ok(),
        // The names of lines are written `5.x` everywhere.
        Numbering::Semantic => {
            range::ordered(numbering, line).or_else(|_| range::ordered(Numbering::Npm, line)).ok()
        }
        Numbering::Stated => None,
    }
}

/// Whether affected versions of a line reach up to its fix.
///
/// # Errors
/// `None` where none is in the line; else the version before which the last of them end.
fn ends_before<'a>(
    spans: &'a [Span<Version>],
    own: &'a [Span<Version>],
    fix: &Version,
) -> Result<(), Option<Version>> {
    let affected = common(spans, own);
    match affected.last() {
        None => Err(None),
        Some(Span { to: End::Before(end), .. }) if end < fix => Err(Some(end.clone())),
        Some(_) if affected.first().is_some_and(|span| span.from.as_ref() >= Some(fix)) => {
            Err(None)
        }
        Some(_) => Ok(()),
    }
}

/// Where the last affected version of a line is stated, its fix says what comes after it: no release
/// lies between the two.
fn released_in(
    mut spans: Vec<Span<Version>>,
    own: &[Span<Version>],
    fix: &Version,
) -> Vec<Span<Version>> {
    let last = spans.iter_mut().rfind(|span| match &span.to {
        End::With(end) => end < fix && own.iter().any(|own| own.holds(end)),
        End::Before(_) | End::Open => false,
    });
    if let Some(span) = last {
        span.to = End::Before(fix.clone());
    }
    spans
}

fn in_words(spans: &[Span<Version>]) -> String {
    let words: Vec<String> =
        spans.iter().map(|s| s.clone().map(|version| version.to_string()).to_string()).collect();
    words.join(" || ")
}
