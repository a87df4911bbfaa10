//! Delivery status notifications (RFC 3464) and the mail they speak of.

use crate::domain::mail::{Defect, DeliveryReport, MessageId, RecipientStatus};

use super::content_type::Content;
use super::fields;
use super::parts::{Leaf, Tree};
use super::{decode, limits};

/// Reads the machine-readable part of a delivery status notification.
pub fn read(raw: &[u8], tree: &Tree) -> Option<DeliveryReport> {
    let status = tree.leaves.iter().find(|leaf| {
        matches!(
            leaf.content.media_type.as_str(),
            "message/delivery-status" | "message/global-delivery-status"
        )
    })?;
    let text = decoded(raw, tree, status);
    let mut report = DeliveryReport { recipients: Vec::new(), envelope_id: None };
    for group in groups(&text) {
        let (mut recipient, mut action, mut code) = (None, String::new(), String::new());
        for (name, value) in fields::split(group) {
            let value = fields::text(value);
            match name.to_ascii_lowercase().as_str() {
                "original-envelope-id" => report.envelope_id = Some(value),
                // What the sender wrote is more use than what it became on the way.
                "original-recipient" => recipient = typed(&value).or(recipient),
                "final-recipient" => recipient = recipient.or_else(|| typed(&value)),
                "action" => {
                    action =
                        value.split_whitespace().next().unwrap_or_default().to_ascii_lowercase()
                }
                "status" => code = value.split_whitespace().next().unwrap_or_default().to_owned(),
                _ => {}
            }
        }
        let empty = recipient.is_none() && action.is_empty() && code.is_empty();
        if !empty && report.recipients.len() < limits::REPORT_RECIPIENTS {
            report.recipients.push(RecipientStatus { recipient, action, status: code });
        }
    }
    Some(report)
}

/// `rfc822; ada@example.org` without its type.
fn typed(value: &str) -> Option<crate::domain::address::Address> {
    let address = value.split_once(';').map_or(value, |(_, address)| address);
    address.trim().trim_matches(['<', '>']).parse().ok()
}

/// The groups of fields between blank lines.
fn groups(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = 0_usize;
        for line in rest.split_inclusive(|&byte| byte == b'\n') {
            end = end.saturating_add(line.len());
            if line.trim_ascii().is_empty() {
                break;
            }
        }
        let (group, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(group)
    })
    .take(limits::REPORT_RECIPIENTS.saturating_mul(2))
}

/// The Message-ID of the last mail that is enclosed, whole or by its header, in whatever notice.
pub fn enclosed(raw: &[u8], tree: &Tree) -> Option<MessageId> {
    let enclosed = tree.leaves.iter().rev().filter(|leaf| {
        matches!(
            leaf.content.media_type.as_str(),
            "message/rfc822"
                | "text/rfc822-headers"
                | "message/global"
                | "message/global-headers"
                | "message/rfc822-headers"
        )
    });
    for leaf in enclosed {
        let bytes = decoded(raw, tree, leaf);
        let header = header_of(&bytes);
        for (name, value) in fields::split(header) {
            if name.eq_ignore_ascii_case("message-id")
                && let Some(id) = fields::ids(value).into_iter().next()
            {
                return Some(id);
            }
        }
    }
    None
}

fn header_of(mail: &[u8]) -> &[u8] {
    let mail = mail.trim_ascii_start();
    let mut end = 0_usize;
    for line in mail.split_inclusive(|&byte| byte == b'\n') {
        if line.trim_ascii().is_empty() || end > limits::HEADER_BYTES {
            break;
        }
        end = end.saturating_add(line.len());
    }
    mail.get(..end).unwrap_or_default()
}

fn decoded<'a>(raw: &'a [u8], tree: &Tree, leaf: &Leaf) -> std::borrow::Cow<'a, [u8]> {
    let bytes = tree.bytes(raw, leaf);
    let bytes =
        bytes.get(..bytes.len().min(limits::HEADER_BYTES.saturating_mul(2))).unwrap_or_default();
    let Content { transfer, .. } = leaf.content;
    let mut ignore = |_: Defect| {};
    decode::bytes(bytes, transfer, &mut ignore)
}
