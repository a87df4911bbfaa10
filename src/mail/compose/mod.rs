//! Letters to mails: the words from templates, the form from RFC 5322, 2045 and 3834.
//!
//! Relies on the facts in `domain::letter` holding nothing that a stranger wrote. Promises: the
//! bytes of a mail follow from the letter, the time and the token alone; an answer names its
//! recipient by bare address and never carries a name or a subject from the mail it answers
//! (invariant 4); only letters to reporters are held by [`Mode::Observe`].

pub(in crate::mail) mod alert;
mod confirmations;
mod mime;
mod notices;
mod samples;
mod templates;
mod text;
mod thread;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use crate::domain::Timestamp;
use crate::domain::address::{Address, Mailbox};
use crate::domain::case_id::CaseId;
use crate::domain::confirmation::Confirmation;
use crate::domain::letter::{Content, Letter};
use crate::domain::mail::MessageId;
use crate::domain::mode::Mode;
use crate::domain::notice::Notice;
use crate::domain::outgoing::{Outgoing, Purpose};
use crate::domain::people::Project;
use crate::mail::wire_address::sender_address;

pub use templates::TemplateError;
pub use text::fit;

use mime::{Automatic, Body, Parts};
use templates::{Rendered, Templates};
use thread::Thread;

/// What a composer has to know.
#[derive(Debug, Clone)]
pub struct ComposerSettings {
    /// The project: its address is the From of every mail, its domain the right side of every
    /// Message-ID.
    pub project: Project,
    /// Whether reporters get mail.
    pub mode: Mode,
    /// Where notices of failed delivery go. Without it, answers have the null sender
    /// (RFC 3834 section 3.3) and digests the project's address.
    pub bounces: Option<Address>,
    /// A folder whose files replace templates of the same name.
    pub templates: Option<PathBuf>,
}

/// Why there is no composer, or no mail.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// A template cannot be used.
    #[error("template {0}")]
    Template(#[from] TemplateError),
    /// The project's address cannot stand in a From field.
    #[error(
        "project address {0}: mail can only be sent from an address of plain ASCII, without dots at an end or in a row"
    )]
    Sender(Address),
    /// The token is not made of letters and digits.
    #[error("the token {0:?} of a mail has to be 1 to 40 ASCII letters and digits")]
    Token(String),
    /// The mail could not be built.
    #[error("the mail could not be built: {0}")]
    Mime(#[from] lettre::error::Error),
}

/// What makes a letter's answers known as its reader's word.
#[derive(Debug, Clone, Copy)]
pub struct Answerable<'a> {
    /// The token in its Message-ID.
    pub token: &'a str,
    /// The address that answers go to.
    pub reply_to: Option<&'a Address>,
    /// The token in its text, where the answer may be signed: what is signed has to have it.
    pub in_text: Option<&'a str>,
}

/// Whether commands can be given by answering a letter, which it then says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Commands<'a> {
    Taken {
        /// The token, where the text has it.
        token: Option<&'a str>,
    },
    No,
}

/// What a letter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The subject.
    pub subject: String,
    /// The text, in short lines.
    pub text: String,
    /// The same as a page of HTML, for the kinds of letter that have one.
    pub html: Option<String>,
}

/// Writes mail.
#[derive(Debug)]
pub struct Composer {
    templates: Templates,
    project: Project,
    mode: Mode,
    bounces: Option<Address>,
}

impl Composer {
    /// A composer with its templates loaded and compiled.
    ///
    /// # Errors
    /// [`ComposeError`] where a template does not compile or the project's address cannot send.
    pub fn new(settings: ComposerSettings) -> Result<Self, ComposeError> {
        let ComposerSettings { project, mode, bounces, templates } = settings;
        for sender in [Some(&project.address), bounces.as_ref()].into_iter().flatten() {
            sender_address(sender).ok_or_else(|| ComposeError::Sender(sender.clone()))?;
        }
        Ok(Self { templates: Templates::load(templates.as_deref())?, project, mode, bounces })
    }

