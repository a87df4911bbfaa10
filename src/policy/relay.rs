//! Reports that somebody else forwards: a platform, a foundation's list, a distributor.
//!
//! A relay is known by configuration only. Its mail looks like a machine's or a list's and is
//! neither: behind it stands a finder, whom the mail may name. Names and addresses found here are
//! read from the mail, so they are shown to maintainers and, where the configuration says so,
//! written to; a relay that can be forged is as trustworthy as any other sender.

use std::fmt;
use std::str::FromStr;

use crate::domain::address::{Address, Mailbox};
use crate::domain::mail::Mail;

/// One of `[[relays]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// What people call it.
    pub name: String,
    /// By whom its mail is sent.
    pub sender: Sender,
    /// Who is answered.
    pub answer: Answer,
}

/// By whom a relay's mail is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// One address, in From, Sender, or as the address of the list.
    Address(Address),
    /// Every address of a domain.
    Domain(String),
}

/// Who is answered when a relay forwards a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Answer {
    /// The relay, which tells its finder.
    #[default]
    Relay,
    /// The finder, where the mail names one; else the relay.
    Finder,
    /// Nobody: a person answers where the report came from.
    Nobody,
}

/// Why a text names no sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no sender")]
pub struct NotASender(String);

impl FromStr for Sender {
    type Err = NotASender;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NotASender(text.to_owned());
        match text.strip_prefix('@') {
            Some(domain) => {
                // A domain is sound if an address in it is.
                let probe: Address = format!("x@{domain}").parse().map_err(|_| wrong())?;
                Ok(Self::Domain(probe.domain().to_owned()))
            }
            None => text.parse().map(Self::Address).map_err(|_| wrong()),
        }
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(f, "{address}"),
            Self::Domain(domain) => write!(f, "@{domain}"),
        }
    }
}

impl Sender {
    fn is(&self, address: &Address) -> bool {
        match self {
            Self::Address(own) => own == address,
            Self::Domain(domain) => {
                let other = address.domain();
                other == domain
                    || other.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'))
            }
        }
    }
}

/// The relay that forwarded a mail, if one did.
pub fn of<'a>(mail: &Mail, relays: &'a [Relay]) -> Option<&'a Relay> {
    relays.iter().find(|relay| relay.forwarded(mail))
}

impl Relay {
    /// Whether a mail comes from the relay, by its senders or by its list (RFC 2369, RFC 2919).
    fn forwarded(&self, mail: &Mail) -> bool {
        self.mailbox(mail).is_some() || mail.field("List-Id").any(|id| self.sender.is_list(id))
    }

    /// The relay's own address in a mail: a list may leave the finder's in From.
    pub fn mailbox(&self, mail: &Mail) -> Option<Mailbox> {
        let list =
            || mail.field("List-Post").flat_map(addresses).map(|list| Mailbox::new(None, list));
        let senders = mail.from.iter().chain(&mail.sender).cloned();
        let named = senders.chain(list()).find(|sender| self.sender.is(&sender.address));
        named.or_else(|| match &self.sender {
            Sender::Address(address) if mail.field("List-Id").any(|id| self.sender.is_list(id)) => {
                Some(Mailbox::new(None, address.clone()))
            }
            _ => None,
        })
    }
}

impl Sender {
    /// Whether a List-Id is that of the list at this address, or of one of the domain's.
    fn is_list(&self, field: &str) -> bool {
        let id = field.rsplit_once('<').map_or(field, |(_, id)| id).trim().trim_end_matches('>');
        let id = id.to_ascii_lowercase();
        match self {
            Self::Address(list) => id == format!("{}.{}", list.local(), list.domain()),
            Self::Domain(domain) => {
                id.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'))
            }
        }
    }
}

/// The finder whom a relayed mail names: in a field of the header, or in a line of the text.
pub fn finder(mail: &Mail, relay: &Relay) -> Option<Mailbox> {
    let outside = |found: &Mailbox| {
        !relay.sender.is(&found.address) && !mail.recipients.contains(&found.address)
    };
    let fields = ["X-Original-From", "X-Original-Sender"]
        .into_iter()
        .flat_map(|name| mail.field(name))
        .filter_map(mailbox);
    let text = mail.text.text.lines().take(LINES).filter_map(labelled);
    mail.from.iter().chain(&mail.reply_to).cloned().chain(fields).chain(text).find(outside)
}

/// How far into a text its finder is looked for.
const LINES: usize = 200;

/// What stands before a finder's address, in a platform's notice or above a forwarded mail.
const LABELS: [&str; 9] = [
    "reporter",
    "reported by",
    "finder",
    "researcher",
    "submitted by",
    "credit",
    "contact",
    "from",
    "email",
];

/// The mailbox in a line such as `Reported by: Rae <rae@example.net>`.
fn labelled(line: &str) -> Option<Mailbox> {
    let bare = line.trim_start_matches(['>', ' ', '*', '-', '\t']).replace("**", "");
    let (label, rest) = bare.split_once(':')?;
    let label = label.trim().to_lowercase();
    LABELS.contains(&label.as_str()).then(|| mailbox(rest)).flatten()
}

/// A mailbox in running text: `Rae <rae@example.net>`, `rae@example.net (Rae)`.
fn mailbox(text: &str) -> Option<Mailbox> {
    let address = addresses(text).next()?;
    let name = text.split_once('<').map(|(name, _)| name.trim().trim_matches('"'));
    Some(Mailbox::new(name, address))
}

/// The addresses in a text.
fn addresses(text: &str) -> impl Iterator<Item = Address> {
    text.split(|c: char| c.is_whitespace() || "<>()[],;\"'".contains(c))
        .filter_map(|word| word.trim_start_matches("mailto:").trim_end_matches('.').parse().ok())
}
