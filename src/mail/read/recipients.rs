//! Whom a mail is for, by the few header fields that say so.
//!
//! Promises: decides on header fields alone, so that a mail for somebody else is never read
//! further; never panics, whatever the fields hold.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::{HeaderValue, MessageParser};

use crate::domain::address::Address;
use crate::policy::capability::untagged;

/// The fields that name recipients, and those in which servers note the envelope's.
pub(in crate::mail) const FIELDS: [&str; 10] = [
    "To",
    "Cc",
    "Bcc",
    "Resent-To",
    "Resent-Cc",
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Delivered-To",
];

/// Whether a mail with this header is for one of `addresses`; with none, every mail is wanted.
pub(in crate::mail) fn is_for(addresses: &[Address], header: &[u8]) -> bool {
    addresses.is_empty()
        || catch_unwind(AssertUnwindSafe(|| names_one_of(addresses, header)))
            // mail_parser has panicked on hostile input before. A mail that makes it panic is
            // worth a maintainer's look if it names an address at all.
            .unwrap_or_else(|_| mentions_one_of(addresses, header))
}

fn names_one_of(addresses: &[Address], header: &[u8]) -> bool {
    let parser = FIELDS
        .iter()
        .fold(MessageParser::new(), |parser, field| parser.header_address(*field))
        .default_header_ignore();
    let Some(message) = parser.parse_headers(header) else { return false };
    message
        .headers()
        .iter()
        .filter_map(|field| match &field.value {
            HeaderValue::Address(found) => Some(found),
            _ => None,
        })
        .flat_map(mail_parser::Address::iter)
        .filter_map(|mailbox| mailbox.address.as_deref())
        .filter_map(|text| text.parse::<Address>().ok())
        .any(|address| is_one_of(addresses, &address))
}

/// Whether an address is one of `addresses`, or one of them with a token of ours in it.
fn is_one_of(addresses: &[Address], address: &Address) -> bool {
    addresses.contains(address) || untagged(address).is_some_and(|base| addresses.contains(&base))
}

fn mentions_one_of(addresses: &[Address], header: &[u8]) -> bool {
    let text = String::from_utf8_lossy(header).to_lowercase();
    text.split(|c: char| c.is_whitespace() || "<>,;:()\"".contains(c))
        .filter_map(|word| word.parse().ok())
        .any(|address| is_one_of(addresses, &address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn for_the_project(header: &str) -> bool {
        let addresses = ["security@example.org".parse().unwrap()];
        is_for(&addresses, header.as_bytes())
    }

    #[test]
    fn an_address_in_any_recipient_field_counts() {
        for field in FIELDS {
            assert!(for_the_project(&format!("{field}: security@example.org\r\n\r\n")), "{field}");
            assert!(
                for_the_project(&format!(
                    "{}: A <a@example.net>,\r\n\tTeam <Security@Example.ORG>\r\n\r\n",
                    field.to_lowercase()
                )),
                "{field}"
            );
        }
    }

    #[test]
    fn a_field_that_stands_twice_counts_twice() {
        assert!(for_the_project(
            "Delivered-To: ada@example.org\r\nDelivered-To: security@example.org\r\n\r\n"
        ));
        assert!(for_the_project("To: ada@example.org\r\nTo: security@example.org\r\n\r\n"));
    }

    #[test]
    fn a_group_counts_by_its_members() {
        assert!(for_the_project("To: Team: ada@example.org, security@example.org;\r\n\r\n"));
        assert!(!for_the_project("To: undisclosed-recipients:;\r\n\r\n"));
    }

    #[test]
    fn a_display_name_is_not_a_recipient() {
        assert!(!for_the_project("To: \"security@example.org\" <ada@example.net>\r\n\r\n"));
        assert!(!for_the_project("To: ada@example.net (was security@example.org)\r\n\r\n"));
    }

    #[test]
    fn a_longer_address_is_another_one() {
        assert!(!for_the_project("To: not-security@example.org\r\n\r\n"));
        assert!(!for_the_project("To: security@example.org.example.net\r\n\r\n"));
        assert!(!for_the_project("To: security@sub.example.org\r\n\r\n"));
    }

    #[test]
    fn an_address_with_a_token_of_ours_is_the_one_without() {
        let token = "abcdefghijklmnopqrstuvwxyz234567abcdefgh";
        assert!(for_the_project(&format!("To: security+{token}@example.org\r\n\r\n")));
        assert!(!for_the_project(&format!("To: ada+{token}@example.org\r\n\r\n")));
        assert!(!for_the_project("To: security+news@example.org\r\n\r\n"));
    }

    #[test]
    fn fields_of_the_sender_do_not_count() {
        assert!(!for_the_project("From: security@example.org\r\nTo: ada@example.org\r\n\r\n"));
    }

    #[test]
    fn no_fields_are_for_nobody() {
        assert!(!for_the_project("\r\n"));
        assert!(!for_the_project(""));
    }

    #[test]
    fn without_addresses_every_mail_is_wanted() {
        assert!(is_for(&[], b"\r\n"));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_judged_without_a_panic(header: Vec<u8>) {
            let addresses = ["security@example.org".parse().unwrap()];
            is_for(&addresses, &header);
        }
    }
}
