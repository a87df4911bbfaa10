//! The story of a scenario as a person reads it: every mail, every event, every change of a case.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use embargod::domain::case::Case;
use embargod::domain::event::Event;
use embargod::domain::mail::{Mail, MessageId};
use embargod::mail::read::read;
use serde_json::Value;

use crate::script::Digests;
use crate::world::Sent;

/// Lines of an incoming mail that are shown.
const SHOWN: usize = 8;

/// Fields of a case that are told elsewhere, or never change.
const QUIET: [&str; 6] = ["id", "subject", "suggestions", "facts", "participants", "last_heard_at"];

/// Header fields of our mails that are shown, beside the envelope and the subject.
const SHOWN_FIELDS: [&str; 5] =
    ["Reply-To", "Cc", "Auto-Submitted", "Importance", "X-Embargod-Case"];

/// The story so far.
pub struct Transcript {
    text: String,
    zone: Tz,
    digests: Digests,
    folder: String,
    said: Option<DateTime<Utc>>,
    /// Names of mails by their Message-IDs: ids of ours change with every mail before them.
    names: BTreeMap<MessageId, String>,
    incoming: usize,
    outgoing: usize,
    counted: BTreeMap<String, String>,
    cases: BTreeMap<String, BTreeMap<String, Value>>,
    events: BTreeMap<String, usize>,
}

impl Transcript {
    pub fn new(title: &str, zone: Tz, digests: Digests, folder: &str) -> Self {
        Self {
            text: format!("{title}\n"),
            zone,
            digests,
            folder: format!("{folder}/"),
            said: None,
            names: BTreeMap::new(),
            incoming: 0,
            outgoing: 0,
            counted: BTreeMap::new(),
            cases: BTreeMap::new(),
            events: BTreeMap::new(),
        }
    }

    /// A step of the scenario.
    pub fn step(&mut self, at: DateTime<Utc>, what: &str) {
        self.said = Some(at);
        let at = self.moment(at);
        writeln!(self.text, "\n{at}  {what}").unwrap();
    }

    /// What a command printed, or how it was refused.
    pub fn printed(&mut self, text: &str) {
        for line in text.trim_end().lines() {
            // Without the filling of columns, which are as wide as that login.
            let start = line.len() - line.trim_start().len();
            let cells: Vec<&str> = line.trim().split("  ").map(str::trim).collect();
            let cells: Vec<&str> = cells.into_iter().filter(|cell| !cell.is_empty()).collect();
            let line = self.scrubbed(&cells.join("  "));
            writeln!(self.text, "{}", format!("    {:start$}{line}", "").trim_end()).unwrap();
        }
    }

    /// A mail arrives.
    pub fn arrives(&mut self, at: DateTime<Utc>, raw: &[u8]) {
        self.incoming += 1;
        let mail = read(raw, raw.len() as u64);
        let name = format!("in-{}", self.incoming);
        let from = mail.author().or(mail.sender.as_ref()).map(ToString::to_string);
        let from = from.unwrap_or_else(|| "somebody".to_owned());
        self.step(at, &format!("{name}: {from} writes: {}", mail.subject));
        self.thread(&mail);
        let lines: Vec<&str> = mail.text.text.trim().lines().collect();
        for line in lines.iter().take(SHOWN) {
            writeln!(self.text, "{}", format!("    > {line}").trim_end()).unwrap();
        }
        if lines.len() > SHOWN {
            writeln!(self.text, "    > … and {} lines", lines.len() - SHOWN).unwrap();
        }
        self.files(&mail);
        self.name(mail.message_id, name);
    }

    /// A mail of ours left.
    pub fn sent(&mut self, at: DateTime<Utc>, sent: &Sent) {
        let mail = read(sent.raw.as_bytes(), sent.raw.len() as u64);
        let text = mail.text.text.trim().to_owned();
        if mail.message_id.as_ref().is_some_and(|id| id.0.starts_with("digest.")) {
            let counts = text.lines().nth(1).unwrap_or_default().to_owned();
            let last = self.counted.insert(sent.recipient.clone(), counts.clone());
            if self.digests != Digests::Whole {
                if self.digests == Digests::Each || last.as_ref() != Some(&counts) {
                    self.at(at);
                    let to = &sent.recipient;
                    writeln!(self.text, "  digest to {to}: {counts}").unwrap();
                }
                return;
            }
        }
        self.at(at);
        self.outgoing += 1;
        let name = format!("out-{}", self.outgoing);
        writeln!(
            self.text,
            "  {name} to {}, envelope from {}: {}",
            sent.recipient, sent.sender, mail.subject
        )
        .unwrap();
        self.thread(&mail);
        for field in SHOWN_FIELDS {
            for value in mail.field(field) {
                writeln!(self.text, "    {field}: {}", self.scrubbed(value)).unwrap();
            }
        }
        for line in text.lines() {
            writeln!(self.text, "{}", format!("    | {line}").trim_end()).unwrap();
        }
        self.files(&mail);
        self.name(mail.message_id, name);
    }

