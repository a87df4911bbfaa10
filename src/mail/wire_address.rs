//! The form in which an address can stand in a header field and in an SMTP command.
//!
//! Relies on lettre's address grammar. Promises: what comes out is ASCII and cannot end a command,
//! open a second mailbox or start a comment.

use crate::domain::address::Address;

/// An address as lettre writes it, or `None` where plain SMTP has no form for it: a local part or a
/// domain beyond ASCII needs SMTPUTF8 (RFC 6531), which is not offered end to end.
pub fn wire_address(address: &Address) -> Option<lettre::Address> {
    let (local, domain) = (address.local(), address.domain());
    if !local.is_ascii() || !domain.is_ascii() {
        return None;
    }
    if let Ok(sound) = lettre::Address::new(local, domain) {
        return Some(sound);
    }
    // Some mobile carriers gave out local parts with dots in a row or at the end. RFC 5321 wants
    // them quoted, their hosts want them bare, and neither form can be mistaken for another.
    let dotted = local.bytes().all(|b| b == b'.' || is_atext(b));
    let stand_in = lettre::Address::new("postmaster", domain).ok()?;
    dotted.then(|| lettre::Address::new_dangerous(local, stand_in.domain()))
}

/// An address that mail can be from. Dots in a row or at the end are put up with where others write to
/// us from there; a mail with such a From has none for lettre, and for many a server.
pub fn sender_address(address: &Address) -> Option<lettre::Address> {
    wire_address(address).filter(|form| form.to_string().parse::<lettre::Address>().is_ok())
}

/// RFC 5322 section 3.2.3.
fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Option<String> {
        wire_address(&text.parse().unwrap()).map(|address| address.to_string())
    }

    #[test]
    fn ordinary_and_carrier_addresses_keep_their_form() {
        for text in ["ada@example.org", "a.b+c@sub.example.org", "x..y.@docomo.example"] {
            assert_eq!(form(text).as_deref(), Some(text));
        }
        assert_eq!(form("\"a,b\"@example.org").as_deref(), Some("\"a,b\"@example.org"));
    }

    #[test]
    fn mail_is_from_no_address_with_dots_at_an_end() {
        let sends = |text: &str| sender_address(&text.parse().unwrap()).is_some();
        assert!(sends("security@example.org") && sends("\"a,b\"@example.org"));
        assert!(!sends("securit.@example.org") && !sends("a..b@example.org"));
    }

    #[test]
    fn what_could_be_read_as_something_else_has_no_form() {
        for text in ["a,b@example.org", "a(b)@example.org", "\"a@example.org", "a@ex,ample.org"] {
            assert_eq!(form(text), None, "{text}");
        }
        for text in ["jörg@example.org", "ada@bücher.example"] {
            assert_eq!(form(text), None, "{text}");
        }
    }
}
