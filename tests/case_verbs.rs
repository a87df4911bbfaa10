//! Whatever people ask of a case, in whatever order, and whatever becomes of the mail: what the
//! policy decides is legal, honest and the sum of its events.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

mod common;

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use common::local::Local;
use embargod::config::{Secrets, Settings};
use embargod::daemon::desk::rules;
use embargod::domain::address::Mailbox;
use embargod::domain::advisory::Advisory;
use embargod::domain::authenticity::Authenticity;
use embargod::domain::case::Case;
use embargod::domain::case_id::CaseId;
use embargod::domain::decision::{Decision, Placement};
use embargod::domain::event::{Actor, Change, Event};
use embargod::domain::exploited::Report;
use embargod::domain::judgement::{Format, Judgement, Kind};
use embargod::domain::letter::Letter;
use embargod::domain::lookup::{Incoming, Lookups};
use embargod::domain::mail::MessageId;
use embargod::domain::outgoing::AfterAttempt;
use embargod::domain::place::Place;
use embargod::domain::state::{Disposition, State};
use embargod::domain::views::CaseFile;
use embargod::policy::delivery::{Attempt, consequences};
use embargod::policy::pause;
use embargod::policy::rules::Rules;
use embargod::policy::verbs::{Asked, Done, Ending, Medium, Refusal, Request, perform};
use embargod::store::{Asking, CaseChange, Store, Which, Written};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

const FIRST: CaseId = CaseId { year: 2026, number: 1 };
const SECOND: CaseId = CaseId { year: 2026, number: 2 };

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
}

/// The policy of a project with three lines of releases, of which one is at its end.
static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let lines = "[[release_lines]]\nname = \"5.x\"\n[[release_lines]]\nname = \"4.x\"\n\
                 [[release_lines]]\nname = \"3.x\"\nend_of_support = 2026-09-30\n";
    let project = Local::new(lines);
    rules(&Settings::load(&project.path("daemon.toml"), Secrets::Skip).unwrap())
});

fn operator() -> Actor {
    Actor::Operator("ada".to_owned())
}

/// A case in the making: as the row says, with all that happened.
#[derive(Debug, Clone)]
struct Life {
    file: CaseFile,
    now: i64,
    written: Vec<(Letter, MessageId, DateTime<Utc>)>,
}

impl Life {
    /// A report that arrived whole, or was sent back.
    fn of(id: CaseId, whole: bool) -> Self {
        let reporter = Mailbox::new(Some("Rae"), "rae@example.net".parse().unwrap());
        let subject = "crash".to_owned();
        let opened = Change::Opened { reporter, subject, received_at: at(0), via: None };
        let opened = Event { at: at(0), actor: Actor::Reporter, change: opened };
        let case = Case::open(id, &opened).unwrap();
        let file = CaseFile { case, events: vec![opened], messages: vec![], earlier: vec![] };
        let mut life = Self { file, now: 0, written: vec![] };
        let change = match whole {
            true => Change::Accepted {
                why: "body.whole".to_owned(),
                format: Format::Whole,
                acknowledge_by: at(172_800),
                disclose_by: Some(at(90 * 86_400)),
            },
            false => {
                Change::Returned { format: Format::LinkOnly, rule: "body.only-links".to_owned() }
            }
        };
        life.happens(Event { at: at(0), actor: Actor::Policy, change });
        life
    }

    fn happens(&mut self, event: Event) {
        self.file.case.apply(&event).unwrap();
        self.file.events.push(event);
    }

    fn ask(
        &self,
        other: Option<&CaseFile>,
        request: &Request,
        rules: &Rules,
    ) -> Result<Done, Refusal> {
        let actor = operator();
        let next_case = CaseId { year: 2026, number: 3 };
        let now = at(self.now);
        perform(&Asked { file: &self.file, other, next_case, actor: &actor, now, rules }, request)
    }

