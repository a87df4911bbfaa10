//! The facts of a mail's header.

use chrono::DateTime;
use mail_parser::HeaderValue;
use mail_parser::parsers::MessageStream;

use crate::domain::Timestamp;
use crate::domain::address::{Address, Mailbox};
use crate::domain::mail::{Defect, Field, MessageId, ReturnPath};

use super::limits;

/// What a header says.
#[derive(Debug, Default)]
pub struct Header {
    pub from: Vec<Mailbox>,
    pub sender: Option<Mailbox>,
    pub reply_to: Vec<Mailbox>,
    pub recipients: Vec<Address>,
    pub readers: Vec<Address>,
    pub return_path: ReturnPath,
    pub subject: String,
    pub date: Option<Timestamp>,
    pub message_id: Option<MessageId>,
    pub in_reply_to: Vec<MessageId>,
    pub references: Vec<MessageId>,
    pub fields: Vec<Field>,
}

/// The fields of a header block, still folded: name and value. Lines that are no field are skipped.
pub fn split(header: &[u8]) -> impl Iterator<Item = (&str, &[u8])> {
    let mut rest = header;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let end = end_of_field(rest);
            let (field, after) = rest.split_at_checked(end)?;
            rest = after;
            let Some(colon) = field.iter().position(|&byte| byte == b':') else { continue };
            let (name, value) = field.split_at_checked(colon)?;
            let Ok(name) = std::str::from_utf8(name.trim_ascii()) else { continue };
            if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Some((name, value.get(1..).unwrap_or_default().trim_ascii()));
            }
        }
        None
    })
}

/// The length of the first field, with its folded lines.
fn end_of_field(block: &[u8]) -> usize {
    let mut at = 0_usize;
    for line in block.split_inclusive(|&byte| byte == b'\n') {
        let folded = line.first().is_some_and(|&byte| byte == b' ' || byte == b'\t')
            // Some programs forget to indent a long parameter.
            || line.get(..9).is_some_and(|word| word.eq_ignore_ascii_case(b"boundary="));
        if at > 0 && !folded {
            break;
        }
        at = at.saturating_add(line.len());
    }
    at
}

/// Reads a header block.
pub fn read(header: &[u8], note: &mut dyn FnMut(Defect)) -> Header {
    let mut facts = Header::default();
    for (name, value) in split(header) {
        let Some(value) = value.get(..value.len().min(limits::FIELD_BYTES)) else { continue };
        if value.len() == limits::FIELD_BYTES {
            note(Defect::HeaderTooLong);
        }
        match name.to_ascii_lowercase().as_str() {
            "from" => {
                let found = mailboxes(value);
                if found.is_empty() {
                    // Kept for who looks for `MAILER-DAEMON <>`.
                    facts.keep(name, value, note);
                } else if facts.from.is_empty() {
                    facts.from = found;
                }
            }
            "sender" => facts.sender = facts.sender.or_else(|| mailboxes(value).into_iter().next()),
            "reply-to" => facts.reply_to.extend(mailboxes(value)),
            "to" | "cc" => {
                let named = mailboxes(value).into_iter().map(|mailbox| mailbox.address);
                facts.readers.extend(named);
            }
            "delivered-to" | "x-original-to" | "envelope-to" => {
                facts.recipients.extend(bare(value));
                facts.keep(name, value, note);
            }
            "return-path" if facts.return_path == ReturnPath::Unknown => {
                facts.return_path = return_path(value);
            }
            "subject" if facts.subject.is_empty() => facts.subject = text(value),
            "date" => facts.date = facts.date.or_else(|| date(value)),
            "message-id" => {
                facts.message_id = facts.message_id.or_else(|| ids(value).into_iter().next());
            }
            "in-reply-to" => facts.in_reply_to.extend(ids(value)),
            "references" => facts.references.extend(ids(value)),
            _ => facts.keep(name, value, note),
        }
    }
    facts.readers.sort();
    facts.readers.dedup();
    facts.readers.truncate(limits::LIST_ITEMS);
    facts.recipients.extend(facts.readers.iter().cloned());
    facts.recipients.sort();
    facts.recipients.dedup();
    facts.recipients.truncate(limits::LIST_ITEMS);
    facts
}

