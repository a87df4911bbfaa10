//! The loops of one configuration, built together and started together.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::alarm::Watch;
use super::clock::Clock;
use super::delivery::Delivery;
use super::desk::{Desk, DeskError};
use super::heart::Heart;
use super::intake::Intake;
use super::progress::{Loop, Progress};
use super::stop::Stop;
use super::swept::Swept;
use super::tick::Tick;
use super::wary::Wary;
use crate::config::Settings;
use crate::domain::address::Mailbox;
use crate::mail::inbox;
use crate::policy::retry::Patience;
use crate::store::{Store, StoreError};

/// Everything that runs, before it runs.
#[derive(Debug)]
pub struct Loops {
    /// From the inbox into the store.
    pub intake: Intake,
    /// From the store to the outbox.
    pub delivery: Delivery,
    /// What the clock causes.
    pub tick: Tick,
    /// Whether all that goes well.
    pub watch: Watch,
}

impl Loops {
    /// The loops of a configuration.
    ///
    /// # Errors
    /// [`DeskError`].
    pub fn new(settings: &Settings, store: &Store, clock: &Clock) -> Result<Self, DeskError> {
        let desk = Arc::new(Desk::of(settings, clock)?);
        let (written, swept) = (Arc::new(Notify::new()), Swept::default());
        Ok(Self {
            intake: Intake {
                inbox: settings.inbox.clone(),
                desk: Arc::clone(&desk),
                store: store.clone(),
                written: Arc::clone(&written),
                swept: swept.clone(),
                patience: inbox::Patience::default(),
                wary: Wary::default(),
            },
            delivery: Delivery {
                outbox: settings.outbox.clone(),
                store: store.clone(),
                promises: settings.promises.clone(),
                clock: clock.clone(),
                patience: Patience { letters: settings.give_up_after, ..Patience::default() },
                written: Arc::clone(&written),
            },
            tick: Tick {
                schedule: settings.digest,
                canary_every: settings.alarm.canary_every,
                desk,
                store: store.clone(),
                written,
                swept,
            },
            watch: Watch {
                settings: settings.alarm.clone(),
                project: Mailbox::new(
                    Some(&settings.project.name),
                    settings.project.address.clone(),
                ),
                store: store.clone(),
                clock: clock.clone(),
            },
        })
    }

    /// Starts every loop as a task of its own.
    pub fn start(self, progress: &Arc<Progress>, stop: &Stop) -> JoinSet<Result<(), StoreError>> {
        let mut running = JoinSet::new();
        let Self { intake, delivery, tick, watch } = self;
        let (heart, heard) = (Heart::of(Loop::Intake, progress), stop.clone());
        running.spawn(async move { intake.run(heart, heard).await });
        let (heart, heard) = (Heart::of(Loop::Delivery, progress), stop.clone());
        running.spawn(async move { delivery.run(heart, heard).await });
        let (heart, heard) = (Heart::of(Loop::Clock, progress), stop.clone());
        running.spawn(async move { tick.run(heart, heard).await });
        let (heart, heard) = (Heart::of(Loop::Watch, progress), stop.clone());
        running.spawn(async move { watch.run(heart, heard).await });
        running
    }
}
