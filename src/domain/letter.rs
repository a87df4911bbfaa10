//! What a mail of ours says, before it has a form: the words are in templates, the facts here.
//!
//! Promises: no field of a reporter's letter carries text that the reporter wrote (invariant 4:
//! an answer is no way to make the project's server send a stranger's words to a third party).

use serde::Serialize;

use super::address::{Address, Mailbox};
use super::case_id::CaseId;
use super::confirmation::Confirmation;
use super::digest::Digest;
use super::mail::MessageId;
use super::notice::Notice;
use super::outgoing::Purpose;
use super::reminder::Reminder;
use super::state::Disposition;

/// A letter to one person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Letter {
    /// The recipient.
    #[serde(skip)]
    pub to: Mailbox,
    /// Who else gets it, and is seen to.
    #[serde(skip)]
    pub cc: Vec<Address>,
    /// The mail it answers, for the thread.
    #[serde(skip)]
    pub answers: Option<Answered>,
    /// The facts for the template.
    #[serde(flatten)]
    pub content: Content,
}

/// The mail that a letter answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Its Message-ID.
    pub message_id: MessageId,
    /// Its own thread, oldest first.
    pub references: Vec<MessageId>,
}

/// The facts of each kind of letter.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Content {
    /// A report was taken in.
    Acknowledgement(Acknowledgement),
    /// A report was sent back.
    SentBack(SentBack),
    /// A person wrote to the reporter.
    Message(Message),
    /// The fix is released.
    Released(Released),
    /// The problem is public.
    Disclosure(Disclosure),
    /// The same for everybody.
    Announcement(Announcement),
    /// A case ended.
    Closing(Closing),
    /// A maintainer's work queue.
    Digest(Digest),
    /// Clocks that have run far.
    Reminder(Reminder),
    /// A mail came into a case, or a mail of ours came back.
    Notice(Notice),
    /// What came of commands.
    Confirmation(Confirmation),
}

impl Content {
    /// What the letter is for.
    pub fn purpose(&self) -> Purpose {
        match self {
            Self::Acknowledgement(_) => Purpose::Acknowledgement,
            Self::SentBack(_) => Purpose::SentBack,
            Self::Message(Message { saying: Saying::Answer, .. }) => Purpose::Reply,
            Self::Message(Message { saying: Saying::Question, .. }) => Purpose::Question,
            Self::Released(_) => Purpose::Released,
            Self::Disclosure(_) => Purpose::Disclosure,
            Self::Announcement(_) => Purpose::Announcement,
            Self::Closing(_) => Purpose::Closing,
            Self::Digest(_) => Purpose::Digest,
            Self::Reminder(_) => Purpose::Reminder,
            Self::Notice(_) => Purpose::Notice,
            Self::Confirmation(_) => Purpose::Confirmation,
        }
    }

    /// The case the letter belongs to.
    pub fn case(&self) -> Option<CaseId> {
        match self {
            Self::Acknowledgement(facts) => Some(facts.case),
            Self::SentBack(facts) => Some(facts.case),
            Self::Message(facts) => Some(facts.case),
            Self::Released(facts) => Some(facts.case),
            Self::Disclosure(facts) => Some(facts.case),
            Self::Announcement(facts) => Some(facts.case),
            Self::Closing(facts) => Some(facts.case),
            Self::Digest(_) => None,
            Self::Reminder(facts) => facts.case(),
            Self::Notice(facts) => Some(facts.case),
            Self::Confirmation(facts) => facts.case,
        }
    }
}

/// The facts of an acknowledgement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Acknowledgement {
    /// The project's name.
    pub project: String,
    /// Where its policy can be read.
    pub policy: Option<String>,
    /// The case.
    pub case: CaseId,
    /// The case that it was a part of.
    pub split_from: Option<CaseId>,
    /// When the report arrived.
    pub received: Moment,
    /// By when this acknowledgement was promised.
    pub acknowledge_by: Moment,
    /// Whether it is written after that.
    pub late: bool,
    /// By when a person answers in detail.
    pub respond_by: Moment,
    /// How often the reporter hears of the progress after that, such as `14 days`.
    pub update_every: String,
    /// The season in which nobody takes reports in, if it is now.
    pub closed: Option<Closed>,
    /// Facts the report seems to lack, as questions; empty if it lacks none.
    pub missing: Vec<String>,
    /// Whether the body is encrypted, so that nothing could be looked for in it.
    pub encrypted: bool,
}

/// A season in which nobody takes reports in, as a letter announces it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Closed {
    /// The day after it, from whose beginning the promises count.
    pub until: Moment,
    /// What else the project wants to say.
    pub message: Option<String>,
}

