//! What a server's refusal, or its silence, means for a mail.

use std::error::Error as _;

use lettre::transport::smtp::Error;

/// A refusal at some command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no conversation any more, or none that can be understood.
    Lost(String),
    /// 421: the server is closing the conversation; and 5xx that speak of the login, which no
    /// recipient can help.
    Away(String),
    /// Another 4xx.
    NotNow(String),
    /// Another 5xx.
    Never(String),
}

impl Refusal {
    /// What an error of lettre's is.
    pub fn of(error: &Error) -> Self {
        let why = words(error);
        match error.status().map(u16::from) {
            // RFC 4954 section 6 and RFC 3207 section 4: the server wants a (better) login or TLS.
            Some(421 | 530 | 534 | 535 | 538) => Self::Away(why),
            Some(500..=599) => Self::Never(why),
            Some(_) => Self::NotNow(why),
            None => Self::Lost(why),
        }
    }
}

/// An error of lettre's in words for the digest and for `embargod check`.
pub fn words(error: &Error) -> String {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    match error.status() {
        Some(code) => format!("{code} {cause}"),
        None if error.is_response() => {
            format!("the server closed the connection or does not speak SMTP ({cause})")
        }
        None if cause.is_empty() => error.to_string(),
        None => cause,
    }
}
