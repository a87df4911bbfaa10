//! Who is reminded of what, through absences, moved deadlines and weeks without a daemon.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::domain::address::Mailbox;
use crate::domain::case_id::CaseId;
use crate::domain::due::Due;
use crate::domain::event::{Actor, Change, Event};
use crate::domain::judgement::Format;
use crate::domain::letter::Content;
use crate::domain::mail::MessageId;
use crate::domain::people::{Absence, Project};
use crate::domain::reminder::Reminder;
use crate::policy::advisory::Publisher;
use crate::policy::disclosure::Disclosure;
use crate::policy::promise::Promises;
use crate::policy::scope::Scope;
use crate::policy::suggest::threat::ThreatModel;

/// Wednesday, 25 November 2026, 09:00 UTC.
fn start() -> Timestamp {
    "2026-11-25T09:00:00Z".parse().unwrap()
}

fn hours(hours: i64) -> Timestamp {
    start() + TimeDelta::hours(hours)
}

fn person(handle: &str) -> Maintainer {
    Maintainer {
        handle: handle.to_owned(),
        name: handle.to_owned(),
        address: format!("{handle}@example.org").parse().unwrap(),
        lead: handle == "lead",
        timezone: None,
        handles: Vec::new(),
        absences: Vec::new(),
    }
}

fn rules(maintainers: Vec<Maintainer>) -> Rules {
    Rules {
        project: Project {
            name: "Sample".to_owned(),
            address: "security@example.org".parse().unwrap(),
            policy: None,
        },
        bounces: None,
        maintainers,
        commands: None,
        assign: Default::default(),
        relays: Vec::new(),
        disclosure: Disclosure {
            publisher: Publisher {
                name: "Sample".to_owned(),
                address: "security@example.org".parse().unwrap(),
                policy: None,
                namespace: "https://example.org".to_owned(),
                ecosystem: None,
                package: None,
                packages: Vec::new(),
                cna: None,
            },
            folder: None,
            announce_to: Vec::new(),
            embargo_lists: Vec::new(),
        },
        caps: Default::default(),
        notices: Default::default(),
        promises: Promises::default(),
        release_lines: Vec::new(),
        scope: Scope::default(),
        exclusions: Vec::new(),
        threat_model: ThreatModel::new(&[]),
    }
}

fn team() -> Rules {
    rules(vec![person("lead"), person("ada"), person("grace")])
}

fn happens(case: &mut Case, at: Timestamp, change: Change) {
    case.apply(&Event { at, actor: Actor::Policy, change }).unwrap();
}

/// A case of Ada's, acknowledged at the start: a person is to answer within 48 hours.
fn acknowledged(number: u32) -> Case {
    let reporter = Mailbox::new(None, "finder@example.net".parse().unwrap());
    let subject = format!("Report {number}");
    let opened = Change::Opened { reporter, subject, received_at: start(), via: None };
    let event = Event { at: start(), actor: Actor::Reporter, change: opened };
    let mut case = Case::open(CaseId { year: 2026, number }, &event).unwrap();
    let accepted = Change::Accepted {
        why: String::new(),
        format: Format::Whole,
        acknowledge_by: hours(48),
        disclose_by: None,
    };
    happens(&mut case, start(), accepted);
    happens(&mut case, start(), Change::Assigned { handler: "ada".to_owned(), note: None });
    let message_id = MessageId("a@b".to_owned());
    happens(&mut case, start(), Change::Acknowledged { message_id, respond_by: Some(hours(48)) });
    case
}

/// What the store does: it remembers, and shows what is due.
#[derive(Default)]
struct Memory {
    reminded: BTreeMap<(CaseId, Due), Reminded>,
    next: BTreeMap<CaseId, Option<Timestamp>>,
}

