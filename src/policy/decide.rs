//! The decision on one mail: the product's centre.
//!
//! Promises: total, pure, and in one piece. What it returns is all that happens; events that a
//! case's state does not allow are left out rather than forced.

mod course;
mod overrule;

pub use overrule::{NotOverruled, Overruled, overrule};

use std::collections::BTreeSet;

use crate::domain::Timestamp;
use crate::domain::address::{Address, Mailbox, displayable};
use crate::domain::allowance::BucketId;
use crate::domain::authenticity::Authenticity;
use crate::domain::case::Case;
use crate::domain::decision::{Decision, Placement};
use crate::domain::event::{Actor, Change, Event, Forwarded};
use crate::domain::judgement::{CANARY, Judgement, Kind, Reason};
use crate::domain::lookup::{Known, OurMail};
use crate::domain::mail::Mail;
use crate::domain::notice::Enclosed;
use crate::domain::people::Maintainer;
use crate::domain::state::State;
use crate::policy::handler::{Circumstances, primary};
use crate::policy::judge::no_sender;
use crate::policy::notice::Noticed;
use crate::policy::orders::Order;
use crate::policy::relay::{self, Answer};
use crate::policy::rules::Rules;
use crate::policy::thread;
use course::Course;

/// How often one case is sent back by itself; after that a person has to look.
pub const SENT_BACK_LIMIT: u32 = 3;

/// A mail that was read and judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// Its facts.
    pub mail: Mail,
    /// What it is by its own facts.
    pub judgement: Judgement,
    /// When the server got it.
    pub arrived_at: Timestamp,
    /// What was noticed in it, where it may be a report.
    pub noticed: Option<Noticed>,
    /// Whether it came from whom it says.
    pub authenticity: Authenticity,
    /// The buckets that an answer to it takes from.
    pub charged: Vec<BucketId>,
    /// What it orders, where it may be an order and those are taken.
    pub order: Option<Order>,
    /// Its files, where maintainers get them with a notice.
    pub files: Vec<Enclosed>,
}

/// Decides on one mail.
pub fn decide(arrival: &Arrival, known: &Known, now: Timestamp, rules: &Rules) -> Decision {
    let mut judgement = arrival.judgement.clone();
    if known.is_ours {
        judgement.kind = Kind::Own;
        judgement.format = None;
        judgement.reasons.insert(0, how_it_is_ours(&arrival.mail, known));
    }
    match judgement.kind {
        Kind::Submission | Kind::FollowUp => match arrival.mail.author() {
            Some(author) => from_person(arrival, judgement, author, known, now, rules),
            None => recorded(judgement),
        },
        Kind::Bounce | Kind::AutoReply => from_machine(arrival, judgement, known, now, rules),
        Kind::Command | Kind::Bulk | Kind::Own | Kind::Spam | Kind::Malformed => {
            recorded(judgement)
        }
    }
}

/// How a mail with a Message-ID of ours is known. It may have been made by whoever saw that, so what
/// proves that mail comes in has a second secret; and each canary comes home once.
fn how_it_is_ours(mail: &Mail, known: &Known) -> Reason {
    match &known.canary {
        Some(token) if mail.text.text.contains(token.as_str()) => {
            Reason::new(CANARY, "the canary that embargod wrote to itself came home")
        }
        _ => Reason::new("own.message-id", "its Message-ID is one we sent"),
    }
}

/// A mail without a case. What a person wrote always has one, so without anybody to open it for
/// the mail is nobody's: malformed, and shown as such.
fn recorded(mut judgement: Judgement) -> Decision {
    if matches!(judgement.kind, Kind::Submission | Kind::FollowUp) {
        judgement.kind = Kind::Malformed;
        judgement.format = None;
        judgement.reasons.insert(0, no_sender());
    }
    Decision {
        judgement,
        placement: Placement::Recorded,
        events: vec![],
        letters: vec![],
        fingerprint: None,
        buckets: vec![],
    }
}

/// A mail that a person wrote: it joins its case, or opens one.
fn from_person(
    arrival: &Arrival,
    mut judgement: Judgement,
    author: &Mailbox,
    known: &Known,
    now: Timestamp,
    rules: &Rules,
) -> Decision {
    if let Some(case) = thread::same_mail(known, &author.address) {
        let detail = format!("a mail with its Message-ID is in {} already", case.id);
        judgement.reasons.insert(0, Reason::new("thread.same-mail", detail));
        judgement.kind = Kind::FollowUp;
        return Course::joining(case, now, rules).decision(judgement, Placement::Joins);
    }
    match thread::case_of(known, Some(&author.address)) {
        Some((link, case)) => {
            if judgement.kind != Kind::FollowUp {
                let detail = format!("it belongs to {}", case.id);
                judgement.reasons.insert(0, Reason::new(link.rule(), detail));
            }
            judgement.kind = Kind::FollowUp;
            let mut course = Course::joining(case, now, rules);
            course.record(
                Actor::Reporter,
                Change::FollowUp {
                    from: author.clone(),
                    message_id: arrival.mail.message_id.clone(),
                },
            );
            course.look_at_name(author, &arrival.authenticity);
            let before = course.case.state;
            if before == State::Returned {
                course.weigh(arrival, &judgement, known);
            }
            course.tell_of_mail(arrival, before, known);
            course.decision(judgement, Placement::Joins)
        }
        None => {
            if judgement.kind == Kind::FollowUp {
                let detail = "it answers a mail or a case that is not known here";
                judgement.reasons.insert(0, Reason::new("thread.unknown-case", detail));
            }
            judgement.kind = Kind::Submission;
            let opening = Event {
                at: now,
                actor: Actor::Reporter,
                change: opened(arrival, author, now, rules),
            };
            let Some(case) = Case::open(known.next_case, &opening) else {
                return recorded(judgement);
            };
            let mut course = Course::opening(case, opening, now, rules);
            course.check_sender(&arrival.authenticity);
            course.look_at_name(author, &arrival.authenticity);
            course.weigh(arrival, &judgement, known);
            if let Some(handler) = handler(arrival, known, now, rules) {
                course.record(
                    Actor::Policy,
                    Change::Assigned { handler: handler.handle.clone(), note: None },
                );
            }
            course.tell_of_report(arrival, known);
            course.decision(judgement, Placement::Opens)
        }
    }
}