    /// Carries a decision out, as the store would.
    fn take(&mut self, done: &Done) {
        let changed = done.changed.iter().find(|changed| changed.case.id == self.file.case.id);
        for event in changed.map(|changed| changed.events.clone()).unwrap_or_default() {
            self.happens(event);
        }
        for letter in &done.letters {
            let id = MessageId(format!("{}@example.org", self.written.len()));
            self.written.push((letter.clone(), id, at(self.now)));
        }
    }

    /// An attempt to deliver one of the letters ends.
    fn delivered(&mut self, letter: usize, after: AfterAttempt, rules: &Rules) {
        let Some((letter, message_id, written_at)) = self.written.get(letter).cloned() else {
            return;
        };
        let purpose = letter.content.purpose();
        let attempt = Attempt { purpose, message_id, written_at, after, reply: "250".to_owned() };
        for event in consequences(&attempt, &self.file.case, at(self.now), &rules.promises) {
            self.happens(event);
        }
    }

    fn rebuilt(&self) -> Case {
        let mut events = self.file.events.iter();
        let mut case = Case::open(self.file.case.id, events.next().unwrap()).unwrap();
        for event in events {
            case.apply(event).unwrap();
        }
        case
    }
}

/// What happens next in a life.
#[derive(Debug, Clone)]
enum Step {
    Asks(Request),
    Delivered(usize),
    GivenUp(usize),
    Bounced(usize),
    ReporterWrites,
    TimePasses(i64),
}

fn line() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["5.x", "4.x", "3.x", "2.x", "5.X"]).prop_map(str::to_owned)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![5 => Just("words".to_owned()), 1 => Just("  \n".to_owned())]
}

fn request() -> impl Strategy<Value = Request> {
    let ending = |disposition, of| {
        let (exclusion, package, message) = (None, None, None);
        Request::Close(Ending { disposition, exclusion, package, of, message })
    };
    let of_people = prop_oneof![
        Just(Request::Accept),
        prop::sample::select(vec!["ada", "nobody"])
            .prop_map(|handler| Request::Assign { handler: handler.to_owned(), note: None }),
        Just(Request::Unassign),
        text().prop_map(|text| Request::Reply { text }),
        text().prop_map(|text| Request::Ask { text }),
        text().prop_map(|text| Request::Note { text }),
        (-9..9i64).prop_map(|days| Request::Answered { at: Some(at(days * 86_400)), note: None }),
    ];
    let of_the_fix = prop_oneof![
        (prop::bool::ANY, prop::collection::vec(line(), 0..2)).prop_map(|(stated, lines)| {
            let affected = if stated { vec!["< 5.0.1".to_owned()] } else { vec![] };
            Request::Confirm { affected, lines }
        }),
        line().prop_map(|line| Request::Fix { line }),
        (line(), text()).prop_map(|(line, why)| Request::RefuseFix { line, why }),
        line().prop_map(|line| {
            Request::Release { line, version: "5.0.1".to_owned(), message: None }
        }),
        text().prop_map(|text| Request::Audit { text }),
    ];
    let of_the_world = prop_oneof![
        prop::option::of(text()).prop_map(|title| {
            let summary = title.clone();
            Request::Describe(Advisory { title, summary, ..Advisory::default() })
        }),
        text().prop_map(|name| Request::Credit { name }),
        prop::option::of(-9..90i64)
            .prop_map(|days| Request::Embargo { until: days.map(|days| at(days * 86_400)) }),
        (-9..400i64, text())
            .prop_map(|(days, why)| Request::Extend { disclose_by: at(days * 86_400), why }),
        Just(Request::Disclose { message: None }),
        (-9..9i64).prop_map(|days| Request::Exploited { known_since: at(days * 86_400) }),
        prop::sample::select(Report::ALL.to_vec())
            .prop_map(|report| Request::MakeReport { report }),
    ];
    let of_the_end = prop_oneof![
        prop::sample::select(Disposition::ALL.to_vec())
            .prop_map(move |disposition| ending(disposition, None)),
        Just(ending(Disposition::Duplicate, Some(SECOND))),
        text().prop_map(|why| Request::Reopen { why }),
        Just(Request::Merge { into: SECOND }),
        Just(Request::Link { with: SECOND }),
        Just(Request::Link { with: FIRST }),
        Just(Request::Split { mail: None, subject: None }),
    ];
    prop_oneof![2 => of_people, 3 => of_the_fix, 2 => of_the_world, 1 => of_the_end]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => request().prop_map(Step::Asks),
        3 => (0..6usize).prop_map(Step::Delivered),
        1 => (0..6usize).prop_map(Step::GivenUp),
        1 => (0..6usize).prop_map(Step::Bounced),
        1 => Just(Step::ReporterWrites),
        2 => (1..900_000i64).prop_map(Step::TimePasses),
    ];
    prop::collection::vec(step, 0..50)
}

