//! (being written)

pub mod screen;