/// Who handles the case that a mail opens.
fn handler<'r>(
    arrival: &Arrival,
    known: &Known,
    now: Timestamp,
    rules: &'r Rules,
) -> Option<&'r Maintainer> {
    let nobody = BTreeSet::new();
    let given = Circumstances {
        load: &known.load,
        last: known.last_handler.as_deref(),
        concerned: arrival.noticed.as_ref().map_or(&nobody, Noticed::concerned),
        now,
    };
    primary(&rules.maintainers, rules.assign, &given)
}

/// The event that opens a case: by its author, or by the finder whose report a relay forwards.
pub(super) fn opened(arrival: &Arrival, author: &Mailbox, now: Timestamp, rules: &Rules) -> Change {
    let mail = &arrival.mail;
    let subject = displayable(&mail.subject);
    let received_at = arrival.arrived_at.min(now);
    let Some(relay) = relay::of(mail, &rules.relays) else {
        return Change::Opened { reporter: author.clone(), subject, received_at, via: None };
    };
    let by = relay.mailbox(mail);
    let reporter = relay::finder(mail, relay).unwrap_or_else(|| author.clone());
    let answered = match relay.answer {
        // A list that says its name and no address cannot be written to, and the finder is not it.
        Answer::Relay => by.as_ref().map(|by| by.address.clone()),
        Answer::Finder => Some(reporter.address.clone()),
        Answer::Nobody => None,
    };
    let via = Some(Forwarded { by: by.unwrap_or_else(|| author.clone()), answered });
    Change::Opened { reporter, subject, received_at, via }
}

/// A machine's mail: never answered; it is noted on the case it speaks of.
fn from_machine(
    arrival: &Arrival,
    judgement: Judgement,
    known: &Known,
    now: Timestamp,
    rules: &Rules,
) -> Decision {
    let Some((ours, case)) = &known.by_our_mail else { return recorded(judgement) };
    let rule = judgement.reasons.first().map_or(String::new(), |reason| reason.rule.clone());
    let mut course = Course::joining(case.clone(), now, rules);
    match failure(&arrival.mail, &judgement) {
        Some(why) if missed_its_reporter(arrival, ours, case) => {
            let lost = Change::Undelivered { message_id: ours.id.clone(), why: why.clone() };
            course.record(Actor::Policy, lost);
            course.tell_of_loss(arrival, &why, known);
        }
        failure => {
            // Whom a maintainer's mail did not reach is for the digests of the others.
            let lost = failure.filter(|_| !ours.purpose.leaves_the_project());
            let lost = lost.map(|_| ours.id.clone());
            course.record(Actor::Policy, Change::MachineMail { what: judgement.kind, rule, lost });
        }
    }
    course.decision(judgement, Placement::Joins)
}

/// Whether what came back is the reporter's own mail, and not a copy of it or a maintainer's.
fn missed_its_reporter(arrival: &Arrival, ours: &OurMail, case: &Case) -> bool {
    let named = arrival.mail.delivery_report.iter().flat_map(|report| &report.recipients);
    let failed = named.filter(|status| status.action == "failed");
    let mut failed = failed.filter_map(|status| status.recipient.as_ref()).peekable();
    let is_copy = |address: &Address| case.cc.contains(address);
    ours.purpose.leaves_the_project() && (failed.peek().is_none() || !failed.all(is_copy))
}

/// Why a mail of ours did not arrive, where a notice says so.
fn failure(mail: &Mail, judgement: &Judgement) -> Option<String> {
    let rule = judgement.reasons.first().map_or("", |reason| reason.rule.as_str());
    match &mail.delivery_report {
        // RFC 3464 section 2.3.3: of the actions, only this one is a failure.
        Some(report) => {
            let failed = report.recipients.iter().find(|r| r.action == "failed")?;
            Some(format!("reported undeliverable, status {}", failed.status))
        }
        None => (judgement.kind == Kind::Bounce && rule != "bounce.delayed")
            .then(|| "reported undeliverable".to_owned()),
    }
}
