//! The steps between which a crash must do no harm, each by its name: tests stop the program there
//! and kill it.
//!
//! Relies on the crate `fail`. Promises: no build without debug assertions, which is to say no
//! release build, has any of it, and a debug build stands still only where its tests built it so.

/// A step by its name, [`STEPS`] has them all.
macro_rules! step {
    ($name:literal) => {
        #[cfg(debug_assertions)]
        fail::fail_point!($name);
    };
}

/// Every step, in the order of a mail's life.
pub const STEPS: [&str; 20] = [
    "store.migrating",
    "intake.fetched",
    "intake.judged",
    "intake.authenticated",
    "decide.looked-up",
    "decide.decided",
    "decide.written",
    "store.committing",
    "store.committed",
    "intake.committed",
    "intake.advancing",
    "intake.advanced",
    "send.begins",
    "send.envelope-taken",
    "send.answered",
    "send.ended",
    "record.queued",
    "record.committed",
    "clock.reminded",
    "clock.told",
];

/// The environment variable that names a step, and at which of its times to stand still there:
/// `store.committing:3`.
#[cfg(debug_assertions)]
pub const STAND_STILL: &str = "EMBARGOD_STAND_STILL_AT";

/// Prepares to stand still at the step that the environment names, if it names one: the thread that
/// comes there says so on stderr, and goes no further.
#[cfg(debug_assertions)]
pub fn stand_still_where_told() {
    use std::sync::atomic::{AtomicU64, Ordering};

    let Ok(told) = std::env::var(STAND_STILL) else { return };
    let (name, time) = told.split_once(':').unwrap_or((&told, "1"));
    let (step, time) = (name.to_owned(), time.parse().unwrap_or(1));
    let times = AtomicU64::new(0);
    // An error where the build has no failpoints: then nothing stands still.
    let _ = fail::cfg_callback(name, move || {
        if times.fetch_add(1, Ordering::SeqCst).saturating_add(1) == time {
            eprintln!("standing still at {step}");
            loop {
                std::thread::park();
            }
        }
    });
}
