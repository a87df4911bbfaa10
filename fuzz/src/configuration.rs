//! The text of a `daemon.toml`: it is settings, or one error that says where.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use embargod::config::{Secrets, Settings};
use embargod::mail::compose::{Composer, ComposerSettings};

/// A folder that has what the samples name.
fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap().keep();
        for maildir in ["in", "out", "inbox", "outbox", "Maildir"] {
            for part in ["cur", "new", "tmp"] {
                fs::create_dir_all(folder.join(maildir).join(part)).unwrap();
            }
        }
        folder
    })
}

pub fn meet(bytes: &[u8]) {
    let file = folder().join(format!("{:?}.toml", std::thread::current().id()));
    fs::write(&file, bytes).unwrap();
    match Settings::load_with(&file, Secrets::Skip, None) {
        Ok(settings) => {
            assert_eq!(settings.maintainers.iter().filter(|person| person.lead).count(), 1);
            let composer = Composer::new(ComposerSettings {
                project: settings.project,
                mode: settings.mode,
                bounces: settings.bounces,
                templates: settings.templates,
            });
            if let Ok(composer) = composer {
                // With the built-in templates, what the configuration says never spoils a letter.
                composer.check().unwrap();
            }
        }
        Err(error) => {
            let said = error.to_string();
            assert!(!said.trim().is_empty());
            assert!(said.chars().all(|c| !c.is_control()), "{said:?}");
            assert!(said.len() < 8192, "{} octets of an error", said.len());
        }
    }
}
