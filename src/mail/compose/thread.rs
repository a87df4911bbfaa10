//! Where a mail of ours stands in a thread (RFC 5322 section 3.6.4).
//!
//! Message-IDs come from strangers and go into our header fields: only those that are plainly
//! Message-IDs pass, and only so many of them.

use crate::domain::letter::Answered;
use crate::domain::mail::MessageId;

/// The most Message-IDs in a References field.
const LONGEST_THREAD: usize = 20;

/// The longest Message-ID that leaves room on a line of 998 octets.
const LONGEST_ID: usize = 900;

/// In-Reply-To and References, as field bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The mail that is answered.
    pub in_reply_to: String,
    /// Its thread and itself, oldest first.
    pub references: String,
}

impl Thread {
    /// The thread of an answer; `None` where the answered mail's own id is not fit to be repeated.
    pub fn of(answered: &Answered) -> Option<Self> {
        let parent = well_formed(&answered.message_id)?;
        let mut ids: Vec<String> = answered.references.iter().filter_map(well_formed).collect();
        ids.retain(|id| *id != parent);
        ids.push(parent.clone());
        // The root and the nearest ids are what clients thread by; the middle can go.
        if let Some(excess) = ids.len().checked_sub(LONGEST_THREAD) {
            ids.drain(1..=excess);
        }
        Some(Self { in_reply_to: parent, references: ids.join(" ") })
    }
}

/// A Message-ID in angle brackets, if it is made of the printable ASCII that one is made of.
fn well_formed(id: &MessageId) -> Option<String> {
    let text = id.0.as_str();
    let (left, right) = text.split_once('@')?;
    let sound = !left.is_empty()
        && !right.is_empty()
        && text.len() <= LONGEST_ID
        && text.bytes().all(|b| b.is_ascii_graphic() && !b"<>()\\\",;".contains(&b))
        // The right side is a host's name or number, and no room for words.
        && right.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_[]:".contains(&b))
        && (right.starts_with('[') || !right.contains([':', '[', ']']));
    sound.then(|| format!("<{text}>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> MessageId {
        MessageId(text.to_owned())
    }

    #[test]
    fn the_root_and_the_nearest_ids_stay_when_a_thread_is_long() {
        let references = (0..100).map(|n| id(&format!("{n}@example.org"))).collect();
        let thread =
            Thread::of(&Answered { message_id: id("last@example.org"), references }).unwrap();
        let ids: Vec<&str> = thread.references.split(' ').collect();
        assert_eq!(ids.len(), LONGEST_THREAD);
        assert_eq!(ids[0], "<0@example.org>");
        assert_eq!(ids[1], "<82@example.org>");
        assert_eq!(ids[19], "<last@example.org>");
    }

    #[test]
    fn ids_that_could_break_a_line_or_a_field_are_left_out() {
        let hostile = [
            "",
            "a",
            "a b@c",
            "a@bBcc:c@d",
            "a@b@c",
            "a@Buy:it",
            "a\r\nBcc: x@y",
            "<a@b>",
            "ä@b",
            "@b",
            "a@",
        ];
        let references = hostile.iter().map(|text| id(text)).collect();
        let thread = Thread::of(&Answered { message_id: id("good@x"), references }).unwrap();
        assert_eq!(thread.references, "<good@x>");
        for text in hostile {
            assert_eq!(Thread::of(&Answered { message_id: id(text), references: vec![] }), None);
        }
    }
}
