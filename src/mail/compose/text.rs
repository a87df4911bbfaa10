//! The text of a mail as it goes out: clean characters, short lines.

/// The width of a body's lines: below the 78 of RFC 5322 section 2.1.1, with room for quoting.
pub const WIDTH: usize = 72;

/// No editor breaks lines at a greater width; whoever has longer ones does not break them at all.
const EDITORS: usize = 100;

/// Refills lines that are longer than [`WIDTH`]; a list item's further lines are indented like its
/// words. Control characters are dropped, so that no template and no fact can produce a bare CR.
///
/// A link is left whole, and so is a command, which is there to be copied: an indented line that
/// begins with `embargod`.
pub fn refill(text: &str) -> String {
    let lines: Vec<String> = cleaned(text).lines().map(refill_line).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// A letter with a text in it that a person wrote: what is code, quoted or a table stays as it is.
pub fn refill_a_letter(text: &str) -> String {
    let clean = cleaned(text);
    let lines: Vec<String> = marked(&clean)
        .map(|(line, is_kept)| match is_kept && line != "-- " {
            true => line.trim_end().to_owned(),
            false => refill_line(line),
        })
        .collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// A text that a person wrote, before it is put into a letter.
///
/// Paragraphs that their editor has broken at another width are filled anew, so that no line goes
/// ragged. A line's end is the editor's where the next word had no more room before the paragraph's
/// longest line ended, and the person's everywhere else: in an address, a list, a poem. What is quoted,
/// indented like code, a table or within a fence of three backticks stays as it is.
pub fn refill_a_persons(text: &str) -> String {
    let clean = cleaned(text);
    let mut filled: Vec<String> = Vec::new();
    let mut paragraph: Vec<&str> = Vec::new();
    for (line, is_kept) in marked(&clean) {
        if is_kept || line.trim().is_empty() {
            filled.extend(joined(&std::mem::take(&mut paragraph)));
            filled.push(line.trim_end().to_owned());
        } else {
            paragraph.push(line);
        }
    }
    filled.extend(joined(&paragraph));
    filled.join("\n")
}

/// The lines, and of each whether it stays as it is.
fn marked(text: &str) -> impl Iterator<Item = (&str, bool)> {
    text.lines().scan(false, |is_fenced, line| {
        let is_fence = line.trim_start().starts_with("```");
        let is_kept = *is_fenced || is_fence || is_left_alone(line);
        *is_fenced ^= is_fence;
        Some((line, is_kept))
    })
}

/// The lines of a paragraph, those of an editor's making joined and filled anew.
fn joined(paragraph: &[&str]) -> Vec<String> {
    let width = |line: &str| textwrap::core::display_width(line.trim_end());
    let longest = paragraph.iter().map(|line| width(line)).max().unwrap_or_default();
    if longest <= WIDTH || longest > EDITORS {
        return paragraph.iter().map(|line| (*line).to_owned()).collect();
    }
    let mut lines: Vec<String> = Vec::new();
    let mut before: Option<usize> = None;
    for line in paragraph {
        let words = line.trim();
        let first = words.split_whitespace().next().map_or(0, width);
        let had_room =
            before.is_none_or(|before| before.saturating_add(1).saturating_add(first) <= longest);
        match lines.last_mut() {
            Some(last) if !had_room && !begins_an_item(words) => {
                last.push(' ');
                last.push_str(words);
            }
            _ => lines.push((*line).trim_end().to_owned()),
        }
        before = Some(width(line));
    }
    lines.iter().map(|line| refill_line(line)).collect()
}

/// A list's mark: `- `, `* `, `1. `.
fn begins_an_item(words: &str) -> bool {
    let Some((mark, _)) = words.split_once(' ') else { return false };
    let number = mark.trim_end_matches(['.', ')']);
    matches!(mark, "-" | "*" | "+")
        || number.len() < mark.len()
            && !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
}

/// What is quoted, indented like code, or a table.
fn is_left_alone(line: &str) -> bool {
    line.starts_with(['>', '\t', '|']) || line.starts_with("    ")
}

/// Without control characters.
fn cleaned(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect()
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
    let words = line.trim_start();
    let words = match begins_an_item(words) {
        true => words.split_once(' ').map_or(words, |(_, words)| words.trim_start()),
        false => words,
    };
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

    #[test]
    fn a_paragraph_that_an_editor_has_broken_is_filled_anew_and_nothing_else_is_touched() {
        let eighty = "\
Thank you for your report, we can see it happen with the newest version of all.
The check runs before the escape is decoded, so that the path it looks at is no
longer the one that is opened.

Ada Lovelace
Security team
https://example.org/a/page/with/an/address/that/no/line/of/seventy-two/columns/can/hold

1. Start a server with the options that the documentation shows, and no others.
2. Request the path twice.
- An item that goes over the end of the line, as items do that people write so
  that it is broken by their editor

> A line of the reporter's that is longer than any line that we would write ourselves.

| a table | that is wider than the seventy-two columns that a line of ours would have |

```
const decoded = decodeURIComponent(segment) // what is code stays on the line that it is on
```";
        let expected = "\
Thank you for your report, we can see it happen with the newest version
of all. The check runs before the escape is decoded, so that the path it
looks at is no longer the one that is opened.

Ada Lovelace
Security team
https://example.org/a/page/with/an/address/that/no/line/of/seventy-two/columns/can/hold

1. Start a server with the options that the documentation shows, and no
   others.
2. Request the path twice.
- An item that goes over the end of the line, as items do that people
  write so that it is broken by their editor

> A line of the reporter's that is longer than any line that we would write ourselves.

| a table | that is wider than the seventy-two columns that a line of ours would have |

```
const decoded = decodeURIComponent(segment) // what is code stays on the line that it is on
```";
        assert_eq!(refill_a_letter(&refill_a_persons(eighty)), expected);
    }

    #[test]
    fn short_lines_and_lines_that_were_never_broken_keep_their_ends() {
        let verse = "Roses are red,\nviolets are blue.";
        assert_eq!(refill_a_persons(verse), verse);
        let long = format!("Hello Rae,\n{}end\nAda", "word ".repeat(40));
        assert_eq!(refill_a_persons(&long), long);
        let filled = refill_a_letter(&refill_a_persons(&long));
        assert!(
            filled.starts_with("Hello Rae,\nword ") && filled.ends_with("end\nAda"),
            "{filled}"
        );
    }

    proptest! {
        #[test]
        fn a_persons_words_are_all_there_and_in_their_order(text in "([a-z]{1,9}[ \n]|[ ]{4}|[>|*-] |\n\n|```\n){0,80}") {
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&refill_a_letter(&refill_a_persons(&text))), words(&text));
        }

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
