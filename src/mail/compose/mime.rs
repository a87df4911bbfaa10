//! A rendered letter as the bytes of a mail (RFC 5322, RFC 2045), with lettre's builder.
//!
//! Promises: seven-bit, CRLF line ends and no other CR or LF, nothing random: the same parts give
//! the same bytes.

use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{
    Attachment, Body as WireBody, Mailbox as WireMailbox, MessageBuilder, MultiPart, SinglePart,
};

use super::thread::Thread;
use crate::domain::Timestamp;
use crate::domain::address::{Address, Mailbox, one_line};
use crate::domain::notice::Enclosed;
use crate::mail::wire_address::wire_address;

/// Everything a mail is made of.
#[derive(Debug)]
pub struct Parts<'a> {
    /// From.
    pub from: &'a Mailbox,
    /// To.
    pub to: &'a Mailbox,
    /// Where answers go, if not to From.
    pub reply_to: Option<&'a Mailbox>,
    /// Cc.
    pub cc: &'a [Address],
    /// Subject.
    pub subject: &'a str,
    /// Date.
    pub date: Timestamp,
    /// Message-ID, without angle brackets.
    pub message_id: &'a str,
    /// In-Reply-To and References.
    pub thread: Option<&'a Thread>,
    /// Auto-Submitted.
    pub automatic: Automatic,
    /// The body.
    pub body: Body<'a>,
}

/// How a mail came to be sent without a hand (RFC 3834 section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Automatic {
    /// In answer to a mail.
    Replied,
    /// By the clock.
    Generated,
    /// By a person's word.
    No,
}

/// A mail's body.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// Text alone.
    Text(&'a str),
    /// Text, and the same as HTML.
    Both {
        /// For readers of text.
        text: &'a str,
        /// For readers of HTML.
        html: &'a str,
        /// What no line of either part can be.
        boundary: &'a str,
    },
    /// Text, and files that no program is started for.
    Files {
        /// The text.
        text: &'a str,
        /// The files.
        files: &'a [Enclosed],
        /// What no line of any part can be.
        boundary: &'a str,
    },
}

/// Writes a mail.
///
/// # Errors
/// What lettre says where a mail cannot be built.
pub fn write(parts: &Parts<'_>) -> Result<Vec<u8>, lettre::error::Error> {
    let from = wire_address(&parts.from.address).ok_or(lettre::error::Error::MissingFrom)?;
    let mut builder = MessageBuilder::new()
        .from(WireMailbox::new(wire_name(parts.from), from))
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Subject"),
            parts.subject.to_owned(),
        ))
        .date(writable(parts.date))
        .message_id(Some(format!("<{}>", parts.message_id)));
    builder = match wire_address(&parts.to.address) {
        Some(address) => builder.to(WireMailbox::new(wire_name(parts.to), address)),
        // Such a mail cannot leave, and its outbox will say so; until then it is well-formed.
        None => builder.raw_header(plain("To", "undisclosed-recipients:;")),
    };
    if let Some(mailbox) = parts.reply_to
        && let Some(address) = wire_address(&mailbox.address)
    {
        builder = builder.reply_to(WireMailbox::new(wire_name(mailbox), address));
    }
    for address in parts.cc.iter().filter_map(wire_address) {
        builder = builder.cc(WireMailbox::new(None, address));
    }
    if let Some(thread) = parts.thread {
        builder =
            builder.in_reply_to(thread.in_reply_to.clone()).references(thread.references.clone());
    }
    builder = match parts.automatic {
        // Exchange and Outlook answer automatic replies unless they read this field.
        Automatic::Replied => builder
            .raw_header(plain("Auto-Submitted", "auto-replied"))
            .raw_header(plain("X-Auto-Response-Suppress", "All")),
        Automatic::Generated => builder.raw_header(plain("Auto-Submitted", "auto-generated")),
        Automatic::No => builder,
    };
    // lettre derives an envelope from the header and wants a recipient in it; ours is beside it.
    let own = wire_address(&parts.from.address).into_iter().collect();
    builder = builder.envelope(lettre::address::Envelope::new(None, own)?);
    let message = match parts.body {
        Body::Text(text) => builder.singlepart(SinglePart::plain(text.to_owned())),
        Body::Both { text, html, boundary } => builder.multipart(
            MultiPart::alternative()
                .boundary(boundary)
                .singlepart(SinglePart::plain(text.to_owned()))
                .singlepart(SinglePart::html(html.to_owned())),
        ),
        Body::Files { text, files, boundary } => {
            let text = SinglePart::plain(text.to_owned());
            let whole = MultiPart::mixed().boundary(boundary).singlepart(text);
            let file = |whole: MultiPart, file: &Enclosed| {
                let part = Attachment::new(file.name.clone());
                // Whatever its lines end with: no line of a mail does so.
                let base64 = ContentTransferEncoding::Base64;
                match WireBody::new_with_encoding(file.bytes.clone(), base64) {
                    Ok(body) => whole.singlepart(part.body(body, octets())),
                    Err(_) => whole,
                }
            };
            builder.multipart(files.iter().fold(whole, file))
        }
    }?;
    Ok(message.formatted())
}

/// The type of a file of which nothing is said: no client shows or starts it by itself.
fn octets() -> ContentType {
    ContentType::parse("application/octet-stream").unwrap_or(ContentType::TEXT_PLAIN)
}

/// A name on one line: lettre panics at some that hold a line break.
fn wire_name(mailbox: &Mailbox) -> Option<String> {
    mailbox.name.as_deref().map(one_line)
}

/// A time that a Date field can hold: lettre's date type panics before 1970 and after 9999.
fn writable(at: Timestamp) -> std::time::SystemTime {
    let seconds = at.timestamp().clamp(0, 253_402_300_799);
    chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default().into()
}

/// A field of constant text.
fn plain(name: &'static str, value: &'static str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}
