//! A project with one report, whose handler got a notice of it that can be answered.

use chrono::TimeDelta;
use embargod::domain::case::Case;
use embargod::domain::case_id::CaseId;
use embargod::domain::mail::Mail;
use embargod::mail::read::read;
use embargod::store::Which;

use crate::post;
use crate::world::{Sent, World};

/// The receiving server's word for the maintainers' domain.
pub const PROVEN: &str =
    "Authentication-Results: mx.example.org; dmarc=pass header.from=example.org";

const REPORT: &str = "Sample 4.2.1 crashes when the header X-Count is 7: parseCount() in lib/count.js \
reads past\nits buffer. Send `GET / HTTP/1.1` with `X-Count: 7` and the process ends with a \
segmentation fault.\nAn attacker who can reach the server stops it.\n";

const CONFIG: &str = r#"
[commands]
key_file = "commands-key"

[notices]
send = ["new"]

[authentication]
by = "server"
server = "mx.example.org"
"#;

pub struct Stage {
    world: World,
    /// The mail that is answered.
    notice: Mail,
    /// All that was sent and not asked about.
    sent: Vec<Sent>,
    written: usize,
    told: usize,
}

impl Stage {
    pub fn set() -> Self {
        Self::with(CONFIG)
    }

    pub fn observing() -> Self {
        Self::with(&format!("{CONFIG}\n[outbox]\nmode = \"observe\"\n"))
    }

    pub fn with(config: &str) -> Self {
        let start = "2026-03-02T09:00:00Z".parse().unwrap();
        let world = World::new(&config.parse().unwrap(), start);
        let notice = read(b"From: a@example.org\n\n", 0);
        let mut stage = Self { world, notice, sent: vec![], written: 0, told: 0 };
        stage.reports("crash", "1");
        assert!(stage.follows(".notice."));
        stage.heard();
        stage.told = stage.events().len();
        stage
    }

    /// A report comes in.
    pub fn reports(&mut self, subject: &str, n: &str) {
        let text = REPORT.replace('7', n);
        self.sends(&format!("From: Rae <rae{n}@example.net>\nSubject: {subject}\n\n{text}"));
    }

    /// A mail comes in, and what it causes goes out.
    pub fn sends(&mut self, text: &str) {
        self.written += 1;
        let raw = post::complete(text, self.written, self.world.clock.now());
        self.world.arrives(&raw);
        self.look();
    }

    fn look(&mut self) {
        self.world.take_in();
        self.world.deliver();
        self.world.tick();
        self.world.deliver();
        self.sent.extend(self.world.collect());
    }

    /// An answer to the mail that is answered.
    pub fn answer(&self, from: &str, header: &str, text: &str) -> String {
        post::answer(from, header, text, &self.notice)
    }

    pub fn answers(&mut self, from: &str, header: &str, text: &str) {
        let raw = self.answer(from, header, text);
        self.sends(&raw);
    }

    pub fn ada(&mut self, header: &str, text: &str) {
        self.answers("Ada Lovelace <ada@example.org>", header, text);
    }

    /// The mail to the handler whose Message-ID has this in it is the one that is answered from now
    /// on.
    pub fn follows(&mut self, kind: &str) -> bool {
        let mails = self.sent.iter().rev().filter(|sent| sent.recipient == "ada@example.org");
        let mut mails = mails.map(|sent| read(sent.raw.as_bytes(), sent.raw.len() as u64));
        let found =
            mails.find(|mail| mail.message_id.as_ref().is_some_and(|id| id.0.contains(kind)));
        let is_there = found.is_some();
        self.notice = found.unwrap_or_else(|| self.notice.clone());
        is_there
    }

    /// The last confirmation is answered next, if there is a new one.
    pub fn follows_the_last(&mut self) -> bool {
        let is_there = self.follows("confirmation.");
        self.sent.clear();
        is_there
    }

    pub fn id(&self) -> String {
        self.notice.message_id.clone().unwrap().0
    }

    pub fn token(&self) -> String {
        let id = self.id();
        id.split(['.', '@']).find(|part| part.len() == 40).unwrap().to_owned()
    }

    pub fn days(&mut self, days: i64) {
        for _ in 0..days {
            let now = self.world.clock.now();
            self.world.clock.set(now + TimeDelta::days(1));
            self.look();
        }
    }

    pub fn runs(&self, line: &str) -> String {
        let (said, failure) = self.world.command(line);
        assert_eq!(failure, None, "{said}");
        said
    }

    /// A maintainer is one no more.
    pub fn leaves(&mut self, handle: &str) {
        let others = r#"maintainers = [{ handle = "grace", name = "Grace", address = "grace@example.org" }]"#;
        assert!(!others.contains(handle));
        self.world.configure(&others.parse().unwrap());
    }

    pub fn another_key(&mut self) {
        let file = self.world.path("commands-key");
        std::fs::write(file, "another key, and that with 32 octets, too\n").unwrap();
        self.world.configure(&"".parse().unwrap());
    }

    /// The daemon reads its configuration again, and the files that it names.
    pub fn reads_again(&mut self) {
        self.world.configure(&"".parse().unwrap());
    }

    /// A mail server gives the notice back.
    pub fn bounces(&mut self) {
        let header = format!("Message-ID: <{}>\nSubject: x\n\n", self.id());
        self.sends(&post::notice(&header, "ada@example.org", "security@example.org"));
    }

    pub fn case(&self) -> Case {
        self.case_number(1)
    }

    pub fn case_number(&self, number: u32) -> Case {
        let cases = self.world.ask(async |store| store.cases(Which::All).await.unwrap());
        cases.into_iter().find(|case| case.id.number == number).unwrap()
    }

    fn events(&self) -> Vec<String> {
        let id = CaseId { year: 2026, number: 1 };
        let file = self.world.ask(async |store| store.case_file(id).await.unwrap().unwrap());
        let words = file.events.iter().map(|event| {
            let (actor, change) = (event.actor.label(), &event.change);
            format!("{} ({actor}): {}", change.name(), change.describe())
        });
        words.collect()
    }

    /// What happened to the case since the stage was set.
    pub fn news(&self) -> Vec<String> {
        self.events().split_off(self.told)
    }

    /// What the last mail was taken for, and why.
    pub fn verdict(&self) -> String {
        let mails = self.world.ask(async |store| store.mail().await.unwrap());
        let last = mails.last().unwrap();
        let case = last.case.map_or("no case".to_owned(), |case| case.to_string());
        format!("{:?} ({}) in {case}", last.kind, last.reasons[0].rule)
    }

    /// The mails to reporters and the texts of those to maintainers, but digests and reminders, since
    /// somebody asked last.
    pub fn heard(&mut self) -> (Vec<String>, Vec<String>) {
        let (mut outside, mut inside) = (vec![], vec![]);
        for sent in std::mem::take(&mut self.sent) {
            let mail = read(sent.raw.as_bytes(), sent.raw.len() as u64);
            let id = mail.message_id.clone().unwrap().0;
            if id.contains("digest.") || id.contains(".reminder.") || id.contains("notice.") {
                self.sent.push(sent);
                continue;
            }
            let text: Vec<&str> = mail.text.text.lines().filter(|line| !line.is_empty()).collect();
            if sent.recipient.ends_with("@example.org") {
                inside.push(format!("{}: {}", sent.recipient, text.join(" / ")));
            } else {
                outside.push(text.join(" / "));
            }
        }
        (outside, inside)
    }
}
