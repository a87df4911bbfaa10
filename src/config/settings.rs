//! The meaning of a configuration: every value checked, every default filled in.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;

use super::alarm::{self, AlarmSettings};
use super::document::Document;
use super::error::ConfigError;
use super::secrets::{Secrets, Vault};
use super::section::{Section, Sections};
use super::value::Value;
use super::{
    authentication, calendar, commands, disclosure, mailboxes, maintainers, notices, policy,
    retention,
};
use crate::domain::address::Address;
use crate::domain::mode::Mode;
use crate::domain::people::{Maintainer, Project};
use crate::mail::authenticate::AuthenticationSettings;
use crate::mail::gpgv::Keyring;
use crate::mail::inbox::InboxSettings;
use crate::mail::outbox::OutboxSettings;
use crate::policy::capability::{Terms, TokenAddress};
use crate::policy::caps::Caps;
use crate::policy::disclosure::Disclosure;
use crate::policy::handler::Assign;
use crate::policy::notify::Notices;
use crate::policy::promise::Promises;
use crate::policy::relay::Relay;
use crate::policy::retention::Ages;
use crate::policy::schedule::DigestSchedule;
use crate::policy::scope::{Exclusion, ReleaseLine, Scope};

/// Everything that `daemon.toml` says.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The file it was read from.
    pub file: PathBuf,
    /// The project.
    pub project: Project,
    /// Where reports come in.
    pub inbox: InboxSettings,
    /// Where mail goes out.
    pub outbox: OutboxSettings,
    /// Whether reporters are answered.
    pub mode: Mode,
    /// The envelope sender of answers; `None` is the null sender.
    pub bounces: Option<Address>,
    /// How old a mail gets before it is no longer tried.
    pub give_up_after: TimeDelta,
    /// The SQLite file.
    pub store: PathBuf,
    /// Who answers for the project: at least one, exactly one of them the lead.
    pub maintainers: Vec<Maintainer>,
    /// The keys that they sign commands with.
    pub keyring: Keyring,
    /// How they act by mail, where they may.
    pub commands: Option<Terms>,
    /// How a new case finds its handler.
    pub assign: Assign,
    /// What the project promised.
    pub promises: Promises,
    /// When the digest goes out.
    pub digest: DigestSchedule,
    /// What maintainers are told at once.
    pub notices: Notices,
    /// Who says where mail came from.
    pub authentication: AuthenticationSettings,
    /// What embargod takes in and sends at most.
    pub limits: Limits,
    /// When embargod's own silence is an alarm.
    pub alarm: AlarmSettings,
    /// How long what is personal is kept.
    pub retention: Ages,
    /// Who forwards reports.
    pub relays: Vec<Relay>,
    /// The lines of releases that get fixes.
    pub release_lines: Vec<ReleaseLine>,
    /// What the project answers for.
    pub scope: Scope,
    /// What is not a vulnerability here.
    pub exclusions: Vec<Exclusion>,
    /// How advisories are published.
    pub disclosure: Disclosure,
    /// A folder of texts that replace the built-in ones.
    pub templates: Option<PathBuf>,
}

/// `[limits]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of a larger mail only the beginning is read.
    pub message_bytes: u64,
    /// Mails a day that are written by themselves.
    pub mails: Caps,
}

impl Settings {
    /// Reads a configuration, with the credentials that the service manager handed over.
    ///
    /// # Errors
    /// [`ConfigError`]: the first thing that is wrong with it.
    pub fn load(file: &Path, secrets: Secrets) -> Result<Self, ConfigError> {
        let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        Self::load_with(file, secrets, credentials)
    }

    /// Reads a configuration, with the credentials in a folder.
    ///
    /// # Errors
    /// [`ConfigError`]: the first thing that is wrong with it.
    pub fn load_with(
        file: &Path,
        secrets: Secrets,
        credentials: Option<PathBuf>,
    ) -> Result<Self, ConfigError> {
        let document = Document::read(file)?;
        Self::of(&document, &Vault { secrets, credentials })
    }

