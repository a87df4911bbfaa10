//! `[inbox]` and `[outbox]`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use url::Host;

use super::error::ConfigError;
use super::secrets::Vault;
use super::section::Section;
use super::server::{self, Target};
use super::value::Value;
use crate::domain::address::Address;
use crate::domain::mode::Mode;
use crate::domain::secret::Secret;
use crate::mail::inbox::{Addressees, InboxSettings, Source, Unaddressed};
use crate::mail::outbox::{Deadlines, OutboxSettings, Transport};
use crate::mail::tls::Server;

/// What `[outbox]` says.
pub(super) struct Outbox {
    pub(super) settings: OutboxSettings,
    pub(super) mode: Mode,
    pub(super) bounces: Option<Address>,
    pub(super) give_up_after: TimeDelta,
}

/// Reads `[inbox]`. `own` are the addresses that the project writes from: the project's first.
pub(super) fn inbox(
    mut section: Section<'_>,
    vault: &Vault,
    own: &[Address],
    message_bytes: u64,
) -> Result<InboxSettings, ConfigError> {
    let target = section.required("server", |value| {
        let target = server::target(value, &server::INBOX)?;
        match &target {
            Target::Local(_, path) => a_folder(value, path).map(|()| target),
            Target::Remote(_) => Ok(target),
        }
    })?;
    let folder = section.optional("folder", Value::line)?.unwrap_or_else(|| "INBOX".to_owned());
    let poll = section
        .optional("poll", |value| {
            value.duration(Duration::from_secs(1)..=Duration::from_hours(24), "from 1s to 24h")
        })?
        .unwrap_or(Duration::from_secs(60));
    let only_to = section.optional("only_to", |value| value.list(Value::address))?;
    let ca = section.optional("ca", certificates)?;
    let source = match target {
        Target::Local(_, path) => {
            ignored_login(&mut section)?;
            Source::Maildir(path)
        }
        Target::Remote(server) => {
            let Some((user, password)) = login(&mut section, vault)? else {
                return Err(section.missing("user", Value::line));
            };
            Source::Imap { server: Server { ca, ..server }, user, password, folder }
        }
    };
    let addressees = addressees(only_to, own, &source);
    Ok(InboxSettings { source, addressees, poll, message_bytes })
}

/// Reads `[outbox]`.
pub(super) fn outbox(
    mut section: Section<'_>,
    vault: &Vault,
    project: &Address,
) -> Result<Outbox, ConfigError> {
    let target = section.required("server", |value| {
        let target = server::target(value, &server::OUTBOX)?;
        match &target {
            Target::Local("sendmail", path) => a_file(value, path).map(|()| target),
            // An outbox Maildir is made where there is none.
            Target::Local(..) | Target::Remote(_) => Ok(target),
        }
    })?;
    let mode = section
        .optional("mode", |value| {
            value.one_of(&[("live", Mode::Live), ("observe", Mode::Observe)])
        })?
        .unwrap_or_default();
    let bounces = section.optional("bounces", Value::address)?;
    let give_up_after = section.optional("give_up_after", Value::promise)?;
    let hello =
        section.optional("hello", host_name)?.unwrap_or_else(|| project.domain().to_owned());
    let ca = section.optional("ca", certificates)?;
    let transport = match target {
        Target::Local(scheme, path) => {
            ignored_login(&mut section)?;
            match scheme {
                "sendmail" => Transport::Sendmail(path),
                _ => Transport::Maildir(path),
            }
        }
        Target::Remote(server) => {
            let server = Server { ca, ..server };
            Transport::Smtp { server, login: login(&mut section, vault)?, hello }
        }
    };
    Ok(Outbox {
        settings: OutboxSettings { transport, deadlines: Deadlines::default() },
        mode,
        bounces,
        // RFC 5321 section 4.5.4.1: at least four to five days.
        give_up_after: give_up_after.unwrap_or(TimeDelta::days(5)),
    })
}

/// The addresses whose mail is taken in. What is not stated is the project's own address, so that
/// nobody's private mail is read for want of a line; bounces and answers to our mail come in with
/// whatever else does.
fn addressees(stated: Option<Vec<Address>>, own: &[Address], source: &Source) -> Addressees {
    let mut addresses = match stated {
        None => own.to_vec(),
        Some(stated) if stated.is_empty() => return Addressees::Everybody,
        Some(stated) => stated.into_iter().chain(own.iter().skip(1).cloned()).collect(),
    };
    let mut seen = std::collections::BTreeSet::new();
    addresses.retain(|address| seen.insert(address.clone()));
    let unaddressed = match source {
        Source::Imap { user, .. } if !is_of_one(user, &addresses) => Unaddressed::LeftAlone,
        Source::Imap { .. } | Source::Maildir(_) => Unaddressed::Taken,
    };
    Addressees::Only { addresses, unaddressed }
}

/// Whether a login name is one of the addresses, or what stands before its "@".
fn is_of_one(user: &str, addresses: &[Address]) -> bool {
    let user = user.to_lowercase();
    addresses
        .iter()
        .map(Address::as_str)
        .any(|address| address == user || address.split('@').next() == Some(user.as_str()))
}

/// Login name and password: both or none.
fn login(
    section: &mut Section<'_>,
    vault: &Vault,
) -> Result<Option<(String, Secret)>, ConfigError> {
    let user = section.optional("user", Value::line)?;
    let password = section.optional("password_file", |value| vault.password(value))?;
    match (user, password) {
        (Some(user), Some(password)) => Ok(Some((user, password))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(section.missing("password_file", |value| vault.password(value))),
        (None, Some(_)) => Err(section.missing("user", Value::line)),
    }
}

/// A login that a path on this machine has no use for: still read as text, so that changing
/// `server` alone is enough to try a Maildir, and nonsense is not hidden until it is changed back.
fn ignored_login(section: &mut Section<'_>) -> Result<(), ConfigError> {
    section.optional("user", Value::line)?;
    section.optional("password_file", Value::path)?;
    Ok(())
}

pub(super) fn host_name(value: &Value<'_>) -> Result<String, ConfigError> {
    let allowed = "the name this machine greets mail servers with, such as mail.example.org";
    let name = value.line()?;
    match Host::parse(&name) {
        Ok(Host::Domain(name)) => Ok(name),
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) | Err(_) => {
            Err(value.error(format!("{name:?} is not a host name"), allowed))
        }
    }
}

/// A PEM file with at least one certificate.
fn certificates(value: &Value<'_>) -> Result<PathBuf, ConfigError> {
    let path = value.path()?;
    let wrong = |problem: String| value.error(problem, "a PEM file with BEGIN CERTIFICATE in it");
    let shown = path.display();
    let mut found = CertificateDer::pem_file_iter(&path)
        .map_err(|error| wrong(format!("{shown} cannot be read: {error}")))?;
    match found.next() {
        Some(Ok(_)) => Ok(path),
        Some(Err(error)) => Err(wrong(format!("{shown} is broken: {error}"))),
        None => Err(wrong(format!("{shown} has no certificate"))),
    }
}

/// Refuses a path that is no folder.
pub(super) fn a_folder(value: &Value<'_>, path: &Path) -> Result<(), ConfigError> {
    match path.is_dir() {
        true => Ok(()),
        false => Err(value.error(
            format!("{} is not there, or no folder", path.display()),
            "a folder that is there",
        )),
    }
}

fn a_file(value: &Value<'_>, path: &Path) -> Result<(), ConfigError> {
    match path.is_file() {
        true => Ok(()),
        false => Err(value
            .error(format!("{} is not there, or no file", path.display()), "a file that is there")),
    }
}
