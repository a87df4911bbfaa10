//! The second way: how people hear of trouble that may be with the mail itself.
//!
//! Promises: nothing of it goes through the inbox or the outbox that may be in trouble; a command
//! gets the text on its standard input, never through a shell, and does not outlive its deadline.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use crate::domain::Timestamp;
use crate::domain::address::{Address, Mailbox};
use crate::mail::compose::alert;

/// How long a command may take.
const DEADLINE: Duration = Duration::from_secs(60);

/// A second way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecondWay {
    /// A sendmail-compatible command that mails it from the project to somebody.
    Sendmail {
        /// The command.
        command: PathBuf,
        /// Who hears of it.
        to: Address,
    },
    /// A program: the first line as its argument, all of it on its standard input.
    Command(PathBuf),
    /// A file that gets a line more.
    File(PathBuf),
}

/// Why an alert did not go out.
#[derive(Debug, thiserror::Error)]
pub enum AlertError {
    /// The command or file.
    #[error("{path}: {why}")]
    Way {
        /// Which.
        path: PathBuf,
        /// What the system or the command said.
        why: String,
    },
    /// The mail.
    #[error("the alert cannot be written as a mail: {0}")]
    Mail(String),
}

/// What is told.
#[derive(Debug, Clone, Copy)]
pub struct Alert<'a> {
    /// For whose project.
    pub project: &'a Mailbox,
    /// One line.
    pub subject: &'a str,
    /// Lines.
    pub text: &'a str,
    /// When.
    pub at: Timestamp,
}

impl SecondWay {
    /// Tells by this way.
    ///
    /// # Errors
    /// [`AlertError`].
    pub async fn tell(&self, alert: &Alert<'_>) -> Result<(), AlertError> {
        match self {
            Self::Sendmail { command, to } => {
                let mail = alert::mail(alert, to).map_err(AlertError::Mail)?;
                let from = alert.project.address.as_str();
                run(command, &["-i", "-f", from, "--", to.as_str()], &mail).await
            }
            Self::Command(program) => run(program, &[alert.subject], alert.text.as_bytes()).await,
            Self::File(path) => append(path, alert),
        }
    }
}

async fn run(program: &Path, arguments: &[&str], input: &[u8]) -> Result<(), AlertError> {
    let failed = |why: String| AlertError::Way { path: program.to_owned(), why };
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let stdin = child.stdin.take();
    let feed = async {
        if let Some(mut stdin) = stdin {
            // A program that stops reading explains itself by its exit status.
            let _ = stdin.write_all(input).await;
            let _ = stdin.shutdown().await;
        }
    };
    let run = async { tokio::join!(feed, child.wait()).1 };
    match timeout(DEADLINE, run).await {
        Err(_) => Err(failed(format!("took longer than {} s", DEADLINE.as_secs()))),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(failed(format!("ended with {status}"))),
    }
}

fn append(path: &Path, alert: &Alert<'_>) -> Result<(), AlertError> {
    let failed =
        |error: std::io::Error| AlertError::Way { path: path.to_owned(), why: error.to_string() };
    let mut file =
        std::fs::OpenOptions::new().append(true).create(true).open(path).map_err(failed)?;
    let text = alert.text.trim_end().replace('\n', "; ");
    let at = alert.at.format("%Y-%m-%dT%H:%M:%SZ");
    file.write_all(format!("{at} {}: {text}\n", alert.subject).as_bytes()).map_err(failed)
}
