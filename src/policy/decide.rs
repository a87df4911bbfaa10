//! The decision on one mail: the product's centre.
//!
//! Promises: total, pure, and in one piece. What it returns is all that happens; events that a
//! case's state does not allow are left out rather than forced.

use std::collections::BTreeSet;

use crate::domain::Timestamp;
use crate::domain::address::Mailbox;
use crate::domain::allowance::{Bucket, BucketId};
use crate::domain::authenticity::{Authenticity, CheckedBy, Verdict};
use crate::domain::case::Case;
use crate::domain::decision::{Decision, Fingerprint, Placement};
use crate::domain::event::{Actor, Change, Event, Forwarded};
use crate::domain::judgement::{Format, Judgement, Kind, Reason};
use crate::domain::letter::{Answered, Letter};
use crate::domain::lookup::Known;
use crate::domain::mail::Mail;
use crate::domain::people::Maintainer;
use crate::policy::caps::{self, Leave};
use crate::policy::handler::{Circumstances, primary};
use crate::policy::judge::no_sender;
use crate::policy::notice::Noticed;
use crate::policy::relay::{self, Answer};
use crate::policy::rules::Rules;
use crate::policy::{letters, pause, thread};

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
}

/// Decides on one mail.
pub fn decide(arrival: &Arrival, known: &Known, now: Timestamp, rules: &Rules) -> Decision {
    let mut judgement = arrival.judgement.clone();
    if known.is_ours {
        judgement.kind = Kind::Own;
        judgement.format = None;
        judgement.reasons.insert(0, Reason::new("own.message-id", "its Message-ID is one we sent"));
    }
    match judgement.kind {
        Kind::Submission | Kind::FollowUp => match arrival.mail.author() {
            Some(author) => from_person(arrival, judgement, author, known, now, rules),
            None => recorded(judgement),
        },
        Kind::Bounce | Kind::AutoReply => from_machine(arrival, judgement, known, now),
        Kind::Command | Kind::Bulk | Kind::Own | Kind::Spam | Kind::Malformed => {
            recorded(judgement)
        }
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
            if course.case.state == crate::domain::state::State::Returned {
                course.weigh(arrival, &judgement, known);
            }
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
            course.weigh(arrival, &judgement, known);
            if let Some(handler) = handler(arrival, known, now, rules) {
                course.record(
                    Actor::Policy,
                    Change::Assigned { handler: handler.handle.clone(), note: None },
                );
            }
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
    let subject = mail.subject.clone();
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
) -> Decision {
    let Some((message_id, case)) = &known.by_our_mail else { return recorded(judgement) };
    let rule = judgement.reasons.first().map_or(String::new(), |reason| reason.rule.clone());
    let change = match failure(&arrival.mail, &judgement) {
        Some(why) => Change::Undelivered { message_id: message_id.clone(), why },
        None => Change::MachineMail { what: judgement.kind, rule },
    };
    let mut case = case.clone();
    let event = Event { at: now, actor: Actor::Policy, change };
    let events = if case.apply(&event).is_ok() { vec![event] } else { vec![] };
    Decision {
        judgement,
        placement: Placement::Joins(Box::new(case)),
        events,
        letters: vec![],
        fingerprint: None,
        buckets: vec![],
    }
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

/// A decision in the making: the case as it stands after the events so far.
struct Course<'a> {
    case: Case,
    events: Vec<Event>,
    letters: Vec<Letter>,
    fingerprint: Option<Fingerprint>,
    buckets: Vec<Bucket>,
    now: Timestamp,
    rules: &'a Rules,
}

impl<'a> Course<'a> {
    fn opening(case: Case, event: Event, now: Timestamp, rules: &'a Rules) -> Self {
        Self {
            case,
            events: vec![event],
            letters: vec![],
            fingerprint: None,
            buckets: vec![],
            now,
            rules,
        }
    }

    fn joining(case: Case, now: Timestamp, rules: &'a Rules) -> Self {
        Self {
            case,
            events: vec![],
            letters: vec![],
            fingerprint: None,
            buckets: vec![],
            now,
            rules,
        }
    }

    /// Takes an event in, unless the case's state forbids it.
    fn record(&mut self, actor: Actor, change: Change) {
        let before = self.case.clone();
        let event = Event { at: self.now, actor, change };
        if self.case.apply(&event).is_ok() {
            self.events.push(event);
        }
        if let Some(over) = pause::over(&before, &self.case, self.now, &self.rules.promises) {
            self.record(Actor::Policy, over);
        }
    }

    /// Notes on a new case what is known of its sender, where somebody looked.
    fn check_sender(&mut self, authenticity: &Authenticity) {
        if authenticity.checked_by != CheckedBy::Nobody {
            let (verdict, how) = (authenticity.verdict, authenticity.to_string());
            self.record(Actor::Policy, Change::SenderChecked { verdict, how });
        }
    }

    /// The policy's one automatic rule: a whole report is received, any other is sent back.
    fn weigh(&mut self, arrival: &Arrival, judgement: &Judgement, known: &Known) {
        let format = judgement.format.unwrap_or(Format::Whole);
        let rule = judgement.reasons.iter().find(|r| r.rule.starts_with("body."));
        let rule = rule.map_or("body.in-doubt", |reason| reason.rule.as_str());
        let answered = arrival
            .mail
            .message_id
            .clone()
            .map(|message_id| Answered { message_id, references: arrival.mail.references.clone() });
        if format.is_sent_back() {
            if self.case.returned_times >= SENT_BACK_LIMIT {
                return;
            }
            let returned = Change::Returned { format, rule: rule.to_owned() };
            self.record(Actor::Policy, returned);
            let letter = letters::sent_back(&self.case, format, rule, answered, self.rules);
            self.answer(letter, arrival, known);
        } else {
            let arrived_at = arrival.arrived_at.min(self.now);
            let promises = &self.rules.promises;
            let accepted = Change::Accepted {
                why: rule.to_owned(),
                format,
                acknowledge_by: promises.acknowledge_by(arrived_at),
                disclose_by: Some(promises.disclose_by(arrived_at)),
            };
            self.record(Actor::Policy, accepted);
            let mut missing: &[String] = &[];
            if let Some(noticed) = &arrival.noticed {
                self.record(Actor::Policy, noticed.event(self.case.id, &known.alike));
                self.fingerprint = Some(noticed.fingerprint());
                missing = noticed.questions();
            }
            let report = letters::Report { arrived_at, missing, format };
            let letter =
                letters::acknowledgement(&self.case, report, answered, self.now, self.rules);
            self.answer(letter, arrival, known);
        }
    }

    /// Answers by itself, unless that would write to somebody who did not write to us: where the
    /// owner of the domain disowns the mail, a cap is reached, or a machine repeats itself.
    fn answer(&mut self, letter: Option<Letter>, arrival: &Arrival, known: &Known) {
        let Some(letter) = letter else { return };
        let what = letter.content.purpose();
        if arrival.authenticity.verdict == Verdict::Disowned {
            let why = "the domain of its sender disowns it".to_owned();
            return self.record(Actor::Policy, Change::Withheld { what, why });
        }
        if known.said_before {
            let why = "its sender has said just the same before".to_owned();
            return self.record(Actor::Policy, Change::Withheld { what, why });
        }
        let charged = arrival.charged.clone();
        match caps::take(charged, &known.buckets, &self.rules.caps, self.now) {
            Leave::Granted(left) => {
                self.buckets = left;
                self.letters.push(letter);
            }
            Leave::Refused(bucket) => {
                let why = caps::reached(&bucket);
                self.record(Actor::Policy, Change::Withheld { what, why });
            }
        }
    }

    fn decision(
        self,
        judgement: Judgement,
        place: impl FnOnce(Box<Case>) -> Placement,
    ) -> Decision {
        Decision {
            judgement,
            placement: place(Box::new(self.case)),
            events: self.events,
            letters: self.letters,
            fingerprint: self.fingerprint,
            buckets: self.buckets,
        }
    }
}
