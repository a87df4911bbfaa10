//! The text of a mail as it goes out: clean characters, short lines.

/// The width of a body's lines: below the 78 of RFC 5322 section 2.1.1, with room for quoting.
pub const WIDTH: usize = 72;

/// Refills lines that are longer than [`WIDTH`]; a list item's further lines are indented like its
/// words. Control characters are dropped, so that no template and no fact can produce a bare CR.
///
/// A link is left whole, and so is a command, which is there to be copied: an indented line that
/// begins with `embargod`.
pub fn refill(text: &str) -> String {
    refill_lines(text, refill_line)
}

/// The same for a text that a person wrote: what is quoted or indented like code stays as it is.
pub fn refill_a_persons(text: &str) -> String {
    refill_lines(text, |line| match line.starts_with(['>', '\t']) || line.starts_with("    ") {
        true => line.trim_end().to_owned(),
        false => refill_line(line),
    })
}

fn refill_lines(text: &str, refill: impl Fn(&str) -> String) -> String {
    let clean: String =
        text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
    let lines: Vec<String> = clean.lines().map(refill).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// One line of the template, as one or more lines of the mail.
fn refill_line(line: &str) -> String {
    if textwrap::core::display_width(line) <= WIDTH {
        // "-- " opens a signature by its trailing space; elsewhere such a space is an accident.
        return if line == "-- " { line.to_owned() } else { line.trim_end().to_owned() };
    }
    if line.starts_with(' ') && line.trim_start().starts_with("embargod ") {
        return line.trim_end().to_owned();
    }
    let words = line.trim_start_matches([' ', '-', '*']);
    let lead = line.len().saturating_sub(words.len());
    let indent = " ".repeat(lead);
    let options = textwrap::Options::new(WIDTH)
        .subsequent_indent(&indent)
        .break_words(!line.contains("://"))
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    textwrap::fill(line, options)
}

/// At most `width` columns of a line; what is cut shows as an ellipsis.
pub fn fit(line: &str, width: usize) -> String {
    if textwrap::core::display_width(line) <= width {
        return line.to_owned();
    }
    let mut shown = String::new();
    for c in line.chars() {
        let mut longer = shown.clone();
        longer.push(c);
        if textwrap::core::display_width(&longer) >= width {
            break;
        }
        shown = longer;
    }
    shown.trim_end().to_owned() + "…"
}

/// A line cut or filled up to `width` columns.
pub fn pad(line: &str, width: usize) -> String {
    let cut = fit(line, width);
    let missing = width.saturating_sub(textwrap::core::display_width(&cut));
    cut + &" ".repeat(missing)
}

/// Words in which a number and its unit stay on one line.
pub fn unbroken(words: &str) -> String {
    let mut joined = String::new();
    for word in words.split_inclusive(' ') {
        match word.strip_suffix(' ') {
            Some(number) if number.bytes().all(|b| b.is_ascii_digit()) => {
                joined.push_str(number);
                joined.push('\u{a0}');
            }
            _ => joined.push_str(word),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_long_list_item_is_refilled_under_its_words() {
        let item = format!("- {}", "word ".repeat(30));
        let filled = refill(&item);
        assert!(filled.lines().count() > 1);
        assert!(filled.lines().skip(1).all(|line| line.starts_with("  word")), "{filled}");
    }

    #[test]
    fn the_signature_mark_keeps_its_space() {
        assert_eq!(refill("text  \n-- \nteam"), "text\n-- \nteam");
    }

    #[test]
    fn a_number_stays_with_its_unit() {
        assert_eq!(unbroken("respond in 5 h"), "respond in 5\u{a0}h");
    }

    #[test]
    fn a_command_is_left_on_one_line_and_so_is_a_link() {
        let command =
            format!("    embargod case close EMB-2026-0001 --exclusion {}", "x".repeat(40));
        assert_eq!(refill(&command).lines().count(), 1);
        let link = format!("https://example.org/{}", "x".repeat(90));
        assert!(refill(&format!("The policy: {link}")).lines().any(|line| line == link));
    }

    proptest! {
        #[test]
        fn no_line_of_short_words_is_longer_than_the_width(text in "[a-z \\n\\r\u{0}-\u{8}]{0,400}") {
            let longest_word = text.split_whitespace().map(str::len).max().unwrap_or(0);
            let filled = refill(&text);
            prop_assert!(!filled.contains('\r'));
            if longest_word < 40 {
                prop_assert!(filled.lines().all(|line| line.len() <= WIDTH));
            }
        }

        #[test]
        fn a_fitted_line_is_never_wider_than_asked(line in "\\PC{0,100}", width in 2usize..60) {
            prop_assert!(textwrap::core::display_width(&fit(&line, width)) <= width);
            prop_assert_eq!(textwrap::core::display_width(&pad(&line, width)), width);
        }
    }
}
