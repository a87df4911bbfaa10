//! Why an inbox could not be read: a variant for each step, since `embargod check` names it.
//!
//! No error carries a password or a word of a mail: what a server said goes in one displayable
//! line, and what could not be understood is not quoted.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::mail::tls::{self, ConnectError};

/// The steps of reading an inbox, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Connecting to the server.
    Connect(tls::Step),
    /// The server's first line.
    Greeting,
    /// Agreeing on STARTTLS.
    StartTls,
    /// Login.
    Login,
    /// Opening the folder, or looking at the Maildir.
    Folder,
    /// Reading mail.
    Reading,
    /// Waiting for mail.
    Waiting,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(step) => step.fmt(f),
            Self::Greeting => f.write_str("greeting"),
            Self::StartTls => f.write_str("STARTTLS"),
            Self::Login => f.write_str("login"),
            Self::Folder => f.write_str("folder"),
            Self::Reading => f.write_str("reading"),
            Self::Waiting => f.write_str("waiting"),
        }
    }
}

/// When to try again after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// In seconds, then less and less often: the server or the network is away.
    Soon,
    /// In minutes: someone has to change something, and a server may lock out who asks too often.
    Later,
}

/// Why an inbox could not be read.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The server does not welcome us.
    #[error("the IMAP server turns the connection away: {said}")]
    Greeting {
        /// What it said.
        said: String,
    },
    /// The server does not do STARTTLS.
    #[error(
        "the IMAP server does not start TLS: {said}; try imaps:// in `server`, which is TLS from the first byte"
    )]
    StartTls {
        /// What it said.
        said: String,
    },
    /// The server does not accept user or password.
    #[error("the IMAP server refuses the login: {said}; check `user` and `password_file`")]
    Login {
        /// What it said.
        said: String,
    },
    /// The folder does not open.
    #[error("the folder {folder:?} does not open: {said}; check `folder`")]
    Folder {
        /// The folder.
        folder: String,
        /// What the server said.
        said: String,
    },
    /// The server refused a command that it must be able to do.
    #[error("the IMAP server refused a command at the step {step}: {said}")]
    Refused {
        /// The step.
        step: Step,
        /// What it said.
        said: String,
    },
    /// The server has a mail, says that all went well, and still does not hand the mail out.
    #[error("the IMAP server keeps back mail with UID {uid}")]
    Withheld {
        /// The first such mail.
        uid: u32,
    },
    /// The server ended the connection, and said so.
    #[error("the IMAP server closed the connection at the step {step}: {said}")]
    Closed {
        /// The step.
        step: Step,
        /// What it said.
        said: String,
    },
    /// The connection broke.
    #[error("the connection to the IMAP server broke at the step {step}: {source}")]
    Lost {
        /// The step.
        step: Step,
        /// How it broke.
        source: io::Error,
    },
    /// The server took too long.
    #[error("the IMAP server gave no answer within {} at the step {step}{}", humantime::format_duration(*after), late_advice(*step))]
    TimedOut {
        /// The step.
        step: Step,
        /// How long it was waited for.
        after: Duration,
    },
    /// The server sent more than it announced.
    #[error("the IMAP server sent more than it announced at the step {step}")]
    TooMuch {
        /// The step.
        step: Step,
    },
    /// The server sent what IMAP does not know.
    #[error("the IMAP server sent an answer that cannot be read at the step {step}")]
    Unintelligible {
        /// The step.
        step: Step,
    },
    /// The Maildir or a file in it cannot be read.
    #[error("{}: {source}; `server` must name a Maildir (a folder with `new` and `cur`) that this user may read", path.display())]
    Maildir {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Nobody takes the mail any more: the daemon is stopping.
    #[error("stopped while reading the inbox")]
    Stopped,
}

/// What a person can do about a server that does not answer.
fn late_advice(step: Step) -> &'static str {
    match step {
        Step::Greeting => {
            "; where the port speaks TLS from the first byte, `server` has to be imaps://"
        }
        _ => "",
    }
}

impl InboxError {
    /// The step that failed.
    pub fn step(&self) -> Step {
        match self {
            Self::Connect(error) => Step::Connect(error.step()),
            Self::Greeting { .. } => Step::Greeting,
            Self::StartTls { .. } => Step::StartTls,
            Self::Login { .. } => Step::Login,
            Self::Folder { .. } | Self::Maildir { .. } => Step::Folder,
            Self::Withheld { .. } | Self::Stopped => Step::Reading,
            Self::Refused { step, .. }
            | Self::Closed { step, .. }
            | Self::Lost { step, .. }
            | Self::TimedOut { step, .. }
            | Self::TooMuch { step }
            | Self::Unintelligible { step } => *step,
        }
    }

    /// When to try again.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Connect(ConnectError::Name { .. } | ConnectError::Tcp { .. })
            | Self::Connect(ConnectError::TimedOut { .. })
            | Self::Greeting { .. }
            | Self::Refused { .. }
            | Self::Withheld { .. }
            | Self::Closed { .. }
            | Self::Lost { .. }
            | Self::TimedOut { .. }
            | Self::TooMuch { .. }
            | Self::Unintelligible { .. }
            | Self::Stopped => Retry::Soon,
            Self::Connect(_)
            | Self::StartTls { .. }
            | Self::Login { .. }
            | Self::Folder { .. }
            | Self::Maildir { .. } => Retry::Later,
        }
    }
}
