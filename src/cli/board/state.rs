//! What the board shows and what a key does to it. Pure: it knows neither terminal nor store.

use crate::domain::case_id::CaseId;
use crate::domain::digest::{Digest, Heading, Line, Section};

/// A key that means something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// A screenful up.
    PageUp,
    /// A screenful down.
    PageDown,
    /// To the first line.
    First,
    /// To the last line.
    Last,
    /// Show the case.
    Open,
    /// Back to the queue.
    Back,
    /// Out of the board.
    Quit,
}

/// What follows from a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Draw it again.
    Draw,
    /// Fetch this case and show it.
    Show(CaseId),
    /// Leave.
    Leave,
}

/// The queue and, where one was opened, a case over it.
#[derive(Debug, Clone)]
pub struct Board {
    /// The queue.
    pub digest: Digest,
    /// The chosen line, counted through all sections.
    pub chosen: usize,
    /// A case that was opened.
    pub sheet: Option<Sheet>,
    /// Why the queue may be out of date, or a key did nothing.
    pub notice: Option<String>,
}

/// A case as text, and from which line on it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its lines.
    pub lines: Vec<String>,
    /// The first line that is shown.
    pub top: usize,
}

impl Board {
    /// The board of a queue, its first line chosen.
    pub fn new(digest: Digest) -> Self {
        Self { digest, chosen: 0, sheet: None, notice: None }
    }

    /// Every line with its section, in order.
    pub fn lines(&self) -> impl Iterator<Item = (&Section, &Line)> {
        let sections = self.digest.sections.iter();
        sections.flat_map(|section| section.lines.iter().map(move |line| (section, line)))
    }

    /// The chosen line.
    pub fn choice(&self) -> Option<(&Section, &Line)> {
        self.lines().nth(self.chosen)
    }

    /// Takes a newer queue in. What was chosen stays chosen, wherever it now stands.
    pub fn renew(&mut self, digest: Digest) {
        let was: Option<(Heading, String)> =
            self.choice().map(|(section, line)| (section.heading, line.number.clone()));
        self.digest = digest;
        self.notice = None;
        let Some((heading, number)) = was else { return };
        let same_place = self.lines().position(|(s, l)| s.heading == heading && l.number == number);
        let elsewhere = || self.lines().position(|(_, line)| line.number == number);
        let last = self.lines().count().saturating_sub(1);
        self.chosen = same_place.or_else(elsewhere).unwrap_or(self.chosen.min(last));
    }

    /// Shows a case over the queue.
    pub fn open(&mut self, text: &str) {
        let lines = text.lines().map(str::to_owned).collect();
        self.sheet = Some(Sheet { lines, top: 0 });
    }

    /// Does what a key says; a screenful has so many lines.
    pub fn press(&mut self, key: Key, screenful: usize) -> Step {
        self.notice = None;
        match (key, &mut self.sheet) {
            (Key::Quit, _) => return Step::Leave,
            (Key::Back, Some(_)) => self.sheet = None,
            (Key::Open, None) => match self.choice().map(|(_, line)| line.number.parse()) {
                Some(Ok(id)) => return Step::Show(id),
                Some(Err(_)) => self.notice = Some("this mail belongs to no case".to_owned()),
                None => {}
            },
            (Key::Open, Some(_)) | (Key::Back, None) => {}
            (movement, Some(sheet)) => {
                let last = sheet.lines.len().saturating_sub(screenful);
                sheet.top = moved(sheet.top, movement, last, screenful);
            }
            (movement, None) => {
                let last = self.lines().count().saturating_sub(1);
                self.chosen = moved(self.chosen, movement, last, screenful);
            }
        }
        Step::Draw
    }
}

/// Where a movement leads from `at`, between the first place and `last`.
fn moved(at: usize, movement: Key, last: usize, screenful: usize) -> usize {
    let to = match movement {
        Key::Up => at.saturating_sub(1),
        Key::Down => at.saturating_add(1),
        Key::PageUp => at.saturating_sub(screenful),
        Key::PageDown => at.saturating_add(screenful),
        Key::First => 0,
        Key::Last => last,
        Key::Open | Key::Back | Key::Quit => at,
    };
    to.min(last)
}
