//! embargod stands behind a project's security mailbox and keeps what its security policy promises.
//!
//! Floors, each knowing only those below it:
//!
//! ```text
//! cli ─→ daemon ─→ config ─→ { mail · store } ─→ policy ─→ domain
//! ```
//!
//! `ARCHITECTURE.md` tells the life of a mail through them.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects,
        clippy::panic
    )
)]

// What integration tests and benches make stores with is used by the store's own tests too.
#[cfg(test)]
extern crate self as embargod;

#[macro_use]
pub mod steps;

pub mod cli;
pub mod config;
pub mod daemon;
pub mod domain;
pub mod mail;
pub mod policy;
pub mod store;
