//! A store with as many cases as are asked for, written by the store's own code: what a busy project
//! has after years, most of it long closed.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Datelike, SubsecRound, TimeDelta, Utc};
use embargod::config::{Secrets, Settings};
use embargod::daemon::desk::rules;
use embargod::domain::address::Mailbox;
use embargod::domain::authenticity::Authenticity;
use embargod::domain::case::Case;
use embargod::domain::decision::{Decision, Placement};
use embargod::domain::event::{Actor, Change, Event};
use embargod::domain::judgement::{Format, Judgement, Kind, Reason};
use embargod::domain::lookup::{Incoming, Known, Lookups};
use embargod::domain::mail::MessageId;
use embargod::domain::outgoing::{Hold, Outgoing, Purpose};
use embargod::domain::place::Place;
use embargod::domain::state::Disposition;
use embargod::mail::read::read;
use embargod::policy::judge::{Look, judge};
use embargod::policy::notice::{Noticed, notice};
use embargod::policy::rules::Rules;
use embargod::store::{Store, Written};
use sha2::{Digest, Sha256};

/// Commits that are waited for together.
const WAITING: usize = 256;

/// How many cases.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub closed: u32,
    pub open: u32,
    /// How long after one the next arrived, up to now.
    pub every: TimeDelta,
}