impl Memory {
    fn tick(&mut self, cases: &[Case], now: Timestamp, rules: &Rules) -> Vec<(String, Reminder)> {
        let due = |case: &&Case| match self.next.get(&case.id) {
            None => true,
            Some(next) => next.is_some_and(|next| next <= now),
        };
        let watched: Vec<Watched> = cases
            .iter()
            .filter(due)
            .map(|case| {
                let known = self.reminded.iter().filter(|((id, _), _)| *id == case.id);
                Watched { case: case.clone(), reminded: known.map(|(_, r)| *r).collect() }
            })
            .collect();
        let mut reminding = Reminding::at(now);
        reminding.look(&watched, rules);
        let Outcome { letters, looked } = reminding.outcome(rules, Tz::UTC);
        for looked in looked {
            self.next.insert(looked.case, looked.next);
            for reminded in looked.reminded {
                self.reminded.insert((looked.case, reminded.due), reminded);
            }
        }
        letters
            .into_iter()
            .map(|letter| match letter.content {
                Content::Reminder(reminder) => (letter.to.address.as_str().to_owned(), reminder),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    /// A case changed: the store shows it again.
    fn changed(&mut self, case: &Case) {
        self.next.remove(&case.id);
    }
}

fn to(letters: &[(String, Reminder)]) -> Vec<&str> {
    letters.iter().map(|(to, _)| to.split_once('@').unwrap().0).collect()
}

#[test]
fn the_handler_then_the_lead_too_then_everybody_each_once() {
    let (rules, mut memory, case) = (team(), Memory::default(), acknowledged(1));
    let mut told = Vec::new();
    for half_hour in 0..200 {
        let now = start() + TimeDelta::minutes(30 * half_hour);
        for (to, reminder) in memory.tick(std::slice::from_ref(&case), now, &rules) {
            let to = to.split_once('@').unwrap().0.to_owned();
            told.push((half_hour / 2, to, reminder.lines[0].clock.words.clone()));
        }
    }
    let told: Vec<String> =
        told.into_iter().map(|(hour, to, words)| format!("{hour} h {to}: {words}")).collect();
    assert_eq!(
        told,
        [
            "24 h ada: respond in 24 h",
            // Four fifths of 48 hours are 38 hours and 24 minutes.
            "38 h lead: respond in 9 h",
            "38 h ada: respond in 9 h",
            "48 h lead: respond now",
            "48 h ada: respond now",
            "48 h grace: respond now",
        ]
    );
}

#[test]
fn after_weeks_without_a_daemon_everybody_gets_one_summary() {
    let (rules, mut memory) = (team(), Memory::default());
    let cases: Vec<Case> = (1..=50).map(acknowledged).collect();
    assert!(memory.tick(&cases, hours(1), &rules).is_empty());
    let letters = memory.tick(&cases, hours(24 * 8), &rules);
    assert_eq!(to(&letters), ["lead", "ada", "grace"]);
    let (_, summary) = &letters[1];
    assert_eq!(summary.headline, "50 promises are overdue");
    assert_eq!((summary.lines.len(), summary.more), (40, 10));
    assert_eq!(summary.lines[0].stage, "the time is over");
    assert!(memory.tick(&cases, hours(24 * 9), &rules).is_empty());
}

#[test]
fn whoever_is_away_is_passed_over_and_the_lead_stands_in() {
    let away = |handle: &str, from: i64, until: i64| Maintainer {
        absences: vec![Absence { from: hours(from), until: hours(until) }],
        ..person(handle)
    };
    let case = acknowledged(1);
    let told = |maintainers: Vec<Maintainer>| {
        let (rules, mut memory) = (rules(maintainers), Memory::default());
        [24, 39, 48].map(|hour| {
            let letters = memory.tick(std::slice::from_ref(&case), hours(hour), &rules);
            to(&letters).join(" ")
        })
    };
    let [lead, grace] = [person("lead"), person("grace")];
    assert_eq!(
        told(vec![lead.clone(), away("ada", 0, 40), grace.clone()]),
        ["lead", "lead", "lead ada grace"]
    );
    assert_eq!(told(vec![away("lead", 0, 99), person("ada"), grace]), ["ada", "ada", "ada grace"]);
    // Nobody left: the lead, away or not. So it is for a handler who is no maintainer any more.
    assert_eq!(told(vec![away("lead", 0, 99), away("ada", 0, 99)]), ["lead", "lead", "lead"]);
    assert_eq!(told(vec![lead]), ["lead", "lead", "lead"]);
}

#[test]
fn a_clock_that_is_moved_starts_over_with_what_still_lies_ahead() {
    let (rules, mut memory, mut case) = (team(), Memory::default(), acknowledged(1));
    assert_eq!(to(&memory.tick(&[case.clone()], hours(25), &rules)), ["ada"]);
    // At 26 h it stands still for a day; half of the time was left then, and is left now.
    case.respond_by = Some(hours(72));
    memory.changed(&case);
    assert!(memory.tick(&[case.clone()], hours(50), &rules).is_empty());
    assert_eq!(to(&memory.tick(&[case.clone()], hours(63), &rules)), ["lead", "ada"]);
    assert_eq!(to(&memory.tick(&[case.clone()], hours(72), &rules)), ["lead", "ada", "grace"]);
    // A later change that leaves the clock alone repeats nothing.
    memory.changed(&case);
    assert!(memory.tick(&[case.clone()], hours(73), &rules).is_empty());
}

#[test]
fn an_embargo_is_half_over_after_half_of_the_time_that_it_was_given() {
    let (rules, mut memory, mut case) = (team(), Memory::default(), acknowledged(1));
    let days = |days: i64| hours(24 * days);
    let message_id = MessageId("c@d".to_owned());
    happens(&mut case, hours(1), Change::Responded { message_id, next_update_by: None });
    case.disclose_by = Some(days(90));
    assert!(memory.tick(&[case.clone()], hours(1), &rules).is_empty());
    happens(&mut case, days(2), Change::Embargoed { until: Some(days(12)) });
    memory.changed(&case);
    let mut told =
        |case: &Case, at| to(&memory.tick(std::slice::from_ref(case), at, &rules)).join(" ");
    for (day, readers) in [(2, ""), (6, ""), (7, "ada"), (9, ""), (10, "lead ada")] {
        assert_eq!(told(&case, days(day)), readers, "day {day}");
    }
    assert_eq!(told(&case, days(12)), "lead ada grace");
}

#[test]
fn a_promise_that_was_moved_is_half_over_after_half_of_the_time_that_it_was_moved_by() {
    let (rules, mut memory, mut case) = (team(), Memory::default(), acknowledged(1));
    let days = |days: i64| hours(24 * days);
    let message_id = MessageId("c@d".to_owned());
    happens(&mut case, hours(1), Change::Responded { message_id, next_update_by: None });
    case.disclose_by = Some(days(90));
    let mut told = |case: &Case, at, change| {
        if change {
            memory.changed(case);
        }
        to(&memory.tick(std::slice::from_ref(case), at, &rules)).join(" ")
    };
    assert_eq!(told(&case, days(80), false), "lead ada");
    let why = "late".to_owned();
    happens(&mut case, days(80), Change::Extended { disclose_by: days(100), why });
    assert_eq!(told(&case, days(80), true), "");
    assert_eq!(told(&case, days(90), false), "ada");
    // It stands still for ten days, with half of its time left.
    let message_id = MessageId("q@d".to_owned());
    happens(&mut case, days(90), Change::Asked { message_id, next_update_by: None });
    let from = case.reporter.clone();
    happens(&mut case, days(100), Change::FollowUp { from, message_id: None });
    assert_eq!(case.disclose_by, Some(days(110)));
    assert_eq!(told(&case, days(100), true), "");
    assert_eq!(told(&case, days(105), false), "");
    assert_eq!(told(&case, days(106), false), "lead ada");
}

#[test]
fn what_is_kept_or_stands_still_reminds_nobody() {
    let (rules, mut memory, mut case) = (team(), Memory::default(), acknowledged(1));
    let message_id = MessageId("c@d".to_owned());
    happens(&mut case, hours(1), Change::Responded { message_id, next_update_by: None });
    assert!(memory.tick(&[case], hours(1000), &rules).is_empty());
    let (mut memory, mut case) = (Memory::default(), acknowledged(2));
    case.awaiting = Some(hours(1));
    assert!(memory.tick(&[case], hours(1000), &rules).is_empty());
}

#[test]
fn the_law_comes_first_and_its_clocks_stand_still_for_nothing() {
    let (rules, mut memory, mut case) = (team(), Memory::default(), acknowledged(1));
    happens(&mut case, hours(0), Change::Exploited { known_since: hours(0) });
    case.awaiting = Some(hours(1));
    let letters = memory.tick(&[case.clone(), acknowledged(2)], hours(200), &rules);
    let (_, reminder) = &letters[0];
    let lines: Vec<String> =
        reminder.lines.iter().map(|l| format!("{} {}", l.case, l.clock.promise)).collect();
    assert_eq!(
        lines,
        ["EMB-2026-0001 early warning", "EMB-2026-0001 notification", "EMB-2026-0002 respond"]
    );
}

#[test]
fn a_reminder_shows_the_case_the_time_left_and_what_meets_the_promise() {
    let (mut rules, mut memory, case) = (team(), Memory::default(), acknowledged(1));
    rules.maintainers[1].timezone = Some(chrono_tz::Asia::Tokyo);
    let letters = memory.tick(&[case], hours(39), &rules);
    let (_, for_ada) = &letters[1];
    assert_eq!(for_ada.headline, "EMB-2026-0001: respond in 9 h");
    let line = &for_ada.lines[0];
    assert_eq!((line.clock.at.as_str(), line.handler.as_str()), ("Fri 27 Nov, 18:00", "you"));
    assert_eq!(line.commands, ["embargod case reply EMB-2026-0001"]);
    let (_, for_lead) = &letters[0];
    assert_eq!(for_lead.lines[0].clock.at, "Fri 27 Nov, 09:00");
    assert_eq!(for_lead.lines[0].handler, "ada");
}

proptest! {
    #[test]
    fn no_point_of_a_clock_rings_twice_or_early_whenever_the_daemon_runs(
        looks in prop::collection::vec((1_i64..4000, prop::option::weighted(0.1, 1_i64..9000)), 1..60),
    ) {
        let (rules, mut memory, mut case) = (team(), Memory::default(), acknowledged(1));
        let mut now = start();
        let mut rung: Vec<(Timestamp, Stage)> = Vec::new();
        for (minutes, moved) in looks {
            now += TimeDelta::minutes(minutes);
            if let Some(moved) = moved {
                case.respond_by = Some(now + TimeDelta::minutes(moved));
                memory.changed(&case);
            }
            let deadline = case.respond_by.unwrap();
            let letters = memory.tick(std::slice::from_ref(&case), now, &rules);
            let stage = memory.reminded.values().next().and_then(|reminded| reminded.stage);
            if !letters.is_empty() {
                let stage = stage.unwrap();
                prop_assert!(!rung.contains(&(deadline, stage)), "twice: {:?}", stage);
                let left = rules.promises.respond.left(
                    if stage == Stage::Half { crate::policy::promise::Part::Half } else { crate::policy::promise::Part::Fifth },
                    deadline,
                    None,
                );
                prop_assert!(now >= left);
                prop_assert!(stage != Stage::Deadline || now >= deadline);
                rung.push((deadline, stage));
            }
            // Whoever runs out of time hears of it, late or not.
            prop_assert!(now < deadline || rung.contains(&(deadline, Stage::Deadline)));
        }
    }
}
