//! What embargod talks about: mails as owned facts, cases and their states, events, decisions and
//! letters as values.
//!
//! Relies on std, chrono and serde alone. Nothing here does I/O or reads a clock: time is an
//! argument everywhere, so every judgement of the product can be replayed from its inputs.

pub mod address;
pub mod advisory;
pub mod allowance;
pub mod archive;
pub mod authenticity;
pub mod capability;
pub mod case;
pub mod case_id;
pub mod confirmation;
pub mod decision;
pub mod digest;
pub mod due;
pub mod event;
pub mod exploited;
pub mod history;
pub mod judgement;
pub mod letter;
pub mod line;
pub mod lookup;
pub mod mail;
pub mod mode;
pub mod notice;
pub mod outgoing;
pub mod pace;
pub mod people;
pub mod place;
pub mod reminder;
pub mod retention;
pub mod secret;
pub mod shown;
pub mod state;
pub mod suggestion;
pub mod views;
pub mod vitals;

/// A moment in time; always UTC, shown as RFC 3339.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
