//! The text of a mail as it goes out: clean characters, short lines.

/// The width of a body's lines: below the 78 of RFC 5322 section 2.1.1, with room for quoting.
pub const WIDTH: usize = 72;

/// Refills lines that are longer than [`WIDTH`]; a list item's further lines are indented like its
/// words. Control characters are dropped, so that no template and no fact can produce a bare CR.
///
/// A single word longer than that (a link) is left whole.
pub fn refill(text: &str) -> String {
    let clean: String =
        text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
    let lines: Vec<String> = clean.lines().map(refill_line).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// One line of the template, as one or more lines of the mail.
fn refill_line(line: &str) -> String {
    if textwrap::core::display_width(line) <= WIDTH {
        // "-- " opens a signature by its trailing space; elsewhere such a space is an accident.
        return if line == "-- " { line.to_owned() } else { line.trim_end().to_owned() };
    }
    let words = line.trim_start_matches([' ', '-', '*']);
    let lead = line.len().saturating_sub(words.len());
    let indent = " ".repeat(lead);
    let options = textwrap::Options::new(WIDTH)
        .subsequent_indent(&indent)
        .break_words(false)
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
        }
    }
}
