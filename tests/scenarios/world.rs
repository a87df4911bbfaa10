//! A project with the real daemon, whose clock is wound: a Maildir in, a sendmail out, SQLite.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Duration, DurationRound, Utc};
use embargod::cli::carry_out;
use embargod::config::{Secrets, Settings};
use embargod::daemon::clock::Clock;
use embargod::daemon::heart::Heart;
use embargod::daemon::loops::Loops;
use embargod::daemon::progress::{Loop, Progress};
use embargod::daemon::stop::stop;
use embargod::store::Store;
use rusqlite::Connection;
use tokio::runtime::Runtime;

use crate::script::Answer;

/// What every scenario's project is like where it says nothing else.
const STANDARD: &str = r#"
[project]
name = "Sample"
address = "security@example.org"
policy = "https://example.org/SECURITY.md"

[inbox]
server = "maildir:in"

[outbox]
server = "sendmail:sendmail"

[[maintainers]]
handle = "ada"
name = "Ada Lovelace"
address = "ada@example.org"
lead = true

[[maintainers]]
handle = "grace"
name = "Grace Hopper"
address = "grace@example.org"

[digest]
at = "08:00"
timezone = "Europe/Madrid"

# A story that is about notices asks for them.
[notices]
send = []

[[release_lines]]
name = "5.x"

[[release_lines]]
name = "4.x"

[scope]
packages = ["sample", "sample-router"]

[[exclusions]]
id = "malicious-dependency"
cwe = "CWE-1357"
title = "Malicious third-party modules"
terms = ["malicious package"]
reply = "We trust the modules that an application installs."
"#;

/// What the stub of a sendmail does: it refuses as often as it was told, and keeps the rest.
const SENDMAIL: &str = r#"
if [ -s "$here/answers" ]; then
    read -r status words <"$here/answers"
    sed -i 1d "$here/answers"
    echo "$words" >&2
    exit "$status"
fi
read -r n <"$here/count"
n=$((n + 1))
echo "$n" >"$here/count"
cat "$here/arguments" "$here/mail" >"$here/sent/$(printf %05d "$n")"
"#;

/// A mail that left: its envelope and its bytes.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The envelope's sender, `<>` where it is null.
    pub sender: String,
    /// The envelope's recipient.
    pub recipient: String,
    /// The mail.
    pub raw: String,
}

/// A project and its daemon.
pub struct World {
    folder: tempfile::TempDir,
    runtime: Runtime,
    config: toml::Table,
    pub clock: Clock,
    /// The daemon while it runs. Without its lock on the store: a fork of another test may hold
    /// that for a moment longer.
    running: Option<Loops>,
    arrived: usize,
    /// Whether there is something new in the inbox, which a daemon sees by the folder's time.
    news: bool,
    collected: usize,
    log: Option<Connection>,
}

