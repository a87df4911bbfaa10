//! Which parts are the body, and what a person reads in it.
//!
//! Of the alternatives of one text the plain one is taken, unless it is a stub beside an HTML part
//! that has the substance. The links of the HTML part are taken either way.

use crate::domain::address::displayable;
use crate::domain::mail::{Defect, Part, PartRole, TextSource, VisibleText};

use super::content_type::{Content, Disposition};
use super::decode;
use super::flowed::{DeleteSpace, unflow};
use super::html::{self, Rendered};
use super::limits;
use super::parts::{Kind, Leaf, Tree};

/// The body and the list of parts.
#[derive(Debug, Default)]
pub struct Body {
    pub text: VisibleText,
    pub parts: Vec<Part>,
}

/// Reads the visible text of a mail and lists its parts.
pub fn read(raw: &[u8], tree: &Tree, note: &mut dyn FnMut(Defect)) -> Body {
    let mut body = Body::default();
    let mut seen_text = false;
    // One entry per text, or per set of alternatives of one text, in the mail's order.
    let mut texts: Vec<(Option<usize>, Versions)> = Vec::new();
    for leaf in &tree.leaves {
        let role = role(tree, leaf, seen_text);
        let bytes = tree.bytes(raw, leaf);
        if role == PartRole::Body {
            seen_text = true;
            let alternative = tree
                .around(leaf)
                .find(|(_, around)| around.kind == Kind::Alternative)
                .map(|(at, _)| at);
            let at = alternative
                .and_then(|_| texts.iter().position(|(of, _)| *of == alternative))
                .unwrap_or_else(|| {
                    texts.push((alternative, Versions::default()));
                    texts.len().saturating_sub(1)
                });
            if let Some((_, versions)) = texts.get_mut(at) {
                versions.add(bytes, &leaf.content, note);
            }
        }
        body.parts.push(Part {
            media_type: leaf.content.media_type.clone(),
            name: leaf.content.name.as_deref().and_then(file_name),
            size: decode::size(bytes, leaf.content.transfer),
            role,
        });
    }
    for (_, versions) in texts {
        versions.append_to(&mut body.text, note);
    }
    body
}

/// What a leaf is for.
pub fn role(tree: &Tree, leaf: &Leaf, seen_text: bool) -> PartRole {
    let content = &leaf.content;
    let media_type = content.media_type.as_str();
    let name = content.name.as_deref().unwrap_or_default().to_ascii_lowercase();
    let within = |kind: Kind| tree.around(leaf).any(|(_, around)| around.kind == kind);
    let is_wrapping = matches!(
        media_type,
        "application/pgp-signature"
            | "application/pgp-keys"
            | "application/pgp-encrypted"
            | "application/pkcs7-signature"
            | "application/x-pkcs7-signature"
            | "message/delivery-status"
            | "message/disposition-notification"
            | "message/feedback-report"
            | "text/rfc822-headers"
    ) || name.ends_with(".p7s")
        || (within(Kind::Encrypted) && content.is("application"))
        || (within(Kind::Report) && content.is("message"));
    if is_wrapping {
        return PartRole::Wrapping;
    }
    let attached = content.disposition == Disposition::Attachment;
    if content.is("text") && !attached {
        let alternative =
            tree.around(leaf).next().is_some_and(|(_, c)| c.kind == Kind::Alternative);
        let readable = matches!(media_type, "text/plain" | "text/html");
        let shown = content.disposition == Disposition::Inline || name.is_empty();
        return if alternative || (readable && (shown || !seen_text)) {
            PartRole::Body
        } else {
            PartRole::Attachment
        };
    }
    let beside =
        tree.around(leaf).next().is_some_and(|(_, c)| c.kind == Kind::Related) && !leaf.first;
    if content.is("image")
        && (beside || (content.disposition == Disposition::Inline && content.content_id.is_some()))
    {
        return PartRole::Inline;
    }
    PartRole::Attachment
}

/// The versions of one text.
#[derive(Debug, Default)]
struct Versions {
    plain: Option<String>,
    html: Option<Rendered>,
}

impl Versions {
    fn add(&mut self, bytes: &[u8], content: &Content, note: &mut dyn FnMut(Defect)) {
        let decode = |note: &mut dyn FnMut(Defect)| {
            let bytes = decode::bytes(bytes, content.transfer, note);
            decode::text(bytes, content, note)
        };
        match content.media_type.as_str() {
            "text/plain" => {
                let text = decode(note);
                let space = if content.delete_space { DeleteSpace::Yes } else { DeleteSpace::No };
                let text = if content.flowed { unflow(&text, space) } else { text };
                join(self.plain.get_or_insert_default(), &text);
            }
            "text/html" => {
                let rendered = html::render(&decode(note));
                let all = self.html.get_or_insert_default();
                join(&mut all.text, &rendered.text);
                all.links.extend(rendered.links);
                all.links.truncate(limits::LINKS);
                all.images = all.images.saturating_add(rendered.images);
                all.cut |= rendered.cut;
            }
            // Another version of a text that one of the two has too: a calendar entry, AMP.
            _ => {}
        }
    }

    fn append_to(self, text: &mut VisibleText, note: &mut dyn FnMut(Defect)) {
        let html = self.html.unwrap_or_default();
        if html.cut {
            note(Defect::Truncated);
        }
        let plain = self.plain.filter(|plain| !is_stub(plain, &html.text));
        let source = match &plain {
            Some(_) => TextSource::Plain,
            None if html.text.is_empty() && html.links.is_empty() => TextSource::None,
            None => TextSource::Html,
        };
        text.source = match (text.source, source) {
            (TextSource::None, new) | (new, TextSource::None) => new,
            (old, new) if old == new => old,
            _ => TextSource::Mixed,
        };
        text.links.extend(html.links);
        text.links.truncate(limits::LINKS);
        let more = plain.unwrap_or(html.text);
        let room = limits::TEXT_BYTES.saturating_sub(text.text.len());
        let mut end = room.min(more.len());
        while !more.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        if end < more.len() {
            note(Defect::Truncated);
        }
        join(&mut text.text, more.get(..end).unwrap_or_default());
    }
}

/// A plain text that only says that there is an HTML one, or nothing.
fn is_stub(plain: &str, html: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).take(4000).count();
    let (plain, html) = (letters(plain), letters(html));
    plain == 0 || (plain < 150 && html > plain.saturating_mul(4))
}

fn join(to: &mut String, more: &str) {
    if !to.is_empty() && !more.is_empty() {
        to.push_str("\n\n");
    }
    to.push_str(more);
}

/// A name without folders, fit to be shown and to be a file.
pub fn file_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    Some(displayable(last)).filter(|name| !name.is_empty())
}