    /// Tells what is new of a case's events.
    pub fn events(&mut self, at: DateTime<Utc>, id: &str, events: &[Event]) {
        let told = self.events.insert(id.to_owned(), events.len()).unwrap_or(0);
        for event in &events[told..] {
            self.at(at);
            let (actor, name) = (event.actor.label(), event.change.name());
            let (actor, detail) = (self.scrubbed(&actor), self.scrubbed(&event.change.describe()));
            writeln!(self.text, "  {id} {name} ({actor}): {detail}").unwrap();
        }
    }

    /// Tells what is new of a case's row.
    pub fn case(&mut self, at: DateTime<Utc>, case: &Case) {
        let Value::Object(fields) = serde_json::to_value(case).unwrap() else { unreachable!() };
        let id = case.id.to_string();
        let before = self.cases.remove(&id).unwrap_or_default();
        let mut now = BTreeMap::new();
        let mut changes = Vec::new();
        for (key, value) in fields {
            if QUIET.contains(&key.as_str()) {
                continue;
            }
            let old = before.get(&key).unwrap_or(&Value::Null);
            if *old != value && !(is_nothing(old) && is_nothing(&value)) {
                changes.push(format!("{key} {}", self.shown(&value)));
            }
            now.insert(key, value);
        }
        self.cases.insert(id.clone(), now);
        if !changes.is_empty() {
            self.at(at);
            writeln!(self.text, "  {id} = {}", changes.join(" · ")).unwrap();
        }
    }

    pub fn text(self) -> String {
        self.text
    }

    /// Says what time it is, where that was not said last.
    fn at(&mut self, at: DateTime<Utc>) {
        if self.said != Some(at) {
            self.step(at, "time passes");
        }
    }

    fn moment(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%a %Y-%m-%d %H:%M %Z").to_string()
    }

    /// What a mail answers, by the names of mails.
    fn thread(&mut self, mail: &Mail) {
        let named = |id: &MessageId| self.names.get(id).cloned().unwrap_or_else(|| id.0.clone());
        let answers: Vec<String> = mail.in_reply_to.iter().map(named).collect();
        let thread: Vec<String> = mail.references.iter().map(named).collect();
        if !answers.is_empty() || !thread.is_empty() {
            let (answers, thread) = (answers.join(", "), thread.join(", "));
            writeln!(self.text, "    answers {answers}, in the thread {thread}").unwrap();
        }
    }

    fn files(&mut self, mail: &Mail) {
        for part in mail.parts.iter().filter(|part| part.name.is_some()) {
            let name = part.name.clone().unwrap_or_default();
            writeln!(self.text, "    [{name}, {}]", part.media_type).unwrap();
        }
    }

    fn name(&mut self, id: Option<MessageId>, name: String) {
        if let Some(id) = id {
            self.names.insert(id, name);
        }
    }

    /// A text without ids that hang on everything before, and without the folder of this run.
    fn scrubbed(&self, text: &str) -> String {
        let mut text = text.replace(&self.folder, "");
        // The longest first: one may be the end of another.
        let mut names: Vec<_> = self.names.iter().collect();
        names.sort_by_key(|(id, _)| std::cmp::Reverse(id.0.len()));
        for (id, name) in names {
            text = text.replace(&id.0, name);
        }
        // Tokens hang on all before them, too.
        let is_token = |word: &&str| word.len() == 40;
        let words: Vec<String> = text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(is_token)
            .map(str::to_owned)
            .collect();
        for token in words {
            text = text.replace(&token, "TOKEN");
        }
        // The login of whoever runs the tests.
        let mut parts = text.split("operator:");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| {
            let login = part.find(|c: char| c.is_whitespace() || c == ';').unwrap_or(part.len());
            format!("{text}operator{}", &part[login..])
        })
    }

    /// A value of a case in one line, with times on the scenario's own clocks.
    fn shown(&self, value: &Value) -> String {
        match value {
            Value::Null => "nothing".to_owned(),
            Value::String(text) => match DateTime::parse_from_rfc3339(text) {
                Ok(at) => self.moment(at.to_utc()),
                Err(_) => self.scrubbed(text),
            },
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| self.shown(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Object(fields) => {
                let fields = fields.iter().filter(|(_, value)| !is_nothing(value));
                let fields: Vec<String> =
                    fields.map(|(key, value)| format!("{key} {}", self.shown(value))).collect();
                format!("({})", fields.join(", "))
            }
            other => other.to_string(),
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_nothing),
        Value::Number(number) => number.as_u64() == Some(0),
        Value::Bool(yes) => !yes,
        _ => false,
    }
}
