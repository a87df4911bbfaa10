//! The few facts of a mail's head that an archive is put in order by, without a look at its body.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{fields, limits};
use crate::domain::Timestamp;
use crate::domain::mail::MessageId;

/// Those facts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// Its own Message-ID.
    pub message_id: Option<MessageId>,
    /// What it answers, and the thread it stands in.
    pub thread: Vec<MessageId>,
    /// The Date field.
    pub date: Option<Timestamp>,
    /// When the last server took it: the date of the uppermost Received field.
    pub received: Option<Timestamp>,
}

/// Reads the head of a mail, of which `raw` need not be more than the beginning. Total: what cannot
/// be read is left out.
pub fn head(raw: &[u8]) -> Head {
    // As in `read`: the parser promises not to panic and has.
    catch_unwind(AssertUnwindSafe(|| facts(raw))).unwrap_or_default()
}

fn facts(raw: &[u8]) -> Head {
    let header = header_of(raw.get(..raw.len().min(limits::HEADER_BYTES)).unwrap_or_default());
    let facts = fields::read(header, &mut |_| {});
    let received = facts.fields.iter().find(|field| field.name.eq_ignore_ascii_case("received"));
    let received = received.and_then(|field| field.value.rsplit_once(';'));
    Head {
        message_id: facts.message_id,
        thread: facts.in_reply_to.into_iter().chain(facts.references).collect(),
        date: facts.date,
        received: received.and_then(|(_, date)| fields::date(date.as_bytes())),
    }
}

/// Everything before the first empty line.
fn header_of(raw: &[u8]) -> &[u8] {
    let mut end = 0_usize;
    for line in raw.split_inclusive(|&byte| byte == b'\n') {
        if line.trim_ascii().is_empty() {
            break;
        }
        end = end.saturating_add(line.len());
    }
    raw.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_of_a_head_are_those_of_the_whole_mail() {
        let raw = b"Received: from a.example by mx.example.org with ESMTP id 1;\r\n\
            \tMon, 23 Nov 2026 10:00:07 +0100 (CET)\r\n\
            Received: from b.example by a.example; Mon, 23 Nov 2026 08:00:00 +0000\r\n\
            Message-ID: <2@example.net>\r\nIn-Reply-To: <1@example.net>\r\n\
            References: <0@example.net>\r\n <1@example.net>\r\n\
            Date: Mon, 23 Nov 2026 09:59:00 +0100\r\n\r\nDate: not this one\r\n";
        let found = head(raw);
        let mail = super::super::read(raw, raw.len() as u64);
        assert_eq!(found.message_id, mail.message_id);
        assert_eq!(found.date, mail.date);
        assert_eq!(found.thread, [mail.in_reply_to, mail.references].concat());
        assert_eq!(found.received, Some("2026-11-23T09:00:07Z".parse().unwrap()));
    }

    #[test]
    fn what_is_no_mail_has_no_facts() {
        for raw in [b"".as_slice(), b"\n\n", b"\xff\xfe\x00", b"Received: ;\nDate: soon\n"] {
            assert_eq!(head(raw), Head::default());
        }
    }
}
