//! Whatever happens to a case, in whatever order, its state stays legal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

use chrono::{DateTime, TimeDelta, Utc};
use embargod::domain::address::Mailbox;
use embargod::domain::advisory::Advisory;
use embargod::domain::case::Case;
use embargod::domain::case_id::CaseId;
use embargod::domain::event::{Actor, Change, Event};
use embargod::domain::exploited::Report;
use embargod::domain::judgement::{Format, Kind};
use embargod::domain::line::{Line, Repair};
use embargod::domain::mail::MessageId;
use embargod::domain::outgoing::Purpose;
use embargod::domain::state::{Disposition, State};
use embargod::domain::suggestion::Facts;
use proptest::prelude::*;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
}

fn reporter() -> Mailbox {
    Mailbox::new(Some("Rae"), "rae@example.net".parse().unwrap())
}

fn opened() -> Event {
    let change = Change::Opened {
        reporter: reporter(),
        subject: "crash".to_owned(),
        received_at: at(0),
        via: None,
    };
    Event { at: at(0), actor: Actor::Reporter, change }
}

fn mail_of_ours() -> impl Strategy<Value = MessageId> {
    (0..6).prop_map(|n| MessageId(format!("{n}@example.org")))
}

fn line_name() -> impl Strategy<Value = String> {
    prop_oneof![Just("4.x".to_owned()), Just("5.x".to_owned()), Just("6.x".to_owned())]
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    prop::collection::vec(prop::bool::ANY, 1..3).prop_map(|affected| {
        let repair = |affected| if affected { Repair::Missing } else { Repair::NotAffected };
        let names = ["4.x", "5.x"].into_iter().zip(affected);
        names
            .map(|(name, affected)| Line { name: name.to_owned(), repair: repair(affected) })
            .collect()
    })
}

fn any_change() -> impl Strategy<Value = Change> {
    let other = CaseId { year: 2026, number: 2 };
    let of_the_report = prop_oneof![
        Just(opened().change),
        Just(Change::Returned { format: Format::LinkOnly, rule: "body.only-links".to_owned() }),
        Just(Change::Accepted {
            why: "body.whole".to_owned(),
            format: Format::Whole,
            acknowledge_by: at(172_800),
            disclose_by: Some(at(90 * 86_400)),
        }),
        Just(Change::Assigned { handler: "ada".to_owned(), note: None }),
        Just(Change::Assigned { handler: "grace".to_owned(), note: Some("the router".to_owned()) }),
        Just(Change::Unassigned),
        Just(Change::FollowUp { from: reporter(), message_id: None }),
        Just(Change::MachineMail { what: Kind::AutoReply, rule: "x".to_owned(), lost: None }),
        Just(Change::Followed { handle: "ada".to_owned() }),
        Just(Change::Unfollowed { handle: "ada".to_owned() }),
        Just(Change::SenderDoubted { why: "x".to_owned() }),
        Just(Change::CcAdded { address: reporter().address }),
        Just(Change::CcDropped { address: reporter().address }),
        Just(Change::Noticed { suggestions: vec![], facts: Facts::default() }),
    ];
    let of_our_mail = prop_oneof![
        mail_of_ours().prop_map(|message_id| Change::Acknowledged {
            message_id,
            respond_by: Some(at(180_000))
        }),
        mail_of_ours()
            .prop_map(|message_id| Change::Undelivered { message_id, why: "550".to_owned() }),
        mail_of_ours().prop_map(|message_id| Change::Held { message_id }),
        (mail_of_ours(), 1..1000i64).prop_map(|(message_id, days)| Change::Responded {
            message_id,
            next_update_by: Some(at(days * 86_400))
        }),
        (mail_of_ours(), 1..1000i64).prop_map(|(message_id, days)| Change::Asked {
            message_id,
            next_update_by: Some(at(days * 86_400))
        }),
        (0..1000i64).prop_map(|hours| Change::Answered {
            answered_at: at(hours * 3600),
            note: None,
            next_update_by: Some(at(hours * 3600 + 14 * 86_400))
        }),
        Just(Change::Wrote { what: Purpose::Reply }),
        Just(Change::Resumed { next_update_by: None, disclose_by: None }),
    ];
    let of_the_work = prop_oneof![
        lines().prop_map(|lines| Change::Confirmed { affected: vec!["< 5".to_owned()], lines }),
        Just(Change::Audited { text: "nothing alike".to_owned() }),
        line_name().prop_map(|line| Change::FixReady { line }),
        line_name().prop_map(|line| Change::FixRefused { line, why: "too old".to_owned() }),
        line_name().prop_map(|line| Change::LineReleased { line, version: "1.2.3".to_owned() }),
        Just(Change::Embargoed { until: Some(at(86_400)) }),
        Just(Change::Embargoed { until: None }),
        (1..1000i64).prop_map(|days| Change::Extended {
            disclose_by: at(days * 86_400),
            why: "late".to_owned()
        }),
        Just(Change::Credited { name: "Rae".to_owned() }),
        Just(Change::Described { facts: Advisory::default() }),
        Just(Change::Disclosed),
    ];
    let of_the_end = prop_oneof![
        Just(Change::Closed { disposition: Disposition::Duplicate, ground: None }),
        Just(Change::Merged { into: other }),
        Just(Change::Absorbed { case: other, participants: vec![reporter().address] }),
        Just(Change::Linked { case: other }),
        Just(Change::Reopened { why: "more".to_owned(), next_update_by: Some(at(86_400)) }),
        Just(Change::Noted { text: "x".to_owned() }),
        Just(Change::Exploited { known_since: at(60) }),
        prop::sample::select(Report::ALL.to_vec()).prop_map(|report| Change::ReportMade { report }),
    ];
    prop_oneof![of_the_report, of_our_mail, of_the_work, of_the_end]
}

