//! The mail of an alert: plain text, outside the outbox and its templates.

use lettre::Message;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;

use crate::domain::address::Address;
use crate::mail::alert::Alert;
use crate::mail::wire_address::wire_address;

/// Writes the mail; the error is in words.
pub(in crate::mail) fn mail(alert: &Alert<'_>, to: &Address) -> Result<Vec<u8>, String> {
    let address = |address: &Address| {
        wire_address(address).ok_or_else(|| format!("{address} cannot be reached by plain SMTP"))
    };
    let from = Mailbox::new(alert.project.name.clone(), address(&alert.project.address)?);
    let message = Message::builder()
        .from(from)
        .to(Mailbox::new(None, address(to)?))
        .subject(alert.subject)
        .date(alert.at.into())
        .header(ContentType::TEXT_PLAIN)
        .body(alert.text.to_owned())
        .map_err(|error| error.to_string())?;
    Ok(message.formatted().into_iter().filter(|byte| *byte != b'\r').collect())
}
