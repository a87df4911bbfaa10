//! Cases from their events, and who publishes their advisories.

use chrono::{DateTime, TimeDelta, Utc};
use embargod::domain::address::Mailbox;
use embargod::domain::advisory::Advisory as Stated;
use embargod::domain::case::Case;
use embargod::domain::case_id::CaseId;
use embargod::domain::event::{Actor, Change, Event};
use embargod::domain::judgement::Format;
use embargod::domain::line::{Line, Repair};
use embargod::domain::mail::MessageId;
use embargod::domain::views::CaseFile;
use embargod::policy::advisory::ecosystem::Ecosystem;
use embargod::policy::advisory::{Advisory, Publisher};

/// The first moment of every story here.
pub fn beginning() -> DateTime<Utc> {
    "2026-10-01T08:00:00Z".parse().unwrap()
}

/// A project that publishes in npm and has a CVE numbering authority.
pub fn publisher() -> Publisher {
    Publisher {
        name: "Sample".to_owned(),
        address: "security@example.org".parse().unwrap(),
        policy: Some("https://example.org/SECURITY.md".to_owned()),
        namespace: "https://example.org".to_owned(),
        ecosystem: Some(Ecosystem::new("npm", None).unwrap()),
        package: Some("sample".to_owned()),
        packages: vec!["sample".to_owned(), "sample-router".to_owned()],
        cna: Some("9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d".parse().unwrap()),
    }
}

/// A case that is made of events, a day apart.
pub struct Story {
    events: Vec<Event>,
    case: Case,
}

impl Story {
    /// A report arrives.
    pub fn begins() -> Self {
        let opened = Event {
            at: beginning(),
            actor: Actor::Reporter,
            change: Change::Opened {
                reporter: Mailbox::new(Some("Rae"), "rae@example.net".parse().unwrap()),
                subject: "URGENT!!! <script>alert(1)</script> hacked".to_owned(),
                received_at: beginning(),
                via: None,
            },
        };
        let case = Case::open(CaseId { year: 2026, number: 7 }, &opened).unwrap();
        let accepted = Change::Accepted {
            why: "format".to_owned(),
            format: Format::Whole,
            acknowledge_by: beginning() + TimeDelta::days(2),
            disclose_by: None,
        };
        let acknowledged = Change::Acknowledged {
            message_id: MessageId("ack@example.org".to_owned()),
            respond_by: Some(beginning() + TimeDelta::days(4)),
        };
        Self { events: vec![opened], case }.then(accepted).then(acknowledged)
    }

    /// The next day something happens.
    pub fn then(mut self, change: Change) -> Self {
        let at = self.events.last().unwrap().at + TimeDelta::days(1);
        let event = Event { at, actor: Actor::Maintainer("ada".to_owned()), change };
        self.case.apply(&event).unwrap();
        self.events.push(event);
        self
    }

    /// It is confirmed.
    pub fn confirmed(self, affected: &[&str], lines: &[(&str, Repair)]) -> Self {
        let answered = Change::Responded {
            message_id: MessageId("answer@example.org".to_owned()),
            next_update_by: None,
        };
        self.then(answered).then(Change::Confirmed {
            affected: affected.iter().map(|range| (*range).to_owned()).collect(),
            lines: lines
                .iter()
                .map(|(name, repair)| Line { name: (*name).to_owned(), repair: repair.clone() })
                .collect(),
        })
    }

    /// A line's fix is released.
    pub fn released(self, line: &str, version: &str) -> Self {
        self.then(Change::FixReady { line: line.to_owned() })
            .then(Change::LineReleased { line: line.to_owned(), version: version.to_owned() })
    }

    /// A line gets no fix.
    pub fn refused(self, line: &str, why: &str) -> Self {
        self.then(Change::FixRefused { line: line.to_owned(), why: why.to_owned() })
    }

    /// Somebody is credited.
    pub fn credited(self, name: &str) -> Self {
        self.then(Change::Credited { name: name.to_owned() })
    }

    /// Facts are stated.
    pub fn described(self, facts: Stated) -> Self {
        self.then(Change::Described { facts })
    }

    /// The advisory, a day after the last event.
    pub fn advisory(&self, publisher: &Publisher) -> Advisory {
        let file = CaseFile {
            case: self.case.clone(),
            events: self.events.clone(),
            messages: vec![],
            earlier: vec![],
        };
        let now = self.events.last().unwrap().at + TimeDelta::days(1);
        Advisory::of(&file, publisher, now)
    }
}

/// Everything that an advisory says in words.
pub fn facts() -> Stated {
    Stated {
        title: Some("Path traversal in static file serving".to_owned()),
        summary: Some(
            "`sample.static()` decodes the path a second time after it was checked.\n\nA request \
             such as `GET /..%255csecret.txt` therefore reads any file that the server's user can \
             read."
                .to_owned(),
        ),
        workaround: Some("Refuse requests whose path has a `%` in it after decoding.".to_owned()),
        cvss: vec![
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N".to_owned(),
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N".to_owned(),
        ],
        cwe: Some("CWE-22".to_owned()),
        cve: Some("CVE-2026-12345".to_owned()),
        references: vec!["https://example.org/commit/abc123".to_owned()],
    }
}

/// Three lines: one fixed, one fixed late, one given up; all facts stated; disclosed.
pub fn complete() -> Story {
    let lines = [("5.x", Repair::Missing), ("4.x", Repair::Missing), ("3.x", Repair::Missing)];
    Story::begins()
        .confirmed(&[">=3.2.0"], &lines)
        .released("5.x", "5.1.0")
        .described(facts())
        .refused("3.x", "3.x is maintained for users of Node.js 14 | only, see the policy")
        .credited("Rae *the* Reporter <rae@example.net>")
        .credited("Kim of [Example](https://example.com)")
        .released("4.x", "4.3.3")
        .then(Change::Disclosed)
}

/// Confirmed, one of two lines released, little said about it.
pub fn draft() -> Story {
    let lines = [("5.x", Repair::Missing), ("4.x", Repair::NotAffected)];
    Story::begins()
        .confirmed(&["sample-router >=2.0.0 <2.1.3", "5.x"], &lines)
        .described(Stated { title: Some("Endless loop".to_owned()), ..Stated::default() })
}
