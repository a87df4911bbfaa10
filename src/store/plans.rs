//! What the queries cost as a store grows: their plans, and the steps of SQLite's machine that they
//! take, which are the same on any machine. A test of its own kind: nothing else sees every statement.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::{Connection, StatementStatus};

use super::connection::{self, Access};
use super::listing::{self, Page, Which};
use super::{Taken, cases, digests, grants, incoming, outbox, stats, views};
use crate::domain::Timestamp;
use crate::domain::capability::{Grant, Granted, Nonce};
use crate::domain::case_id::CaseId;
use crate::domain::lookup::{Lookups, OrderLookups};
use crate::domain::mail::MessageId;
use crate::domain::outgoing::Purpose;
use crate::domain::state::State;
use crate::domain::views::Told;

#[path = "../../tests/common/large.rs"]
mod large;

const OPEN: u32 = 40;

/// Tables that stay small, or whose part that is looked through is the work there is.
const MAY_BE_SCANNED: [&str; 10] = [
    "handler_load",
    // Those that are awaited, and one that came home.
    "SCAN canaries",
    "INDEX cases_open",
    "INDEX cases_returned",
    // Few vulnerabilities are ever exploited.
    "INDEX cases_owing",
    "INDEX incoming_quarantined",
    "INDEX incoming_set_aside",
    "INDEX incoming_follow_ups",
    // Each forgotten a month after it ran out.
    "SCAN grants",
    // The few candidates of a likeness.
    "(subquery-1)",
];

/// A store with so many closed cases behind the open ones, two a day.
fn made(folder: &Path, closed: u32) -> Connection {
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(folder.join("in").join(part)).unwrap();
        std::fs::create_dir_all(folder.join("out").join(part)).unwrap();
    }
    std::fs::write(
        folder.join("daemon.toml"),
        "[project]\nname = \"Sample\"\naddress = \"security@example.org\"\n\
         [inbox]\nserver = \"maildir:in\"\n[outbox]\nserver = \"maildir:out\"\n\
         [store]\nurl = \"sqlite:embargod.db\"\n\
         [[maintainers]]\nhandle = \"ada\"\nname = \"Ada\"\naddress = \"ada@example.org\"\n",
    )
    .unwrap();
    let size = large::Size { closed, open: OPEN, every: TimeDelta::hours(12) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(large::fill(folder, size, now()));
    connection::open(&folder.join("embargod.db"), Access::Write).unwrap()
}

fn now() -> Timestamp {
    "2026-11-25T09:00:00Z".parse().unwrap()
}

/// What the daemon and the commands ask of the store again and again.
fn ask_everything(c: &Connection) {
    let month = now() - TimeDelta::days(30);
    let open = cases::list(c, Which::Open).unwrap();
    assert_eq!(open.len(), OPEN as usize);
    let newest = open.first().unwrap().id;
    for page in [
        Page { which: Which::All, limit: 50, ..Page::default() },
        Page { which: Which::All, limit: 50, before: Some(newest), ..Page::default() },
        Page { handler: Some("bob".to_owned()), limit: 50, ..Page::default() },
        Page { states: vec![State::Released], limit: 50, ..Page::default() },
    ] {
        listing::page(c, &page).unwrap();
    }
    let everything = Told { incoming: i64::MAX, undelivered: i64::MAX, events: i64::MAX };
    let lately = views::work(c, everything, 500).unwrap().told;
    views::work(c, lately, 500).unwrap();
    views::case_file(c, newest).unwrap().unwrap();
    assert!(!stats::history(c, month, now()).unwrap().cases.is_empty());
    outbox::due(c, now(), 50).unwrap();
    outbox::next_due(c).unwrap();
    digests::last(c, "ada").unwrap();
    take_in(c, newest);
}

/// A mail that asks all that a mail can ask.
fn take_in(c: &Connection, known: CaseId) {
    let id = |text: &str| MessageId(text.to_owned());
    let (mail, lookups) = large::strange_mail(now());
    let nonce = Nonce([7; 10]);
    let granted = Granted {
        nonce,
        grant: Grant {
            handle: "ada".to_owned(),
            case: Some(known),
            purpose: Purpose::Reminder,
            expires_at: now(),
        },
    };
    grants::keep(c, &granted, now()).unwrap();
    let lookups = Lookups {
        order: Some(OrderLookups { grant: Some(nonce), cases: vec![] }),
        answers: vec![id("report-7@finders.example"), id("nobody@knows.example")],
        named: Some(known),
        bands: vec![1, 2, 3],
        ..lookups
    };
    let taken = incoming::take_in(c, &mail, &lookups, |known| {
        assert!(known.by_their_mail.is_some() && known.by_number.is_some());
        assert_eq!(known.files.len(), 1);
        large::only_recorded()
    });
    grants::spend(c, nonce, now()).unwrap();
    assert_eq!(grants::list(c).unwrap().len(), 1);
    assert!(matches!(taken.unwrap(), Taken::Decided { .. }));
}

/// Every statement that ran, with the steps that it took in all.
fn steps(c: &mut Connection) -> BTreeMap<String, i64> {
    let ran: Arc<Mutex<BTreeMap<String, i64>>> = Arc::default();
    let log = Arc::clone(&ran);
    let note = move |event: TraceEvent<'_>| {
        if let TraceEvent::Profile(statement, _) = event {
            let steps = statement.get_status(StatementStatus::VmStep);
            *log.lock().unwrap().entry(statement.sql().into_owned()).or_default() +=
                i64::from(steps);
        }
    };
    c.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(note)).unwrap();
    ask_everything(c);
    c.trace_v2(TraceEventCodes::empty(), None::<fn(TraceEvent<'_>)>).unwrap();
    let ran = ran.lock().unwrap().clone();
    assert!(ran.len() > 15, "too few statements were seen: {ran:?}");
    ran
}

#[test]
fn no_query_looks_through_a_whole_table() {
    let folder = tempfile::tempdir().unwrap();
    let mut c = made(folder.path(), 50);
    let mut wrong = Vec::new();
    for sql in steps(&mut c).keys() {
        let mut statement = c.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        // Without values for its parameters: a plan does not depend on them here.
        let mut plan = statement.raw_query();
        while let Some(row) = plan.next().unwrap() {
            let step: String = row.get("detail").unwrap();
            let scans = step.starts_with("SCAN") && step != "SCAN CONSTANT ROW";
            if scans && !MAY_BE_SCANNED.iter().any(|small| step.contains(small)) {
                wrong.push(format!("{step}\n    {sql}"));
            }
        }
    }
    assert!(wrong.is_empty(), "these look through whole tables:\n{}", wrong.join("\n"));
}

#[test]
fn eight_times_the_closed_cases_cost_no_query_more_steps() {
    let (few, many) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let few = steps(&mut made(few.path(), 150));
    let many = steps(&mut made(many.path(), 1200));
    let mut wrong = Vec::new();
    for (sql, steps) in &many {
        let before = few.get(sql).copied().unwrap_or_default();
        // A case more or less in a period is no growth.
        if *steps > before + before / 5 + 50 {
            wrong.push(format!("{before} steps became {steps}\n    {sql}"));
        }
    }
    assert!(wrong.is_empty(), "these grow with the store:\n{}", wrong.join("\n"));
}
