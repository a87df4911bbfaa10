//! The board as a terminal shows it: from its state to a buffer, at any size, and nothing else.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::state::{Board, Sheet};
use crate::domain::digest::{Heading, Line, Section, Urgency};
use crate::mail::compose::fit;

/// Whether there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Palette {
    /// The terminal's own sixteen.
    Colours,
    /// None: bold and reversed letters have to do (`NO_COLOR`).
    Plain,
}

/// From this height on, the chosen line is shown in full below the queue.
const TALL: u16 = 14;
/// How many lines that takes, with the rule above it.
const DETAIL: u16 = 5;

/// How many lines of the queue, or of a case, a screen of this height has room for.
pub fn screenful(height: u16) -> usize {
    usize::from(height.saturating_sub(3)).max(1)
}

/// Draws the board.
pub fn draw(board: &Board, palette: Palette, screen: &mut Buffer) {
    let area = *screen.area();
    let mut pen = Pen { screen, palette, area };
    match &board.sheet {
        Some(sheet) => pen.sheet(sheet),
        None => pen.queue(board),
    }
    let help = match (&board.notice, &board.sheet) {
        (Some(notice), _) => notice.as_str(),
        (None, Some(_)) => "\u{2191}\u{2193} scroll   esc back   q quit",
        (None, None) => "\u{2191}\u{2193} or j k choose   enter case   q quit",
    };
    pen.text(0, area.height.saturating_sub(1), help, pen.quiet());
}

