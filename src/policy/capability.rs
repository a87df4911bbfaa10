//! The token that makes the answer to a mail of ours a maintainer's word.
//!
//! A token is a random nonce and a keyed MAC (RFC 2104, SHA-256) over the nonce and the grant. The
//! nonce finds the grant in the store, the MAC proves that this daemon made it: whoever reads the
//! store, a backup of it or somebody else's mail cannot make one. A token is one part of three: the
//! From has to be the maintainer's own address, and its domain has to answer for the mail.
//!
//! Promises: pure; comparing takes the same time whatever differs; a token fits into the local part
//! of an address behind `security+` (64 octets, RFC 5321 section 4.5.3.1.1), in lower case, since
//! some servers fold it.

mod places;
mod terms;

pub use places::{NotATokenAddress, Places, TokenAddress, untagged};
pub use terms::Terms;

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::Timestamp;
use crate::domain::address::Address;
use crate::domain::authenticity::Verdict;
use crate::domain::capability::{Grant, KeptGrant, Nonce, Standing};

/// Octets of the MAC in a token: 120 bits.
const MAC: usize = 15;

/// Letters of a token: 25 octets, five bits a letter.
const LETTERS: usize = 40;

/// Keeps the tokens of one program from being another's.
const CONTEXT: &[u8] = b"embargod capability 1";

/// The secret key of a project's tokens. Its `Debug` form tells nothing.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// A key that is too short to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key of {0} octets is too short: 32 random ones are needed")]
pub struct TooShort(usize);

impl Key {
    /// A key of at least 32 octets.
    ///
    /// # Errors
    /// [`TooShort`].
    pub fn new(secret: &[u8]) -> Result<Self, TooShort> {
        let too_short = TooShort(secret.len());
        if secret.len() < 32 {
            return Err(too_short);
        }
        Hmac::new_from_slice(secret).map(Self).map_err(|_| too_short)
    }

    fn mac(&self, nonce: Nonce, grant: &Grant) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        let case = grant.case.map_or(String::new(), |case| case.to_string());
        let expires = grant.expires_at.timestamp().to_string();
        let fields = [grant.handle.as_str(), &case, grant.purpose.name(), &expires];
        mac.update(CONTEXT);
        mac.update(&nonce.0);
        for field in fields {
            // With its length before it, no field can reach into the next.
            mac.update(&u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(field.as_bytes());
        }
        mac
    }

    /// The token of a grant.
    pub fn token(&self, nonce: Nonce, grant: &Grant) -> String {
        let mac = self.mac(nonce, grant).finalize().into_bytes();
        let octets: Vec<u8> = nonce.0.into_iter().chain(mac.into_iter().take(MAC)).collect();
        BASE32_NOPAD.encode(&octets).to_lowercase()
    }
}

/// A token as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The row that it names.
    pub nonce: Nonce,
    mac: [u8; MAC],
}

impl Token {
    /// Reads a token, in any case.
    pub fn read(text: &str) -> Option<Self> {
        if text.len() != LETTERS {
            return None;
        }
        let octets = BASE32_NOPAD.decode(text.to_uppercase().as_bytes()).ok()?;
        let (nonce, mac) = octets.split_first_chunk::<10>()?;
        Some(Self { nonce: Nonce(*nonce), mac: mac.try_into().ok()? })
    }

    /// Whether it stands in a text.
    pub fn is_in(&self, text: &str) -> bool {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words.filter_map(Self::read).any(|token| token == *self)
    }

    /// The token in an address of ours, `security+TOKEN@example.org`, or in a Message-ID of ours.
    pub fn find(text: &str) -> Option<Self> {
        text.split(|c: char| !c.is_ascii_alphanumeric()).find_map(Self::read)
    }
}

/// Why the answer to a mail of ours is nobody's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTrusted {
    /// No grant of that name, or a MAC that was not made here.
    #[error("the token is not one of ours")]
    Forged,
    /// The grant ran out.
    #[error("the mail that was answered is too old: its token has expired")]
    Expired,
    /// Somebody took it back.
    #[error("the token was revoked")]
    Revoked,
    /// A change was made with it already.
    #[error("the token was used already: answer the confirmation or a newer mail")]
    Used,
    /// The mail is from another address.
    #[error("the mail is not from the address that the token was sent to")]
    WrongSender,
    /// The domain of the From does not answer for the mail.
    #[error("nothing proves that the mail is from the address it names")]
    NotAuthenticated,
}

/// Who answers, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// The From of the mail.
    pub from: &'a Address,
    /// The address of the maintainer whom the grant names; `None` where nobody has the handle now.
    pub maintainer: Option<&'a Address>,
    /// Whether the From can be believed, by its domain or by a signature of the maintainer's key.
    pub verdict: Verdict,
}

/// Whether a token makes a mail its maintainer's word: every condition has to hold.
///
/// # Errors
/// [`NotTrusted`]: the first condition that does not.
pub fn trust(
    key: &Key,
    token: &Token,
    kept: Option<&KeptGrant>,
    sender: &Sender<'_>,
    now: Timestamp,
) -> Result<(), NotTrusted> {
    let kept = kept.ok_or(NotTrusted::Forged)?;
    let mac = key.mac(token.nonce, &kept.grant);
    mac.verify_truncated_left(&token.mac).map_err(|_| NotTrusted::Forged)?;
    if sender.maintainer != Some(sender.from) {
        return Err(NotTrusted::WrongSender);
    }
    if sender.verdict != Verdict::Authenticated {
        return Err(NotTrusted::NotAuthenticated);
    }
    match kept.standing(now) {
        Standing::Holds => Ok(()),
        Standing::Revoked => Err(NotTrusted::Revoked),
        Standing::Used => Err(NotTrusted::Used),
        Standing::Expired => Err(NotTrusted::Expired),
    }
}