/// What must hold of every case at every time.
fn assert_legal(case: &Case) {
    assert_eq!(case.state == State::Closed, case.closed_at.is_some());
    assert_eq!(case.disposition.is_some(), case.state == State::Closed);
    match case.state {
        State::Returned => assert!(case.acknowledge_by.is_none() && case.returned_times > 0),
        State::Received => assert!(case.acknowledged_at.is_none()),
        State::Acknowledged => assert!(case.acknowledged_at.is_some() && case.respond_by.is_some()),
        State::Triaging => assert!(case.responded_at.is_some() && case.acknowledged_at.is_some()),
        State::Confirmed | State::Fixing => assert!(case.unsettled().next().is_some()),
        State::Released | State::Disclosed => {
            assert!(!case.lines.is_empty() && case.unsettled().next().is_none());
        }
        State::Closed => assert!(case.awaiting.is_none()),
    }
    assert!(case.participants.contains(&case.reporter.address));
    // A time that a promise was kept at rests on a mail that is not known to have been lost, or on the
    // word of a person.
    let word = case.answered_elsewhere_at.is_some();
    for (at, proof) in [
        (case.responded_at, &case.proof.response),
        (case.acknowledged_at, &case.proof.acknowledgement),
        (case.last_told_at, &case.proof.latest),
    ] {
        assert!(at.is_some() == proof.is_some() || word && at.is_some());
    }
    assert_eq!(case.awaiting.is_some(), case.proof.question.is_some());
    assert!(!case.links.contains(&case.id));
}

/// Whether an event may bring a case back to an earlier state.
fn goes_back(change: &Change) -> bool {
    matches!(
        change,
        Change::Returned { .. }
            | Change::Reopened { .. }
            | Change::Undelivered { .. }
            | Change::Confirmed { .. }
            | Change::FixReady { .. }
    )
}

/// Whether an event may bring a deadline forward: it sets one, or says that a mail was lost.
fn sets_a_deadline(change: &Change) -> bool {
    matches!(
        change,
        Change::Accepted { .. }
            | Change::Acknowledged { .. }
            | Change::Returned { .. }
            | Change::Responded { .. }
            | Change::Asked { .. }
            | Change::Answered { .. }
            | Change::Extended { .. }
            | Change::Resumed { .. }
            | Change::Undelivered { .. }
    )
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let step = (any_change(), 0..400_000i64);
    prop::collection::vec(step, 0..60).prop_map(|steps| {
        let mut now = 0;
        let event = |(change, pause)| {
            now += pause;
            Event { at: at(now), actor: Actor::Policy, change }
        };
        steps.into_iter().map(event).collect()
    })
}

