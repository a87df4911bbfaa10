//! Where a token of ours stands in the answer to a mail of ours: in the Message-IDs that it answers,
//! and in the address that it is sent to.

use std::str::FromStr;

use super::Token;
use crate::domain::address::{Address, NotAnAddress};
use crate::domain::mail::{Mail, MessageId};

/// What stands for the token in a configured address.
const MARK: &str = "{token}";

/// What parts a token from the mailbox that it is a tag of (RFC 5233, and servers that want a hyphen).
const SEPARATORS: [char; 4] = ['+', '-', '=', '_'];

/// An address that a token goes into: `security+{token}@example.org`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenAddress {
    before: String,
    base: Address,
}

/// Why a text is no such address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no address with a token: expected the form security+{{token}}@example.org")]
pub struct NotATokenAddress(String);

impl FromStr for TokenAddress {
    type Err = NotATokenAddress;

    fn from_str(text: &str) -> Result<Self, NotATokenAddress> {
        let wrong = || NotATokenAddress(text.to_owned());
        let (before, domain) = text.trim().split_once(MARK).ok_or_else(wrong)?;
        let mailbox = before.strip_suffix(SEPARATORS).ok_or_else(wrong)?;
        let base = domain.strip_prefix('@').map(|domain| format!("{mailbox}@{domain}"));
        let base: Address = base.and_then(|base| base.parse().ok()).ok_or_else(wrong)?;
        let address = Self { before: before.to_lowercase(), base };
        // With the token in it, it has to be an address still.
        address.with(&"a".repeat(super::LETTERS)).ok_or_else(wrong)?;
        Ok(address)
    }
}

impl TokenAddress {
    /// The mailbox that it is an address of.
    pub fn base(&self) -> &Address {
        &self.base
    }

    /// The address with a token in it.
    pub fn with(&self, token: &str) -> Option<Address> {
        let made: Result<Address, NotAnAddress> =
            format!("{}{token}@{}", self.before, self.base.domain()).parse();
        made.ok()
    }
}

/// The mailbox of an address that has a token of ours as its tag.
pub fn untagged(address: &Address) -> Option<Address> {
    let local = address.local();
    let at = local.len().checked_sub(super::LETTERS)?;
    let (before, token) = local.split_at_checked(at)?;
    Token::read(token)?;
    let mailbox = before.strip_suffix(SEPARATORS)?;
    format!("{mailbox}@{}", address.domain()).parse().ok()
}

/// Where tokens of a project stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The project's address: its domain is that of our Message-IDs.
    pub project: Address,
    /// Where answers to mail with a token go.
    pub reply_to: Option<TokenAddress>,
}

impl Places {
    /// The token that a mail answers: that of the nearest mail of ours, else of the address that it
    /// was sent to.
    pub fn token_in(&self, mail: &Mail) -> Option<Token> {
        let of_id = |id: &MessageId| {
            let (local, domain) = id.0.rsplit_once('@')?;
            Token::find(local).filter(|_| domain.eq_ignore_ascii_case(self.project.domain()))
        };
        let of_address = |address: &Address| {
            let base = untagged(address)?;
            let is_ours = self.reply_to.as_ref().is_some_and(|ours| *ours.base() == base);
            Token::find(address.local()).filter(|_| is_ours)
        };
        mail.in_reply_to
            .iter()
            .find_map(of_id)
            .or_else(|| mail.recipients.iter().find_map(of_address))
            .or_else(|| mail.references.iter().rev().find_map(of_id))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKEN: &str = "abcdefghijklmnopqrstuvwxyz234567abcdefgh";

    #[test]
    fn a_token_goes_into_an_address_and_comes_out_of_it() {
        let address: TokenAddress = "Security+{token}@Example.org".parse().unwrap();
        assert_eq!(address.base().as_str(), "security@example.org");
        let tagged = address.with(TOKEN).unwrap();
        assert_eq!(tagged.as_str(), format!("security+{TOKEN}@example.org"));
        assert_eq!(untagged(&tagged).as_ref(), Some(address.base()));
        for wrong in [
            "security@example.org",
            "{token}@example.org",
            "+{token}@example.org",
            "security{token}@example.org",
            "security+{token}x@example.org",
            "security+{token}@",
            "a-mailbox-with-far-too-long-a-name+{token}@example.org",
        ] {
            assert!(wrong.parse::<TokenAddress>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_address_with_another_tag_is_another_one() {
        for other in ["security+news@example.org", "security@example.org", "a+b@example.org"] {
            assert_eq!(untagged(&other.parse().unwrap()), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_address_is_looked_at(text in "\\PC{0,30}[+=_-]?[a-z2-7]{0,41}@[a-z.]{1,20}") {
            if let Ok(address) = text.parse::<Address>() {
                let _ = untagged(&address);
            }
        }
    }
}
