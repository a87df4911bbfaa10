//! A submission server as outbox.
//!
//! Relies on lettre for the protocol and on [`tls`](crate::mail::tls) for the connection. Promises:
//! the connection is kept from mail to mail and dropped at the first error; a refusal of the
//! connection, the greeting, EHLO or the login is the operator's to mend and only defers the mail;
//! nothing is said twice to a server that may have taken it.

mod reply;
mod session;
mod wire;

use std::time::Duration;

use super::Deadlines;
use super::fault::Fault;
use crate::domain::outgoing::Delivery;
use crate::domain::secret::Secret;
use crate::mail::tls::Server;

pub use session::Parcel;

use session::{Attempt, Beginning, Session};

/// A submission server, and the conversation with it if there is one.
#[derive(Debug)]
pub struct Smtp {
    beginning: Beginning,
    idle: Duration,
    session: Option<Session>,
}

impl Smtp {
    /// A server that is not yet connected to.
    pub fn new(
        server: Server,
        login: Option<(String, Secret)>,
        hello: String,
        deadlines: Deadlines,
    ) -> Self {
        let Deadlines { connect, hello: converse, idle, .. } = deadlines;
        Self {
            beginning: Beginning { server, login, hello, connect, converse },
            idle,
            session: None,
        }
    }

    /// Sends one mail over the open conversation, or over a new one.
    pub async fn send(&mut self, parcel: Parcel<'_>, deadline: Duration) -> Delivery {
        // The session is out of `self` while it is in use: a caller that stops waiting drops it.
        if let Some(mut session) = self.fresh().await {
            match session.send(parcel.clone(), deadline).await {
                Attempt::Outcome(delivery) => return self.keep(session, delivery),
                // The server tired of the open conversation. It never saw the mail: begin anew.
                Attempt::Broken(_) => drop(session),
            }
        }
        let mut session = match self.beginning.begin().await {
            Ok(session) => session,
            Err(fault) => return Delivery::Away(fault.to_string()),
        };
        match session.send(parcel, deadline).await {
            Attempt::Outcome(delivery) => self.keep(session, delivery),
            Attempt::Broken(why) => Delivery::Away(why),
        }
    }

    /// Connects, greets, encrypts and logs in, then says goodbye.
    pub async fn check(&mut self) -> Result<(), Fault> {
        self.close().await;
        self.beginning.begin().await?.quit().await;
        Ok(())
    }

    /// Ends the conversation.
    pub async fn close(&mut self) {
        if let Some(session) = self.session.take() {
            session.quit().await;
        }
    }

    /// The open conversation, unless it was idle for so long that the server may have ended it.
    async fn fresh(&mut self) -> Option<Session> {
        let session = self.session.take()?;
        if session.used_at.elapsed() > self.idle {
            session.quit().await;
            return None;
        }
        Some(session)
    }

    /// Keeps the conversation for the next mail, if this one went well.
    fn keep(&mut self, session: Session, delivery: Delivery) -> Delivery {
        if matches!(delivery, Delivery::Accepted(_)) {
            self.session = Some(session);
        }
        delivery
    }
}