/// Takes a step; what a request came to, if it was one.
fn step(
    life: &mut Life,
    step: &Step,
    other: &CaseFile,
    rules: &Rules,
) -> Option<Result<Done, Refusal>> {
    match step {
        Step::Asks(request) => {
            let other = request.other().filter(|id| *id == SECOND).map(|_| other);
            let outcome = life.ask(other, request, rules);
            if let Ok(done) = &outcome {
                life.take(done);
            }
            return Some(outcome);
        }
        Step::Delivered(letter) => life.delivered(*letter, AfterAttempt::Sent, rules),
        Step::GivenUp(letter) => life.delivered(*letter, AfterAttempt::GiveUp, rules),
        Step::Bounced(letter) => {
            if let Some((_, message_id, _)) = life.written.get(*letter).cloned() {
                let change = Change::Undelivered { message_id, why: "5.1.1".to_owned() };
                life.happens(Event { at: at(life.now), actor: Actor::Policy, change });
            }
        }
        Step::ReporterWrites => {
            let from = life.file.case.reporter.clone();
            let change = Change::FollowUp { from, message_id: None };
            life.happens(Event { at: at(life.now), actor: Actor::Reporter, change });
        }
        Step::TimePasses(seconds) => life.now += seconds,
    }
    None
}

proptest! {
    #[test]
    fn whatever_is_asked_the_case_is_the_sum_of_its_events(whole in prop::bool::weighted(0.9), steps in steps()) {
        let other = Life::of(SECOND, true).file;
        let mut life = Life::of(FIRST, whole);
        for next in &steps {
            let before = life.clone();
            let outcome = step(&mut life, next, &other, &RULES);
            match outcome {
                Some(Err(refusal)) => {
                    prop_assert_eq!(&life.file, &before.file);
                    let said = refusal.told(Medium::Shell);
                    prop_assert!(!said.contains('\n') && said.len() > 20, "{}", said);
                }
                Some(Ok(done)) => {
                    // Nothing that is only written keeps a promise.
                    let (was, is) = (&before.file.case, &life.file.case);
                    let by_word = matches!(next, Step::Asks(Request::Answered { .. }));
                    prop_assert!(by_word || is.responded_at == was.responded_at);
                    prop_assert!(by_word || is.acknowledged_at == was.acknowledged_at);
                    prop_assert!(was.awaiting.is_some() || is.awaiting.is_none());
                    prop_assert!(!done.changed.is_empty());
                    for letter in &done.letters {
                        prop_assert_eq!(letter.to.address.as_str(), "rae@example.net");
                        let facts = serde_json::to_string(&letter.content).unwrap();
                        prop_assert!(!facts.contains("ada@"), "{}", facts);
                    }
                    for changed in &done.changed {
                        prop_assert_eq!(&changed.events[0].actor, &operator());
                    }
                }
                None => {}
            }
            let case = &life.file.case;
            prop_assert_eq!(&life.rebuilt(), case);
            if matches!(case.state, State::Released | State::Disclosed) {
                prop_assert!(case.unsettled().next().is_none());
            }
            let said = |event: &Event| matches!(event.change, Change::Answered { .. });
            if case.is_answered_by_word() {
                prop_assert!(life.file.events.iter().any(said), "nobody said so");
            } else if case.responded_at.is_some() {
                prop_assert!(life.written.iter().any(|(letter, id, _)| {
                    letter.content.purpose().is_a_persons() && Some(id) == case.proof.response.as_ref()
                }), "only a person's mail stops the second clock");
            }
        }
    }

    #[test]
    fn any_text_is_a_description_or_a_refusal(text in "\\PC{0,60}|CVSS:[0-9.]{3}/[A-Z:/]{0,40}|CVE-[0-9-]{0,20}") {
        let life = Life::of(FIRST, true);
        let facts = Advisory::default();
        for facts in [
            Advisory { cvss: vec![text.clone()], ..facts.clone() },
            Advisory { cwe: Some(text.clone()), ..facts.clone() },
            Advisory { cve: Some(text.clone()), ..facts.clone() },
            Advisory { references: vec![text.clone()], ..facts.clone() },
            Advisory { title: Some(text.clone()), ..facts },
        ] {
            let _ = life.ask(None, &Request::Describe(facts), &RULES);
        }
    }
}

