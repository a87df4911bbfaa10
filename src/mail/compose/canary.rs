//! The mail that embargod writes to the project itself, outside the templates: nobody reads it.

use super::{Automatic, Body, ComposeError, Composer, Parts, mime};
use crate::domain::Timestamp;
use crate::domain::mail::MessageId;
use crate::domain::outgoing::{Hold, Outgoing, Purpose};

const SUBJECT: &str = "Canary";

impl Composer {
    /// Writes a canary: `token` is in its Message-ID, and `secret` in its text. It takes the way of a
    /// maintainer's mail, and is sent in observe mode too.
    ///
    /// # Errors
    /// [`ComposeError`] where the mail cannot be built.
    pub fn canary(
        &self,
        now: Timestamp,
        token: &str,
        secret: &str,
    ) -> Result<Outgoing, ComposeError> {
        let own = self.project.mailbox();
        let message_id = MessageId(format!("canary.{token}@{}", own.address.domain()));
        let text = format!(
            "embargod wrote this mail to itself, to see whether mail comes in.\n\
             It will be recognised; nothing has to be done with it.\n\n{secret}\n"
        );
        let bytes = mime::write(&Parts {
            from: &own,
            to: &own,
            reply_to: None,
            cc: &[],
            subject: SUBJECT,
            date: now,
            message_id: &message_id.0,
            thread: None,
            automatic: Automatic::Generated,
            body: Body::Text(&text),
        })?;
        Ok(Outgoing {
            purpose: Purpose::Canary,
            case: None,
            envelope_from: Some(self.bounces.clone().unwrap_or_else(|| own.address.clone())),
            to: own.address,
            message_id,
            subject: SUBJECT.to_owned(),
            bytes,
            hold: Hold::Send,
            grant: None,
        })
    }
}
