//! Each part that `embargod check` tries, independent of the others.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::Datelike;

use super::finding::{Finding, Outcome, Trouble};
use crate::config::{Secrets, Settings};
use crate::daemon::clock::Clock;
use crate::daemon::desk::Desk;
use crate::domain::Timestamp;
use crate::domain::mode::Mode;
use crate::mail::authenticate::By;
use crate::mail::gpgv;
use crate::mail::inbox::{
    Addressees, Inbox, InboxError, InboxSettings, Patience, Retry, Source, Unaddressed,
};
use crate::mail::outbox::{self, Deadlines, Fault, Outbox, OutboxSettings, Transport};
use crate::mail::tls;
use crate::store::{Store, StoreError};

/// A clock outside of these years is wrong, and so would every promise be.
const SANE_YEARS: std::ops::RangeInclusive<i32> = 2025..=2099;

/// The configuration that was read.
pub fn configuration(settings: &Settings, secrets: Secrets) -> Finding {
    let people = match settings.maintainers.len() {
        1 => "1 maintainer".to_owned(),
        number => format!("{number} maintainers"),
    };
    let mode = match settings.mode {
        Mode::Live => "mode live",
        Mode::Observe => "mode observe: reporters are sent nothing",
    };
    let passwords = match secrets {
        Secrets::Required => "",
        Secrets::Skip => ", passwords not read",
    };
    let file = settings.file.display();
    let detail = format!("{file}: {}, {people}, {mode}{passwords}", settings.project.name);
    Finding::new("configuration", Outcome::Fine(detail))
}

/// The texts of letters: each kind is written once with sample facts.
pub fn templates(settings: &Settings) -> Finding {
    let outcome = match Desk::of(settings, &Clock::system()) {
        Ok(_) => Outcome::Fine(settings.templates.as_ref().map_or_else(
            || "the built-in ones".to_owned(),
            |folder| format!("the built-in ones and those in {}", folder.display()),
        )),
        Err(error) => Outcome::Failed(Trouble::Wrong, error.to_string()),
    };
    Finding::new("templates", outcome)
}

/// The store: its folder can be written, its file is private and readable by this version.
pub fn store(path: &Path) -> Finding {
    let outcome = match examine(path) {
        Ok(detail) => Outcome::Fine(detail),
        Err((trouble, why)) => Outcome::Failed(trouble, why),
    };
    Finding::new("store", outcome)
}

fn examine(path: &Path) -> Result<String, (Trouble, String)> {
    let broken = |why: String| (Trouble::Broken, why);
    let shown = path.display();
    // SQLite makes files of its own beside the database, so the folder counts, not only the file.
    probe(path).map_err(|error| {
        let folder = path.parent().unwrap_or(Path::new(".")).display();
        let remedy = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space",
            _ => "give it to the user embargod runs as",
        };
        broken(format!("{folder} cannot be written: {error}; {remedy}"))
    })?;
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(format!("{shown} will be made at the first start"));
        }
        found => found.map_err(|error| broken(format!("{shown}: {error}")))?,
    };
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        let why = format!("{shown} is open to others (mode {mode:04o}); run chmod 600 {shown}");
        return Err(broken(why));
    }
    match Store::inspect(path) {
        Ok(()) => Ok(format!("{shown}, mode {mode:04o}")),
        Err(error @ StoreError::Busy) => Err((Trouble::Away, error.to_string())),
        Err(error) => Err(broken(error.to_string())),
    }
}

/// Makes and removes a file beside the store.
fn probe(path: &Path) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".check-{}", std::process::id()));
    let probe: PathBuf = path.with_file_name(name);
    let mut file = OpenOptions::new().write(true).create_new(true).open(&probe)?;
    // As much as a mail or two: an empty file can be made on a full disk too.
    let written = file.write_all(&[0; 256 * 1024]).and_then(|()| file.sync_all());
    fs::remove_file(&probe)?;
    written
}

/// The clock, and the zone in which the digest's hour is counted.
pub fn clock(settings: &Settings, now: Timestamp) -> Finding {
    let schedule = &settings.digest;
    let outcome = if SANE_YEARS.contains(&now.year()) {
        let local = now.with_timezone(&schedule.timezone);
        Outcome::Fine(format!(
            "{}; the digest goes out at {} ({}, now {})",
            now.format("%Y-%m-%d %H:%M UTC"),
            schedule.at.format("%H:%M"),
            schedule.timezone,
            local.format("%H:%M %Z"),
        ))
    } else {
        let why = format!("it is not the year {}; run timedatectl set-ntp true", now.year());
        Outcome::Failed(Trouble::Broken, why)
    };
    Finding::new("clock", outcome)
}

