//! Raw bytes to owned facts. The only place that names mail_parser.
//!
//! Relies on mail_parser for everything that has a grammar (addresses, dates, parameters, encoded
//! words, transfer encodings, character sets) and on html5gum for HTML. The walk over lines and
//! boundaries is done here, in [`parts`]: the crate's own walk looks for a boundary from every
//! nested part to the end of the mail and drops nested mails by recursion, so that a few megabytes
//! made for the purpose cost minutes or the stack.
//!
//! Promises: [`read`] is total, takes time and memory linear in the size of the mail, and says in
//! [`Mail::defects`] what its limits cut.

mod body;
mod content_type;
mod decode;
mod encryption;
mod fields;
mod files;
mod flowed;
mod head;
mod html;
mod html_style;
mod limits;
mod parts;
pub(in crate::mail) mod received;
pub(in crate::mail) mod recipients;
mod report;
mod signed;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use files::{File, files};
pub use head::{Head, head};
pub use signed::Signed;

use crate::domain::mail::{Defect, Mail, ReturnPath, VisibleText};

/// Reads one mail. Total: what cannot be read becomes a mail with
/// [`Defect::Unreadable`](crate::domain::mail::Defect::Unreadable).
///
/// `full_size` is the mail's size on its server; where `raw` is shorter, the mail was cut.
pub fn read(raw: &[u8], full_size: u64) -> Mail {
    let size = full_size.max(u64::try_from(raw.len()).unwrap_or(u64::MAX));
    // mail_parser promises not to panic and has: its issues 120, 145 and 155.
    catch_unwind(AssertUnwindSafe(|| match without_bare_cr(raw) {
        Some(lines) => facts(&lines, size),
        None => facts(raw, size),
    }))
    .unwrap_or_else(|_| unreadable(size))
}

/// The mail with line feeds, where it came with bare carriage returns only, as old Macs wrote them.
fn without_bare_cr(raw: &[u8]) -> Option<Vec<u8>> {
    let start = raw.get(..raw.len().min(limits::HEADER_BYTES)).unwrap_or_default();
    let old = start.contains(&b'\r') && !raw.contains(&b'\n');
    old.then(|| raw.iter().map(|&byte| if byte == b'\r' { b'\n' } else { byte }).collect())
}

fn facts(raw: &[u8], size: u64) -> Mail {
    let mut defects = Vec::new();
    let mut note = |defect: Defect| {
        if !defects.contains(&defect) {
            defects.push(defect);
        }
    };
    if size > u64::try_from(raw.len()).unwrap_or(u64::MAX) {
        note(Defect::Truncated);
    }
    let tree = parts::walk(raw, &mut note);
    let header = fields::read(tree.header(raw), &mut note);
    let content = body::read(raw, &tree, &mut note);
    Mail {
        from: header.from,
        sender: header.sender,
        reply_to: header.reply_to,
        recipients: header.recipients,
        readers: header.readers,
        return_path: header.return_path,
        subject: header.subject,
        date: header.date,
        message_id: header.message_id,
        in_reply_to: header.in_reply_to,
        references: header.references,
        fields: header.fields,
        encryption: encryption::find(raw, &tree, &content.text.text),
        text: content.text,
        parts: content.parts,
        delivery_report: report::read(raw, &tree),
        enclosed: report::enclosed(raw, &tree),
        size,
        defects,
    }
}

fn unreadable(size: u64) -> Mail {
    Mail {
        from: Vec::new(),
        sender: None,
        reply_to: Vec::new(),
        recipients: Vec::new(),
        readers: Vec::new(),
        return_path: ReturnPath::Unknown,
        subject: String::new(),
        date: None,
        message_id: None,
        in_reply_to: Vec::new(),
        references: Vec::new(),
        fields: Vec::new(),
        text: VisibleText::default(),
        parts: Vec::new(),
        delivery_report: None,
        enclosed: None,
        encryption: None,
        size,
        defects: vec![Defect::Unreadable],
    }
}
