//! A folder on an IMAP server.
//!
//! Relies on async-imap for framing and parsing; only the files in this folder name it. Promises:
//! the folder is opened by EXAMINE and mails are read by PEEK, so nothing in it changes; a mail
//! counts as gone only after the server said so in answer to a command that went well; what a
//! dropped or failed call left behind on a connection is never read by the next one.

mod answer;
mod fetch;
mod guarded;
mod idle;
mod login;
mod metered;
mod names;
mod session;
mod trouble;

use std::time::Duration;

use tokio::sync::mpsc;

use self::fetch::Round;
use self::session::Session;
use self::trouble::Trouble;
use super::{Addressees, Arrived, InboxError, InboxSettings, Patience, Reached, Sieve, Wake};
use crate::domain::place::Position;
use crate::domain::secret::Secret;
use crate::mail::tls::Server;

/// Whose folder it is, and where.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) server: Server,
    pub(super) user: String,
    pub(super) password: Secret,
    pub(super) folder: String,
}

/// What to read of the folder, and how.
#[derive(Debug, Clone)]
struct Job {
    /// The folder as every place of it is named.
    folder: String,
    addressees: Addressees,
    message_bytes: u64,
    poll: Duration,
    patience: Patience,
}

/// A folder on an IMAP server.
#[derive(Debug)]
pub struct ImapInbox {
    account: Account,
    job: Job,
    trouble: Trouble,
    /// Taken out for the time of a call: a call that fails or is dropped leaves answers on the way,
    /// which the next command would take for its own.
    session: Option<Session>,
}

impl ImapInbox {
    pub(super) async fn open(
        account: Account,
        settings: &InboxSettings,
        patience: Patience,
    ) -> Result<Self, InboxError> {
        let job = Job {
            folder: settings.folder(),
            addressees: settings.addressees.clone(),
            message_bytes: settings.message_bytes,
            poll: settings.poll,
            patience,
        };
        let session = Some(login::open(&account, patience).await?);
        Ok(Self { account, job, trouble: Trouble::default(), session })
    }

    pub(super) async fn take_waiting(
        &mut self,
        seen: Position,
        sieve: &Sieve,
        out: &mpsc::Sender<Arrived>,
    ) -> Result<Reached, InboxError> {
        let mut session = match self.session.take() {
            Some(session) => session,
            None => login::open(&self.account, self.job.patience).await?,
        };
        let round = Round {
            session: &mut session,
            job: &self.job,
            sieve,
            trouble: &mut self.trouble,
            out,
            reached: Reached::default(),
        };
        let reached = round.take(seen).await?;
        self.session = Some(session);
        Ok(reached)
    }

    pub(super) async fn wait(&mut self, limit: Duration) -> Result<Wake, InboxError> {
        let Some(mut session) = self.session.take() else {
            // Whatever came in since the last look was announced to nobody.
            self.session = Some(login::open(&self.account, self.job.patience).await?);
            return Ok(Wake::News);
        };
        let wake = idle::wait(&mut session, &self.job, limit).await?;
        self.session = Some(session);
        Ok(wake)
    }
}
