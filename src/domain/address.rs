//! Mail addresses as they are compared and as they are shown.
//!
//! Promises: two spellings of one address are equal here (RFC 5321 section 2.3.11 leaves the local
//! part's case to its host, but no host in use tells `Ada@` from `ada@`), and [`Address::masked`]
//! is the only form that goes into a log.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::shown::hides_on_screen;
pub use super::shown::{displayable, one_line};

/// A bare address, `local@domain`, lower-cased.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(String);

/// Why a text is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a mail address: expected local@domain")]
pub struct NotAnAddress(String);

impl Address {
    /// What stands where an address was erased. No mail comes from it or gets there: RFC 6761
    /// section 6.4 keeps its domain out of the DNS.
    pub fn erased() -> Self {
        Self("erased@invalid".to_owned())
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the last `@`.
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// What stands after the last `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// A form for logs: enough to recognise an address one knows, too little to learn one.
    pub fn masked(&self) -> String {
        let first = self.local().chars().next().map_or(String::new(), String::from);
        format!("{first}…@{}", self.domain())
    }
}

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NotAnAddress(text.to_owned());
        let (local, domain) = text.trim().rsplit_once('@').ok_or_else(wrong)?;
        let sound = |part: &str| {
            !part.is_empty()
                && !part
                    .chars()
                    .any(|c| hides_on_screen(c) || c.is_whitespace() || "<>".contains(c))
        };
        // Measured as it is kept, since some letters grow when they are lower-cased: what the store
        // wrote has to be an address when it is read again.
        let (local, domain) = (local.to_lowercase(), domain.to_lowercase());
        // 64 and 255 octets: RFC 5321 section 4.5.3.1.
        let fits = local.len() <= 64 && domain.len() <= 255;
        if !sound(&local) || !sound(&domain) || domain.contains('@') || !fits {
            return Err(wrong());
        }
        Ok(Self(format!("{local}@{domain}")))
    }
}

impl TryFrom<String> for Address {
    type Error = NotAnAddress;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address with the name its owner gave it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mailbox {
    /// The display name, without control characters; empty names are `None`.
    pub name: Option<String>,
    /// The address.
    pub address: Address,
}

impl Mailbox {
    /// A mailbox with a display name cleaned of what could fake a line or a direction on a screen.
    pub fn new(name: Option<&str>, address: Address) -> Self {
        let name = name.map(displayable).filter(|name| !name.is_empty());
        Self { name, address }
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => write!(f, "{}", self.address),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_that_grows_too_long_in_lower_case_is_none() {
        // Two bytes that become three.
        assert!(format!("{}@x.example", "İ".repeat(32)).parse::<Address>().is_err());
        assert!(format!("{}@x.example", "İ".repeat(21)).parse::<Address>().is_ok());
    }

    proptest! {
        #[test]
        fn an_address_that_was_kept_can_be_read_again(
            text in "[a-zßİΣ@.ǅ\\PC]{1,70}@[a-zİΣ.\\PC]{1,260}",
        ) {
            if let Ok(address) = text.parse::<Address>() {
                prop_assert_eq!(address.as_str().parse::<Address>(), Ok(address.clone()));
            }
        }
    }
}