    /// Writes every kind of letter with sample facts, to prove the templates before they are needed.
    ///
    /// # Errors
    /// The first [`ComposeError`], with the template's file and line.
    pub fn check(&self) -> Result<(), ComposeError> {
        for letter in samples::letters(&self.project) {
            let mail = self.compose(&letter, samples::at(), "sample")?;
            let is_answered = letter.content.purpose().is_for_reporter();
            if is_answered && CaseId::find_in(&mail.subject).is_none() {
                let file = self.templates.file(template_of(&letter.content));
                return Err(TemplateError::NoCaseInSubject { file }.into());
            }
        }
        Ok(())
    }

    /// The words of a letter without the form of a mail, as `embargod digest` shows them.
    ///
    /// # Errors
    /// [`ComposeError`] where a template fails on the facts.
    pub fn words(&self, content: &Content) -> Result<Words, ComposeError> {
        self.worded(content, Commands::No)
    }

    fn worded(&self, content: &Content, commands: Commands<'_>) -> Result<Words, ComposeError> {
        let fill = match content {
            Content::Digest(_) | Content::Reminder(_) => text::refill,
            _ => text::refill_a_letter,
        };
        let Rendered { subject, body: text } =
            self.templates.render_mail(template_of(content), content, commands, fill)?;
        let html = match content {
            Content::Digest(digest) => {
                Some(self.templates.render("digest.html", digest, commands)?)
            }
            _ => None,
        };
        Ok(Words { subject, text, html })
    }

    /// Writes one letter, and a copy for each of its further recipients: the same bytes, so that all
    /// of them stand in one thread.
    ///
    /// # Errors
    /// As [`Composer::compose`].
    pub fn compose_all(
        &self,
        letter: &Letter,
        now: Timestamp,
        token: &str,
    ) -> Result<Vec<Outgoing>, ComposeError> {
        let mail = self.compose(letter, now, token)?;
        let copy = |to: &Address| {
            let hold = self.mode.hold(Purpose::Copy);
            Outgoing { purpose: Purpose::Copy, to: to.clone(), hold, ..mail.clone() }
        };
        let copies: Vec<Outgoing> = letter.cc.iter().map(copy).collect();
        Ok(std::iter::once(mail).chain(copies).collect())
    }

    /// Writes one letter. `token` tells this mail from all others: a letter written again with the
    /// same token and time is the same mail.
    ///
    /// # Errors
    /// [`ComposeError`] where a template fails on the facts or the token is unfit.
    pub fn compose(
        &self,
        letter: &Letter,
        now: Timestamp,
        token: &str,
    ) -> Result<Outgoing, ComposeError> {
        self.mail(letter, now, Answerable { token, reply_to: None, in_text: None }, Commands::No)
    }

    /// The same, to a reader who may act by answering it.
    ///
    /// # Errors
    /// [`ComposeError`] where a template fails on the facts or the token is unfit.
    pub fn compose_answerable(
        &self,
        letter: &Letter,
        now: Timestamp,
        answerable: Answerable<'_>,
    ) -> Result<Outgoing, ComposeError> {
        let commands = Commands::Taken { token: answerable.in_text };
        self.mail(letter, now, answerable, commands)
    }