proptest! {
    #[test]
    fn any_sequence_of_events_keeps_the_state_legal(events in events()) {
        let id = CaseId { year: 2026, number: 1 };
        let mut case = Case::open(id, &opened()).unwrap();
        for event in events {
            let before = case.clone();
            if case.apply(&event).is_err() {
                prop_assert_eq!(&case, &before, "a refused event changed the case");
                continue;
            }
            assert_legal(&case);
            prop_assert!(
                case.state >= before.state || before.state == State::Returned
                    || goes_back(&event.change),
                "{:?} -> {:?} by {:?}", before.state, case.state, event.change
            );
            let deadlines = |case: &Case| {
                [case.acknowledge_by, case.respond_by, case.next_update_by, case.disclose_by]
            };
            for (before, after) in deadlines(&before).into_iter().zip(deadlines(&case)) {
                prop_assert!(
                    after >= before || sets_a_deadline(&event.change),
                    "{before:?} -> {after:?} by {:?}", event.change
                );
            }
        }
    }

    #[test]
    fn a_wait_for_the_reporter_moves_each_promise_by_its_length(
        asked in 1..100_000i64,
        waited in 0..10_000_000i64,
        told_within in prop::option::of(0.0..1.0f64),
    ) {
        let mut case = acknowledged();
        let apply = |case: &mut Case, at, change| {
            case.apply(&Event { at, actor: Actor::Policy, change }).unwrap();
        };
        let message = |n: u32| MessageId(format!("{n}@example.org"));
        let update = |told: i64| Some(at(told + 14 * 86_400));
        apply(&mut case, at(asked), Change::Asked { message_id: message(1), next_update_by: update(asked) });
        let disclose_by = case.disclose_by.unwrap();
        if let Some(share) = told_within {
            let last_told = asked + (waited as f64 * share) as i64;
            let change = Change::Responded { message_id: message(2), next_update_by: update(last_told) };
            apply(&mut case, at(last_told), change);
            prop_assert!(case.awaiting.is_some(), "a further word ended the wait");
        }
        let answered = asked + waited;
        apply(&mut case, at(answered), Change::FollowUp { from: reporter(), message_id: None });
        prop_assert_eq!(case.awaiting, None);
        prop_assert_eq!(case.next_update_by, update(answered));
        prop_assert_eq!(case.disclose_by, Some(disclose_by + TimeDelta::seconds(waited)));
        prop_assert_eq!(case.responded_at, Some(at(asked)), "a question is a person's answer");
    }
}

/// A case whose acknowledgement, mail 0, went out after a minute.
fn acknowledged() -> Case {
    let mut case = Case::open(CaseId { year: 2026, number: 1 }, &opened()).unwrap();
    let accepted = Change::Accepted {
        why: "body.whole".to_owned(),
        format: Format::Whole,
        acknowledge_by: at(172_800),
        disclose_by: Some(at(90 * 86_400)),
    };
    let message_id = MessageId("0@example.org".to_owned());
    for change in [accepted, Change::Acknowledged { message_id, respond_by: Some(at(172_860)) }] {
        case.apply(&Event { at: at(60), actor: Actor::Policy, change }).unwrap();
    }
    case
}

fn after(mut case: Case, minutes: i64, change: Change) -> Case {
    let event = Event { at: at(minutes * 60), actor: Actor::Policy, change };
    case.apply(&event).unwrap();
    case
}

fn lost(n: u32) -> Change {
    Change::Undelivered { message_id: MessageId(format!("{n}@example.org")), why: "550".to_owned() }
}

fn answered(n: u32) -> Change {
    let message_id = MessageId(format!("{n}@example.org"));
    Change::Responded { message_id, next_update_by: Some(at(14 * 86_400)) }
}

#[test]
fn an_acknowledgement_that_bounced_keeps_no_promise_and_shows_at_once() {
    let case = after(acknowledged(), 5, lost(0));
    assert_eq!((case.state, case.acknowledged_at), (State::Received, None));
    assert_eq!(case.unreached.as_ref().unwrap().why, "550");
    let case = after(case, 9, answered(1));
    assert_eq!((case.state, case.acknowledged_at), (State::Triaging, Some(at(540))));
    assert_eq!(case.unreached, None, "another mail reached the reporter");
}

#[test]
fn an_answer_that_bounced_is_none_and_the_next_one_stands_in_for_it() {
    let case = after(after(acknowledged(), 5, answered(1)), 6, lost(1));
    assert_eq!((case.state, case.responded_at), (State::Acknowledged, None));
    assert_eq!(case.next_update_by, None, "the promise of an answer runs again");
    let case = after(after(acknowledged(), 5, answered(1)), 7, answered(2));
    let case = after(case, 8, lost(1));
    assert_eq!((case.state, case.responded_at), (State::Triaging, Some(at(420))));
    assert_eq!(case.next_update_by, Some(at(14 * 86_400)));
    let case = after(after(acknowledged(), 5, answered(1)), 7, answered(2));
    let case = after(case, 9, lost(2));
    assert_eq!(case.next_update_by, Some(at(540)), "whoever was not reached is to be told now");
}

