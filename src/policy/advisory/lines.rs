//! The lines of releases of a case against the versions that are affected: what each fix ends, and
//! what contradicts what.
//!
//! Promises: a fix ends the affected versions of its own line and no others, but that of the newest
//! line ends a range that has no end: what comes after the newest line has its fix. What the
//! maintainers stated is never widened; where two statements do not fit together, that is a
//! [`Conflict`].

use nodejs_semver::Version;

use super::ecosystem::Numbering;
use super::range::{self, Versions};
use super::span::{End, Span, by_end, common, shown, without};
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
    let own: Vec<Option<Vec<Span<Version>>>> =
        lines.iter().map(|line| span_of(numbering, &line.name)).collect();
    let mut spans = stated;
    let mut conflicts = Vec::new();
    for (line, own) in lines.iter().zip(&own) {
        match end_with_fix(&spans, line, own.as_deref()) {
            Ok(Some(sound)) => spans = without(&spans, &sound),
            Ok(None) => {}
            Err(conflict) => conflicts.push(conflict),
        }
    }
    let newest = lines.iter().zip(&own).max_by(|(_, a), (_, b)| by_end(a.as_deref(), b.as_deref()));
    if let Some((Line { repair: Repair::Released { version, .. }, .. }, Some(_))) = newest {
        spans = without_what_comes(spans, version);
    }
    let mut of_line = Vec::new();
    for (line, own) in lines.iter().zip(own) {
        let affected = own.map(|own| common(&spans, &own)).unwrap_or_default();
        if line.repair == Repair::NotAffected && !affected.is_empty() {
            let versions = in_words(&affected);
            conflicts.push(Conflict::Affected { line: line.name.clone(), versions });
        }
        let words = (!affected.is_empty()).then(|| in_words(&affected));
        of_line.push((line.name.clone(), words));
    }
    Settled { versions: Versions::Ordered(spans), of_line, conflicts }
}

/// The versions of a line that are sound since its fix; `None` where there is nothing to take away.
fn end_with_fix(
    spans: &[Span<Version>],
    line: &Line,
    own: Option<&[Span<Version>]>,
) -> Result<Option<Span<Version>>, Conflict> {
    let Some(version) = line.version() else { return Ok(None) };
    let name = line.name.clone();
    let Ok(fix) = Version::parse(version) else {
        return Err(Conflict::NotAVersion { line: name, version: version.to_owned() });
    };
    let Some(stretch) = own.and_then(|own| own.iter().find(|stretch| stretch.holds(&fix))) else {
        // The fix is numbered in another way than the line: then the range has to end with it.
        return match spans.iter().any(|span| span.holds(&fix)) {
            true => Err(Conflict::UnknownLine { line: name }),
            false => Ok(None),
        };
    };
    let before = Span { from: stretch.from.clone(), to: End::Before(fix.clone()) };
    match common(spans, &[before]).last().map(|last| &last.to) {
        None => Err(Conflict::Unaffected { line: name }),
        Some(End::Before(end)) if *end < fix => {
            Err(Conflict::EndsBefore { line: name, end: end.to_string(), fix: fix.to_string() })
        }
        Some(_) => Ok(Some(Span { from: Some(fix), to: stretch.to.clone() })),
    }
}

/// Without an order a fix can only be found where a range ends with it.
fn settle_stated(spans: Vec<Span<String>>, lines: &[Line]) -> Settled {
    let mut conflicts = Vec::new();
    let mut of_line = Vec::new();
    for line in lines {
        let ending = line.version().and_then(|version| {
            spans.iter().find(|span| span.to == End::Before(version.to_owned()))
        });
        let is_open = spans.iter().any(|span| span.to == End::Open);
        if line.version().is_some() && ending.is_none() && is_open {
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

/// What comes after the newest line has the fix of that line: a range without an end ends there.
fn without_what_comes(spans: Vec<Span<Version>>, fix: &str) -> Vec<Span<Version>> {
    match (spans.last(), Version::parse(fix)) {
        (Some(Span { to: End::Open, .. }), Ok(fix)) => {
            without(&spans, &Span { from: Some(fix), to: End::Open })
        }
        _ => spans,
    }
}

fn in_words(spans: &[Span<Version>]) -> String {
    shown(spans).iter().map(Span::to_string).collect::<Vec<_>>().join(" || ")
}
