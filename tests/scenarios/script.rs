//! What a scenario file says: `fixtures/scenarios/README.md` teaches it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

/// One whole life of a report.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// What it tells, in a sentence.
    pub title: String,
    /// When it begins.
    pub start: String,
    /// The zone of all times in the file and in the transcript.
    #[serde(default = "madrid")]
    pub zone: Tz,
    /// How much of the digests is shown.
    #[serde(default)]
    pub digests: Digests,
    /// How often the daemon looks while time passes.
    #[serde(default = "half_an_hour")]
    pub look: String,
    /// What is laid over the standard configuration: tables are merged, all else replaces.
    #[serde(default)]
    pub config: toml::Table,
    /// What happens.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// How much of the digests the transcript shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Digests {
    /// The line that counts what is in them, where it is another than the last time.
    #[default]
    Counts,
    /// That line, of every digest.
    Each,
    /// The whole text.
    Whole,
}

/// One thing that happens.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Somebody writes a mail: its text, from `From:` on. To, Date, Message-ID and the type are
    /// added where they are missing.
    Mail(String),
    /// A mail lies in a file, from `fixtures` on, with lines to add to its header.
    File(File),
    /// Somebody answers the last mail that was sent to them, as a mail program does.
    Reply(Reply),
    /// A mail server gives the last mail to this address back.
    Bounce(String),
    /// A command of embargod succeeds.
    Run(String),
    /// A command of embargod is refused.
    Refused(String),
    /// Time passes: "3d", "90m".
    Wait(String),
    /// Time passes until then: "2027-03-28 02:30", or with a zone of its own.
    Until(String),
    /// What becomes of the daemon.
    Daemon(Daemon),
    /// The server answers the next mails so.
    Server(Server),
    /// The configuration changes and is read again.
    Configure(toml::Table),
    /// Text files for commands, in the folder where they run.
    Files(BTreeMap<String, String>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub path: PathBuf,
    #[serde(default)]
    pub header: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    pub from: String,
    pub text: String,
    /// Lines to add to the header.
    #[serde(default)]
    pub header: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Daemon {
    /// It stops: mail waits, time passes.
    Stops,
    /// It starts, and takes up what waits.
    Starts,
    /// Both at once.
    Restarts,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub answers: Answer,
    pub times: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Not now.
    Defers,
    /// Never.
    Refuses,
}

fn half_an_hour() -> String {
    "30m".to_owned()
}

fn madrid() -> Tz {
    Tz::Europe__Madrid
}

/// A length of time: "90m", "3d".
pub fn length(text: &str) -> TimeDelta {
    let length =
        humantime::parse_duration(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    TimeDelta::from_std(length).unwrap()
}

/// A local time of day, with its zone behind it where that is another than the scenario's.
pub fn moment(text: &str, zone: Tz) -> DateTime<Utc> {
    let (local, zone) = match text.splitn(3, ' ').collect::<Vec<_>>()[..] {
        [day, time, zone] => (format!("{day} {time}"), zone.parse().unwrap()),
        _ => (text.to_owned(), zone),
    };
    let local = NaiveDateTime::parse_from_str(&local, "%Y-%m-%d %H:%M")
        .unwrap_or_else(|error| panic!("{text:?} is no time like 2027-03-28 02:30: {error}"));
    let moment = zone.from_local_datetime(&local).earliest();
    moment.unwrap_or_else(|| panic!("{text} does not exist in {zone}")).to_utc()
}