/// Commands by mail, where they are configured: whether one could ever be believed.
pub async fn commands(settings: &Settings) -> Option<Finding> {
    let terms = settings.commands.as_ref()?;
    let hours = terms.lifetime.num_hours();
    let answers = match &terms.places.reply_to {
        Some(address) => format!(", answers to {}", address.base()),
        None => String::new(),
    };
    let nobody_signs = settings.keyring.is_empty();
    let signed = match nobody_signs {
        true => Ok(String::new()),
        false => {
            gpgv::version().await.map(|version| format!("; signed ones are verified by {version}"))
        }
    };
    let outcome = match (&settings.authentication.by, signed) {
        (_, Err(error)) => Outcome::Failed(
            Trouble::Broken,
            format!("gpgv, which verifies signed commands, cannot be run: {error}; install the package gpgv"),
        ),
        (By::Nobody, Ok(_)) if nobody_signs => Outcome::Failed(
            Trouble::Wrong,
            "no command by mail can be believed while nobody checks where mail comes from: set by in \
             [authentication] to \"server\" or \"dns\", give maintainers a pgp_key_file, or take \
             [commands] out"
                .to_owned(),
        ),
        (_, Ok(_)) if terms.key.is_none() => Outcome::Skipped("the key is not read".to_owned()),
        (_, Ok(signed)) => {
            Outcome::Fine(format!("mail can be answered with commands for {hours} h{answers}{signed}"))
        }
    };
    Some(Finding::new("commands", outcome))
}

/// The mail that embargod writes to itself, where it does: whether it can come home.
pub fn canary(settings: &Settings) -> Option<Finding> {
    let every = settings.alarm.canary_every?.num_minutes();
    let within = settings.alarm.bounds.canary_within.num_minutes();
    let address = &settings.project.address;
    let outcome = match &settings.inbox.addressees {
        Addressees::Only { addresses, .. } if !addresses.contains(address) => {
            let why = format!(
                "a canary goes to {address}, whose mail only_to in [inbox] leaves alone: it would \
                 never come back"
            );
            Outcome::Failed(Trouble::Wrong, why)
        }
        _ => Outcome::Fine(format!(
            "every {every} min a mail goes to {address}; it is an alarm if it is not in the inbox \
             after {within} min"
        )),
    };
    Some(Finding::new("canary", outcome))
}

/// The inbox: as far as opening the folder.
pub async fn inbox(settings: &InboxSettings, secrets: Secrets) -> Finding {
    let outcome = match (&settings.source, secrets) {
        (Source::Imap { .. }, Secrets::Skip) => Outcome::Skipped("--offline".to_owned()),
        _ => match Inbox::open_with(settings, patience()).await {
            Ok(_) => Outcome::Fine(inbox_detail(settings)),
            Err(error) => {
                Outcome::Failed(inbox_trouble(&error), format!("{}: {error}", error.step()))
            }
        },
    };
    Finding::new("inbox", outcome)
}

/// The time for one answer: somebody is waiting.
const ANSWER: Duration = Duration::from_secs(15);

fn patience() -> Patience {
    Patience { answer: ANSWER, ..Patience::default() }
}

fn inbox_detail(settings: &InboxSettings) -> String {
    let place = match &settings.source {
        Source::Imap { server, user, folder, .. } => {
            format!("{}, folder {folder} of {user}", address_of(server))
        }
        Source::Maildir(path) => format!("Maildir {}", path.display()),
    };
    match &settings.addressees {
        Addressees::Everybody => format!("{place}; the whole folder is taken"),
        Addressees::Only { addresses, unaddressed } => {
            let addresses = addresses.iter().map(|a| a.as_str()).collect::<Vec<_>>().join(", ");
            let or_nobody = match unaddressed {
                Unaddressed::Taken => " or to nobody",
                Unaddressed::LeftAlone => "",
            };
            format!("{place}; only mail to {addresses}{or_nobody} is taken")
        }
    }
}

fn inbox_trouble(error: &InboxError) -> Trouble {
    match error.retry() {
        Retry::Soon => Trouble::Away,
        Retry::Later => Trouble::Broken,
    }
}

/// The outbox: everything short of sending a mail.
pub async fn outbox(settings: &OutboxSettings, secrets: Secrets) -> Finding {
    let outcome = match (&settings.transport, secrets) {
        (Transport::Smtp { .. }, Secrets::Skip) => Outcome::Skipped("--offline".to_owned()),
        (transport, _) => {
            let deadlines = Deadlines { hello: ANSWER, ..settings.deadlines };
            let mut outbox = Outbox::new(&OutboxSettings { deadlines, ..settings.clone() });
            let tried = outbox.check().await;
            outbox.close().await;
            match tried {
                Ok(()) => Outcome::Fine(outbox_detail(transport)),
                Err(fault) => Outcome::Failed(outbox_trouble(&fault), fault.to_string()),
            }
        }
    };
    Finding::new("outbox", outcome)
}

fn outbox_detail(transport: &Transport) -> String {
    match transport {
        Transport::Smtp { server, login: Some((user, _)), .. } => {
            format!("{} as {user}", address_of(server))
        }
        Transport::Smtp { server, login: None, .. } => format!("{}, no login", address_of(server)),
        Transport::Sendmail(command) => format!("command {}", command.display()),
        Transport::Maildir(folder) => format!("Maildir {}", folder.display()),
    }
}

fn outbox_trouble(fault: &Fault) -> Trouble {
    match fault.step {
        outbox::Step::Connection(tls::Step::Name | tls::Step::Tcp) | outbox::Step::Hello => {
            Trouble::Away
        }
        _ => Trouble::Broken,
    }
}

fn address_of(server: &tls::Server) -> String {
    let protection = match server.security {
        tls::Security::Tls => "TLS",
        tls::Security::StartTls => "STARTTLS",
        tls::Security::Plain => "not encrypted",
    };
    format!("{} port {} ({protection})", server.host, server.port)
}
