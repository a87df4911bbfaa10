//! Where mail comes from and goes to, as `server = "…"` names it: a URL or `scheme:PATH`.

use std::path::PathBuf;

use url::{Host, Url};

use super::error::ConfigError;
use super::value::Value;
use crate::mail::tls::{Security, Server};
use crate::policy::nearest::nearest;

/// What a `server` key of one section can be.
pub(super) struct Schemes {
    /// Schemes of servers, with their protection and the port each has by default.
    pub(super) remote: &'static [(&'static str, Security, u16)],
    /// Schemes followed by a path on this machine.
    pub(super) local: &'static [&'static str],
}

/// Of `[inbox]`. The ports: RFC 8314 section 7 and RFC 9051.
pub(super) const INBOX: Schemes = Schemes {
    remote: &[
        ("imaps", Security::Tls, 993),
        ("imap+starttls", Security::StartTls, 143),
        ("imap", Security::Plain, 143),
    ],
    local: &["maildir"],
};

/// Of `[outbox]`. The ports: RFC 8314 section 7 and RFC 6409.
pub(super) const OUTBOX: Schemes = Schemes {
    remote: &[
        ("smtps", Security::Tls, 465),
        ("smtp+starttls", Security::StartTls, 587),
        ("smtp", Security::Plain, 25),
    ],
    local: &["sendmail", "maildir"],
};

/// Where a `server` key leads.
pub(super) enum Target {
    /// To a server.
    Remote(Server),
    /// To a path on this machine, by this scheme.
    Local(&'static str, PathBuf),
}

/// Reads a `server` key.
pub(super) fn target(value: &Value<'_>, schemes: &Schemes) -> Result<Target, ConfigError> {
    let allowed = schemes.allowed();
    let text = value.text(&allowed)?;
    let Some((scheme, rest)) = text.split_once(':') else {
        return Err(value.error("names no scheme", &allowed));
    };
    if let Some(local) = schemes.local.iter().find(|known| **known == scheme) {
        if rest.starts_with("//") {
            let problem = format!("a path follows {local}: without slashes of its own");
            return Err(value.error(problem, &format!("\"{local}:PATH\"")));
        }
        return Ok(Target::Local(local, value.resolve(rest)?));
    }
    match schemes.remote.iter().find(|(known, ..)| *known == scheme) {
        Some((_, security, port)) => {
            remote(value, text, *security, *port, &allowed).map(Target::Remote)
        }
        None => Err(unknown_scheme(value, scheme, schemes)),
    }
}

fn unknown_scheme(value: &Value<'_>, scheme: &str, schemes: &Schemes) -> ConfigError {
    let names = || schemes.names();
    let elsewhere = [("inbox", &INBOX), ("outbox", &OUTBOX)]
        .into_iter()
        .find(|(_, other)| other.names().any(|name| name == scheme));
    let hint = match (elsewhere, nearest(scheme, names())) {
        (Some((section, _)), _) => format!(": it belongs in [{section}]"),
        (None, Some(near)) => format!(": did you mean {near:?}?"),
        (None, None) => String::new(),
    };
    value.error(format!("{scheme:?} is no scheme of this section{hint}"), &schemes.allowed())
}

fn remote(
    value: &Value<'_>,
    text: &str,
    security: Security,
    default_port: u16,
    allowed: &str,
) -> Result<Server, ConfigError> {
    // What fails to parse is not repeated: a password may be why it failed.
    let url = Url::parse(text)
        .map_err(|error| value.error(format!("is no server address: {error}"), allowed))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(value.error(
            "has a login in it: no secret is accepted in this file; \
             the name goes into user, the password into the file that password_file names",
            allowed,
        ));
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| {
        value.error("names no host: two slashes and a name follow the scheme", allowed)
    })?;
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(value.error("has more after the host and port", allowed));
    }
    // For schemes that are not the web's, Url keeps the host as it is written.
    let host = Host::parse(host)
        .map_err(|error| value.error(format!("the host {host:?}: {error}"), allowed))?;
    if security == Security::Plain && !is_loopback(&host) {
        return Err(value.error(
            format!("{host} is not this machine, and without TLS everybody on the way reads along"),
            &format!(
                "with TLS {}; without, only localhost, 127.0.0.0/8 and [::1]",
                encrypted(text)
            ),
        ));
    }
    let port = url.port().unwrap_or(default_port);
    if port == 0 {
        return Err(value.error("the port 0 is none", "a port from 1 to 65535"));
    }
    let host = match host {
        Host::Domain(name) => name,
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    Ok(Server { security, host, port, ca: None })
}

fn encrypted(text: &str) -> &'static str {
    match text.starts_with("imap") {
        true => "imaps:// or imap+starttls://",
        false => "smtps:// or smtp+starttls://",
    }
}

/// Whether a connection to this host cannot leave the machine.
fn is_loopback(host: &Host<String>) -> bool {
    match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

impl Schemes {
    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.remote.iter().map(|(name, ..)| *name).chain(self.local.iter().copied())
    }

    fn allowed(&self) -> String {
        let remote = self.remote.iter().map(|(name, security, port)| match security {
            Security::Plain => format!("{name}://HOST (loopback only, port {port})"),
            Security::Tls | Security::StartTls => format!("{name}://HOST (port {port})"),
        });
        let local = self.local.iter().map(|name| format!("{name}:PATH"));
        remote.chain(local).collect::<Vec<_>>().join(", ")
    }
}
