//! Stretches of versions, and what a fix takes away from them.
//!
//! Promises: nothing here knows how versions are written. What needs an order asks for one; where a
//! numbering has none that is known here, spans can be shown and nothing else.

use std::cmp::Ordering;
use std::fmt;

use nodejs_semver::{Identifier, Version};

/// Every version from one on, up to an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span<V> {
    /// The first version; `None` where it reaches back to the very first.
    pub from: Option<V>,
    /// Where it ends.
    pub to: End<V>,
}

/// Where a span ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End<V> {
    /// With this version.
    With(V),
    /// Just before this version.
    Before(V),
    /// Not yet.
    Open,
}

impl<V> Span<V> {
    /// The same with its versions in another form.
    pub fn map<W>(self, form: impl Fn(V) -> W) -> Span<W> {
        Span {
            from: self.from.map(&form),
            to: match self.to {
                End::With(version) => End::With(form(version)),
                End::Before(version) => End::Before(form(version)),
                End::Open => End::Open,
            },
        }
    }
}

/// As people write it: `>= 4.0.0, < 4.21.2`. The `-0` that stands before every pre-release of a version
/// is left out.
impl fmt::Display for Span<String> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |version: &String| version.strip_suffix("-0").unwrap_or(version).to_owned();
        match (&self.from, &self.to) {
            (None, End::Open) => write!(f, "all versions"),
            (Some(from), End::With(to)) if from == to => write!(f, "{from}"),
            (from, to) => {
                let from = from.as_ref().map(|from| format!(">= {}", plain(from)));
                let to = match to {
                    End::With(to) => Some(format!("<= {to}")),
                    End::Before(to) => Some(format!("< {}", plain(to))),
                    End::Open => None,
                };
                let ends: Vec<String> = [from, to].into_iter().flatten().collect();
                write!(f, "{}", ends.join(", "))
            }
        }
    }
}

/// A place between versions: just before one, or just after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cut<'a> {
    Start,
    Before(&'a Version),
    After(&'a Version),
    End,
}

impl<'a> Cut<'a> {
    /// Cuts by their order: first the version, then the side of it.
    fn key(self) -> (u8, Option<&'a Version>, u8) {
        match self {
            Self::Start => (0, None, 0),
            Self::Before(version) => (1, Some(version), 0),
            Self::After(version) => (1, Some(version), 1),
            Self::End => (2, None, 0),
        }
    }
}

impl Span<Version> {
    fn start(&self) -> Cut<'_> {
        self.from.as_ref().map_or(Cut::Start, Cut::Before)
    }

    fn end(&self) -> Cut<'_> {
        match &self.to {
            End::With(version) => Cut::After(version),
            End::Before(version) => Cut::Before(version),
            End::Open => Cut::End,
        }
    }

    /// Whether a version lies in it, by the order of versions alone.
    pub fn holds(&self, version: &Version) -> bool {
        self.start().key() <= Cut::Before(version).key()
            && Cut::After(version).key() <= self.end().key()
    }

    /// What two spans have in common.
    pub fn overlap(&self, other: &Self) -> Option<Self> {
        let from = if self.start().key() >= other.start().key() { self } else { other };
        let to = if self.end().key() <= other.end().key() { self } else { other };
        let common = Self { from: from.from.clone(), to: to.to.clone() };
        common.has_versions().then_some(common)
    }

    /// Whether it ends before it begins.
    fn has_versions(&self) -> bool {
        self.start().key() < self.end().key()
    }

    /// What is left of it without another.
    fn without(&self, hole: &Self) -> Vec<Self> {
        if self.overlap(hole).is_none() {
            return vec![self.clone()];
        }
        let below =
            hole.from.clone().map(|from| Self { from: self.from.clone(), to: End::Before(from) });
        let above = match &hole.to {
            End::With(version) => Some(next(version)),
            End::Before(version) => Some(version.clone()),
            End::Open => None,
        };
        let above = above.map(|from| Self { from: Some(from), to: self.to.clone() });
        [below, above].into_iter().flatten().filter(Self::has_versions).collect()
    }
}

/// Spans in order, those that touch made one.
pub fn merged(mut spans: Vec<Span<Version>>) -> Vec<Span<Version>> {
    spans.sort_by(|a, b| a.start().key().cmp(&b.start().key()));
    let mut merged: Vec<Span<Version>> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start().key() <= last.end().key() => {
                if span.end().key() > last.end().key() {
                    last.to = span.to;
                }
            }
            _ => merged.push(span),
        }
    }
    merged
}

/// Spans as people are shown them: those that only pre-releases of one version part, such as 4.x and
/// 5.x, are one.
pub fn shown(spans: &[Span<Version>]) -> Vec<Span<String>> {
    let mut shown: Vec<Span<Version>> = Vec::new();
    for span in spans {
        match (shown.last_mut(), &span.from) {
            (Some(Span { to, .. }), Some(from)) if *to == End::Before(before_all(from)) => {
                *to = span.to.clone();
            }
            _ => shown.push(span.clone()),
        }
    }
    shown.into_iter().map(|span| span.map(|version| version.to_string())).collect()
}

/// What stands before every pre-release of a version: `5.0.0-0`.
fn before_all(version: &Version) -> Version {
    let (major, minor, patch) = (version.major(), version.minor(), version.patch());
    Version::new(major, minor, patch, vec![Identifier::Numeric(0)], Vec::new())
}

/// What several spans have in common with several others.
pub fn common(some: &[Span<Version>], others: &[Span<Version>]) -> Vec<Span<Version>> {
    merged(some.iter().flat_map(|a| others.iter().filter_map(|b| a.overlap(b))).collect())
}

/// What is left of spans once other versions are sound.
pub fn without(spans: &[Span<Version>], sound: &Span<Version>) -> Vec<Span<Version>> {
    spans.iter().flat_map(|span| span.without(sound)).collect()
}

/// Which of two sets of spans reaches further up; none at all is the lowest.
pub fn by_end(some: Option<&[Span<Version>]>, others: Option<&[Span<Version>]>) -> Ordering {
    fn top(spans: Option<&[Span<Version>]>) -> Option<(u8, Option<&Version>, u8)> {
        spans.unwrap_or_default().iter().map(|span| span.end().key()).max()
    }
    top(some).cmp(&top(others))
}

/// The least version after one (Semantic Versioning 2.0.0, section 11: of two versions that are
/// otherwise alike, the one with more identifiers is the later; a pre-release is the earlier).
pub fn next(version: &Version) -> Version {
    let mut identifiers = version.pre_release().to_vec();
    let patch = match identifiers.is_empty() {
        true => version.patch().saturating_add(1),
        false => version.patch(),
    };
    identifiers.push(Identifier::Numeric(0));
    Version::new(version.major(), version.minor(), patch, identifiers, Vec::new())
}
