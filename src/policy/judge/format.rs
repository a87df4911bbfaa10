//! Where the content of a submission is: in the body, as the policy asks, or elsewhere.
//!
//! The rule: what a person wrote in this mail is measured ([`super::substance`]) and weighed against
//! the files and links it comes with ([`super::targets`]). Only a mail whose text says nothing, or
//! nothing but that the content is elsewhere, is not whole. In doubt it is whole, and the judgement
//! says so (`body.in-doubt`): a wrong return costs more than a wrong acceptance.
//!
//! Rules: `body.whole`, `body.in-doubt`, `body.forwarded`, `body.only-links`,
//! `body.only-attachments`, `body.empty`, `body.encrypted`, `body.truncated`.

use crate::domain::judgement::{Format, Reason};
use crate::domain::mail::{Defect, Encryption, Mail};

use super::look::Look;
use super::own_text::OwnText;
use super::substance::{Elsewhere, Substance};
use super::targets::Targets;

/// Decides the format of a mail, with the reasons.
pub fn decide(look: &Look<'_>) -> (Format, Vec<Reason>) {
    Seen { mail: look.mail, own: look.own(), targets: look.targets(), substance: look.substance() }
        .decide()
}

/// Whether a mail's own text is a report beyond doubt.
pub fn is_report(look: &Look<'_>) -> bool {
    decide(look).1.first().is_some_and(|reason| reason.rule == "body.whole")
}

struct Seen<'a> {
    mail: &'a Mail,
    own: &'a OwnText<'a>,
    targets: &'a Targets,
    substance: &'a Substance,
}

