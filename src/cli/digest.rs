//! `embargod digest`: the work queue as it would be mailed now.

use std::io::Write;
use std::path::Path;

use clap::Args;

use super::run::runtime;
use super::{Failure, json, table};
use crate::config::{Secrets, Settings, locate};
use crate::daemon::clock::Clock;
use crate::daemon::desk::Desk;
use crate::domain::Timestamp;
use crate::domain::digest::Digest;
use crate::domain::letter::Content;
use crate::domain::people::Maintainer;
use crate::policy::digest::{self, Edition, Room};
use crate::store::{Store, StoreError};

/// Print the digest as it would be sent now.
#[derive(Debug, Args)]
pub struct DigestArgs {
    /// The HTML part instead of the text
    #[arg(long)]
    html: bool,
    /// One JSON object
    #[arg(long, conflicts_with = "html")]
    json: bool,
    /// Every line, however many there are
    #[arg(long)]
    all: bool,
    /// As this maintainer would get it [default: the first in the configuration]
    #[arg(long = "for", value_name = "HANDLE")]
    reader: Option<String>,
}

/// Prints the digest.
///
/// # Errors
/// 1 where there is no store, 2 for an unknown maintainer.
pub fn digest(
    config: Option<&Path>,
    args: &DigestArgs,
    clock: &Clock,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let settings = Settings::load(&locate(config)?, Secrets::Skip)?;
    let reader = reader(&settings.maintainers, args.reader.as_deref())?;
    let desk = Desk::of(&settings, clock).map_err(|e| Failure::Wrong(e.to_string()))?;
    let store = Store::open_existing(&settings.store)?;
    let room = if args.all { Room::ALL } else { Room::MAIL };
    let queue = Queue { store: &store, settings: &settings, reader, room };
    let digest = runtime()?.block_on(queue.at(clock.now()))?;
    if args.json {
        return json::print(out, &digest);
    }
    let words = desk.composer.words(&Content::Digest(digest)).map_err(anyhow::Error::from)?;
    match words.html.filter(|_| args.html) {
        Some(html) => table::print(out, &html),
        None => table::print(out, &format!("{}\n", words.text.trim_end())),
    }
}

/// Whose digest it is: the maintainer with this handle, or the first.
pub(super) fn reader<'a>(
    people: &'a [Maintainer],
    handle: Option<&str>,
) -> Result<&'a Maintainer, Failure> {
    let reader = match handle {
        Some(handle) => people.iter().find(|person| person.handle == handle),
        None => people.first(),
    };
    reader.ok_or_else(|| {
        let known: Vec<_> = people.iter().map(|person| person.handle.as_str()).collect();
        Failure::Wrong(format!("--for: the maintainers are {}", known.join(", ")))
    })
}

/// The work queue of one reader.
pub(super) struct Queue<'a> {
    pub(super) store: &'a Store,
    pub(super) settings: &'a Settings,
    pub(super) reader: &'a Maintainer,
    /// How many lines it has at most.
    pub(super) room: Room,
}

impl Queue<'_> {
    /// The digest as it would be sent now.
    pub(super) async fn at(&self, now: Timestamp) -> Result<Digest, StoreError> {
        let last = self.store.last_digest(self.reader.handle.clone()).await?;
        let told = last.map(|last| last.told).unwrap_or_default();
        let work = self.store.work(told, self.room.rows).await?;
        let schedule = &self.settings.digest;
        let today = now.with_timezone(&schedule.timezone).date_naive();
        let history = match digest::figures_due(schedule, last.map(|last| last.day), today) {
            true => Some(self.store.history(digest::figures_since(now), now).await?),
            false => None,
        };
        let edition = Edition {
            project: &self.settings.project.name,
            reader: self.reader,
            maintainers: &self.settings.maintainers,
            zone: self.settings.digest.timezone,
            since: last.and_then(|last| last.mailed_at),
            now,
            lists: &self.settings.disclosure.embargo_lists,
            silent_after: self.settings.promises.silent_after,
            room: self.room,
            history: history.as_ref(),
        };
        Ok(digest::even_if_empty(&work, &edition))
    }
}
