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
use embargod::domain::case::Case;
use embargod::domain::case_id::CaseId;
use embargod::domain::event::{Actor, Change, Event};
use embargod::domain::judgement::{Format, Kind};
use embargod::domain::mail::MessageId;
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
    let change =
        Change::Opened { reporter: reporter(), subject: "crash".to_owned(), received_at: at(0) };
    Event { at: at(0), actor: Actor::Reporter, change }
}

fn any_change() -> impl Strategy<Value = Change> {
    let id = MessageId("x@example.org".to_owned());
    prop_oneof![
        Just(opened().change),
        Just(Change::Returned { format: Format::LinkOnly, rule: "body.only-links".to_owned() }),
        Just(Change::Accepted { why: "body.whole".to_owned(), acknowledge_by: at(172_800) }),
        Just(Change::Assigned { handler: "ada".to_owned() }),
        Just(Change::Acknowledged { message_id: id.clone(), respond_by: at(180_000) }),
        Just(Change::FollowUp { from: reporter(), message_id: None }),
        Just(Change::MachineMail { what: Kind::AutoReply, rule: "x".to_owned() }),
        Just(Change::Undelivered { message_id: id.clone(), why: "550".to_owned() }),
        Just(Change::Responded { message_id: id.clone() }),
        Just(Change::Closed { disposition: Disposition::Duplicate, ground: None }),
        Just(Change::Noticed { suggestions: vec![], facts: Facts::default() }),
        Just(Change::Held { message_id: id }),
    ]
}

/// What must hold of every case at every time.
fn assert_legal(case: &Case) {
    match case.state {
        State::Returned => assert!(case.acknowledge_by.is_none() && case.returned_times > 0),
        State::Received => assert!(case.acknowledged_at.is_none()),
        State::Closed => {}
        _ => assert!(case.acknowledged_at.is_some() && case.respond_by.is_some()),
    }
    assert!(case.participants.contains(&case.reporter.address));
    assert_eq!(case.disposition.is_some(), case.state == State::Closed);
}

proptest! {
    #[test]
    fn any_sequence_of_events_keeps_the_state_legal(changes in prop::collection::vec(any_change(), 0..40)) {
        let id = CaseId { year: 2026, number: 1 };
        let mut case = Case::open(id, &opened()).unwrap();
        for (n, change) in changes.into_iter().enumerate() {
            let before = case.clone();
            let event = Event { at: at(n as i64 * 60), actor: Actor::Policy, change };
            if case.apply(&event).is_err() {
                prop_assert_eq!(&case, &before, "a refused event changed the case");
            }
            assert_legal(&case);
            prop_assert!(case.state >= before.state || case.state == State::Returned
                || before.state == State::Returned, "{:?} -> {:?}", before.state, case.state);
        }
    }
}

#[test]
fn an_acknowledged_case_cannot_be_sent_back() {
    let id = CaseId { year: 2026, number: 1 };
    let mut case = Case::open(id, &opened()).unwrap();
    let then = at(0) + TimeDelta::hours(1);
    let apply =
        |case: &mut Case, change| case.apply(&Event { at: then, actor: Actor::Policy, change });
    let accepted = Change::Accepted { why: "body.whole".to_owned(), acknowledge_by: at(172_800) };
    apply(&mut case, accepted).unwrap();
    let message_id = MessageId("x@example.org".to_owned());
    apply(&mut case, Change::Acknowledged { message_id, respond_by: at(176_400) }).unwrap();
    let returned =
        Change::Returned { format: Format::LinkOnly, rule: "body.only-links".to_owned() };
    let refusal = apply(&mut case, returned).unwrap_err();
    assert_eq!(refusal.to_string(), "EMB-2026-0001 is acknowledged: it cannot be returned");
}