impl Header {
    fn keep(&mut self, name: &str, value: &[u8], note: &mut dyn FnMut(Defect)) {
        if self.fields.len() >= limits::FIELDS {
            note(Defect::HeaderTooLong);
            return;
        }
        self.fields.push(Field { name: name.to_owned(), value: text(value) });
    }
}

/// A field's text: unfolded, encoded words decoded, on one line.
pub fn text(value: &[u8]) -> String {
    let plain = value.is_ascii() && !value.windows(2).any(|pair| pair == b"=?");
    let decoded = if plain {
        String::from_utf8_lossy(value).into_owned()
    } else {
        let mut line = value.to_vec();
        line.push(b'\n');
        match MessageStream::new(&line).parse_unstructured() {
            HeaderValue::Text(text) => text.into_owned(),
            HeaderValue::TextList(words) => words.join(" "),
            _ => String::from_utf8_lossy(value).into_owned(),
        }
    };
    if !decoded.contains(char::is_control) {
        return decoded.trim().to_owned();
    }
    // A folded line continues after one space; any other control character is no part of a text.
    let lines = decoded.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty());
    let joined = lines.collect::<Vec<_>>().join(" ");
    joined.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The mailboxes of an address field.
pub fn mailboxes(value: &[u8]) -> Vec<Mailbox> {
    let mut line = value.to_vec();
    line.push(b'\n');
    let HeaderValue::Address(list) = MessageStream::new(&line).parse_address() else {
        return Vec::new();
    };
    list.iter()
        .filter_map(|found| {
            let address = found.address.as_deref()?.trim().trim_matches(['<', '>']).parse().ok()?;
            Some(Mailbox::new(found.name.as_deref(), address))
        })
        .take(limits::LIST_ITEMS)
        .collect()
}

fn bare(value: &[u8]) -> Option<Address> {
    String::from_utf8_lossy(value).trim().trim_matches(['<', '>']).parse().ok()
}

fn return_path(value: &[u8]) -> ReturnPath {
    let text = String::from_utf8_lossy(value);
    let text = text.trim();
    if let Some(address) = bare(value) {
        return ReturnPath::Address(address);
    }
    // sendmail and its kin write the null path as `<MAILER-DAEMON>`.
    let inner = text.trim_matches(['<', '>']).trim();
    if (inner.is_empty() && text.starts_with('<')) || inner.eq_ignore_ascii_case("mailer-daemon") {
        ReturnPath::Null
    } else {
        ReturnPath::Unknown
    }
}

/// A date as mails write it.
pub fn date(value: &[u8]) -> Option<Timestamp> {
    let mut line = value.to_vec();
    line.push(b'\n');
    match MessageStream::new(&line).parse_date() {
        HeaderValue::DateTime(date) if date.is_valid() => {
            DateTime::from_timestamp(date.to_timestamp(), 0)
        }
        _ => None,
    }
}

/// The message ids of a field. What stands outside of angle brackets counts where nothing stands
/// within.
pub fn ids(value: &[u8]) -> Vec<MessageId> {
    let text = String::from_utf8_lossy(value);
    let sound = |id: &str| !id.is_empty() && !id.contains(|c: char| c.is_control() || c == ' ');
    let mut found: Vec<MessageId> = text
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .map(|(id, _)| id.split_whitespace().collect::<String>())
        .filter(|id| sound(id))
        .map(MessageId)
        .collect();
    if found.is_empty() {
        let words = text.split_whitespace().filter(|word| word.contains('@') && sound(word));
        found = words.map(|word| MessageId(word.trim_matches(['<', '>']).to_owned())).collect();
    }
    found.truncate(limits::LIST_ITEMS);
    found
}
