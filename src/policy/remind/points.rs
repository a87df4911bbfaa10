//! The moments of a clock at which people are reminded of it.

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
    [
        (Stage::Half, promise.left(Part::Half, running.deadline)),
        (Stage::FourFifths, promise.left(Part::Fifth, running.deadline)),
        (Stage::Deadline, running.deadline),
    ]
}

/// The last point that lies behind.
pub(super) fn passed(points: [(Stage, Timestamp); 3], now: Timestamp) -> Option<Stage> {
    points.into_iter().filter(|(_, at)| *at <= now).map(|(stage, _)| stage).max()
}
