//! Whole lives of reports: `fixtures/scenarios`, run through the real daemon and the real commands
//! by a wound clock, and told as transcripts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

mod post;
mod script;
mod transcript;
mod world;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use embargod::mail::read::read;
use embargod::store::Which;

use script::{Daemon, Script, Step, length, moment};
use transcript::Transcript;
use world::{Sent, World};

/// Each scenario is a test of its own: they run side by side, and one that fails is named.
macro_rules! lives {
    ($($name:ident)*) => {
        $(#[test] fn $name() { live(&stringify!($name).replace('_', "-")) })*

        #[test]
        fn every_scenario_is_run() {
            let run: BTreeSet<String> =
                [$(stringify!($name)),*].iter().map(|name| name.replace('_', "-")).collect();
            let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
            let there: BTreeSet<String> = files
                .filter(|path| path.extension().is_some_and(|e| e == "toml"))
                .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
                .collect();
            assert_eq!(run, there);
        }
    };
}

lives! {
    a_week_down
    a_week_down_with_many_cases
    acknowledgement_bounces
    answered_elsewhere
    attachment_only_overruled
    by_mail
    clocks_go_back
    clocks_go_forward
    closed_season
    duplicate
    embargo_with_extension
    encrypted
    exploited
    from_report_to_advisory
    handed_over
    handlers_on_leave
    late_fix_on_one_line
    link_only_comes_back_whole
    merged_and_split
    never_whole
    observe_then_live
    out_of_scope
    question_and_answer
    relay
    reopened
    server_away
    silent_reporter
    third_party
    vacation_responder
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scenarios")
}

/// Runs a scenario and compares its story with the one that is kept beside it.
fn live(name: &str) {
    let text = fs::read_to_string(folder().join(format!("{name}.toml"))).unwrap();
    let script: Script = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let story = Life::of(script).lived();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, story));
}

/// A scenario while it is lived.
struct Life {
    world: World,
    transcript: Transcript,
    script: Script,
    /// The last mail to each address.
    letters: Vec<Sent>,
    told: i64,
    written: usize,
}

impl Life {
    fn of(script: Script) -> Self {
        let world = World::new(&script.config, moment(&script.start, script.zone));
        let transcript =
            Transcript::new(&script.title, script.zone, script.digests, world.folder());
        Self { world, transcript, script, letters: Vec::new(), told: 0, written: 0 }
    }

    fn lived(mut self) -> String {
        for step in std::mem::take(&mut self.script.steps) {
            self.step(step);
        }
        let (found, wrong) = self.world.command("verify");
        assert!(wrong.is_none(), "the store is not sound: {found}");
        self.transcript.text()
    }

    fn step(&mut self, step: Step) {
        let now = self.world.clock.now();
        match step {
            Step::Mail(text) => self.arrives(&text),
            Step::File(file) => {
                let path = folder().parent().unwrap().join(&file.path);
                let text = fs::read_to_string(&path)
                    .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let header = file.header.trim_end();
                let line = if header.is_empty() { "" } else { "\n" };
                self.arrives(&format!("{header}{line}{text}"));
            }
            Step::Reply(reply) => {
                let last = self.last_to(&reply.from);
                let last = read(last.raw.as_bytes(), last.raw.len() as u64);
                self.arrives(&post::answer(&reply.from, &reply.header, &reply.text, &last));
            }
            Step::Bounce(address) => {
                let Sent { raw, recipient, sender } = self.last_to(&address);
                assert_ne!(sender, "<>", "no server gives a mail with a null sender back");
                self.arrives(&post::notice(&raw, &recipient, &sender));
            }
            Step::Run(line) => {
                let (printed, failure) = self.world.command(&line);
                assert_eq!(failure, None, "embargod {line}");
                self.transcript.step(now, &format!("$ embargod {line}"));
                self.transcript.printed(&printed);
                self.look();
            }
            Step::Refused(line) => {
                let (printed, failure) = self.world.command(&line);
                self.transcript.step(now, &format!("$ embargod {line}"));
                self.transcript.printed(&printed);
                let failure = failure.unwrap_or_else(|| panic!("embargod {line} was not refused"));
                self.transcript.printed(&format!("refused: {failure}"));
                self.look();
            }
            Step::Wait(time) => self.pass(now + length(&time)),
            Step::Until(then) => self.pass(moment(&then, self.script.zone)),
            Step::Daemon(what) => {
                let (stops, starts, words) = match what {
                    Daemon::Stops => (true, false, "the daemon stops"),
                    Daemon::Starts => (false, true, "the daemon starts"),
                    Daemon::Restarts => (true, true, "the daemon restarts"),
                };
                self.transcript.step(now, words);
                if stops {
                    self.world.stop();
                }
                if starts {
                    self.world.start();
                    self.look();
                }
            }
            Step::Server(server) => {
                self.world.server(server.answers, server.times);
                let words = format!("the server {:?} {} mails", server.answers, server.times);
                self.transcript.step(now, &words.to_lowercase());
            }
            Step::Configure(change) => {
                let words = toml::to_string(&change).unwrap();
                self.transcript.step(now, "the configuration changes");
                self.transcript.printed(&words);
                self.world.configure(&change);
                self.look();
            }
            Step::Files(files) => {
                for (name, text) in files {
                    fs::write(self.world.path(&name), text).unwrap();
                }
            }
        }
    }

    fn last_to(&self, from: &str) -> Sent {
        let found = self.letters.iter().rev().find(|sent| from.contains(&sent.recipient));
        found.unwrap_or_else(|| panic!("{from} got no mail yet")).clone()
    }

    fn arrives(&mut self, text: &str) {
        self.written += 1;
        let now = self.world.clock.now();
        let raw = post::complete(text, self.written, now);
        self.world.arrives(&raw);
        self.transcript.arrives(now, &raw);
        self.look();
    }

    /// Lets time pass: the daemon looks at every half hour and whenever a mail is due.
    fn pass(&mut self, until: DateTime<Utc>) {
        assert!(until > self.world.clock.now(), "time does not run backwards");
        let look = length(&self.script.look);
        while self.world.clock.now() < until {
            let next = self.world.next_look(look).min(until);
            self.world.clock.set(next);
            self.look();
        }
    }

    /// The daemon looks around once, and what came of it is told.
    fn look(&mut self) {
        if !self.world.is_running() {
            self.tell();
            return;
        }
        self.world.take_in();
        self.tell();
        self.world.deliver();
        self.world.tick();
        self.world.deliver();
        let now = self.world.clock.now();
        for sent in self.world.collect() {
            self.transcript.sent(now, &sent);
            self.letters.push(sent);
        }
        self.tell();
    }

    /// Tells new events and what the cases are now.
    fn tell(&mut self) {
        let events = self.world.events();
        if std::mem::replace(&mut self.told, events) == events {
            return;
        }
        let now = self.world.clock.now();
        let files = self.world.ask(async |store| {
            let mut files = Vec::new();
            for case in store.cases(Which::All).await.unwrap().iter().rev() {
                files.push(store.case_file(case.id).await.unwrap().unwrap());
            }
            files
        });
        for file in &files {
            self.transcript.events(now, &file.case.id.to_string(), &file.events);
        }
        for file in &files {
            self.transcript.case(now, &file.case);
        }
    }
}