impl Seen<'_> {
    fn decide(&self) -> (Format, Vec<Reason>) {
        let enough = self.is_enough();
        if let Some(encryption) = self.mail.encryption
            && !(enough && encryption == Encryption::PgpInline)
        {
            let how = match encryption {
                Encryption::PgpMime => "PGP/MIME",
                Encryption::PgpInline => "a PGP message in the text or a file",
                Encryption::Smime => "S/MIME",
            };
            return one(
                Format::Encrypted,
                "body.encrypted",
                format!("{how}: only a person can open it"),
            );
        }
        if self.mail.defects.contains(&Defect::Truncated) {
            let detail =
                "the mail was cut at a size limit, so what is missing is unknown; accepted"
                    .to_owned();
            return (Format::Whole, vec![self.whole(), Reason::new("body.truncated", detail)]);
        }
        if enough {
            return (Format::Whole, vec![self.whole()]);
        }
        if self.tells_something() {
            return self.in_doubt(
                "it tells something, if in few technical words, and points nowhere else",
            );
        }
        let file = self.has_file();
        let link = self.has_link();
        let nothing = self.substance.all_words < 1.0 && self.substance.code_lines == 0;
        match (file, link, nothing) {
            (false, false, true) => self.without_text(),
            (true, _, _) if self.points_at_file(link) => {
                one(Format::AttachmentOnly, "body.only-attachments", self.elsewhere())
            }
            (_, true, _) => one(Format::LinkOnly, "body.only-links", self.elsewhere()),
            (true, _, _) => one(Format::AttachmentOnly, "body.only-attachments", self.elsewhere()),
            (false, false, false) => {
                self.in_doubt("little text, but nothing else that could hold the report")
            }
        }
    }

    /// Whether the text alone would do as a report: the fewer its words, the more of them, or of
    /// its lines, have to be of the kind that reports are made of.
    fn is_enough(&self) -> bool {
        let Substance { words, marks, code_lines, items, .. } = *self.substance;
        let evidence = marks.saturating_add(items);
        (words >= 8.0 && evidence >= 5)
            || (words >= 12.0 && evidence >= 4)
            || (words >= 3.0 && marks >= 4 && code_lines >= 1)
            || (words >= 18.0 && marks >= 3)
            || words >= 150.0
    }

    /// Whether the text says, in more than a label such as "Video:", that there is more elsewhere.
    fn is_cover_note(&self) -> bool {
        self.substance.pointing_words > 3.0
    }

    /// Whether the text tells something in words of every day, and points nowhere else.
    fn tells_something(&self) -> bool {
        let Substance { words, marks, items, .. } = *self.substance;
        !self.is_cover_note()
            && (words >= 10.0 && items >= 2 || words >= 15.0 && marks >= 2 || words >= 16.0)
    }

    fn has_file(&self) -> bool {
        // A picture within the text is a screenshot if the text has nothing beside it but a
        // signature's words; a logo comes with a signature.
        let shown = |size: u64| size >= 8 * 1024;
        !self.targets.files.is_empty()
            || (!self.own.signed
                && self.targets.links.is_empty()
                && self.targets.pictures.iter().any(|(_, size)| shown(*size)))
    }

    fn has_link(&self) -> bool {
        let links = &self.targets.links;
        if links.is_empty() {
            return false;
        }
        // A short text with a link is a cover note, unless it says enough to doubt that.
        self.targets.content_links() > 0
            || self.substance.link_pointer.is_some()
            || (self.substance.words < 25.0 && self.substance.marks < 4)
    }

    fn points_at_file(&self, link: bool) -> bool {
        !link || self.substance.file_pointer.is_some() || self.substance.link_pointer.is_none()
    }

    /// Nothing that a person wrote in this mail. A quotation may be all there is to read.
    fn without_text(&self) -> (Format, Vec<Reason>) {
        let quoted = OwnText::plain(self.own.quoted.iter().map(|line| unquoted(line)).collect());
        let below = Substance::of(&quoted, &Elsewhere::default());
        if below.words >= 30.0 && below.marks >= 6 {
            return self.in_doubt("no text but a quotation, which reads like a report");
        }
        let footers =
            Substance::of(&OwnText::plain(self.own.footers.clone()), &Elsewhere::default());
        if footers.all_words >= 8.0 && footers.marks >= 4 {
            return self.in_doubt("no text but what looks like a footer, and says more");
        }
        let detail = match (self.own.signed, self.mail.text.text.trim().is_empty()) {
            (_, true) => "nothing to read in the mail",
            (true, _) => "nothing but a signature or footer",
            (false, _) => "nothing but greetings or quotations",
        };
        one(Format::Empty, "body.empty", detail.to_owned())
    }

    fn in_doubt(&self, why: &str) -> (Format, Vec<Reason>) {
        (
            Format::Whole,
            vec![Reason::new("body.in-doubt", format!("{why}; accepted ({})", self.numbers()))],
        )
    }

    fn whole(&self) -> Reason {
        let sentence = self
            .substance
            .strongest
            .as_ref()
            .map_or(String::new(), |(sentence, _)| format!(": “{sentence}”"));
        Reason::new("body.whole", format!("{}{sentence}", self.numbers()))
    }

    fn numbers(&self) -> String {
        format!(
            "{:.0} words of report, {} technical marks, {} lines of code, {} items of lists",
            self.substance.words,
            self.substance.marks,
            self.substance.code_lines,
            self.substance.items
        )
    }

    fn elsewhere(&self) -> String {
        let mut detail = self.numbers();
        let files: Vec<String> = self
            .targets
            .files
            .iter()
            .chain(&self.targets.pictures)
            .take(3)
            .map(|(name, size)| format!("{name} ({size} bytes)"))
            .collect();
        if !files.is_empty() {
            detail.push_str("; files: ");
            detail.push_str(&files.join(", "));
        }
        let hosts: Vec<&str> =
            self.targets.links.iter().take(3).map(|(host, _)| host.as_str()).collect();
        if !hosts.is_empty() {
            detail.push_str(&format!("; {} links: {}", self.targets.links.len(), hosts.join(", ")));
        }
        let pointer = self.substance.file_pointer.as_ref().or(self.substance.link_pointer.as_ref());
        if let Some(sentence) = pointer {
            detail.push_str(&format!("; “{sentence}”"));
        }
        detail
    }
}

fn unquoted(line: &str) -> &str {
    line.trim_start_matches(['>', ' '])
}

fn one(format: Format, rule: &str, detail: String) -> (Format, Vec<Reason>) {
    (format, vec![Reason::new(rule, detail)])
}
