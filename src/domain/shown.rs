//! What strangers wrote, as it is shown to people.
//!
//! Promises: nothing that passed here moves a cursor, hides a character or turns a direction, on a
//! terminal, in a mail or on a page.

/// One line of text that a stranger wrote, safe to show: control characters and bidirectional
/// overrides become spaces, runs of white space one space, and at most 200 characters stay.
pub fn displayable(text: &str) -> String {
    let joined = one_line(text);
    let mut rest = joined.chars();
    let shown: String = rest.by_ref().take(200).collect();
    if rest.next().is_none() { shown } else { shown + "…" }
}

/// The same at its whole length, for what maintainers wrote.
pub fn one_line(text: &str) -> String {
    let clean = text.chars().map(|c| if hides_on_screen(c) { ' ' } else { c }).collect::<String>();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a character shows nothing itself but changes how others are shown.
pub fn hides_on_screen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{ffa0}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The name of a file that a stranger named, as it may stand in a folder: the file's number before it,
/// plain letters, no folder, no leading dot, no surprise at its end.
pub fn file_name(nth: usize, name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: Vec<char> = last.trim().chars().map(plain).collect();
    // The end says what kind of file it is.
    let start = name.len().saturating_sub(80);
    let kept: String = name.iter().skip(start).collect();
    match kept.trim_matches('.') {
        "" => format!("{nth}-file"),
        kept => format!("{nth}-{kept}"),
    }
}

/// Lines of text that a stranger wrote, whole, each behind a `> `: what would not show itself shows
/// by its number, `<U+202E>`.
pub fn quoted(text: &str) -> String {
    written(text, "> ")
}

/// The same without a mark, for a text that stands alone.
pub fn visible(text: &str) -> String {
    written(text, "")
}

fn written(text: &str, before: &str) -> String {
    let mut written = String::new();
    // A lone carriage return, a line separator or a form feed would begin a line for some readers.
    for line in text.lines() {
        written.push_str(before);
        for c in line.trim_end().chars() {
            match c {
                '\t' => written.push_str("    "),
                c if hides_on_screen(c) => written.push_str(&format!("<U+{:04X}>", u32::from(c))),
                c => written.push(c),
            }
        }
        written.push('\n');
    }
    written
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_files_name_is_a_name_and_nothing_else() {
        for (name, safe) in [
            ("poc.py", "2-poc.py"),
            ("../../etc/passwd", "2-passwd"),
            ("C:\\Windows\\a.exe", "2-a.exe"),
            (".bashrc", "2-bashrc"),
            ("a\u{202e}fdp.exe", "2-a_fdp.exe"),
            ("-rf", "2--rf"),
            ("a b;$(id)`\n", "2-a_b___id__"),
            ("..", "2-file"),
            ("", "2-file"),
            ("con", "2-con"),
        ] {
            assert_eq!(file_name(2, name), safe, "{name:?}");
        }
        assert!(file_name(2, &"x".repeat(500)).len() < 90);
    }

    #[test]
    fn what_would_not_show_itself_shows_by_its_number() {
        assert_eq!(
            quoted("a\r\n!confirm\rb\u{202e}c\u{1b}[2J\n"),
            "> a\n> !confirm<U+000D>b<U+202E>c<U+001B>[2J\n"
        );
    }

    proptest! {
        #[test]
        fn every_line_of_a_quotation_is_marked(text in "[\\PC\\n\\r\u{b}\u{c}\u{85}\u{2028}!>]{0,200}") {
            let quoted = quoted(&text);
            let breaks = ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];
            for line in quoted.strip_suffix('\n').unwrap_or_default().split(breaks) {
                prop_assert!(quoted.is_empty() || line.starts_with("> "), "{line:?}");
            }
            prop_assert!(!quoted.chars().any(|c| c != '\n' && hides_on_screen(c)));
        }
    }
}
