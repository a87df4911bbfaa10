//! The bytes of a part as they were before transfer, and as text.
//!
//! Promises: what is broken is read as far as it goes, with a [`Defect::Encoding`].

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;

use crate::domain::mail::Defect;

use super::content_type::{Content, Transfer};

/// Undoes the transfer encoding.
pub fn bytes<'a>(
    body: &'a [u8],
    transfer: Transfer,
    note: &mut dyn FnMut(Defect),
) -> Cow<'a, [u8]> {
    match transfer {
        Transfer::Identity => Cow::Borrowed(body),
        Transfer::Base64 => base64_decode(body).map_or_else(
            || {
                note(Defect::Encoding);
                Cow::Owned(broken_base64(body))
            },
            Cow::Owned,
        ),
        Transfer::QuotedPrintable => quoted_printable_decode(body).map_or_else(
            || {
                note(Defect::Encoding);
                Cow::Owned(broken_quoted_printable(body))
            },
            Cow::Owned,
        ),
    }
}

/// The decoded size, without decoding.
pub fn size(body: &[u8], transfer: Transfer) -> u64 {
    let bytes = match transfer {
        Transfer::Base64 => {
            let digits =
                body.iter().filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
            digits.count().saturating_mul(3) / 4
        }
        Transfer::QuotedPrintable => {
            let escapes = body.iter().filter(|&&byte| byte == b'=').count();
            body.len().saturating_sub(escapes.saturating_mul(2))
        }
        Transfer::Identity => body.len(),
    };
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// Lists and gateways append a plain footer to an encoded body: both are read.
fn broken_base64(body: &[u8]) -> Vec<u8> {
    let is_encoded = |line: &[u8]| {
        let line = line.trim_ascii();
        line.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
    };
    let lines: Vec<&[u8]> = body.split_inclusive(|&byte| byte == b'\n').collect();
    let good = lines.iter().take_while(|line| is_encoded(line)).count();
    let encoded: Vec<u8> = lines.iter().take(good).flat_map(|line| line.iter().copied()).collect();
    let mut decoded = base64_decode(&encoded).unwrap_or_default();
    decoded.push(b'\n');
    decoded.extend(lines.iter().skip(good).flat_map(|line| line.iter().copied()));
    decoded
}

/// Line by line; a line with an escape that is none stays as it is.
fn broken_quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|&byte| byte == b'\n') {
        match quoted_printable_decode(line) {
            Some(bytes) => decoded.extend(bytes),
            None => decoded.extend_from_slice(line),
        }
    }
    decoded
}

/// The text of decoded bytes, with `\n` line ends.
pub fn text(bytes: Cow<'_, [u8]>, content: &Content, note: &mut dyn FnMut(Defect)) -> String {
    let declared = content.charset.clone().or_else(|| declared_in_html(&bytes, content));
    let text = characters(bytes, declared.as_deref(), note);
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}

fn characters(
    bytes: Cow<'_, [u8]>,
    declared: Option<&str>,
    note: &mut dyn FnMut(Defect),
) -> String {
    let charset = declared.unwrap_or("").trim().to_ascii_lowercase();
    // Programs that do not know better declare these and send UTF-8.
    let vague = matches!(
        charset.as_str(),
        "" | "utf-8"
            | "utf8"
            | "us-ascii"
            | "ascii"
            | "iso-8859-1"
            | "windows-1252"
            | "unknown-8bit"
    );
    let bytes = if vague {
        match String::from_utf8(bytes.into_owned()) {
            Ok(text) => return text,
            Err(error) => Cow::Owned(error.into_bytes()),
        }
    } else {
        bytes
    };
    if charset.starts_with("utf-8") || charset == "utf8" {
        note(Defect::Encoding);
        return String::from_utf8_lossy(&bytes).into_owned();
    }
    match charset_decoder(charset.as_bytes()) {
        Some(decode) => decode(&bytes),
        None => {
            if !bytes.is_ascii() {
                note(Defect::Encoding);
            }
            match String::from_utf8(bytes.into_owned()) {
                Ok(text) => text,
                Err(error) => {
                    let bytes = error.into_bytes();
                    charset_decoder(b"windows-1252").map_or_else(
                        || String::from_utf8_lossy(&bytes).into_owned(),
                        |decode| decode(&bytes),
                    )
                }
            }
        }
    }
}

/// `<meta charset=…>` of an HTML part whose header names none.
fn declared_in_html(bytes: &[u8], content: &Content) -> Option<String> {
    if content.media_type != "text/html" {
        return None;
    }
    let start = String::from_utf8_lossy(bytes.get(..bytes.len().min(1024))?).to_ascii_lowercase();
    let (_, after) = start.split_once("charset=")?;
    let name: String = after
        .trim_start_matches(['"', '\''])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    (!name.is_empty()).then_some(name)
}
