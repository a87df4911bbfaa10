//! The walk over a mail's lines: where each part begins and ends, and what stands within what.
//!
//! Promises: one pass, no recursion, memory bounded by [`limits::PARTS`]. A boundary counts only at
//! the start of a line (RFC 2046 section 5.1.1). An enclosed mail is a leaf: its own parts are
//! somebody else's.

use std::ops::Range;

use crate::domain::mail::Defect;

use super::content_type::Content;
use super::limits;

/// The kinds of multipart that change how their children are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Mixed,
    Alternative,
    Related,
    Encrypted,
    Report,
}

/// A multipart.
#[derive(Debug)]
pub struct Container {
    pub kind: Kind,
    pub content: Content,
    /// The multipart it stands in.
    pub parent: Option<usize>,
    /// Where its body begins in the raw mail.
    pub body: usize,
}

/// A part that is no multipart.
#[derive(Debug)]
pub struct Leaf {
    pub content: Content,
    /// The multipart it stands in.
    pub parent: Option<usize>,
    /// Whether it is the first leaf of that multipart.
    pub first: bool,
    /// Its bytes in the raw mail, still encoded.
    pub body: Range<usize>,
}

/// The parts of a mail.
#[derive(Debug, Default)]
pub struct Tree {
    header: Range<usize>,
    pub containers: Vec<Container>,
    pub leaves: Vec<Leaf>,
}

impl Tree {
    /// The mail's own header block.
    pub fn header<'a>(&self, raw: &'a [u8]) -> &'a [u8] {
        raw.get(self.header.clone()).unwrap_or_default()
    }

    /// A leaf's bytes, still encoded.
    pub fn bytes<'a>(&self, raw: &'a [u8], leaf: &Leaf) -> &'a [u8] {
        raw.get(leaf.body.clone()).unwrap_or_default()
    }

    /// The multiparts around a leaf, innermost first.
    pub fn around<'a>(&'a self, leaf: &Leaf) -> impl Iterator<Item = (usize, &'a Container)> {
        let step = |at: usize| self.containers.get(at).map(|container| (at, container));
        std::iter::successors(leaf.parent.and_then(step), move |(_, inner)| {
            inner.parent.and_then(step)
        })
    }
}

enum State {
    /// In a header block that began at this offset.
    Header(usize),
    /// In the body of the last leaf, which began at this offset.
    Leaf(usize),
    /// Before the first boundary of the last container.
    Preamble(usize),
    /// After the last boundary of a container.
    Epilogue,
}

struct Open {
    boundary: Vec<u8>,
    container: usize,
    children: usize,
}

/// Finds the parts of a mail.
pub fn walk(raw: &[u8], note: &mut dyn FnMut(Defect)) -> Tree {
    let mut walk = Walk { raw, tree: Tree::default(), open: Vec::new(), note };
    let start = start_of_header(raw);
    let mut state = State::Header(start);
    let mut at = start;
    for line in raw.get(start..).unwrap_or_default().split_inclusive(|&byte| byte == b'\n') {
        let next = at.saturating_add(line.len());
        if let Some((level, last)) = walk.boundary(line) {
            walk.end(state, at, next);
            walk.open.truncate(level.saturating_add(usize::from(!last)));
            state = if last { State::Epilogue } else { State::Header(next) };
            if walk.tree.leaves.len() >= limits::PARTS {
                (walk.note)(Defect::TooManyParts);
                return walk.tree;
            }
        } else if let State::Header(from) = state {
            let blank = line.trim_ascii().is_empty();
            // A part that starts with its text, without the blank line that ends a header.
            let headless = from == at && !walk.open.is_empty() && !blank && !is_field(line);
            if blank {
                state = walk.begin(from..at, next);
            } else if headless {
                state = walk.begin(from..from, from);
            }
        }
        at = next;
    }
    walk.end(state, at, at);
    walk.tree
}

/// Skips blank lines and the separator of an mbox file.
fn start_of_header(raw: &[u8]) -> usize {
    let mut at = 0_usize;
    for line in raw.split_inclusive(|&byte| byte == b'\n') {
        let separator = line.starts_with(b"From ") || line.starts_with(b">From ");
        if !separator && !line.trim_ascii().is_empty() {
            break;
        }
        at = at.saturating_add(line.len());
    }
    at
}

/// Whether a line looks like a header field or the continuation of one.
fn is_field(line: &[u8]) -> bool {
    line.iter().position(|&byte| byte == b':').is_some_and(|colon| {
        colon > 0
            && line.iter().take(colon).all(|byte| byte.is_ascii_graphic() || *byte == b' ')
            && !line.iter().take(colon).any(|byte| *byte == b' ')
    })
}

