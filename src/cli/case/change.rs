//! Carrying the orders of a command out, a case at a time.
//!
//! Promises: each case is a transaction of its own; what is refused changes nothing and stops
//! nothing, and the command fails in the end if anything was refused.

use std::io::Write;
use std::sync::Arc;

use anyhow::anyhow;
use chrono::Datelike;

use super::super::{Failure, table};
use super::verb::Order;
use super::{publishing, unknown};
use crate::daemon::acting::Undone;
use crate::daemon::desk::Desk;
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::event::{Actor, Change, Event};
use crate::domain::outgoing::{Hold, Outgoing};
use crate::policy::verbs::{Done, Request};
use crate::store::{Asking, CaseChange, Files, Store};

/// Carries out what was ordered and tells of each change.
pub(super) async fn carry_out(
    store: &Store,
    desk: &Arc<Desk>,
    order: Order,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let asked_for = order.requests.len();
    let mut refused: Vec<Failure> = Vec::new();
    for (id, request) in order.requests {
        let outcome = match order.trial.dry_run {
            true => try_out(store, desk, id, request, out).await,
            false => change(store, desk, id, request, out).await,
        };
        match outcome {
            // Whoever read the output has had enough, or the store is busy: so it is for the rest.
            Err(failure @ (Failure::BrokenPipe | Failure::TryLater(_))) => return Err(failure),
            Err(failure) => refused.push(failure),
            Ok(()) => {}
        }
    }
    let count = refused.len();
    match (refused.pop(), asked_for) {
        (None, _) => Ok(()),
        (Some(only), 1) => Err(only),
        (Some(last), _) => {
            refused.push(last);
            let why: Vec<String> = refused.iter().map(Failure::to_string).collect();
            let done = if count == asked_for { "" } else { ", the others were carried out" };
            let text = format!("{count} of {asked_for} refused{done}:\n{}", why.join("\n"));
            Err(Failure::Failed(anyhow!(text)))
        }
    }
}

fn asking(id: CaseId, request: &Request, desk: &Desk) -> Asking {
    Asking { case: id, other: request.other(), year: desk.clock.now().year() }
}

/// Changes one case, in one transaction.
async fn change(
    store: &Store,
    desk: &Arc<Desk>,
    id: CaseId,
    request: Request,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let at = desk.clock.now();
    let asking = asking(id, &request, desk);
    let publishes = matches!(request, Request::Disclose { .. });
    if publishes {
        publishing::may_be_written(store, desk, id, at).await?;
    }
    let carried_out = Arc::clone(desk);
    let changed = store
        .change_case(asking, at, move |files| carried_out.act(&files, &request, &operator(), at))
        .await?
        .ok_or_else(|| unknown(id))?
        .map_err(|undone| Failure::Failed(undone.into()))?;
    told(out, &changed)?;
    let events = changed.cases.iter().flat_map(|(_, events)| events);
    table::print(out, &publishing::warnings(events, desk, at))?;
    if publishes { publishing::publish(store, desk, id, at, out).await } else { Ok(()) }
}

/// Says what a change comes to.
fn told(out: &mut dyn Write, change: &CaseChange) -> Result<(), Failure> {
    let mut text = String::new();
    for (case, events) in &change.cases {
        text.push_str(&format!("{} is {}", case.id, standing(case, events)));
        let to_reporter =
            |mail: &&Outgoing| mail.case == Some(case.id) && mail.purpose.is_for_reporter();
        let mails: Vec<&Outgoing> = change.outgoing.iter().filter(to_reporter).collect();
        text.push_str(&fate(&mails));
        text.push('\n');
    }
    table::print(out, &text)
}

/// The state of a case, and what a person has just done to it.
fn standing(case: &Case, events: &[Event]) -> String {
    if let Some(Event { change: Change::Opened { .. }, .. }) = events.first() {
        return format!("{}, opened now", case.state.name());
    }
    let is_told = |event: &&Event| {
        event.actor != Actor::Policy && !matches!(event.change, Change::Wrote { .. })
    };
    let done: Vec<String> =
        events.iter().filter(is_told).map(|event| event.change.describe()).collect();
    let (state, done) = (case.state.name(), done.join("; "));
    match done.starts_with(state) {
        true => done,
        false if done.is_empty() => state.to_owned(),
        false => format!("{state}: {done}"),
    }
}

/// What becomes of the mail that a change wrote.
fn fate(mails: &[&Outgoing]) -> String {
    let Some(mail) = mails.first() else { return String::new() };
    match mail.hold {
        Hold::Observe => "; the mail to the reporter is held, since mode is observe".to_owned(),
        Hold::Send => "; the mail to the reporter is queued for the daemon".to_owned(),
    }
}

/// Shows what a request would come to.
async fn try_out(
    store: &Store,
    desk: &Arc<Desk>,
    id: CaseId,
    request: Request,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let at = desk.clock.now();
    let asking = asking(id, &request, desk);
    let files = store.files(asking).await?.ok_or_else(|| unknown(id))?;
    let done = desk
        .decide(&files, &request, &operator(), at)
        .map_err(|refusal| Failure::Failed(Undone::from(refusal).into()))?;
    table::print(out, &shown(desk, &files, &done)?)?;
    let events = done.changed.iter().flat_map(|changed| &changed.events);
    table::print(out, &publishing::warnings(events, desk, at))
}

/// A decision that is not carried out, for a person to read.
fn shown(desk: &Desk, files: &Files, done: &Done) -> Result<String, Failure> {
    let mut text = String::new();
    for changed in &done.changed {
        let before = [Some(&files.file), files.other.as_ref()]
            .into_iter()
            .flatten()
            .find(|file| file.case.id == changed.case.id)
            .map(|file| &file.case);
        text.push_str(&format!("{}, not carried out\n", would_be(before, &changed.case)));
        for event in &changed.events {
            text.push_str(&format!("  {}: {}\n", event.change.name(), event.change.describe()));
        }
    }
    for letter in &done.letters {
        let words = desk.composer.words(&letter.content);
        let words = words.map_err(|error| Failure::Failed(Undone::Compose(error).into()))?;
        let to = &letter.to.address;
        text.push_str(&format!("\nTo: {to}\nSubject: {}\n\n{}\n", words.subject, words.text));
    }
    Ok(text)
}

fn would_be(before: Option<&Case>, after: &Case) -> String {
    let state = after.state.name();
    match before {
        None => format!("{} would be opened, {state}", after.id),
        Some(before) if before.state == after.state => format!("{} would stay {state}", after.id),
        Some(before) => format!("{} would go from {} to {state}", after.id, before.state.name()),
    }
}

/// Whoever runs the command.
pub(in crate::cli) fn operator() -> Actor {
    let login = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    Actor::Operator(login.unwrap_or_else(|| "unknown".to_owned()))
}
