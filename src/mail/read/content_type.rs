//! What a MIME part's header says of its content.

use mail_parser::parsers::MessageStream;
use mail_parser::{ContentType, HeaderValue};

use super::fields::split;

/// How the bytes of a part are encoded for transfer (RFC 2045 section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transfer {
    /// As they are.
    #[default]
    Identity,
    Base64,
    QuotedPrintable,
}

/// Whether a part asks to be shown or to be saved (RFC 2183).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Disposition {
    /// It does not say.
    #[default]
    Unsaid,
    Inline,
    Attachment,
}

/// The content facts of one part's header.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Content {
    /// Lower-cased, `text/plain` where the header names none (RFC 2045 section 5.2).
    pub media_type: String,
    /// Whether the header named the type.
    pub typed: bool,
    pub boundary: Option<String>,
    pub charset: Option<String>,
    /// `format=flowed` (RFC 3676).
    pub flowed: bool,
    /// `delsp=yes` (RFC 3676).
    pub delete_space: bool,
    pub smime_type: Option<String>,
    pub report_type: Option<String>,
    pub name: Option<String>,
    pub content_id: Option<String>,
    pub transfer: Transfer,
    pub disposition: Disposition,
}

impl Content {
    /// Whether the part is of the given top-level type, such as `text`.
    pub fn is(&self, top: &str) -> bool {
        self.media_type.split_once('/').is_some_and(|(own, _)| own == top)
    }

    /// Reads the content fields of a header block.
    pub fn read(header: &[u8]) -> Self {
        let mut content = Self::default();
        for (name, value) in split(header) {
            if name.eq_ignore_ascii_case("content-type") && !content.typed {
                content.take_type(value);
            } else if name.eq_ignore_ascii_case("content-disposition") {
                content.take_disposition(value);
            } else if name.eq_ignore_ascii_case("content-transfer-encoding") {
                content.transfer = transfer(value);
            } else if name.eq_ignore_ascii_case("content-id") {
                let id = String::from_utf8_lossy(value);
                content.content_id = Some(id.trim().trim_matches(['<', '>']).to_owned());
            }
        }
        if content.media_type.is_empty() {
            content.media_type = "text/plain".to_owned();
        }
        content
    }

    fn take_type(&mut self, value: &[u8]) {
        let Some(parsed) = parameters(value) else { return };
        self.typed = true;
        let top = parsed.ctype().trim().to_ascii_lowercase();
        self.media_type = match parsed.subtype() {
            Some(sub) => format!("{top}/{}", sub.trim().to_ascii_lowercase()),
            // `Content-Type: text` is how some old programs say text/plain.
            None if top == "text" => "text/plain".to_owned(),
            None => format!("{top}/unknown"),
        };
        let attribute = |name: &str| parsed.attribute(name).map(ToOwned::to_owned);
        self.boundary = attribute("boundary").filter(|boundary| !boundary.is_empty());
        self.charset = attribute("charset");
        self.smime_type = attribute("smime-type").map(|kind| kind.to_ascii_lowercase());
        self.report_type = attribute("report-type").map(|kind| kind.to_ascii_lowercase());
        self.flowed = parsed.attribute("format").is_some_and(|v| v.eq_ignore_ascii_case("flowed"));
        self.delete_space =
            parsed.attribute("delsp").is_some_and(|v| v.eq_ignore_ascii_case("yes"));
        self.name = self.name.take().or_else(|| attribute("name"));
    }

    fn take_disposition(&mut self, value: &[u8]) {
        let Some(parsed) = parameters(value) else { return };
        self.disposition = match parsed.ctype().trim() {
            kind if kind.eq_ignore_ascii_case("inline") => Disposition::Inline,
            // RFC 2183 section 2.8: an unknown disposition is an attachment.
            kind if !kind.is_empty() => Disposition::Attachment,
            _ => Disposition::Unsaid,
        };
        if let Some(name) = parsed.attribute("filename") {
            self.name = Some(name.to_owned());
        }
    }
}

fn parameters(value: &[u8]) -> Option<ContentType<'static>> {
    let mut line = value.to_vec();
    line.push(b'\n');
    match MessageStream::new(&line).parse_content_type() {
        HeaderValue::ContentType(parsed) => match HeaderValue::ContentType(parsed).into_owned() {
            HeaderValue::ContentType(owned) => Some(owned),
            _ => None,
        },
        _ => None,
    }
}

fn transfer(value: &[u8]) -> Transfer {
    match value.trim_ascii() {
        name if name.eq_ignore_ascii_case(b"base64") => Transfer::Base64,
        name if name.eq_ignore_ascii_case(b"quoted-printable") => Transfer::QuotedPrintable,
        _ => Transfer::Identity,
    }
}
