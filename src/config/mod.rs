//! The configuration: `daemon.toml` as checked values.
//!
//! Relies on the `toml` crate for the file and on the types of `mail`, `policy` and `domain` for its
//! meaning. Promises: what [`Settings::load`] returns is complete and sound; whatever is wrong is
//! one [`ConfigError`] with its file, line, key and what is allowed; no secret is accepted in the
//! file and none is in an error.

mod alarm;
mod authentication;
mod calendar;
mod commands;
mod disclosure;
mod document;
mod error;
mod holidays;
mod keys;
mod locate;
mod mailboxes;
mod maintainers;
mod notices;
mod policy;
mod retention;
mod secrets;
mod section;
mod server;
mod settings;
mod value;

pub use alarm::AlarmSettings;
pub use error::{ConfigError, Place};
pub use keys::{SECTIONS, SectionKeys, Shape};
pub use locate::locate;
pub use secrets::Secrets;
pub use settings::{Limits, Settings};
