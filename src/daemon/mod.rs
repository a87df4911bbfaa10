//! The loops that keep the promises: take in, deliver, tick.
//!
//! Relies on everything below; decides nothing itself. Promises: a loop that fails waits and tries
//! again, and says so once; a stop lets the mail in hand finish and starts nothing new.

pub mod acting;
pub mod again;
pub mod alarm;
pub mod clock;
pub mod committing;
pub mod delivery;
pub mod desk;
mod enclosed;
pub mod heart;
pub mod import;
pub mod intake;
pub mod loops;
pub mod notify;
pub mod obeying;
pub mod once;
pub mod outage;
pub mod overruling;
pub mod progress;
pub mod service;
pub mod signals;
pub mod stock;
pub mod stop;
pub mod swept;
pub mod tick;
pub mod wary;