/// Writes a case as the mail that opens it would.
async fn opens(store: &Store, file: &CaseFile) {
    let raw = file.case.id.to_string().into_bytes();
    let incoming = Incoming {
        place: Place::Maildir { folder: "maildir:in".to_owned(), name: file.case.id.to_string() },
        arrived_at: at(0),
        decided_at: at(0),
        digest: Sha256::digest(&raw).into(),
        size: raw.len() as u64,
        raw,
        message_id: None,
        from: None,
        from_name: None,
        subject: String::new(),
        authenticity: Authenticity::default(),
        files: vec![],
        readers: vec![],
    };
    let decision = Decision {
        judgement: Judgement { kind: Kind::Submission, format: None, reasons: vec![] },
        placement: Placement::Opens(Box::new(file.case.clone())),
        events: file.events.clone(),
        letters: vec![],
        fingerprint: None,
        buckets: vec![],
    };
    let written =
        Written { decision, outgoing: vec![], quarantined: None, ordered: Default::default() };
    let taken = store.take_in(incoming, Lookups::default(), |_| written).await;
    taken.outcome().await.unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_row_in_the_store_is_what_its_events_add_up_to(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("embargod.db");
        let store = Store::open(&path).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut life = Life::of(FIRST, true);
        let other = Life::of(SECOND, true).file;
        for file in [&life.file, &other] {
            runtime.block_on(opens(&store, file));
        }
        for next in &steps {
            let length = life.file.events.len();
            if let Some(Err(_)) = step(&mut life, next, &other, &RULES) {
                continue;
            }
            let new: Vec<Event> = life.file.events[length..].to_vec();
            let case = life.file.case.clone();
            let asking = Asking { case: FIRST, other: None, year: 2026 };
            let change = CaseChange { cases: vec![(case, new)], outgoing: vec![], moved: None };
            let written = store.change_case(asking, at(life.now), move |_| Ok::<_, ()>(change));
            runtime.block_on(written).unwrap().unwrap().unwrap();
        }
        let row = runtime.block_on(store.cases(Which::All)).unwrap();
        let row = row.into_iter().find(|case| case.id == FIRST).unwrap();
        prop_assert_eq!(&row, &life.file.case);
        let report = Store::verify(&path, &mut |_, _| {}).unwrap();
        prop_assert!(report.is_sound(), "{:?}", report.checks);
    }
}