/// One row of the queue.
enum Row<'a> {
    Gap,
    Title(&'a Section),
    Line(&'a Line, Chosen),
    More(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Chosen {
    Yes,
    No,
}

/// Every row of the queue, from top to bottom.
fn rows(board: &Board) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let mut number = 0_usize;
    for section in &board.digest.sections {
        if !rows.is_empty() {
            rows.push(Row::Gap);
        }
        rows.push(Row::Title(section));
        for line in &section.lines {
            let chosen = if number == board.chosen { Chosen::Yes } else { Chosen::No };
            rows.push(Row::Line(line, chosen));
            number = number.saturating_add(1);
        }
        if let Some(more) = &section.more {
            rows.push(Row::More(format!("and {} more: {}", more.count, more.command)));
        }
    }
    if let Some(counts) = &board.digest.set_aside {
        rows.push(Row::Gap);
        rows.push(Row::More(format!("set aside without an answer: {counts}")));
    }
    rows
}

struct Pen<'a> {
    screen: &'a mut Buffer,
    palette: Palette,
    area: Rect,
}

impl Pen<'_> {
    fn queue(&mut self, board: &Board) {
        let digest = &board.digest;
        let title = format!("{} security", digest.project);
        let end = self.text(0, 0, &title, self.bold());
        self.text(end.saturating_add(2), 0, &digest.headline, Style::new());
        self.text(0, 1, &format!("{}, for {}", digest.made, digest.reader), self.quiet());
        let detail = if self.area.height >= TALL { DETAIL } else { 0 };
        let bottom = self.area.height.saturating_sub(1).saturating_sub(detail);
        let top = 3.min(bottom);
        let rows = rows(board);
        let chosen = rows.iter().position(|row| matches!(row, Row::Line(_, Chosen::Yes)));
        let room = usize::from(bottom.saturating_sub(top));
        // The chosen line stays near the middle, but nothing is left blank for it.
        let first =
            chosen.unwrap_or(0).saturating_sub(room / 2).min(rows.len().saturating_sub(room));
        for (y, row) in (top..bottom).zip(rows.iter().skip(first)) {
            match row {
                Row::Gap => {}
                Row::Title(section) => self.title(y, section),
                Row::Line(line, chosen) => self.line(y, line, *chosen),
                Row::More(text) => {
                    self.text(2, y, text, self.quiet());
                }
            }
        }
        if detail > 0
            && let Some((_, line)) = board.choice()
        {
            self.detail(bottom, line);
        }
    }

    fn title(&mut self, y: u16, section: &Section) {
        let end = self.text(0, y, &section.title, self.tone(section.heading));
        self.text(end.saturating_add(1), y, &section.count.to_string(), self.quiet());
    }

    /// A line in columns: the wider the screen, the more of them.
    fn line(&mut self, y: u16, line: &Line, chosen: Chosen) {
        let width = self.area.width;
        let clock = if width >= 90 { 26 } else { 23 };
        let handler = if width >= 80 { 12 } else { 0 };
        let age = if width >= 100 { 11 } else { 0 };
        let plain = match chosen {
            Chosen::Yes => Style::new().add_modifier(Modifier::REVERSED),
            Chosen::No => Style::new(),
        };
        if chosen == Chosen::Yes {
            self.screen.set_style(Rect { y, height: 1, ..self.area }, plain);
        }
        let own = if line.own { plain.patch(self.bold()) } else { plain };
        self.text(0, y, if chosen == Chosen::Yes { "\u{203a}" } else { " " }, plain);
        let mut x = self.cell(2, y, 15, &line.number, own);
        if let Some(running) = &line.clock {
            self.cell(x, y, clock, &running.words, plain.patch(self.urgency(running.urgency)));
        }
        x = x.saturating_add(clock);
        x = self.cell(x, y, handler, line.handler.as_deref().unwrap_or(""), own);
        x = self.cell(x, y, age, &line.age, plain);
        self.cell(x, y, width.saturating_sub(x).saturating_add(1), &line.subject, own);
    }

    /// The chosen line in full: what was cut above, why it is here, what to do.
    fn detail(&mut self, y: u16, line: &Line) {
        let rule = "\u{2500}".repeat(usize::from(self.area.width));
        self.text(0, y, &rule, self.quiet());
        let clock = line.clock.as_ref().map(|clock| match clock.urgency {
            Urgency::Overdue => format!("{} by {}", clock.promise, clock.at),
            Urgency::Soon | Urgency::Later => format!("{}, {}", clock.words, clock.at),
        });
        let handler = line.handler.as_ref().map(|handler| format!("handler: {handler}"));
        let facts: Vec<String> = [Some(line.age.clone()), handler, clock, line.why.clone()]
            .into_iter()
            .flatten()
            .collect();
        let rows = [
            (line.subject.clone(), self.bold()),
            (facts.join(", "), Style::new()),
            (line.suggestions.join("; "), Style::new()),
            (line.command.clone().unwrap_or_default(), self.quiet()),
        ];
        let shown = rows.into_iter().filter(|(text, _)| !text.is_empty());
        for (y, (text, style)) in (y.saturating_add(1)..).zip(shown) {
            self.text(0, y, &text, style);
        }
    }

    fn sheet(&mut self, sheet: &Sheet) {
        let room = screenful(self.area.height);
        for (y, line) in (0..).zip(sheet.lines.iter().skip(sheet.top).take(room)) {
            let style = if y == 0 && sheet.top == 0 { self.bold() } else { Style::new() };
            self.text(0, y, line, style);
        }
    }

    /// Writes a text into a column of this width and gives where the next begins.
    fn cell(&mut self, x: u16, y: u16, width: u16, text: &str, style: Style) -> u16 {
        if width > 1 {
            let room = width.saturating_sub(1);
            self.text(x, y, &fit(text, usize::from(room)), style);
        }
        x.saturating_add(width)
    }

    /// Writes a text, as far as there is room, and gives where it ends.
    fn text(&mut self, x: u16, y: u16, text: &str, style: Style) -> u16 {
        let room = self.area.width.saturating_sub(x);
        if room == 0 || y >= self.area.height {
            return x;
        }
        let cut = fit(text, usize::from(room));
        self.screen.set_stringn(x, y, cut, usize::from(room), style).0
    }

    fn bold(&self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    fn quiet(&self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    fn coloured(&self, colour: Color) -> Style {
        match self.palette {
            Palette::Colours => self.bold().fg(colour),
            Palette::Plain => self.bold(),
        }
    }

    fn tone(&self, heading: Heading) -> Style {
        match heading {
            Heading::Legal | Heading::Overdue => self.coloured(Color::Red),
            Heading::DueSoon | Heading::Undelivered => self.coloured(Color::Yellow),
            Heading::New => self.coloured(Color::Cyan),
            Heading::WaitingForUs
            | Heading::WaitingForReporter
            | Heading::SentBack
            | Heading::Quarantined
            | Heading::EmbargoEnding
            | Heading::FollowUps
            | Heading::Closed => self.bold(),
        }
    }

    fn urgency(&self, urgency: Urgency) -> Style {
        match urgency {
            Urgency::Overdue => self.coloured(Color::Red),
            Urgency::Soon => self.coloured(Color::Yellow),
            Urgency::Later => Style::new(),
        }
    }
}