/// What a grant is called on the screen: it lets nobody do anything.
pub fn name_of(nonce: Nonce) -> String {
    BASE32_NOPAD.encode(&nonce.0).to_lowercase()
}

/// The grant of such a name.
pub fn named(name: &str) -> Option<Nonce> {
    let octets = BASE32_NOPAD.decode(name.to_uppercase().as_bytes()).ok()?;
    Some(Nonce(octets.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::case_id::CaseId;
    use crate::domain::outgoing::Purpose;

    fn at(seconds: i64) -> Timestamp {
        chrono::DateTime::from_timestamp(1_795_424_400 + seconds, 0).unwrap()
    }

    fn key(octet: u8) -> Key {
        Key::new(&[octet; 32]).unwrap()
    }

    fn grant() -> Grant {
        Grant {
            handle: "ada".to_owned(),
            case: Some(CaseId { year: 2026, number: 1 }),
            purpose: Purpose::Digest,
            expires_at: at(1000),
        }
    }

    fn kept(grant: Grant) -> KeptGrant {
        KeptGrant { grant, given_at: at(0), used_at: None, revoked_at: None }
    }

    fn judged(
        key: &Key,
        token: &str,
        kept: Option<KeptGrant>,
        from: &str,
        verdict: Verdict,
        now: i64,
    ) -> Result<(), NotTrusted> {
        let ada: Address = "ada@example.org".parse().unwrap();
        let from: Address = from.parse().unwrap();
        let sender = Sender { from: &from, maintainer: Some(&ada), verdict };
        trust(key, &Token::read(token).unwrap(), kept.as_ref(), &sender, at(now))
    }

    const NONCE: Nonce = Nonce([7; 10]);

    #[test]
    fn every_condition_has_to_hold() {
        use Verdict::{Authenticated, Disowned, Unproven};
        let token = key(1).token(NONCE, &grant());
        let ask = |kept, from, verdict, now| judged(&key(1), &token, kept, from, verdict, now);
        let (ada, good) = ("ada@example.org", Some(kept(grant())));
        assert_eq!(ask(good.clone(), ada, Authenticated, 0), Ok(()));
        assert_eq!(ask(good.clone(), "Ada@Example.org", Authenticated, 0), Ok(()));
        assert_eq!(ask(None, ada, Authenticated, 0), Err(NotTrusted::Forged));
        assert_eq!(
            ask(good.clone(), "eve@example.org", Authenticated, 0),
            Err(NotTrusted::WrongSender)
        );
        assert_eq!(ask(good.clone(), ada, Unproven, 0), Err(NotTrusted::NotAuthenticated));
        assert_eq!(ask(good.clone(), ada, Disowned, 0), Err(NotTrusted::NotAuthenticated));
        assert_eq!(ask(good, ada, Authenticated, 1000), Err(NotTrusted::Expired));
        let used = KeptGrant { used_at: Some(at(1)), ..kept(grant()) };
        assert_eq!(ask(Some(used), ada, Authenticated, 2), Err(NotTrusted::Used));
        let revoked = KeptGrant { revoked_at: Some(at(1)), ..kept(grant()) };
        assert_eq!(ask(Some(revoked), ada, Authenticated, 2), Err(NotTrusted::Revoked));
        let other = judged(&key(2), &token, Some(kept(grant())), ada, Authenticated, 0);
        assert_eq!(other, Err(NotTrusted::Forged));
    }

    #[test]
    fn a_token_stands_for_one_person_one_case_and_one_kind_of_mail() {
        let token = key(1).token(NONCE, &grant());
        let others = [
            Grant { handle: "bob".to_owned(), ..grant() },
            Grant { case: Some(CaseId { year: 2026, number: 2 }), ..grant() },
            Grant { case: None, ..grant() },
            Grant { purpose: Purpose::Closing, ..grant() },
            Grant { expires_at: at(2000), ..grant() },
        ];
        for other in others {
            let judged = judged(
                &key(1),
                &token,
                Some(kept(other)),
                "ada@example.org",
                Verdict::Authenticated,
                0,
            );
            assert_eq!(judged, Err(NotTrusted::Forged));
        }
    }

    #[test]
    fn a_token_is_found_in_an_address_and_in_a_message_id() {
        let token = key(1).token(NONCE, &grant());
        assert_eq!(token.len(), LETTERS);
        let read = Token::read(&token);
        assert_eq!(Token::find(&format!("security+{token}@example.org")), read);
        assert_eq!(Token::find(&format!("security+{}@example.org", token.to_uppercase())), read);
        assert_eq!(Token::find(&format!("EMB-2026-0001.digest.{token}@example.org")), read);
        assert_eq!(Token::find("security@example.org"), None);
        assert!(Key::new(&[0; 31]).is_err());
        assert_eq!(format!("{:?}", key(1)), "Key(…)");
    }

    proptest! {
        #[test]
        fn no_changed_token_is_believed(at in 0usize..LETTERS, letter in "[a-z2-7]") {
            let token = key(1).token(NONCE, &grant());
            let mut changed = token.clone();
            changed.replace_range(at..=at, &letter);
            prop_assume!(changed != token);
            // Another nonce finds another grant, or none; here it finds the same one.
            let judged =
                judged(&key(1), &changed, Some(kept(grant())), "ada@example.org", Verdict::Authenticated, 0);
            prop_assert_eq!(judged, Err(NotTrusted::Forged));
        }

        #[test]
        fn any_text_is_searched_without_harm(text in "\\PC{0,200}") {
            let _ = Token::find(&text);
        }
    }
}
