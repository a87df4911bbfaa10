//! What becomes of bytes that a stranger or a server sent, by the ways that they take in the daemon.
//!
//! Each module has a function `meet`, which panics where a promise is broken. libFuzzer calls them
//! (`fuzz/run`), and so does `tests/fuzz.rs`, with the same seeds and less patience.

#![forbid(unsafe_code)]

pub mod authentication_results;
pub mod configuration;
pub mod delivery_status;
pub mod desk;
pub mod imap;
pub mod mail;
pub mod orders;

/// Says where a panic was, but for those of imap-proto, which the inbox is known to catch. libFuzzer's
/// own hook would end the process at each; what is not caught ends it all the same.
#[allow(dead_code)] // `tests/fuzz.rs` has the panics of a test
pub fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| {
        if !panic.location().is_some_and(|at| at.file().contains("/imap-proto-")) {
            eprintln!("{panic}");
        }
    }));
}