    fn of(document: &Document, vault: &Vault) -> Result<Self, ConfigError> {
        let mut sections = Sections::of(document)?;
        let mut about = sections.once("project")?;
        let project = policy::project(&mut about)?;
        let packages = disclosure::packages(&mut about)?;
        let outbox = mailboxes::outbox(sections.once("outbox")?, vault, &project.address)?;
        let digest = policy::digest(sections.once("digest")?)?;
        let commands = sections.once("commands")?;
        let commands = commands::read(commands, vault, &project.address, digest.timezone)?;
        let answers = commands.as_ref().and_then(|terms| terms.places.reply_to.as_ref());
        let own: Vec<Address> = std::iter::once(&project.address)
            .chain(&outbox.bounces)
            .chain(answers.map(TokenAddress::base))
            .cloned()
            .collect();
        let limits = limits(sections.once("limits")?)?;
        let inbox = sections.once("inbox")?;
        let inbox = mailboxes::inbox(inbox, vault, &own, limits.message_bytes)?;
        let store = store(sections.once("store")?, document)?;
        let working = calendar::working(sections.once("calendar")?, digest.timezone)?;
        let people = sections.repeated("maintainers")?;
        let (maintainers, keyring) = maintainers::maintainers(people, &own, working.zone)?;
        if maintainers.is_empty() {
            return Err(ConfigError {
                key: Some("maintainers".to_owned()),
                ..document.unplaced(
                    "nobody answers for the project: add [[maintainers]] with handle, name and address"
                        .to_owned(),
                )
            });
        }
        let scope = policy::scope(sections.once("scope")?)?;
        let disclosure = disclosure::disclosure(
            sections.once("disclosure")?,
            sections.repeated("embargo_lists")?,
            packages,
            &project,
            &scope,
        )?;
        let closed = calendar::closed_season(sections.once("closed_season")?, working.zone)?;
        let promises = policy::promises(sections.once("sla")?, &working, closed)?;
        Ok(Self {
            file: document.file().to_owned(),
            project,
            inbox,
            outbox: outbox.settings,
            mode: outbox.mode,
            bounces: outbox.bounces,
            give_up_after: outbox.give_up_after,
            store,
            maintainers,
            keyring,
            commands,
            assign: maintainers::assign(sections.once("handlers")?)?,
            promises,
            notices: notices::read(sections.once("notices")?, digest.timezone)?,
            digest,
            authentication: authentication::read(sections.once("authentication")?)?,
            limits,
            alarm: alarm::read(sections.once("alarm")?)?,
            retention: retention::read(sections.once("retention")?)?,
            relays: policy::relays(sections.repeated("relays")?)?,
            release_lines: policy::release_lines(sections.repeated("release_lines")?)?,
            scope,
            disclosure,
            exclusions: policy::exclusions(sections.repeated("exclusions")?)?,
            templates: policy::templates(sections.once("templates")?)?,
        })
    }
}

/// Reads `[store]`: so far an SQLite file, in a folder that is there.
fn store(mut section: Section<'_>, document: &Document) -> Result<PathBuf, ConfigError> {
    let allowed = "\"sqlite:PATH\"";
    let stated = section.optional("url", |value| {
        let path = match value.text(allowed)?.split_once(':') {
            Some(("sqlite", path)) if !path.starts_with("//") => value.resolve(path)?,
            Some(("sqlite", _)) => {
                let problem = "a path follows sqlite: without slashes of its own";
                return Err(value.error(problem, allowed));
            }
            // Not repeated: the address of a database server may have a password in it.
            _ => return Err(value.error("is no store that embargod knows", allowed)),
        };
        match path.parent() {
            Some(parent) if parent.as_os_str().is_empty() => Ok(path),
            Some(parent) => mailboxes::a_folder(value, parent).map(|()| path),
            None => Err(value.error("names no file", allowed)),
        }
    })?;
    Ok(stated.unwrap_or_else(|| document.resolve("embargod.db")))
}

/// Reads `[limits]`.
fn limits(mut section: Section<'_>) -> Result<Limits, ConfigError> {
    // SQLite's own limit on one value is a thousand million bytes.
    let message_bytes = section
        .optional("message_bytes", |value| value.size(1024..=512 * 1024 * 1024))?
        .unwrap_or(25 * 1024 * 1024);
    let usual = Caps::default();
    let mut cap = |key: &str, usual: u32| {
        section.optional(key, |value| value.whole(1..=1_000_000)).map(|cap| cap.unwrap_or(usual))
    };
    let mails = Caps {
        address: cap("answers_per_address", usual.address)?,
        domain: cap("answers_per_domain", usual.domain)?,
        network: cap("answers_per_network", usual.network)?,
        all: cap("answers_per_day", usual.all)?,
        notices: cap("notices_per_person", usual.notices)?,
        within: section.optional("answers_within", Value::promise)?.unwrap_or(usual.within),
    };
    Ok(Limits { message_bytes, mails })
}
