//! The watch over embargod's own work: alerts by the second way, and figures for collectors.
//!
//! Promises: each thing that is wrong is told when it begins, once a day while it lasts, and when it
//! is over; where the second way fails too, the log has it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;

use super::clock::Clock;
use super::heart::Heart;
use super::stop::Stop;
use crate::config::AlarmSettings;
use crate::domain::Timestamp;
use crate::domain::address::Mailbox;
use crate::domain::vitals::Vitals;
use crate::mail::alert::Alert;
use crate::policy::alarm::{Problem, problems};
use crate::store::{Store, StoreError};

/// How often the watch looks.
const LOOK: Duration = Duration::from_secs(60);

/// How often what lasts is told again.
const AGAIN: TimeDelta = TimeDelta::days(1);

/// What the watch needs.
#[derive(Debug, Clone)]
pub struct Watch {
    /// Who is told, and when.
    pub settings: AlarmSettings,
    /// For whose project.
    pub project: Mailbox,
    /// What is looked at.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
}

/// What was told, and when: by the kind of problem.
pub type Told = BTreeMap<&'static str, Timestamp>;

impl Watch {
    /// Watches for ever.
    ///
    /// # Errors
    /// Only a store that is closed.
    pub async fn run(&self, heart: Heart, mut stop: Stop) -> Result<(), StoreError> {
        let mut told = Told::new();
        while !stop.is_said() {
            // Whatever else is wrong with the store, the loops that need it say.
            if let Err(StoreError::Closed) = self.look(&mut told).await {
                return Err(StoreError::Closed);
            }
            heart.beat(LOOK);
            stop.sleep_to_the_next(LOOK).await;
        }
        Ok(())
    }

    /// Looks once, and tells what is new.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn look(&self, told: &mut Told) -> Result<(), StoreError> {
        let now = self.clock.now();
        let vitals = self.store.vitals().await?;
        let found = problems(&vitals, &self.settings.bounds, now);
        if let Some(file) = &self.settings.metrics
            && let Err(error) = write_whole(file, &metrics(&vitals, &found))
        {
            tracing::warn!("the figures cannot be written to {}: {error}", file.display());
        }
        let is_due = |problem: &&Problem| {
            told.get(problem.name()).is_none_or(|at| now.signed_duration_since(*at) >= AGAIN)
        };
        let due: Vec<&Problem> = found.iter().filter(is_due).collect();
        if !due.is_empty() {
            let text: Vec<String> = due.iter().map(ToString::to_string).collect();
            self.tell("embargod needs somebody", &text.join("\n"), now).await;
        }
        let over = told.keys().any(|name| found.iter().all(|problem| problem.name() != *name));
        let due: Vec<&'static str> = due.iter().map(|problem| problem.name()).collect();
        told.retain(|name, _| found.iter().any(|problem| problem.name() == *name));
        told.extend(due.into_iter().map(|name| (name, now)));
        if over && found.is_empty() {
            self.tell("embargod is well again", "All that was wrong is over.", now).await;
        }
        Ok(())
    }

    async fn tell(&self, subject: &str, text: &str, at: Timestamp) {
        tracing::error!("{subject}: {}", text.replace('\n', "; "));
        let Some(way) = &self.settings.way else { return };
        let alert = Alert { project: &self.project, subject, text, at };
        if let Err(error) = way.tell(&alert).await {
            tracing::error!("nobody was told by the second way: {error}");
        }
    }
}

/// The figures as a text file for node_exporter's textfile collector, in the OpenMetrics format; all
/// of them gauges, which its older readers understand in the same way.
pub fn metrics(vitals: &Vitals, problems: &[Problem]) -> String {
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, value: Option<i64>| {
        let Some(value) = value else { return };
        text.push_str(&format!(
            "# TYPE embargod_{name} gauge\n# HELP embargod_{name} {help}\nembargod_{name} {value}\n"
        ));
    };
    let seconds = |at: Option<Timestamp>| at.map(|at| at.timestamp());
    let count = |count: u64| i64::try_from(count).ok();
    gauge("started_at_seconds", "When the daemon began to work.", seconds(vitals.since));
    gauge("inbox_read_at_seconds", "When the inbox was last read.", seconds(vitals.looked_at));
    gauge("canary_back_at_seconds", "When a canary last came home.", seconds(vitals.canary_back));
    gauge("outbox_mails", "Mails that wait to be sent.", count(vitals.waiting));
    gauge("outbox_since_seconds", "Since when one waits.", seconds(vitals.waits_since));
    gauge("set_aside_mails", "Mails that could not be worked on.", count(vitals.set_aside));
    gauge("taken_in_mails", "Mails taken in, ever.", count(vitals.taken_in));
    gauge("written_mails", "Mails of ours that were written, ever.", count(vitals.written));
    gauge("given_up_mails", "Mails given up, ever.", count(vitals.given_up));
    gauge("open_cases", "Cases that are open.", count(vitals.open));
    text.push_str("# TYPE embargod_problem gauge\n# HELP embargod_problem What is wrong.\n");
    for name in Problem::NAMES {
        let is = u8::from(problems.iter().any(|problem| problem.name() == name));
        text.push_str(&format!("embargod_problem{{kind=\"{name}\"}} {is}\n"));
    }
    text.push_str("# EOF\n");
    text
}

/// Writes a file so that its readers see all of it or what was there before.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let mut partial = path.as_os_str().to_owned();
    // Collectors read what ends in .prom.
    partial.push(".partial");
    std::fs::write(&partial, text)?;
    std::fs::rename(&partial, path)
}
