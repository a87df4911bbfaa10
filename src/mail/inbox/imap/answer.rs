//! What a server answered, owned: no type of async-imap leaves the files beside this one.

use async_imap::imap_proto::{
    AttributeValue, Capability, MailboxDatum, Outcome, Response, ResponseCode,
};
use chrono::{DateTime, Utc};

use crate::domain::Timestamp;
use crate::domain::address::displayable;

/// One untagged answer.
#[derive(Debug)]
pub(super) enum Answer {
    /// `* n FETCH (…)`: what it holds of one mail.
    Mail(Fetched),
    /// Names of capabilities, upper-cased.
    Capabilities(Vec<String>),
    /// `* OK [UIDVALIDITY n]`.
    UidValidity(u32),
    /// `* n EXISTS`.
    Exists(u32),
    /// `* n EXPUNGE`.
    Expunge,
    /// `+`: the server waits for more.
    GoOn,
    /// Anything else.
    Other,
}

/// What one FETCH answer holds of a mail. A server sends such answers unasked too, when another
/// client changes flags: none of these is certain to be there.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    pub(super) uid: Option<u32>,
    pub(super) size: Option<u64>,
    pub(super) arrived_at: Option<Timestamp>,
    pub(super) header: Option<Vec<u8>>,
    pub(super) body: Option<Vec<u8>>,
}

impl Answer {
    pub(super) fn of(response: &Response<'_>) -> Self {
        match response {
            Response::Fetch(_, items) => Self::Mail(Fetched::of(items)),
            Response::Capabilities(names) => Self::Capabilities(capability_names(names)),
            Response::Data { outcome, .. } => match &outcome.code {
                Some(ResponseCode::UidValidity(number)) => Self::UidValidity(*number),
                Some(ResponseCode::Capabilities(names)) => {
                    Self::Capabilities(capability_names(names))
                }
                _ => Self::Other,
            },
            Response::MailboxData(MailboxDatum::Exists(count)) => Self::Exists(*count),
            Response::Expunge(_) => Self::Expunge,
            Response::Continue(_) => Self::GoOn,
            _ => Self::Other,
        }
    }
}

impl Fetched {
    fn of(items: &[AttributeValue<'_>]) -> Self {
        let mut fetched = Self::default();
        for item in items {
            match item {
                AttributeValue::Uid(uid) => fetched.uid = Some(*uid),
                AttributeValue::Rfc822Size(size) => fetched.size = Some(u64::from(*size)),
                AttributeValue::InternalDate(text) => fetched.arrived_at = moment(text),
                AttributeValue::BodySection { section: None, data, .. } => {
                    fetched.body = data.as_ref().map(|bytes| bytes.to_vec());
                }
                // Nothing but the recipients' fields is ever asked for by a section.
                AttributeValue::BodySection { data, .. } => {
                    fetched.header = data.as_ref().map(|bytes| bytes.to_vec());
                }
                _ => {}
            }
        }
        fetched
    }
}

pub(super) fn capability_names(names: &[Capability<'_>]) -> Vec<String> {
    names
        .iter()
        .map(|name| match name {
            Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
            Capability::Auth(mechanism) => format!("AUTH={}", mechanism.to_uppercase()),
            Capability::Atom(name) => name.to_uppercase(),
        })
        .collect()
}

/// RFC 9051 `date-time`; a day below 10 is padded by a space.
fn moment(text: &str) -> Option<Timestamp> {
    DateTime::parse_from_str(text.trim(), "%d-%b-%Y %H:%M:%S %z")
        .ok()
        .map(|moment| moment.with_timezone(&Utc))
}

/// What a server said, fit for a log.
pub(super) fn said(outcome: &Outcome<'_>) -> String {
    let text = displayable(outcome.information.as_deref().unwrap_or_default());
    if text.is_empty() { "no reason given".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_with_its_zone_and_with_a_padded_day() {
        let moment = |text| moment(text).unwrap().to_rfc3339();
        assert_eq!(moment("17-Jul-1996 02:44:25 -0700"), "1996-07-17T09:44:25+00:00");
        assert_eq!(moment(" 7-Jul-1996 02:44:25 +0000"), "1996-07-07T02:44:25+00:00");
    }

    #[test]
    fn a_date_that_is_none_is_left_out() {
        assert_eq!(moment("yesterday"), None);
    }
}
