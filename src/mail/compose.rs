//! Letters to bytes.
