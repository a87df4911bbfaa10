//! Tables for people: fitted to the terminal, plain and whole when piped.
//!
//! Promises: what stands in any column but the last is never broken: a case number that is cut in two
//! can neither be read nor copied. The last column is shortened where the table has a head, and goes
//! on in lines below where it has none. Where a terminal has no room for that, each row is set as
//! lines of its own.

use std::io::{IsTerminal, Write};

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use textwrap::{Options, WordSplitter};

/// The least room for the last column; with less, rows become lines.
const ROOM: usize = 16;

/// How far what belongs to the line above is set in.
const INDENT: &str = "  ";

/// An empty table with a head.
pub fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if !head.is_empty() {
        table.set_header(head.iter().copied());
    }
    table
}

/// A table as its reader's terminal has room for it.
pub fn lines(table: &Table) -> String {
    let width = std::io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    fitted(table, width.map(|(terminal_size::Width(columns), _)| columns))
}

fn fitted(table: &Table, width: Option<u16>) -> String {
    let mut table = table.clone();
    let Some(width) = width else { return trimmed(&table) };
    let mut widths = table.column_max_content_widths();
    let last = widths.pop().unwrap_or_default();
    // Each column has a space on either side.
    let words: usize = widths.iter().map(|width| usize::from(*width).saturating_add(2)).sum();
    let room = usize::from(width).saturating_sub(words).saturating_sub(2);
    if room < ROOM.min(last.into()) {
        return stacked(&table, width.into());
    }
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_truncation_indicator("…");
    let words = widths.len();
    for column in table.column_iter_mut().take(words) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    if table.header().is_some() {
        for row in table.row_iter_mut() {
            row.max_height(1);
        }
    }
    trimmed(&table)
}

/// A table's lines without the spaces at their ends.
fn trimmed(table: &Table) -> String {
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// Each row as lines of its own: its words, as many as fit into a line, and what stands last below.
fn stacked(table: &Table, width: usize) -> String {
    let shortens = table.header().is_some();
    let options = Options::new(width.saturating_sub(1).max(1))
        .word_splitter(WordSplitter::NoHyphenation)
        .subsequent_indent(INDENT);
    let mut text = String::new();
    for row in table.row_iter() {
        let mut cells: Vec<String> = row.cell_iter().map(|cell| cell.content()).collect();
        let last = cells.pop().unwrap_or_default();
        cells.retain(|cell| !cell.is_empty());
        let words = cells.join("  ");
        let words = textwrap::wrap(&words, options.clone().break_words(false));
        let mut below = textwrap::wrap(&last, options.clone().initial_indent(INDENT));
        below.retain(|line| !line.trim().is_empty());
        let shown = if shortens { below.len().min(1) } else { below.len() };
        for line in words.iter().chain(below.iter().take(shown)) {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        if shown < below.len() {
            text.pop();
            text.push_str("…\n");
        }
    }
    text
}

/// Prints what was asked for.
///
/// # Errors
/// Where it cannot be written.
pub fn print(out: &mut dyn Write, text: &str) -> Result<(), super::Failure> {
    Ok(out.write_all(text.as_bytes())?)
}

#[cfg(test)]
mod tests {
    use textwrap::core::display_width;

    use super::*;

    const SUBJECT: &str =
        "Prototype pollution through the query parser of a middleware that nobody uses any more";

    fn cases() -> Table {
        let mut cases = table(&["CASE", "STATE", "AGE", "CLOCK", "HANDLER", "SUBJECT"]);
        cases.add_row(["EMB-2026-0001", "acknowledged", "3 d", "respond in 47 h", "ada", SUBJECT]);
        cases.add_row(["EMB-2026-0002", "returned", "41 min", "", "", "路由解析中的拒绝服务漏洞"]);
        cases.add_row(["EMB-2026-12345", "received", "2 h", "acknowledge overdue by 2 h", "g", ""]);
        cases
    }

    fn events() -> Table {
        let mut events = table(&[]);
        events.add_row(["2026-11-23 10:00 UTC", "operator:root", SUBJECT]);
        events.add_row(["2026-11-23 10:01 UTC", "policy", "sent back"]);
        events
    }

    #[test]
    fn a_case_number_is_whole_and_no_line_is_too_long_whatever_the_width() {
        for width in 16..=200 {
            for line in fitted(&cases(), Some(width)).lines() {
                assert!(display_width(line) <= width.into(), "{width}: {line}");
            }
            let all = fitted(&cases(), Some(width));
            for whole in ["EMB-2026-0001", "EMB-2026-0002", "EMB-2026-12345", "acknowledged"] {
                assert!(all.contains(whole), "{whole} is broken at {width}:\n{all}");
            }
        }
    }

    #[test]
    fn in_a_table_without_a_head_nothing_is_left_out() {
        for width in [None].into_iter().chain((24..=200).map(Some)) {
            let all = fitted(&events(), width);
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().concat();
            let said = words(&all);
            for word in SUBJECT.split(' ').chain(["operator:root", "2026-11-23"]) {
                assert!(said.contains(word), "{word} is missing at {width:?}:\n{all}");
            }
        }
    }

    #[test]
    fn tables_on_terminals_of_several_widths_and_piped() {
        let mut shown = String::new();
        for width in [Some(40), Some(60), Some(80), Some(120), None] {
            let name = width.map_or("piped".to_owned(), |width| format!("{width} columns"));
            shown.push_str(&format!("--- {name}\n{}\n", fitted(&cases(), width)));
            shown.push_str(&fitted(&events(), width));
        }
        insta::assert_snapshot!(shown);
    }
}