    fn mail(
        &self,
        letter: &Letter,
        now: Timestamp,
        Answerable { token, reply_to, .. }: Answerable<'_>,
        commands: Commands<'_>,
    ) -> Result<Outgoing, ComposeError> {
        if !(1..=40).contains(&token.len()) || !token.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(ComposeError::Token(token.to_owned()));
        }
        let purpose = letter.content.purpose();
        let words = self.worded(&letter.content, commands)?;
        let message_id = self.message_id(&letter.content, token);
        let reply_to =
            reply_to.map(|address| Mailbox { address: address.clone(), ..self.project.mailbox() });
        let boundary = format!("=_embargod_{token}");
        let to = if purpose.leaves_the_project() {
            Mailbox { name: None, address: letter.to.address.clone() }
        } else {
            letter.to.clone()
        };
        let bytes = mime::write(&Parts {
            from: &self.project.mailbox(),
            to: &to,
            reply_to: reply_to.as_ref(),
            cc: &letter.cc,
            subject: &words.subject,
            date: now,
            message_id: &message_id.0,
            thread: letter.answers.as_ref().and_then(Thread::of).as_ref(),
            automatic: match purpose {
                Purpose::Acknowledgement | Purpose::SentBack | Purpose::Confirmation => {
                    Automatic::Replied
                }
                Purpose::Digest | Purpose::Reminder | Purpose::Notice => Automatic::Generated,
                Purpose::Reply
                | Purpose::Question
                | Purpose::Released
                | Purpose::Closing
                | Purpose::Disclosure
                | Purpose::Announcement
                | Purpose::Copy => Automatic::No,
            },
            body: match (&words.html, &letter.content) {
                (Some(html), _) => Body::Both { text: &words.text, html, boundary: &boundary },
                (None, Content::Notice(Notice { enclosed, .. })) if !enclosed.is_empty() => {
                    Body::Files { text: &words.text, files: enclosed, boundary: &boundary }
                }
                (None, _) => Body::Text(&words.text),
            },
        })?;
        Ok(Outgoing {
            purpose,
            case: letter.content.case(),
            envelope_from: match (&self.bounces, purpose) {
                (Some(bounces), _) => Some(bounces.clone()),
                (None, Purpose::Acknowledgement | Purpose::SentBack | Purpose::Confirmation) => {
                    None
                }
                (None, _) => Some(self.project.address.clone()),
            },
            to: to.address,
            message_id,
            subject: words.subject,
            bytes,
            hold: self.mode.hold(purpose),
            grant: None,
        })
    }

    /// A Message-ID that tells a person reading a log what the mail was.
    fn message_id(&self, content: &Content, token: &str) -> MessageId {
        let domain = self.project.address.domain();
        let purpose = content.purpose().name();
        MessageId(match content {
            Content::Digest(digest) => {
                let reader = plain(&digest.reader);
                format!("{purpose}.{}.for-{reader}.{token}@{domain}", digest.day)
            }
            Content::Reminder(reminder) => {
                let about = reminder.case().map_or(String::new(), |case| format!("{case}."));
                format!("{about}{purpose}.for-{}.{token}@{domain}", plain(&reminder.reader))
            }
            Content::Notice(Notice { case, reader, .. }) => {
                format!("{case}.{purpose}.for-{}.{token}@{domain}", plain(reader))
            }
            Content::Confirmation(Confirmation { case, reader, .. }) => {
                let about = case.map_or(String::new(), |case| format!("{case}."));
                format!("{about}{purpose}.for-{}.{token}@{domain}", plain(reader))
            }
            _ => {
                let case = content.case().map(|case| case.to_string()).unwrap_or_default();
                format!("{case}.{purpose}.{token}@{domain}")
            }
        })
    }
}

/// A handle as it may stand in a Message-ID.
fn plain(handle: &str) -> String {
    handle.chars().filter(char::is_ascii_alphanumeric).take(40).collect()
}

/// The template of a letter's text.
fn template_of(content: &Content) -> &'static str {
    match content {
        Content::Acknowledgement(_) => "acknowledgement.txt",
        Content::SentBack(_) => "sent-back.txt",
        Content::Message(_) => "message.txt",
        Content::Released(_) => "released.txt",
        Content::Disclosure(_) => "disclosure.txt",
        Content::Announcement(_) => "announcement.txt",
        Content::Closing(_) => "closing.txt",
        Content::Digest(_) => "digest.txt",
        Content::Reminder(_) => "reminder.txt",
        Content::Notice(_) => "notice.txt",
        Content::Confirmation(_) => "confirmation.txt",
    }
}
