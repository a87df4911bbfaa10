//! (being written)

pub mod notify;
pub mod progress;
