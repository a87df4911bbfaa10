//! Outboxes: where mail of ours leaves.
//!
//! Promises of every outbox: an attempt ends within its deadline with a
//! [`Delivery`](crate::domain::outgoing::Delivery); after any error the connection is not used again.

use std::path::PathBuf;

use crate::domain::secret::Secret;
use crate::mail::tls::Server;

/// `[outbox]`.
#[derive(Debug, Clone)]
pub struct OutboxSettings {
    /// How mail leaves.
    pub transport: Transport,
    /// The name to greet SMTP servers with; `None` is the machine's own.
    pub hello: Option<String>,
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
    },
    /// A sendmail-compatible command: `PATH -i -f SENDER -- RECIPIENT`.
    Sendmail(PathBuf),
    /// A Maildir: each mail becomes a file.
    Maildir(PathBuf),
}