#[test]
fn a_question_that_bounced_is_not_waited_on() {
    let message_id = MessageId("1@example.org".to_owned());
    let case = after(acknowledged(), 5, Change::Asked { message_id, next_update_by: None });
    assert!(case.awaiting.is_some());
    assert_eq!(after(case, 6, lost(1)).awaiting, None);
}

#[test]
fn an_acknowledged_case_cannot_be_sent_back() {
    let mut case = acknowledged();
    let change = Change::Returned { format: Format::LinkOnly, rule: "body.only-links".to_owned() };
    let refusal = case.apply(&Event { at: at(99), actor: Actor::Policy, change }).unwrap_err();
    assert_eq!(refusal.to_string(), "EMB-2026-0001 is acknowledged: it cannot be returned");
}

#[test]
fn a_reopened_case_stands_where_its_facts_say() {
    let lines = vec![Line { name: "5.x".to_owned(), repair: Repair::Missing }];
    let confirmed = Change::Confirmed { affected: vec![], lines };
    let case = after(after(acknowledged(), 5, answered(1)), 6, confirmed);
    let closed = Change::Closed { disposition: Disposition::NotReproducible, ground: None };
    let case = after(case, 7, closed);
    assert_eq!((case.state, case.closed_at), (State::Closed, Some(at(420))));
    let reopened = Change::Reopened { why: "more".to_owned(), next_update_by: None };
    let case = after(case, 8, reopened);
    assert_eq!((case.state, case.disposition), (State::Confirmed, None));
}

#[test]
fn a_case_is_released_when_every_affected_line_has_a_release_or_a_reason() {
    let line = |name: &str, repair| Line { name: name.to_owned(), repair };
    let lines = vec![
        line("4.x", Repair::Missing),
        line("5.x", Repair::Missing),
        line("6.x", Repair::NotAffected),
    ];
    let case = after(acknowledged(), 5, Change::Confirmed { affected: vec![], lines });
    let release =
        |line: &str| Change::LineReleased { line: line.to_owned(), version: "1".to_owned() };
    let fix = |line: &str| Change::FixReady { line: line.to_owned() };
    let refused = |case: &Case, change| {
        let event = Event { at: at(999), actor: Actor::Policy, change };
        case.clone().apply(&event).is_err()
    };
    assert!(refused(&case, release("5.x")), "there is no fix to release");
    assert!(refused(&case, fix("6.x")), "it is not affected");
    assert!(refused(&case, fix("7.x")), "there is no such line");
    let case = after(after(case, 6, fix("5.x")), 7, release("5.x"));
    assert_eq!(case.state, State::Fixing);
    assert!(refused(&case, Change::Disclosed), "4.x has neither a fix nor a reason");
    let refusal = Change::FixRefused { line: "4.x".to_owned(), why: "too old".to_owned() };
    assert_eq!(after(case.clone(), 8, refusal).state, State::Released);
    let case = after(after(case, 8, fix("4.x")), 9, release("4.x"));
    assert_eq!(case.state, State::Released);
    assert_eq!(case.fix_out_at(), Some(at(420)));
    assert_eq!(after(case, 10, Change::Disclosed).state, State::Disclosed);
}

#[test]
fn the_law_counts_from_when_it_was_known_and_from_the_first_release() {
    let known_since = at(-3600);
    let lines = vec![Line { name: "5.x".to_owned(), repair: Repair::Missing }];
    let case = after(acknowledged(), 5, Change::Exploited { known_since });
    let case = after(case, 6, Change::Confirmed { affected: vec![], lines });
    let by = |case: &Case| {
        let exploited = case.exploited.clone().unwrap();
        exploited.duties(case.fix_out_at()).map(|duty| (duty.by, duty.made_at))
    };
    let (warning, notification) = (at(23 * 3600), at(71 * 3600));
    assert_eq!(by(&case), [(Some(warning), None), (Some(notification), None), (None, None)]);
    let made = Change::ReportMade { report: Report::EarlyWarning };
    let case = after(case, 7, made.clone());
    let case = after(case, 8, made);
    let case = after(case, 9, Change::FixReady { line: "5.x".to_owned() });
    let release = Change::LineReleased { line: "5.x".to_owned(), version: "5.0.1".to_owned() };
    let case = after(case, 10, release);
    let last = at(600) + TimeDelta::days(14);
    assert_eq!(
        by(&case),
        [(Some(warning), Some(at(420))), (Some(notification), None), (Some(last), None)]
    );
}