struct Walk<'a> {
    raw: &'a [u8],
    tree: Tree,
    open: Vec<Open>,
    note: &'a mut dyn FnMut(Defect),
}

impl Walk<'_> {
    /// Which open multipart a line is a boundary of, and whether it is the last.
    fn boundary(&self, line: &[u8]) -> Option<(usize, bool)> {
        let rest = line.strip_prefix(b"--")?.trim_ascii_end();
        self.open.iter().enumerate().rev().find_map(|(level, open)| {
            let tail = rest.strip_prefix(open.boundary.as_slice())?;
            match tail {
                b"" => Some((level, false)),
                b"--" => Some((level, true)),
                _ => None,
            }
        })
    }

    /// A header block ended: opens a leaf or a multipart.
    fn begin(&mut self, header: Range<usize>, body: usize) -> State {
        let root = self.tree.leaves.is_empty() && self.tree.containers.is_empty();
        let most = if root { limits::HEADER_BYTES } else { limits::PART_HEADER_BYTES };
        let end = header.end.min(header.start.saturating_add(most));
        if end < header.end {
            (self.note)(Defect::HeaderTooLong);
        }
        let header = header.start..end;
        let mut content = Content::read(self.raw.get(header.clone()).unwrap_or_default());
        if root {
            self.tree.header = header;
        }
        let parent = self.open.last().map(|open| open.container);
        let digest = parent
            .and_then(|at| self.tree.containers.get(at))
            .is_some_and(|container| container.content.media_type == "multipart/digest");
        if digest && !content.typed {
            content.media_type = "message/rfc822".to_owned();
        }
        let first = match self.open.last_mut() {
            Some(open) => {
                open.children = open.children.saturating_add(1);
                open.children == 1
            }
            None => true,
        };
        match (content.is("multipart"), content.boundary.clone()) {
            (true, Some(boundary)) if self.open.len() < limits::DEPTH => {
                let kind = match content.media_type.as_str() {
                    "multipart/alternative" => Kind::Alternative,
                    "multipart/related" => Kind::Related,
                    "multipart/encrypted" => Kind::Encrypted,
                    "multipart/report" => Kind::Report,
                    _ => Kind::Mixed,
                };
                let container = self.tree.containers.len();
                self.tree.containers.push(Container { kind, content, parent, body });
                let boundary = boundary.trim_ascii_end().as_bytes().to_vec();
                self.open.push(Open { boundary, container, children: 0 });
                State::Preamble(body)
            }
            (multipart, _) => {
                if multipart {
                    if self.open.len() >= limits::DEPTH {
                        (self.note)(Defect::TooManyParts);
                    }
                    content.media_type = "text/plain".to_owned();
                }
                self.tree.leaves.push(Leaf { content, parent, first, body: body..body });
                State::Leaf(body)
            }
        }
    }

    /// What was read up to `end` is complete.
    fn end(&mut self, state: State, end: usize, next: usize) {
        // The line end before a boundary belongs to the boundary (RFC 2046 section 5.1.1).
        let mut stop = end;
        if next > end {
            let before = |at: usize| self.raw.get(at.saturating_sub(1)).copied();
            if before(stop) == Some(b'\n') {
                stop = stop.saturating_sub(1);
                if before(stop) == Some(b'\r') {
                    stop = stop.saturating_sub(1);
                }
            }
        }
        match state {
            State::Leaf(from) => {
                if let Some(leaf) = self.tree.leaves.last_mut() {
                    leaf.body = from..stop.max(from);
                }
            }
            // Nothing but a header.
            State::Header(from) if from < end => {
                if let State::Preamble(body) = self.begin(from..end, end) {
                    self.open.pop();
                    self.unbounded(body..body);
                }
            }
            State::Header(_) | State::Epilogue => {}
            // A multipart whose boundary never came is read as text.
            State::Preamble(from) if self.open.last().is_some_and(|open| open.children == 0) => {
                let line = self.raw.get(end..next).unwrap_or_default();
                if self
                    .boundary(line)
                    .is_some_and(|(at, _)| at.saturating_add(1) == self.open.len())
                {
                    return;
                }
                self.unbounded(from..stop.max(from));
            }
            State::Preamble(_) => {}
        }
    }

    fn unbounded(&mut self, body: Range<usize>) {
        let content = Content { media_type: "text/plain".to_owned(), ..Content::default() };
        let parent = self.tree.containers.last().and_then(|container| container.parent);
        self.tree.leaves.push(Leaf { content, parent, first: true, body });
    }
}