/// The facts of the answer to a report that is not in the body.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SentBack {
    /// The project's name.
    pub project: String,
    /// Where its policy can be read.
    pub policy: Option<String>,
    /// The case that waits for the report.
    pub case: CaseId,
    /// `link-only`, `attachment-only` or `empty`.
    pub format: super::judgement::Format,
    /// The rule that decided.
    pub rule: String,
    /// When the mail arrived.
    pub received: Moment,
}

/// What a person writes to the reporter, in their own words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    /// The project's name.
    pub project: String,
    /// The case.
    pub case: CaseId,
    /// The words.
    pub text: String,
    /// What they are.
    pub saying: Saying,
}

/// What a person's words to the reporter are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Saying {
    /// An answer, or news of the progress.
    Answer,
    /// A question that is waited on.
    Question,
}

/// The facts of the letter that tells of the released fix.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Released {
    /// The project's name.
    pub project: String,
    /// Where its policy can be read.
    pub policy: Option<String>,
    /// The case.
    pub case: CaseId,
    /// The affected lines of releases.
    pub fixes: Vec<Fix>,
    /// Until when nothing is published, if that was agreed on.
    pub embargo_until: Option<Moment>,
    /// What the maintainer wants to add.
    pub message: Option<String>,
}

/// The fix of a line of releases.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fix {
    /// The line.
    pub line: String,
    /// The release that has it.
    pub version: Option<String>,
    /// Why there will be none.
    pub no_fix: Option<String>,
}

/// The facts of the letter that tells that the problem is public.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Disclosure {
    /// The project's name.
    pub project: String,
    /// Where its policy can be read.
    pub policy: Option<String>,
    /// The case.
    pub case: CaseId,
    /// The problem in one line, as the maintainers state it.
    pub title: String,
    /// The problem in a few paragraphs.
    pub summary: String,
    /// Its public number.
    pub cve: Option<String>,
    /// Its severity, as CVSS vectors.
    pub cvss: Vec<String>,
    /// Its weakness.
    pub cwe: Option<String>,
    /// The affected versions, as ranges.
    pub affected: Vec<String>,
    /// The affected lines of releases.
    pub fixes: Vec<Fix>,
    /// Web pages that tell more.
    pub references: Vec<String>,
    /// Who is credited.
    pub credits: Vec<String>,
    /// What the maintainer wants to add.
    pub message: Option<String>,
}

/// The facts of the letter that ends a case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Closing {
    /// The project's name.
    pub project: String,
    /// Where its policy can be read.
    pub policy: Option<String>,
    /// The case.
    pub case: CaseId,
    /// How it ended.
    pub disposition: Disposition,
    /// The clause of the threat model, where one was named.
    pub clause: Option<Clause>,
    /// Whose module it is, as the maintainer named it.
    pub package: Option<String>,
    /// What the maintainer wants to add.
    pub message: Option<String>,
}

/// The facts of an announcement: all of them stated by maintainers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Announcement {
    /// The project's name.
    pub project: String,
    /// Where to report to.
    pub address: String,
    /// Where its policy can be read.
    pub policy: Option<String>,
    /// The case.
    pub case: CaseId,
    /// The problem in one line.
    pub title: String,
    /// The problem in a few paragraphs.
    pub summary: String,
    /// What helps where there is no fix.
    pub workaround: Option<String>,
    /// Its public number.
    pub cve: Option<String>,
    /// Its severity, in words.
    pub severity: Vec<String>,
    /// Its weakness, in words.
    pub weaknesses: Vec<String>,
    /// The affected packages and versions, in words.
    pub affected: Vec<String>,
    /// The affected lines of releases.
    pub fixes: Vec<Fix>,
    /// Web pages that tell more.
    pub references: Vec<String>,
    /// Who is credited.
    pub credits: Vec<String>,
}

/// A clause of the threat model as a letter cites it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Clause {
    /// Its title.
    pub title: String,
    /// What the project says about it.
    pub reply: Option<String>,
}

/// A point in time as a letter shows it: a date with its time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// `Wednesday, 25 November 2026, 09:00 UTC`, or a day alone.
    pub long: String,
    /// `2026-11-25T09:00:00Z`.
    pub rfc3339: String,
}

impl Moment {
    /// A moment in UTC: the zone that every reporter can convert from.
    pub fn utc(at: super::Timestamp) -> Self {
        Self {
            long: at.format("%A, %-d %B %Y, %H:%M UTC").to_string(),
            rfc3339: at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        }
    }
}
