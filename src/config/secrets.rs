//! Passwords and keys, each in a file of its own.
//!
//! Promises: such a file that somebody else can read is refused; what it holds goes into a
//! [`Secret`] and into no message.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use super::error::ConfigError;
use super::value::Value;
use crate::domain::secret::Secret;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SecretKind {
    /// A password.
    Password,
    /// A key that this machine made.
    Key,
}

impl SecretKind {
    fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Key => "key",
        }
    }
}

/// A password is not longer; a path that leads to a device or a mailbox is.
const LARGEST: u64 = 4096;

/// What `password_file` and its like name.
const ALLOWED: &str =
    "the name of a file in $CREDENTIALS_DIRECTORY, or a path, relative to this file";

/// Whether a command needs the passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// It connects: every password that is named must be there.
    Required,
    /// It does not: passwords are left unread (and empty). A file that is there must still be one
    /// that only its owner can read.
    Skip,
}

/// Where passwords come from.
#[derive(Debug, Clone)]
pub(super) struct Vault {
    /// Whether they are read at all.
    pub(super) secrets: Secrets,
    /// `$CREDENTIALS_DIRECTORY`: what systemd hands over with LoadCredential.
    pub(super) credentials: Option<PathBuf>,
}

impl Vault {
    /// The password in the file that a value names.
    pub(super) fn password(&self, value: &Value<'_>) -> Result<Secret, ConfigError> {
        self.secret(value, SecretKind::Password)
    }

    /// The secret in the file that a value names; empty where secrets are left unread.
    pub(super) fn secret(
        &self,
        value: &Value<'_>,
        kind: SecretKind,
    ) -> Result<Secret, ConfigError> {
        let name = value.text(ALLOWED)?;
        match self.handed_over(name) {
            // systemd keeps these for the service alone; an access list of its own may show as
            // permissions of the group.
            Some(path) => self.read(value, kind, &path, |_, _| Ok(())),
            None => self
                .read(value, kind, &value.path()?, |path, metadata| private(value, path, metadata)),
        }
    }

    /// The credential of this name, if the service manager handed one over.
    fn handed_over(&self, name: &str) -> Option<PathBuf> {
        let mut components = Path::new(name).components();
        let plain =
            matches!(components.next(), Some(Component::Normal(_))) && components.next().is_none();
        self.credentials
            .as_ref()
            .filter(|_| plain)
            .map(|folder| folder.join(name))
            .filter(|p| p.is_file())
    }

    fn read(
        &self,
        value: &Value<'_>,
        kind: SecretKind,
        path: &Path,
        inspect: impl FnOnce(&Path, &Metadata) -> Result<(), ConfigError>,
    ) -> Result<Secret, ConfigError> {
        let file = match (File::open(path), self.secrets) {
            (Ok(file), _) => file,
            (Err(error), Secrets::Skip)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied
                ) =>
            {
                return Ok(Secret::new(String::new()));
            }
            (Err(error), _) => return Err(unreadable(value, path, &error)),
        };
        let metadata = file.metadata().map_err(|error| unreadable(value, path, &error))?;
        if !metadata.is_file() {
            return Err(value.error(format!("{} is no file", path.display()), ALLOWED));
        }
        inspect(path, &metadata)?;
        if self.secrets == Secrets::Skip {
            return Ok(Secret::new(String::new()));
        }
        let mut bytes = Vec::new();
        file.take(LARGEST.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| unreadable(value, path, &error))?;
        let about = |problem: &str| {
            value.error(
                format!("{} {problem}", path.display()),
                &format!("a file that holds the {} and nothing else", kind.name()),
            )
        };
        if bytes.len() as u64 > LARGEST {
            return Err(about(&format!("is longer than a {}", kind.name())));
        }
        let text = String::from_utf8(bytes).map_err(|_| about("is not UTF-8 text"))?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let secret = line.strip_suffix('\r').unwrap_or(line);
        if secret.is_empty() {
            return Err(about("is empty"));
        }
        if secret.chars().any(char::is_control) {
            return Err(about("has more than one line, or a control character"));
        }
        Ok(Secret::new(secret.to_owned()))
    }
}

/// Refuses a file that others than its owner can read or change.
fn private(value: &Value<'_>, path: &Path, metadata: &Metadata) -> Result<(), ConfigError> {
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let path = path.display();
    Err(value.error(
        format!("{path} is open to others than its owner (mode {mode:04o})"),
        &format!("mode 0600 or 0400: run chmod 600 {path}"),
    ))
}

fn unreadable(value: &Value<'_>, path: &Path, error: &io::Error) -> ConfigError {
    value.error(format!("{} cannot be read: {error}", path.display()), ALLOWED)
}
