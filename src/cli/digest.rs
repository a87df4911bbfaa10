//! `embargod digest`: the work queue as it would be mailed now.

use std::io::Write;
use std::path::Path;

use clap::Args;

use super::Failure;
use super::run::runtime;
use super::table;
use crate::config::{Secrets, Settings, locate};
use crate::daemon::clock::Clock;
use crate::daemon::desk::Desk;
use crate::domain::Timestamp;
use crate::domain::letter::Content;
use crate::policy::digest::{self, Edition};
use crate::store::{Store, StoreError};

/// Print the digest as it would be sent now.
#[derive(Debug, Args)]
pub struct DigestArgs {
    /// The HTML part instead of the text
    #[arg(long)]
    html: bool,
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
    let desk = Desk::of(&settings, clock).map_err(|e| Failure::Wrong(e.to_string()))?;
    let mut people = desk.rules.maintainers.iter();
    let reader = match &args.reader {
        Some(handle) => people.find(|person| person.handle == *handle),
        None => people.next(),
    };
    let Some(reader) = reader else {
        let known: Vec<_> = desk.rules.maintainers.iter().map(|m| m.handle.as_str()).collect();
        return Err(Failure::Wrong(format!("--for: the maintainers are {}", known.join(", "))));
    };
    let store = Store::open_existing(&settings.store)?;
    let (last, work) = runtime()?.block_on(async {
        let last = store.last_digest(reader.handle.clone()).await?;
        let since = last.and_then(|last| last.mailed_at);
        Ok::<_, StoreError>((since, store.work(since.unwrap_or(Timestamp::UNIX_EPOCH)).await?))
    })?;
    let edition = Edition {
        project: &settings.project.name,
        reader,
        zone: settings.digest.timezone,
        since: last,
        now: clock.now(),
    };
    let content = Content::Digest(digest::even_if_empty(&work, &edition));
    let words = desk.composer.words(&content).map_err(anyhow::Error::from)?;
    match words.html.filter(|_| args.html) {
        Some(html) => table::print(out, &html),
        None => table::print(out, &format!("{}\n", words.text.trim_end())),
    }
}
