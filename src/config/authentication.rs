//! `[authentication]`: who says where mail came from.

use std::net::{IpAddr, SocketAddr};

use super::error::ConfigError;
use super::mailboxes::host_name;
use super::section::Section;
use super::value::Value;
use crate::mail::authenticate::{AuthenticationSettings, By, Resolver};

/// The word behind `by`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Nobody,
    Server,
    Dns,
}

/// Reads `[authentication]`.
pub(super) fn read(mut section: Section<'_>) -> Result<AuthenticationSettings, ConfigError> {
    let words = [("nobody", Word::Nobody), ("server", Word::Server), ("dns", Word::Dns)];
    let by = section.optional("by", |value| value.one_of(&words))?.unwrap_or(Word::Nobody);
    let authserv_id = section.optional("server", Value::line)?;
    let fields = section.optional("fields", |value| value.whole(1..=10))?.unwrap_or(1);
    let received_by = section.optional("received_by", host_name)?;
    let resolver = section.optional("resolver", server)?.map_or(Resolver::System, Resolver::Server);
    let by = match by {
        Word::Nobody => By::Nobody,
        Word::Server => By::Server {
            authserv_id: authserv_id.ok_or_else(|| section.missing("server", Value::line))?,
            fields: usize::try_from(fields).unwrap_or(1),
        },
        Word::Dns if received_by.is_none() => {
            return Err(section.missing("received_by", host_name));
        }
        Word::Dns => By::Here(resolver),
    };
    Ok(AuthenticationSettings { by, received_by })
}

/// A DNS server: an address, with a port or without.
fn server(value: &Value<'_>) -> Result<SocketAddr, ConfigError> {
    let allowed = "the IP address of a DNS server, such as \"127.0.0.1\" or \"127.0.0.1:53\"";
    let text = value.text(allowed)?;
    let bare = text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
    text.parse().or(bare).map_err(|_| value.error(format!("{text:?} is no address"), allowed))
}
