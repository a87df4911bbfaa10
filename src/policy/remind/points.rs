//! The moments of a clock at which people are reminded of it.
//!
//! A clock is given the length of its promise, or less where a person set its deadline nearer: an
//! embargo that ends in ten days is half over after five of them. The moments are counted back from the
//! deadline, so that a clock that stood still needs no memory of its start.

use crate::domain::Timestamp;
use crate::domain::due::{Due, Running};
use crate::domain::reminder::Stage;
use crate::policy::promise::{Part, Promise, Promises};

/// The points of a clock, in their order.
pub(super) fn of(running: &Running, promises: &Promises) -> [(Stage, Timestamp); 3] {
    let legal;
    let promise = match running.due {
        Due::Acknowledge => &promises.acknowledge,
        Due::Respond => &promises.respond,
        Due::Update => &promises.update,
        Due::Disclose => &promises.disclose,
        Due::Authorities(report) => {
            legal = Promise::continuous(report.within());
            &legal
        }
    };
    let Running { deadline, set_at, .. } = *running;
    [
        (Stage::Half, promise.left(Part::Half, deadline, set_at)),
        (Stage::FourFifths, promise.left(Part::Fifth, deadline, set_at)),
        (Stage::Deadline, deadline),
    ]
}

/// The last point that lies behind.
pub(super) fn passed(points: [(Stage, Timestamp); 3], now: Timestamp) -> Option<Stage> {
    points.into_iter().filter(|(_, at)| *at <= now).map(|(stage, _)| stage).max()
}
