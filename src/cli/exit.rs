//! How a command ends: its exit status, and one line on stderr that says what and what to do.

use std::io::Write;
use std::process::ExitCode;

use crate::daemon::clock::Clock;
use crate::store::StoreError;

/// Why a command failed, by the exit status it leads to.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// 1: it failed.
    #[error("{0:#}")]
    Failed(#[from] anyhow::Error),
    /// 1: it failed, and has said so already.
    #[error("")]
    Told,
    /// 2: the command line or the configuration is wrong.
    #[error("{0}")]
    Wrong(String),
    /// 75: a server is away.
    #[error("{0}; try again later")]
    TryLater(String),
    /// 0: whoever read the output has had enough.
    #[error("")]
    BrokenPipe,
}

impl Failure {
    fn status(&self) -> u8 {
        match self {
            Self::Failed(_) | Self::Told => 1,
            Self::Wrong(_) => 2,
            // EX_TEMPFAIL of sysexits.h.
            Self::TryLater(_) => 75,
            Self::BrokenPipe => 0,
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::Failed(error.into()),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::TryLater(error.to_string()),
            _ => Self::Failed(error.into()),
        }
    }
}

impl From<crate::config::ConfigError> for Failure {
    fn from(error: crate::config::ConfigError) -> Self {
        Self::Wrong(error.to_string())
    }
}

/// The whole program.
pub fn main() -> ExitCode {
    #[cfg(debug_assertions)]
    crate::steps::stand_still_where_told();
    match super::dispatch(super::parse(), &Clock::system(), &mut std::io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let text = failure.to_string();
            if !text.is_empty() {
                let _ = writeln!(std::io::stderr(), "embargod: {text}");
            }
            ExitCode::from(failure.status())
        }
    }
}
