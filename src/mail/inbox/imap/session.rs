//! One IMAP session, in which the outcome of every command is known.
//!
//! async-imap's own FETCH, SEARCH, NOOP and EXAMINE end without an error when the server refuses
//! them or closes the connection, its IDLE waits for ever on a refusal, and its errors quote what
//! they could not parse. So it is used for its parser and its framing, and the commands are run
//! here: [`Session::begin`], then [`Session::next`] until the tagged answer. Promises: a command
//! ends with `None` only if the server said OK to that very command.

use std::io;
use std::time::Duration;

use async_imap::imap_proto::{RequestId, Response, Status};
use tokio::time::timeout;

use super::answer::{Answer, said};
use super::guarded::guarded;
use super::metered::{Metered, OverLimit};
use crate::mail::inbox::{InboxError, Patience, Step};

/// What any command may bring in beside what was asked for: the server may send news of the folder
/// and of its flags at any time.
const UNASKED: u64 = 4 * 1024 * 1024;

/// A session with a folder opened.
#[derive(Debug)]
pub(super) struct Session {
    wire: async_imap::Session<Metered>,
    patience: Patience,
    /// What the server can do.
    pub(super) capabilities: Vec<String>,
    /// UIDVALIDITY of the folder.
    pub(super) uid_validity: u32,
    /// How many mails the folder has.
    pub(super) exists: u32,
    /// Whether mails came in since this was last set to `false`.
    pub(super) news: bool,
}

/// A command on its way.
#[derive(Debug)]
pub(super) struct Command {
    tag: RequestId,
    step: Step,
    pub(super) answer_within: Duration,
}

impl Session {
    pub(super) fn new(wire: async_imap::Session<Metered>, patience: Patience) -> Self {
        Self { wire, patience, capabilities: Vec::new(), uid_validity: 0, exists: 0, news: false }
    }

    /// Whether the server can do something.
    pub(super) fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|name| name == capability)
    }

    /// Sends a command whose answers together have up to `bytes`, none of them more than `largest`.
    ///
    /// `line` is built of constants and numbers alone, and of what [`quoted`](super::quoted) made.
    pub(super) async fn begin(
        &mut self,
        step: Step,
        line: &str,
        Expected { bytes, largest }: Expected,
    ) -> Result<Command, InboxError> {
        self.wire.as_mut().allow(bytes.saturating_add(UNASKED));
        let sending = self.wire.run_command(line);
        let after = self.patience.answer;
        match timeout(after, sending).await {
            Ok(Ok(tag)) => {
                Ok(Command { tag, step, answer_within: self.patience.answer_of(largest) })
            }
            Ok(Err(async_imap::error::Error::Io(error))) => Err(broken(step, error)),
            Ok(Err(_)) => Err(InboxError::Unintelligible { step }),
            Err(_) => Err(InboxError::TimedOut { step, after }),
        }
    }

    /// Sends a line within a command.
    pub(super) async fn say(&mut self, command: &Command, line: &str) -> Result<(), InboxError> {
        let step = command.step;
        let after = self.patience.answer;
        match timeout(after, self.wire.run_command_untagged(line)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(async_imap::error::Error::Io(error))) => Err(broken(step, error)),
            Ok(Err(_)) => Err(InboxError::Unintelligible { step }),
            Err(_) => Err(InboxError::TimedOut { step, after }),
        }
    }

    /// The next answer to a command; `None` once the server said that it is done and went well.
    pub(super) async fn next(&mut self, command: &Command) -> Result<Option<Answer>, InboxError> {
        let (step, after) = (command.step, command.answer_within);
        let response = match guarded(step, timeout(after, self.wire.read_response())).await? {
            Ok(Ok(Some(response))) => response,
            Ok(Ok(None)) => {
                return Err(broken(step, io::Error::from(io::ErrorKind::UnexpectedEof)));
            }
            Ok(Err(error)) => return Err(broken(step, error)),
            Err(_) => return Err(InboxError::TimedOut { step, after }),
        };
        match response.parsed() {
            Response::Done { tag, .. } if *tag != command.tag => {
                Err(InboxError::Unintelligible { step })
            }
            Response::Done { status: Status::Ok, .. } => Ok(None),
            Response::Done { outcome, .. } => {
                Err(InboxError::Refused { step, said: said(outcome) })
            }
            Response::Data { status: Status::Bye, outcome } => {
                Err(InboxError::Closed { step, said: said(outcome) })
            }
            other => self.note(step, Answer::of(other)).map(Some),
        }
    }

    /// Runs a command whose answers are only to be noted.
    pub(super) async fn run(&mut self, step: Step, line: &str) -> Result<(), InboxError> {
        let command = self.begin(step, line, Expected::LITTLE).await?;
        while self.next(&command).await?.is_some() {}
        Ok(())
    }

    /// Follows what the server tells of the folder, which it may do within any command.
    fn note(&mut self, step: Step, answer: Answer) -> Result<Answer, InboxError> {
        match &answer {
            Answer::Exists(count) => {
                self.news |= *count > self.exists;
                self.exists = *count;
            }
            Answer::Expunge => self.exists = self.exists.saturating_sub(1),
            Answer::Capabilities(names) => self.capabilities.clone_from(names),
            // All UIDs known of this folder are void (RFC 9051 section 2.3.1.1): start anew.
            Answer::UidValidity(number)
                if self.uid_validity != 0 && self.uid_validity != *number =>
            {
                return Err(InboxError::Refused {
                    step,
                    said: "the folder was made anew (UIDVALIDITY changed)".to_owned(),
                });
            }
            Answer::UidValidity(number) => self.uid_validity = *number,
            Answer::Mail(_) | Answer::GoOn | Answer::Other => {}
        }
        Ok(answer)
    }
}

/// How much a command is going to bring in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected {
    /// All answers together.
    pub(super) bytes: u64,
    /// The largest answer.
    pub(super) largest: u64,
}

impl Expected {
    /// A few lines.
    pub(super) const LITTLE: Self = Self { bytes: 0, largest: 0 };
}

/// An error of the connection, without what was read from it.
pub(super) fn broken(step: Step, error: io::Error) -> InboxError {
    if error.get_ref().is_some_and(|cause| cause.is::<OverLimit>()) {
        return InboxError::TooMuch { step };
    }
    // A parse error comes as an io::Error of this kind, and quotes the mail that it stands in.
    if error.kind() == io::ErrorKind::Other && error.raw_os_error().is_none() {
        return InboxError::Unintelligible { step };
    }
    InboxError::Lost { step, source: error }
}
