//! The product's judgement, pure: what a mail is, whether its report is whole, which case it
//! belongs to, what a state allows, when a clock runs out, what to say.
//!
//! Relies on `domain` and on crates that compute (segmentation, URLs). Promises: no I/O, no clock,
//! no randomness; the same inputs give the same decision for ever.

pub mod advisory;
pub mod alarm;
pub mod authenticity;
pub mod calendar;
pub mod capability;
pub mod caps;
pub mod clocks;
pub mod command;
pub mod decide;
pub mod delivery;
pub mod digest;
pub mod disclosure;
pub mod echo;
mod finder;
pub mod handler;
pub mod import;
pub mod judge;
pub mod letters;
pub mod lookalike;
pub mod moment;
pub mod nearest;
pub mod notice;
pub mod notify;
pub mod orders;
pub mod pause;
pub mod promise;
pub mod record;
pub mod relay;
pub mod remind;
pub mod retention;
pub mod retry;
pub mod rules;
pub mod schedule;
pub mod scope;
pub mod season;
pub mod stats;
pub mod suggest;
pub mod thread;
pub mod verbs;
