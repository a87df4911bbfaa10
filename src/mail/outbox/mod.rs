//! Outboxes: where mail of ours leaves.
//!
//! Promises of every outbox: an attempt ends within its deadline with a [`Delivery`]; after any
//! error the connection is not used again; no reason names a recipient in full.

mod fault;
mod maildir;
mod sendmail;
mod smtp;

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::outgoing::{Delivery, Outgoing};
use crate::domain::secret::Secret;
use crate::mail::tls::Server;
use crate::mail::wire_address::wire_address;

pub use fault::{Fault, Step};

use maildir::Maildir;
use sendmail::Sendmail;
use smtp::{Parcel, Smtp};

/// `[outbox]`.
#[derive(Debug, Clone)]
pub struct OutboxSettings {
    /// How mail leaves.
    pub transport: Transport,
    /// How long each step may take.
    pub deadlines: Deadlines,
}

/// How mail leaves.
#[derive(Debug, Clone)]
pub enum Transport {
    /// An SMTP submission server.
    Smtp {
        /// The server.
        server: Server,
        /// Login name and password, where the server wants them.
        login: Option<(String, Secret)>,
        /// The name said in EHLO: the configured one or the project's domain, never the machine's.
        hello: String,
    },
    /// A sendmail-compatible command: `PATH -i -f SENDER -- RECIPIENT`.
    Sendmail(PathBuf),
    /// A Maildir: each mail becomes a file.
    Maildir(PathBuf),
}

/// How long the steps of sending may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Name, TCP and TLS together.
    pub connect: Duration,
    /// Greeting, EHLO and login together.
    pub hello: Duration,
    /// One mail of no size, from MAIL to the answer to the last dot, or one run of a command.
    pub mail: Duration,
    /// What a mail may take beyond that for each MiB (begun).
    pub per_mib: Duration,
    /// How long an idle connection is trusted; RFC 5321 section 4.5.3.2.7 wants servers to wait
    /// for five minutes, many close sooner.
    pub idle: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            hello: Duration::from_secs(60),
            // A server may look at a mail for minutes before it answers the last dot. To give up
            // earlier is to send twice.
            mail: Duration::from_secs(300),
            per_mib: Duration::from_secs(60),
            idle: Duration::from_secs(30),
        }
    }
}

impl Deadlines {
    /// The time for a mail of this many bytes.
    fn for_mail(&self, bytes: usize) -> Duration {
        let mib = u32::try_from(bytes.div_ceil(1 << 20)).unwrap_or(u32::MAX);
        self.mail.saturating_add(self.per_mib.saturating_mul(mib))
    }
}

/// An outbox, ready to send.
#[derive(Debug)]
pub struct Outbox {
    way: Way,
    deadlines: Deadlines,
}

/// What is behind an outbox.
#[derive(Debug)]
enum Way {
    Smtp(Box<Smtp>),
    Sendmail(Sendmail),
    Maildir(Maildir),
}

impl Outbox {
    /// An outbox. Nothing is connected, started or written before the first mail.
    pub fn new(settings: &OutboxSettings) -> Self {
        let way = match &settings.transport {
            Transport::Smtp { server, login, hello } => Way::Smtp(Box::new(Smtp::new(
                server.clone(),
                login.clone(),
                hello.clone(),
                settings.deadlines,
            ))),
            Transport::Sendmail(command) => Way::Sendmail(Sendmail::new(command.clone())),
            Transport::Maildir(folder) => Way::Maildir(Maildir::new(folder.clone())),
        };
        Self { way, deadlines: settings.deadlines }
    }

    /// Hands one mail over. A mail that may have been taken although nobody said so is
    /// [`Delivery::Unknown`]; dropping this future half-way leaves the mail in that same state, and
    /// the outbox usable.
    pub async fn send(&mut self, mail: &Outgoing) -> Delivery {
        let Some(to) = wire_address(&mail.to) else {
            return Delivery::Refused(format!(
                "{} cannot be reached by plain SMTP: it has characters that need SMTPUTF8 or quoting",
                mail.to.masked()
            ));
        };
        let from = match &mail.envelope_from {
            None => None,
            Some(sender) => match wire_address(sender) {
                Some(sender) => Some(sender),
                None => return Delivery::Refused(format!("{sender} cannot be an SMTP sender")),
            },
        };
        step!("send.begins");
        let deadline = self.deadlines.for_mail(mail.bytes.len());
        let delivery = match &mut self.way {
            Way::Smtp(smtp) => {
                let envelope_id = mail.message_id.0.as_str();
                smtp.send(Parcel { from, to, envelope_id, bytes: &mail.bytes }, deadline).await
            }
            Way::Sendmail(sendmail) => sendmail.send(from, &to, &mail.bytes, deadline).await,
            Way::Maildir(maildir) => maildir.send(&mail.message_id, &mail.bytes).await,
        };
        step!("send.ended");
        masked(delivery, mail)
    }

    /// Tries everything short of sending a mail.
    ///
    /// # Errors
    /// The [`Fault`], with the step that failed and what to do.
    pub async fn check(&mut self) -> Result<(), Fault> {
        match &mut self.way {
            Way::Smtp(smtp) => smtp.check().await,
            Way::Sendmail(sendmail) => sendmail.check().await,
            Way::Maildir(maildir) => maildir.check().await,
        }
    }

    /// Takes leave of the server. Not to call this costs nothing but courtesy.
    pub async fn close(&mut self) {
        if let Way::Smtp(smtp) = &mut self.way {
            smtp.close().await;
        }
    }
}

/// A delivery whose reason names the recipient in a form for logs: servers like to repeat addresses.
fn masked(delivery: Delivery, mail: &Outgoing) -> Delivery {
    let mask = |reason: String| {
        let short = crate::domain::address::displayable(&reason);
        short.replace(mail.to.as_str(), &mail.to.masked())
    };
    match delivery {
        Delivery::Accepted(reason) => Delivery::Accepted(mask(reason)),
        Delivery::Deferred(reason) => Delivery::Deferred(mask(reason)),
        Delivery::Away(reason) => Delivery::Away(mask(reason)),
        Delivery::Refused(reason) => Delivery::Refused(mask(reason)),
        Delivery::Unknown(reason) => Delivery::Unknown(mask(reason)),
    }
}

/// A mail with the line ends of files and pipes on this machine.
fn local_lines(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| *byte != b'\r').collect()
}
