//! HTML to what a reader sees: lines of text, quotations as `> `, links beside their anchors.
//!
//! Relies on html5gum's tokenizer, event by event, so that neither a million attributes nor a
//! million elements are held. Promises: time linear in the source, text and links within the limits.

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use crate::domain::mail::Link;

use super::html_style::{Attributes, is_block, is_never_shown, is_paragraph, is_void};
use super::limits;

/// What a reader sees of an HTML part.
#[derive(Debug, Default)]
pub struct Rendered {
    pub text: String,
    pub links: Vec<Link>,
    /// Addresses of images that are fetched and large enough to be looked at.
    pub images: usize,
    /// Whether the limits cut something.
    pub cut: bool,
}

/// Renders HTML.
pub fn render(source: &str) -> Rendered {
    let mut page = Page::default();
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| {
        page.take(event);
        None::<Infallible>
    });
    emitter.naively_switch_states(true);
    let _ = Tokenizer::new_with_emitter(source, emitter).finish();
    page.finish()
}

/// How an open element changes what is in it.
#[derive(Debug, Clone, Default)]
struct Element {
    name: Vec<u8>,
    hidden: bool,
    preformatted: bool,
    quotes: usize,
}

#[derive(Debug, Default)]
struct Page {
    out: Rendered,
    open: Vec<Element>,
    /// Elements open beyond the limit.
    deeper: usize,
    tag: Vec<u8>,
    attributes: Attributes,
    attribute: Vec<u8>,
    /// Where the text of an open link begins, and where it leads.
    link: Option<(usize, String)>,
    /// Whether white space is due before the next word.
    space: bool,
    /// Line ends due before the next word.
    breaks: usize,
}

