//! A mail that may be a maintainer's order, as it was read: its token, its commands, its signature.
//!
//! Promises: of a mail that is signed, what is signed is read alone.

use chrono_tz::Tz;

use crate::domain::address::Address;
use crate::domain::authenticity::Unsigned;
use crate::domain::case_id::CaseId;
use crate::domain::lookup::OrderLookups;
use crate::domain::mail::{Defect, Encryption, Mail};
use crate::domain::people::Maintainer;
use crate::policy::capability::{Terms, Token};
use crate::policy::command::{self, Command, Misread, Wish};
use crate::policy::judge::said;
use crate::policy::verbs::Request;

/// A mail that may be an order, as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub(super) token: Option<Token>,
    pub(super) commands: Result<Vec<Command>, Misread>,
    pub(super) unreadable: Option<Unreadable>,
    /// What its signature proves, where it could have one.
    pub(super) signature: Option<Result<(), Unsigned>>,
}

/// Why a mail's text cannot be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is encrypted.
    #[error(
        "your mail is encrypted and cannot be opened here: send the command unencrypted, and keep what is secret out of it"
    )]
    Encrypted,
    /// It is cut, or a part of it could not be decoded.
    #[error(
        "your mail could not be read as a whole (it is too large, too deeply nested, or in an encoding that is not known here): send the command as plain text"
    )]
    Broken,
}

impl Order {
    /// Reads a mail. Times without a zone are its author's.
    pub fn of(mail: &Mail, terms: &Terms, people: &[Maintainer]) -> Self {
        let author = people.iter().find(|person| Some(&person.address) == one_author(mail));
        let zone: Tz = author.and_then(|person| person.timezone).unwrap_or(terms.zone);
        let unreadable = match mail.encryption {
            Some(Encryption::PgpMime | Encryption::PgpInline | Encryption::Smime) => {
                Some(Unreadable::Encrypted)
            }
            None => mail.defects.iter().any(is_grave).then_some(Unreadable::Broken),
        };
        Self {
            token: terms.places.token_in(mail),
            commands: command::read(&said(mail), zone),
            unreadable,
            signature: None,
        }
    }

    /// The same mail, of which `signed` is what its author's key signed: its commands are those in
    /// there.
    pub fn signed(
        self,
        mail: &Mail,
        signed: Result<Mail, Unsigned>,
        terms: &Terms,
        people: &[Maintainer],
    ) -> Self {
        let names_it = |signed: &Mail| {
            let Some(token) = &self.token else { return false };
            terms.places.token_in(signed).as_ref() == Some(token) || token.is_in(&signed.text.text)
        };
        match signed {
            Ok(signed) if names_it(&signed) => {
                let Mail { text, encryption, defects, .. } = signed;
                let alone = Mail { text, encryption, defects, ..mail.clone() };
                let order = Self::of(&alone, terms, people);
                Self { token: self.token, signature: Some(Ok(())), ..order }
            }
            Ok(_) => Self { signature: Some(Err(Unsigned::AnotherMail)), ..self },
            Err(why) => Self { signature: Some(Err(why)), ..self },
        }
    }

    /// Whether it answers something: a look at its signature is not worth its while otherwise.
    pub fn may_be_believed(&self) -> bool {
        self.token.is_some()
    }

    /// Whether its author's signature is good and belongs to it.
    pub fn is_signed(&self) -> bool {
        self.signature == Some(Ok(()))
    }

    /// What has to be asked of the store before it is decided on.
    pub fn lookups(&self) -> OrderLookups {
        let mut cases: Vec<CaseId> = Vec::new();
        for command in self.commands.iter().flatten() {
            cases.extend(&command.cases);
            if let Wish::Do(request) = &command.wish {
                cases.extend(request.other());
            }
        }
        OrderLookups { grant: self.token.as_ref().map(|token| token.nonce), cases }
    }

    /// Whether it says nothing that only a person would: then its answer may be a machine's food.
    pub fn may_be_a_machines(&self) -> bool {
        let is_note = |command: &Command| {
            matches!(command.wish, Wish::Do(Request::Note { .. })) && command.is_text_alone()
        };
        match &self.commands {
            Ok(commands) => commands.iter().all(is_note),
            Err(misread) => misread.line.is_empty(),
        }
    }
}

fn is_grave(defect: &Defect) -> bool {
    match defect {
        Defect::Truncated | Defect::TooManyParts | Defect::Encoding | Defect::Unreadable => true,
        // No field that is read here is among those that are cut.
        Defect::HeaderTooLong => false,
    }
}

/// The author of a mail that has one alone: of several, nobody knows who speaks.
pub(super) fn one_author(mail: &Mail) -> Option<&Address> {
    match mail.from.as_slice() {
        [author] => Some(&author.address),
        _ => None,
    }
}
