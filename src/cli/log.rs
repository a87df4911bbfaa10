//! Log lines: to stderr, one event a line, without a time where the journal adds its own.
//!
//! What is never logged: passwords, report text, subjects, whole addresses. Only embargod's own
//! events are shown; async-imap's would print logins and bodies.

use std::io::IsTerminal;

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loudness {
    /// What the daemon does, a line a mail.
    Events,
    /// Only what is wrong.
    Warnings,
}

/// Starts logging; a second call changes nothing.
pub fn start(loudness: Loudness) {
    let level = match loudness {
        Loudness::Events => Level::INFO,
        Loudness::Warnings => Level::WARN,
    };
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(colour)
        .with_target(false);
    let only_ours = Targets::new().with_target("embargod", level);
    let registry = tracing_subscriber::registry().with(only_ours);
    // Set by systemd where stderr is the journal.
    let _ = if std::env::var_os("JOURNAL_STREAM").is_some() {
        registry.with(layer.without_time()).try_init()
    } else {
        registry.with(layer).try_init()
    };
    // The place of a panic and not its words, which may quote the mail that it choked on.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!("a bug of embargod at {place}; please report it");
    }));
}
