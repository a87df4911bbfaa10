//! Whether a mail answers one of ours, as far as the mail itself can say.
//!
//! Rules: `thread.our-message-id`, `thread.case-number`. Whether the case exists is for the store.

use crate::domain::address::Address;
use crate::domain::case_id::CaseId;
use crate::domain::judgement::Reason;
use crate::domain::mail::{Mail, MessageId};

use super::subject;

/// The reason to call a mail an answer to one of ours.
pub fn find(mail: &Mail, own: &[Address]) -> Option<Reason> {
    let ours = mail.in_reply_to.iter().chain(&mail.references).find(|id| is_ours(id, own));
    if let Some(id) = ours {
        return Some(Reason::new("thread.our-message-id", format!("it answers <{}>", id.0)));
    }
    let case = subject::answered_case(&mail.subject)?;
    Some(Reason::new("thread.case-number", format!("an answer whose subject names {case}")))
}

/// Whether a Message-ID has the shape of ours: `EMB-2026-0001.<purpose>.<token>@<our domain>`.
fn is_ours(id: &MessageId, own: &[Address]) -> bool {
    let Some((local, domain)) = id.0.rsplit_once('@') else { return false };
    let numbered = local.split_once('.').is_some_and(|(case, _)| case.parse::<CaseId>().is_ok());
    numbered && own.iter().any(|address| address.domain().eq_ignore_ascii_case(domain))
}
