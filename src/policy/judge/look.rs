//! A look at one mail: what is measured of it, each thing once and only where a rule asks for it.

use std::cell::OnceCell;

use crate::domain::mail::{Mail, Part, PartRole};
use crate::policy::suggest::report::Report;

use super::own_text::OwnText;
use super::substance::{Elsewhere, Substance};
use super::targets::{self, Targets};

/// A mail that is being judged.
#[derive(Debug)]
pub struct Look<'a> {
    pub(super) mail: &'a Mail,
    own: OnceCell<OwnText<'a>>,
    targets: OnceCell<Targets>,
    substance: OnceCell<Substance>,
}

impl<'a> Look<'a> {
    /// At this mail.
    pub fn at(mail: &'a Mail) -> Self {
        Self { mail, own: OnceCell::new(), targets: OnceCell::new(), substance: OnceCell::new() }
    }

    /// The mail.
    pub fn mail(&self) -> &'a Mail {
        self.mail
    }

    /// What its writer wrote in it.
    pub(super) fn own(&self) -> &OwnText<'a> {
        self.own.get_or_init(|| {
            let author = self.mail.author().and_then(|author| author.name.as_deref());
            OwnText::of(&self.mail.text.text, &self.mail.subject, author.unwrap_or_default())
        })
    }

    /// The same as text: without quotations, signature, footers and legal notices.
    pub fn own_text(&self) -> String {
        self.own().lines.join("\n")
    }

    /// The mail as a report, split up.
    pub fn report(&self) -> Report<'a> {
        Report::new(&self.mail.subject, &self.mail.text.text)
    }

    /// Where else its content may be.
    pub(super) fn targets(&self) -> &Targets {
        self.targets.get_or_init(|| targets::of(self.mail, &self.own().lines))
    }

    /// How much of a report its writer wrote.
    pub(super) fn substance(&self) -> &Substance {
        self.substance.get_or_init(|| Substance::of(self.own(), &self.elsewhere()))
    }

    /// Words of the body that stand for something elsewhere. A report's own words, such as an
    /// identifier that a client made a link of, stay.
    fn elsewhere(&self) -> Elsewhere {
        let fit = |word: &String| word.chars().count() >= 3 && word.len() < 300;
        let beside = || self.mail.parts.iter().filter(|part| is_beside(part));
        let names = beside().filter_map(|part| part.name.clone()).filter(fit);
        let anchors = self.mail.text.links.iter().map(|link| link.anchor.clone()).filter(fit);
        Elsewhere {
            documents: DOCUMENTS
                .iter()
                .filter(|(ending, _)| {
                    beside().filter_map(|part| part.name.as_deref()).any(|name| {
                        name.len() > ending.len() && name.to_ascii_lowercase().ends_with(ending)
                    })
                })
                .flat_map(|(_, names)| names.iter().copied())
                .collect(),
            has_files: beside().next().is_some(),
            files: names.take(50).collect(),
            anchors: anchors.take(50).collect(),
        }
    }
}

/// Endings of files that people write reports in, and what they call such a file in any language.
const DOCUMENTS: [(&str, &[&str]); 9] = [
    (".pdf", &["pdf"]),
    (".docx", &["docx", "doc", "word"]),
    (".doc", &["doc", "word"]),
    (".odt", &["odt"]),
    (".xlsx", &["xlsx", "excel"]),
    (".pptx", &["pptx", "powerpoint"]),
    (".zip", &["zip"]),
    (".rar", &["rar"]),
    (".7z", &["7z"]),
];

fn is_beside(part: &Part) -> bool {
    matches!(part.role, PartRole::Attachment | PartRole::Inline)
}
