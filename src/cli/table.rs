//! Tables for people: fitted to the terminal, plain when piped.

use std::io::{IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets};

/// An empty table with a head.
pub fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if !head.is_empty() {
        table.set_header(head.iter().copied());
    }
    if let Some((terminal_size::Width(width), _)) = terminal_size::terminal_size()
        && std::io::stdout().is_terminal()
    {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    table
}

/// A table without the spaces at its lines' ends.
pub fn lines(table: &Table) -> String {
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// Prints what was asked for.
///
/// # Errors
/// Where it cannot be written.
pub fn print(out: &mut dyn Write, text: &str) -> Result<(), super::Failure> {
    Ok(out.write_all(text.as_bytes())?)
}
