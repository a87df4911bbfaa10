//! One mail as owned, bounded facts: everything the policy may know of it.
//!
//! Promises: nothing here borrows from the raw bytes or names the crate that read them. Every
//! string is decoded; every list and text is bounded by the reader's limits, and what the limits
//! cut is a [`Defect`].

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::address::{Address, Mailbox};

/// A Message-ID without its angle brackets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageId(pub String);

impl MessageId {
    /// What stands where one was erased.
    pub fn erased() -> Self {
        Self("erased@invalid".to_owned())
    }
}

/// The facts of one mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mail {
    /// Who wrote it, by From. Empty where nobody can be read.
    pub from: Vec<Mailbox>,
    /// The Sender field (RFC 5322 section 3.6.2).
    pub sender: Option<Mailbox>,
    /// Where the writer wants answers.
    pub reply_to: Vec<Mailbox>,
    /// Whom it is for: To, Cc, and what the server noted of the envelope
    /// (Delivered-To, X-Original-To, Envelope-To).
    pub recipients: Vec<Address>,
    /// Whom it names as its readers, in To and Cc.
    pub readers: Vec<Address>,
    /// The envelope sender, where the server noted one.
    pub return_path: ReturnPath,
    /// The subject, decoded, on one line.
    pub subject: String,
    /// The Date field, in UTC.
    pub date: Option<Timestamp>,
    /// Its own Message-ID.
    pub message_id: Option<MessageId>,
    /// What it answers.
    pub in_reply_to: Vec<MessageId>,
    /// The thread it stands in, oldest first.
    pub references: Vec<MessageId>,
    /// Every other header field, in the mail's order, unfolded and decoded.
    pub fields: Vec<Field>,
    /// What a person would see on opening the mail.
    pub text: VisibleText,
    /// Every leaf of the MIME tree, in the mail's order.
    pub parts: Vec<Part>,
    /// The machine-readable part of a delivery status notification.
    pub delivery_report: Option<DeliveryReport>,
    /// The Message-ID of the mail that is enclosed in it, whole or by its header: what a notice
    /// speaks of.
    pub enclosed: Option<MessageId>,
    /// How the body is encrypted, if it is.
    pub encryption: Option<Encryption>,
    /// Size of the raw mail in bytes, as the server stores it.
    pub size: u64,
    /// What was wrong with the mail, or cut from it.
    pub defects: Vec<Defect>,
}

impl Mail {
    /// Who is taken for the writer: the first author, or where From names nobody, whoever Sender or
    /// Reply-To name.
    pub fn author(&self) -> Option<&Mailbox> {
        self.from.first().or(self.sender.as_ref()).or(self.reply_to.first())
    }

    /// The files beside its text, in the mail's order.
    pub fn files(&self) -> impl Iterator<Item = Enclosure> {
        let files = self.parts.iter().filter(|part| part.is_file());
        files.zip(1_usize..).map(|(part, nth)| Enclosure {
            name: part.name.clone().unwrap_or_else(|| format!("file {nth}")),
            media_type: part.media_type.clone(),
            size: part.size,
        })
    }

    /// The values of a header field, by its name in any case.
    pub fn field<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |f| f.name.eq_ignore_ascii_case(name))
            .map(|f| f.value.as_str())
    }
}

/// One header field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The name as written.
    pub name: String,
    /// The value, unfolded and decoded.
    pub value: String,
}

/// The envelope sender as the receiving server wrote it down.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub enum ReturnPath {
    /// No Return-Path field.
    #[default]
    Unknown,
    /// `<>`: never to be answered (RFC 3834 section 2).
    Null,
    /// An address.
    Address(Address),
}

/// What a person sees, from the text/plain and text/html parts shown in the body.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct VisibleText {
    /// The text, with `\n` line ends. HTML is rendered to lines; what is hidden is left out; quoted
    /// blocks are prefixed with `> `.
    pub text: String,
    /// The targets of links that stand behind an anchor text, in order.
    pub links: Vec<Link>,
    /// The kind of part the text came from.
    pub source: TextSource,
}

/// A link of an HTML body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Where it leads.
    pub url: String,
    /// What a person sees of it.
    pub anchor: String,
}

/// Which part of a mail its visible text came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum TextSource {
    /// There was none.
    #[default]
    None,
    /// text/plain.
    Plain,
    /// text/html.
    Html,
    /// Several parts of both kinds, one after another.
    Mixed,
}

/// A leaf of the MIME tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The media type, lower-cased: `application/pdf`.
    pub media_type: String,
    /// The file name, without folders and control characters.
    pub name: Option<String>,
    /// Decoded size in bytes.
    pub size: u64,
    /// How the part is meant to be shown.
    pub role: PartRole,
}

impl Part {
    /// Whether it is a file beside the text.
    pub fn is_file(&self) -> bool {
        matches!(self.role, PartRole::Attachment | PartRole::Inline)
    }
}

/// A file in a mail, as lists name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosure {
    /// Its name, fit to be shown; a number where it has none.
    pub name: String,
    /// The media type that the mail claims, lower-cased.
    pub media_type: String,
    /// Decoded size in bytes.
    pub size: u64,
}

/// What a part is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum PartRole {
    /// Shown as the body, or an alternative of it.
    Body,
    /// Shown within the body: an image by its Content-ID.
    Inline,
    /// A file beside the body.
    Attachment,
    /// A signature, a key or another wrapping of the mail itself.
    Wrapping,
}

/// What a delivery status notification says (RFC 3464).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryReport {
    /// A recipient each.
    pub recipients: Vec<RecipientStatus>,
    /// Original-Envelope-Id, where the notice has one.
    pub envelope_id: Option<String>,
}

/// The fate of a mail for one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecipientStatus {
    /// Final-Recipient or Original-Recipient.
    pub recipient: Option<Address>,
    /// Action, lower-cased. Only `failed` is a failure.
    pub action: String,
    /// Status, such as `5.1.1`.
    pub status: String,
}

/// How a body is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Encryption {
    /// multipart/encrypted with application/pgp-encrypted (RFC 3156).
    PgpMime,
    /// An armoured message in the text.
    PgpInline,
    /// application/pkcs7-mime enveloped data (RFC 8551).
    Smime,
}

/// What is wrong with a mail, or was cut from it by a limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Defect {
    /// The mail is larger than the limit; only its beginning was read.
    Truncated,
    /// More parts, or deeper nesting, than the reader follows.
    TooManyParts,
    /// More or longer header fields than the reader keeps.
    HeaderTooLong,
    /// A transfer encoding or character set that could not be decoded.
    Encoding,
    /// The reader gave up on the mail: nothing of it is known but its bytes.
    Unreadable,
}
