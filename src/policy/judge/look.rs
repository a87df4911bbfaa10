//! A look at one mail: what is measured of it, each thing once and only where a rule asks for it.

use std::cell::OnceCell;

use crate::domain::mail::Mail;

use super::own_text::OwnText;
use super::substance::Substance;
use super::targets::{self, Targets};

/// A mail that is being judged.
#[derive(Debug)]
pub struct Look<'a> {
    pub mail: &'a Mail,
    own: OnceCell<OwnText<'a>>,
    targets: OnceCell<Targets>,
    substance: OnceCell<Substance>,
}

impl<'a> Look<'a> {
    /// At this mail.
    pub fn at(mail: &'a Mail) -> Self {
        Self { mail, own: OnceCell::new(), targets: OnceCell::new(), substance: OnceCell::new() }
    }

    /// What its writer wrote in it.
    pub fn own(&self) -> &OwnText<'a> {
        self.own.get_or_init(|| {
            let author = self.mail.author().and_then(|author| author.name.as_deref());
            OwnText::of(&self.mail.text.text, &self.mail.subject, author.unwrap_or_default())
        })
    }

    /// Where else its content may be.
    pub fn targets(&self) -> &Targets {
        self.targets.get_or_init(|| targets::of(self.mail, &self.own().lines))
    }

    /// How much of a report its writer wrote.
    pub fn substance(&self) -> &Substance {
        self.substance.get_or_init(|| Substance::of(self.own(), &self.set_aside()))
    }

    /// Words of the body that are no text of the writer: file names, place-holders, anchors.
    fn set_aside(&self) -> Vec<String> {
        let names = self.mail.parts.iter().filter_map(|part| part.name.clone());
        let anchors = self.mail.text.links.iter().map(|link| link.anchor.clone());
        // A report's own words, such as an identifier that a client made a link of, stay.
        names
            .chain(anchors)
            .filter(|word| word.chars().count() >= 3 && word.len() < 300)
            .take(50)
            .collect()
    }
}