impl Page {
    fn take(&mut self, event: CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = name.to_vec();
                self.attributes = Attributes::default();
            }
            CallbackEvent::AttributeName { name } => {
                self.attribute = name.get(..name.len().min(16)).unwrap_or_default().to_vec();
                self.attributes.hidden |= name == b"hidden";
            }
            CallbackEvent::AttributeValue { value } => {
                let value = value.get(..value.len().min(limits::LINK_BYTES)).unwrap_or_default();
                if let Some(slot) = self.attributes.slot(&self.attribute) {
                    *slot = String::from_utf8_lossy(value).into_owned();
                }
            }
            CallbackEvent::CloseStartTag { .. } => self.start(),
            CallbackEvent::EndTag { name } => self.end(name),
            CallbackEvent::String { value } => self.text(&String::from_utf8_lossy(value)),
            CallbackEvent::Comment { .. }
            | CallbackEvent::Doctype { .. }
            | CallbackEvent::Error(_) => {}
        }
    }

    fn now(&self) -> (bool, bool, usize) {
        self.open.last().map_or((false, false, 0), |e| (e.hidden, e.preformatted, e.quotes))
    }

    fn start(&mut self) {
        let tag = std::mem::take(&mut self.tag);
        let (hidden, preformatted, quotes) = self.now();
        match tag.as_slice() {
            b"br" if !hidden => self.breaks = self.breaks.saturating_add(1),
            b"hr" if !hidden => self.line(),
            b"img" if !hidden => self.image(),
            b"td" | b"th" if !hidden => self.space = true,
            b"a" if !hidden => {
                self.close_link();
                let href = std::mem::take(&mut self.attributes.href);
                if !href.trim().is_empty() {
                    self.link = Some((self.out.text.len(), href.trim().to_owned()));
                }
            }
            _ => {}
        }
        if is_block(&tag) && !hidden {
            self.line();
            if is_paragraph(&tag) {
                self.paragraph();
            }
            if tag == b"li" {
                self.word("- ", quotes);
                self.space = false;
            }
        }
        if is_void(&tag) {
            return;
        }
        if self.open.len() >= limits::ELEMENTS {
            self.deeper = self.deeper.saturating_add(1);
            return;
        }
        let cited = tag == b"blockquote" && self.attributes.quotes()
            || tag == b"div" && self.attributes.name == "quote";
        self.open.push(Element {
            hidden: hidden || is_never_shown(&tag) || self.attributes.hides(),
            preformatted: preformatted || tag == b"pre",
            quotes: quotes.saturating_add(usize::from(cited)),
            name: tag,
        });
    }

    fn end(&mut self, name: &[u8]) {
        if name == b"a" {
            self.close_link();
        }
        if is_block(name) && !self.now().0 {
            self.line();
            if is_paragraph(name) {
                self.paragraph();
            }
        }
        if is_void(name) {
            return;
        }
        if self.deeper > 0 {
            self.deeper = self.deeper.saturating_sub(1);
            return;
        }
        // An end tag closes what it belongs to, if that is near; a stray one closes nothing.
        let near = self.open.iter().rev().take(limits::END_TAG_REACH);
        if let Some(up) = near.enumerate().find_map(|(up, e)| (e.name == name).then_some(up)) {
            self.open.truncate(self.open.len().saturating_sub(up).saturating_sub(1));
        }
    }

    fn line(&mut self) {
        self.breaks = self.breaks.max(1);
    }

    fn paragraph(&mut self) {
        self.breaks = self.breaks.max(2);
    }

    fn image(&mut self) {
        if self.attributes.is_tracking_pixel() {
            return;
        }
        if self.attributes.src.starts_with("http") {
            self.out.images = self.out.images.saturating_add(1);
        }
        // Within a link the picture is the anchor: something a person sees and can press.
        if let Some((from, _)) = &self.link
            && *from == self.out.text.len()
        {
            let alt = std::mem::take(&mut self.attributes.alt);
            let (_, href) = self.link.take().unwrap_or_default();
            self.push_link(href, alt);
        }
    }

    fn text(&mut self, text: &str) {
        let (hidden, preformatted, quotes) = self.now();
        if hidden {
            return;
        }
        if preformatted {
            for (nth, line) in text.split('\n').enumerate() {
                if nth > 0 {
                    self.breaks = self.breaks.saturating_add(1);
                }
                let line = line.trim_end_matches('\r');
                if !line.trim().is_empty() {
                    self.word(line, quotes);
                }
            }
            return;
        }
        // U+00A0 is a space that only forbids a line break; the others are what senders pad with.
        let blank = |c: char| {
            c.is_whitespace()
                || matches!(c, '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{ad}' | '\u{34f}')
        };
        let mut words = text.split(blank).filter(|word| !word.is_empty()).peekable();
        if words.peek().is_none() {
            self.space |= !text.is_empty();
            return;
        }
        self.space |= text.starts_with(blank);
        for word in words {
            self.word(word, quotes);
            self.space = true;
        }
        self.space = text.ends_with(blank);
    }

    fn word(&mut self, word: &str, quotes: usize) {
        if self.out.text.len().saturating_add(word.len()) > limits::TEXT_BYTES {
            self.out.cut = true;
            return;
        }
        let at_start = self.out.text.is_empty();
        let breaks = if at_start { 0 } else { self.breaks.min(3) };
        for _ in 0..breaks {
            self.out.text.push('\n');
        }
        if at_start || breaks > 0 {
            for _ in 0..quotes.min(limits::QUOTES) {
                self.out.text.push_str("> ");
            }
            if let Some((from, _)) = &mut self.link {
                *from = (*from).max(self.out.text.len().min(from.saturating_add(64)));
            }
        } else if self.space {
            self.out.text.push(' ');
        }
        self.out.text.push_str(word);
        self.space = false;
        self.breaks = 0;
    }

    fn close_link(&mut self) {
        let Some((from, href)) = self.link.take() else { return };
        let seen = self.out.text.get(from..).unwrap_or_default();
        let anchor = seen.split_whitespace().collect::<Vec<_>>().join(" ");
        if !anchor.is_empty() {
            self.push_link(href, anchor);
        }
    }

    fn push_link(&mut self, url: String, anchor: String) {
        if self.out.links.len() >= limits::LINKS {
            self.out.cut = true;
            return;
        }
        let anchor = anchor.chars().take(limits::LINK_BYTES / 4).collect();
        self.out.links.push(Link { url, anchor });
    }

    fn finish(mut self) -> Rendered {
        self.close_link();
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_cannot_see_is_left_out() {
        let page = render(
            "<head><title>T</title><style>p{}</style></head><p>seen<span style='display:none'>no</span>\
             <span style='font-size:0px'>no</span><b hidden>no</b><script>no</script> too</p>",
        );
        assert_eq!(page.text, "seen too");
    }

    #[test]
    fn blocks_become_lines_and_quotations_are_marked() {
        let page =
            render("<div>a&nbsp;b</div><div>c<br>d</div><blockquote>q<div>r</div></blockquote>e");
        assert_eq!(page.text, "a b\nc\nd\n\n> q\n> r\n\ne");
    }

    #[test]
    fn a_link_is_kept_with_what_is_seen_of_it() {
        let page =
            render("<p>see <a href='https://example.org/x?a=1&amp;b=2'>the <b>report</b></a>.</p>");
        assert_eq!(page.text, "see the report.");
        assert_eq!(
            page.links,
            [Link { url: "https://example.org/x?a=1&b=2".into(), anchor: "the report".into() }]
        );
    }

    #[test]
    fn preformatted_text_keeps_its_spaces() {
        assert_eq!(render("<pre>a\n  b\n\n   c</pre>d").text, "a\n  b\n\n   c\n\nd");
    }
}