/// Fills the store of the project in `folder`, whose `daemon.toml` is there, up to `now`.
pub async fn fill(folder: &Path, size: Size, now: DateTime<Utc>) {
    let settings = Settings::load(&folder.join("daemon.toml"), Secrets::Skip).unwrap();
    let sample = Arc::new(Sample::of(rules(&settings), size, now));
    let store = Store::open(&settings.store).unwrap();
    let cases = size.closed + size.open;
    let mut waiting = VecDeque::new();
    for number in 0..cases {
        let life = Life { number, size, now };
        let (incoming, lookups) = life.mail();
        let sample = Arc::clone(&sample);
        let written = move |known: Known| life.written(&known, &sample);
        waiting.push_back(store.take_in(incoming, lookups, written).await);
        if waiting.len() == WAITING {
            waiting.pop_front().unwrap().outcome().await.unwrap();
        }
    }
    for pending in waiting {
        pending.outcome().await.unwrap();
    }
    drop(store);
    let past = rusqlite::Connection::open(&settings.store).unwrap();
    past.execute("UPDATE outbox SET status = 'sent', ended_at = written_at", []).unwrap();
    past.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

/// A mail that nothing is known of.
pub fn strange_mail(now: DateTime<Utc>) -> (Incoming, Lookups) {
    let size = Size { closed: 0, open: 1, every: TimeDelta::hours(1) };
    Life { number: 999_983, size, now }.mail()
}

/// The decision that a mail is a machine's.
pub fn only_recorded() -> Written {
    Written {
        decision: Decision {
            judgement: Judgement {
                kind: Kind::Bulk,
                format: None,
                reasons: vec![Reason::new("bulk.list", "a list's mail")],
            },
            placement: Placement::Recorded,
            events: vec![],
            letters: vec![],
            buckets: vec![],
            fingerprint: None,
        },
        outgoing: vec![],
        quarantined: None,
        ordered: Default::default(),
    }
}

/// What was judged and noticed of one report, and is much the same of all.
struct Sample {
    rules: Rules,
    judgement: Judgement,
    noticed: Noticed,
}

impl Sample {
    fn of(rules: Rules, size: Size, now: DateTime<Utc>) -> Self {
        let raw = Life { number: 0, size, now }.text();
        let mail = read(raw.as_bytes(), raw.len() as u64);
        let judgement = judge(&Look::at(&mail), &rules.surroundings());
        let noticed = notice(&Look::at(&mail), &judgement, &rules).unwrap();
        Self { rules, judgement, noticed }
    }
}

/// The whole life of one case, which its number decides.
#[derive(Debug, Clone, Copy)]
struct Life {
    number: u32,
    size: Size,
    now: DateTime<Utc>,
}

impl Life {
    fn is_closed(self) -> bool {
        self.number < self.size.closed
    }

    fn arrived_at(self) -> DateTime<Utc> {
        let after = i32::try_from(self.size.closed + self.size.open).unwrap()
            - i32::try_from(self.number).unwrap();
        (self.now - self.size.every * after.max(1)).trunc_subsecs(0)
    }

    fn reporter(self) -> String {
        format!("finder{}@finders.example", self.number % 9973)
    }

    fn text(self) -> String {
        let n = self.number;
        format!(
            "From: Finder {n} <{}>\r\nTo: security@example.org\r\n\
             Subject: Denial of service in the router, variant {n}\r\n\
             Date: {}\r\nMessage-ID: <report-{n}@finders.example>\r\n\r\n\
             Sample 4.{}.{} loops for ever on the path /a{n}//b. To reproduce it, start the example\r\n\
             server and request the path once: one core is busy until the process is killed.\r\n\
             An attacker without an account can stop the service. CWE-835.\r\n\
             CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H\r\n",
            self.reporter(),
            self.arrived_at().to_rfc2822(),
            n % 20,
            n % 7,
        )
    }

    fn mail(self) -> (Incoming, Lookups) {
        let raw = self.text().into_bytes();
        let incoming = Incoming {
            place: Place::Maildir {
                folder: "maildir:in".to_owned(),
                name: self.number.to_string(),
            },
            arrived_at: self.arrived_at(),
            decided_at: self.arrived_at() + TimeDelta::seconds(5),
            digest: Sha256::digest(&raw).into(),
            size: raw.len() as u64,
            raw,
            message_id: Some(MessageId(format!("report-{}@finders.example", self.number))),
            from: Some(self.reporter().parse().unwrap()),
            from_name: None,
            subject: format!("Denial of service in the router, variant {}", self.number),
            authenticity: Authenticity::default(),
            files: vec![],
            readers: vec![],
        };
        let own = incoming.message_id.clone();
        (incoming, Lookups { own, year: self.arrived_at().year(), ..Lookups::default() })
    }

    fn written(self, known: &Known, sample: &Sample) -> Written {
        let Sample { rules, judgement, noticed } = sample;
        let arrived = self.arrived_at();
        let later = |hours: i64| arrived + TimeDelta::hours(hours);
        let outgoing = [Purpose::Acknowledgement, Purpose::Closing].map(|purpose| Outgoing {
            purpose,
            case: Some(known.next_case),
            envelope_from: None,
            to: self.reporter().parse().unwrap(),
            message_id: MessageId(format!("{}.{}@example.org", known.next_case, purpose.name())),
            subject: "Your report".to_owned(),
            bytes: "A line of the letter.\r\n".repeat(20).into_bytes(),
            hold: Hold::Send,
            grant: None,
        });
        let opened = Change::Opened {
            reporter: Mailbox::new(Some("Finder"), self.reporter().parse().unwrap()),
            subject: format!("Denial of service in the router, variant {}", self.number),
            received_at: arrived,
            via: None,
        };
        let first = Event { at: arrived, actor: Actor::Reporter, change: opened };
        let handler = rules.maintainers[self.number as usize % rules.maintainers.len()].clone();
        let acknowledged = arrived + TimeDelta::minutes(1 + i64::from(self.number % 90));
        let mut course = vec![
            (
                arrived,
                Change::Accepted {
                    why: "body.in-doubt".to_owned(),
                    format: Format::Whole,
                    acknowledge_by: rules.promises.acknowledge_by(arrived),
                    disclose_by: Some(rules.promises.disclose_by(arrived)),
                },
            ),
            (arrived, noticed.event(known.next_case, &[])),
            (arrived, Change::Assigned { handler: handler.handle, note: None }),
            (
                acknowledged,
                Change::Acknowledged {
                    message_id: outgoing[0].message_id.clone(),
                    respond_by: Some(rules.promises.respond_by(acknowledged)),
                },
            ),
        ];
        if self.is_closed() || !self.number.is_multiple_of(3) {
            let answered = later(3 + i64::from(self.number * 7 % 60));
            course.push((
                answered,
                Change::Responded {
                    message_id: outgoing[1].message_id.clone(),
                    next_update_by: Some(rules.promises.update_by(answered)),
                },
            ));
        }
        if self.is_closed() {
            let disposition = Disposition::ALL[self.number as usize % Disposition::ALL.len()];
            let ended = later(24 * (5 + i64::from(self.number % 20)));
            course.push((ended.min(self.now), Change::Closed { disposition, ground: None }));
        }
        let mut case = Case::open(known.next_case, &first).unwrap();
        let mut events = vec![first];
        for (at, change) in course.into_iter().filter(|(at, _)| *at <= self.now) {
            let event = Event { at, actor: Actor::Policy, change };
            case.apply(&event).unwrap();
            events.push(event);
        }
        Written {
            decision: Decision {
                judgement: judgement.clone(),
                placement: Placement::Opens(Box::new(case)),
                events,
                letters: vec![],
                buckets: vec![],
                fingerprint: None,
            },
            outgoing: outgoing.to_vec(),
            quarantined: None,
            ordered: Default::default(),
        }
    }
}