#[test]
fn an_answer_elsewhere_keeps_the_promise_by_a_persons_word_and_outlives_a_bounce() {
    let mut life = Life::of(FIRST, true);
    life.now = 7200;
    let answered =
        |at| Request::Answered { at: Some(at), note: Some("on the platform".to_owned()) };
    for (wrong, said) in [(at(9000), "future"), (at(-60), "before the report arrived")] {
        let refusal = life.ask(None, &answered(wrong), &RULES).unwrap_err().told(Medium::Shell);
        assert!(refusal.contains(said), "{refusal}");
    }
    let done = life.ask(None, &answered(at(3600)), &RULES).unwrap();
    assert_eq!(done.letters, []);
    life.take(&done);
    let case = life.file.case.clone();
    assert_eq!((case.state, case.responded_at), (State::Triaging, Some(at(3600))));
    assert_eq!(case.acknowledged_at, Some(at(3600)));
    assert_eq!(case.next_update_by, Some(RULES.promises.update_by(at(3600))));
    assert!(case.is_answered_by_word());
    // A later mail of ours that bounces takes nothing of it back.
    let done = life.ask(None, &Request::Reply { text: "more".to_owned() }, &RULES).unwrap();
    life.take(&done);
    life.delivered(0, AfterAttempt::Sent, &RULES);
    let message_id = life.written[0].1.clone();
    let bounced = Change::Undelivered { message_id, why: "5.1.1".to_owned() };
    life.happens(Event { at: at(9999), actor: Actor::Policy, change: bounced });
    assert_eq!(life.file.case.responded_at, Some(at(3600)));
    assert_eq!(life.file.case.last_told_at, Some(at(3600)));
}

#[test]
fn an_answer_elsewhere_stands_in_for_a_mail_of_ours_that_bounced() {
    let mut life = Life::of(FIRST, true);
    let done = life.ask(None, &Request::Reply { text: "hello".to_owned() }, &RULES).unwrap();
    life.take(&done);
    life.delivered(0, AfterAttempt::Sent, &RULES);
    assert!(!life.file.case.is_answered_by_word());
    life.now = 7200;
    let done = life.ask(None, &Request::Answered { at: None, note: None }, &RULES).unwrap();
    life.take(&done);
    assert!(!life.file.case.is_answered_by_word(), "our own mail came first");
    let message_id = life.written[0].1.clone();
    let bounced = Change::Undelivered { message_id, why: "5.1.1".to_owned() };
    life.happens(Event { at: at(9999), actor: Actor::Policy, change: bounced });
    assert_eq!(life.file.case.responded_at, Some(at(7200)));
    assert!(life.file.case.is_answered_by_word());
}

#[test]
fn where_working_time_counts_as_much_of_it_is_left_after_a_wait_as_before() {
    let project = Local::new("[sla]\nupdate_calendar = \"business\"\n");
    let settings = Settings::load(&project.path("daemon.toml"), Secrets::Skip).unwrap();
    let promises = &rules(&settings).promises;
    // From a Friday in the office to the Monday after.
    let (asked, answered) = (at(4 * 86_400), at(7 * 86_400));
    let mut life = Life::of(FIRST, true);
    let next_update_by = Some(promises.update_by(asked));
    let message_id = MessageId("1@example.org".to_owned());
    let question = Change::Asked { message_id, next_update_by };
    life.happens(Event { at: asked, actor: Actor::Policy, change: question });
    let waiting = life.file.case.clone();
    let from = waiting.reporter.clone();
    let answer = Change::FollowUp { from, message_id: None };
    life.happens(Event { at: answered, actor: Actor::Reporter, change: answer });
    let over = pause::over(&waiting, &life.file.case, answered, promises).unwrap();
    life.happens(Event { at: answered, actor: Actor::Policy, change: over });
    assert_eq!(life.file.case.next_update_by, Some(promises.update_by(answered)));
    assert_eq!(life.file.case.disclose_by, Some(at(93 * 86_400)), "this one counts every hour");
}