impl World {
    /// A project at `start`, with `config` laid over the standard one, and its daemon running.
    pub fn new(config: &toml::Table, start: DateTime<Utc>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for new in ["in/cur", "in/new", "in/tmp", "sent"] {
            fs::create_dir_all(at(new)).unwrap();
        }
        // A link and not a copy: a program that was just written may still be open in a fork of
        // another test, and cannot be run then.
        let stub = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/outbox/sendmail");
        symlink(stub, at("sendmail")).unwrap();
        fs::write(at("behaviour"), SENDMAIL).unwrap();
        fs::write(at("count"), "0\n").unwrap();
        fs::write(at("commands-key"), "the key of a story, 32 octets or more\n").unwrap();
        fs::set_permissions(at("commands-key"), fs::Permissions::from_mode(0o600)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut world = Self {
            folder,
            runtime,
            config: STANDARD.parse().unwrap(),
            clock: Clock::wound(start),
            running: None,
            arrived: 0,
            news: false,
            log: None,
            collected: 0,
        };
        world.configure(config);
        world.start();
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where the project lives.
    pub fn folder(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    /// Changes the configuration's file; a running daemon reads it again.
    pub fn configure(&mut self, change: &toml::Table) {
        merge(&mut self.config, change);
        fs::write(self.path("daemon.toml"), toml::to_string(&self.config).unwrap()).unwrap();
        if self.running.is_some() {
            self.stop();
            self.start();
        }
    }

    pub fn start(&mut self) {
        let settings = Settings::load(&self.path("daemon.toml"), Secrets::Required);
        let settings = settings.unwrap_or_else(|error| panic!("{error}"));
        let store = Store::open(&settings.store).unwrap();
        self.running = Some(Loops::new(&settings, &store, &self.clock).unwrap());
        self.news = true;
    }

    pub fn stop(&mut self) {
        self.running = None;
    }

    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// A mail comes into the inbox.
    pub fn arrives(&mut self, raw: &[u8]) {
        self.arrived += 1;
        self.news = true;
        let path = self.path(&format!("in/new/{:06}.M1P1.host", self.arrived));
        fs::write(&path, raw).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(self.clock.now().into()).unwrap();
    }

    /// The server turns the next mails away.
    pub fn server(&self, answer: Answer, times: usize) {
        let line = match answer {
            Answer::Defers => "75 451 4.3.2 try again later\n",
            Answer::Refuses => "67 550 5.1.1 no such user\n",
        };
        fs::write(self.path("answers"), line.repeat(times)).unwrap();
    }

    /// A command of the program, carried out in the project's folder: what it prints, and how it
    /// failed.
    pub fn command(&self, line: &str) -> (String, Option<String>) {
        let line = line.replace("{dir}", self.folder());
        let words = shlex::split(&line).unwrap_or_else(|| panic!("a quote is open in: {line}"));
        let start = ["embargod".into(), "--config".into(), self.path("daemon.toml").into()];
        let words = start.into_iter().chain(words.into_iter().map(OsString::from));
        let mut out = Vec::new();
        let failure = carry_out(words, &self.clock, &mut out).err();
        (String::from_utf8(out).unwrap(), failure.map(|failure| failure.to_string()))
    }

    /// What waits in the inbox.
    pub fn take_in(&mut self) {
        let Some(loops) = &self.running else { return };
        let heart = Heart::of(Loop::Intake, &Arc::new(Progress::default()));
        let (_stopper, mut told) = stop();
        self.runtime.block_on(async {
            loops.tick.begin(self.clock.now()).await.unwrap();
            if std::mem::take(&mut self.news) {
                loops.intake.once(&heart, &mut told).await.unwrap();
            }
        });
    }

    /// What the clock causes: it comes after what waited was taken in and answered.
    pub fn tick(&self) {
        let Some(loops) = &self.running else { return };
        self.runtime.block_on(loops.tick.once(self.clock.now())).unwrap();
    }

    /// Sends what is due.
    pub fn deliver(&self) {
        let Some(loops) = &self.running else { return };
        let heart = Heart::of(Loop::Delivery, &Arc::new(Progress::default()));
        let (_stopper, told) = stop();
        let (nothing_more, all_written) = stop();
        nothing_more.stop();
        self.runtime.block_on(loops.delivery.drain(&heart, &told, all_written)).unwrap();
    }

    /// The next moment at which the daemon has to look: a full `look`, or when a mail is due.
    pub fn next_look(&self, look: Duration) -> DateTime<Utc> {
        let now = self.clock.now();
        let full = now.duration_trunc(look).unwrap() + look;
        let Some(loops) = &self.running else { return full };
        let due = self.runtime.block_on(loops.delivery.store.next_due()).unwrap();
        due.filter(|due| *due > now).map_or(full, |due| due.min(full))
    }

    /// The mails that were sent since the last call, in their order.
    pub fn collect(&mut self) -> Vec<Sent> {
        let mut collected = Vec::new();
        while let Ok(kept) =
            fs::read_to_string(self.path(&format!("sent/{:05}", self.collected + 1)))
        {
            self.collected += 1;
            let [_, _, sender, _, recipient, raw] =
                kept.splitn(6, '\n').collect::<Vec<_>>()[..].try_into().unwrap();
            collected.push(Sent {
                sender: sender.to_owned(),
                recipient: recipient.to_owned(),
                raw: raw.to_owned(),
            });
        }
        collected
    }

    /// How many events there are.
    pub fn events(&mut self) -> i64 {
        let path = self.path("embargod.db");
        let log = self.log.get_or_insert_with(|| Connection::open(path).unwrap());
        let count = "SELECT coalesce(max(number), 0) FROM events";
        log.query_row(count, [], |row| row.get(0)).unwrap()
    }

    /// Asks the store.
    pub fn ask<T>(&self, question: impl AsyncFnOnce(Store) -> T) -> T {
        let store = Store::open_existing(&self.path("embargod.db")).unwrap();
        self.runtime.block_on(question(store))
    }
}

/// Lays one table over another.
fn merge(below: &mut toml::Table, above: &toml::Table) {
    for (key, value) in above {
        match (below.get_mut(key), value) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new)) => merge(old, new),
            _ => {
                below.insert(key.clone(), value.clone());
            }
        }
    }
}
