//! `format=flowed` undone (RFC 3676 section 4): soft line breaks joined, space-stuffing removed.

/// Joins the soft-broken lines of a flowed text. `delete_space` is the `DelSp` parameter.
pub fn unflow(text: &str, delete_space: DeleteSpace) -> String {
    let mut out = String::with_capacity(text.len());
    // The quote depth of an open paragraph, whose last line ended softly.
    let mut open: Option<usize> = None;
    for line in text.split('\n') {
        let depth = line.bytes().take_while(|&byte| byte == b'>').count();
        let content = line.get(depth..).unwrap_or_default();
        let content = content.strip_prefix(' ').unwrap_or(content);
        let signature = content == "-- ";
        match open {
            Some(before) if before == depth && !signature => {}
            Some(_) => {
                out.push('\n');
                start(&mut out, depth);
            }
            None => start(&mut out, depth),
        }
        let soft = content.ends_with(' ') && !signature;
        match (soft, delete_space) {
            (true, DeleteSpace::Yes) => out.push_str(content.strip_suffix(' ').unwrap_or(content)),
            _ => out.push_str(content),
        }
        open = soft.then_some(depth);
        if !soft {
            out.push('\n');
        }
    }
    out.pop();
    out
}

/// Whether the space before a soft line break is part of the break (RFC 3676 section 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteSpace {
    /// `DelSp=yes`.
    Yes,
    /// The space belongs to the text.
    No,
}

fn start(out: &mut String, depth: usize) {
    if depth > 0 {
        for _ in 0..depth.min(super::limits::QUOTES) {
            out.push('>');
        }
        out.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_breaks_are_joined_and_hard_ones_stay() {
        let text = "A long line \nthat goes on.\nNext.\n> quoted \n> text\n-- \nAda";
        let plain = "A long line that goes on.\nNext.\n> quoted text\n-- \nAda";
        assert_eq!(unflow(text, DeleteSpace::No), plain);
    }

    #[test]
    fn del_sp_takes_the_space_of_a_soft_break_with_it() {
        assert_eq!(unflow("攻击者可 \n以读取\n", DeleteSpace::Yes), "攻击者可以读取\n");
    }

    #[test]
    fn a_stuffed_space_is_not_text() {
        assert_eq!(unflow(" >not a quote\n From here", DeleteSpace::No), ">not a quote\nFrom here");
    }
}
