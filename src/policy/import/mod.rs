//! The decision on one mail of an archive: history, of which nothing follows but its place.
//!
//! Promises: total and pure; nothing is ever answered, no promise is made, no deadline set. What a
//! person would say of the thread is said as events at the mails' own times: who reported, who wrote
//! on, and the project's own answers, which acknowledge and respond as they would have if they had
//! gone out from here. How a thread ended nobody can read from it: one that is over is closed without
//! a disposition.

mod plan;

use chrono::Datelike;

pub use plan::{Head, Stand, Step, arrival, plan};

use crate::domain::Timestamp;
use crate::domain::address::{Address, Mailbox, displayable};
use crate::domain::archive::{PastDecision, PastKnown, PastLookups};
use crate::domain::case::Case;
use crate::domain::decision::{Decision, Fingerprint, Placement};
use crate::domain::event::{Actor, Change, Event};
use crate::domain::judgement::{Judgement, Kind, Reason};
use crate::domain::mail::{Mail, MessageId};
use crate::domain::outgoing::Purpose;
use crate::domain::people::Maintainer;
use crate::policy::decide::{Arrival, opened};
use crate::policy::judge::is_automatic;
use crate::policy::notice::Noticed;
use crate::policy::rules::Rules;
use crate::policy::thread;

/// What has to be asked of the store before a mail of an archive can be decided on. `made` stands
/// for a Message-ID where the mail has none; of a mail that could not be read nothing else is known.
pub fn lookups(arrival: Option<&Arrival>, made: MessageId) -> PastLookups {
    let Some(arrival) = arrival else {
        return PastLookups { own: made, thread: vec![], named: None, bands: vec![], year: 0 };
    };
    let year = arrival.arrived_at.year();
    let asked = thread::lookups(&arrival.mail, year);
    PastLookups {
        own: asked.own.unwrap_or(made),
        thread: asked.answers,
        named: asked.named,
        bands: arrival.noticed.as_ref().map(Noticed::bands).unwrap_or_default(),
        year,
    }
}

/// Decides on one mail of an archive.
pub fn decide(
    arrival: &Arrival,
    stand: Stand,
    known: &PastKnown,
    now: Timestamp,
    rules: &Rules,
) -> PastDecision {
    let mut judgement = arrival.judgement.clone();
    if known.is_ours {
        return PastDecision::Ours;
    }
    if let Some(case) = &known.twin {
        let detail = "a mail with its Message-ID is here already";
        judgement.reasons.insert(0, Reason::new(SAME_MAIL, detail));
        return PastDecision::In(match case {
            Some(case) => Course::joining(case.clone(), arrival, now).decision(judgement),
            None => recorded(judgement),
        });
    }
    let Some(author) = arrival.mail.author() else {
        return PastDecision::In(recorded(judgement));
    };
    let scene = Scene { arrival, author, stand, known, now, rules };
    match judgement.kind {
        Kind::Submission | Kind::FollowUp | Kind::Own | Kind::Command => match scene.ours() {
            Some(to) => scene.reply(judgement, to),
            None if judgement.kind == Kind::Own => PastDecision::In(recorded(judgement)),
            None => PastDecision::In(scene.persons(judgement)),
        },
        Kind::Bounce | Kind::AutoReply => PastDecision::In(scene.machines(judgement)),
        Kind::Bulk | Kind::Spam | Kind::Malformed => PastDecision::In(recorded(judgement)),
    }
}

/// A mail of an archive that could not be judged: kept whole, for a person to look at.
pub fn unreadable(reason: Reason) -> PastDecision {
    let judgement = Judgement { kind: Kind::Malformed, format: None, reasons: vec![reason] };
    PastDecision::In(recorded(judgement))
}

/// The rule of a mail whose like is here already.
const SAME_MAIL: &str = "thread.same-mail";

fn recorded(judgement: Judgement) -> Decision {
    Decision {
        judgement,
        placement: Placement::Recorded,
        events: vec![],
        letters: vec![],
        buckets: vec![],
        fingerprint: None,
    }
}

/// All that one decision rests on.
struct Scene<'a> {
    arrival: &'a Arrival,
    author: &'a Mailbox,
    stand: Stand,
    known: &'a PastKnown,
    now: Timestamp,
    rules: &'a Rules,
}

impl<'a> Scene<'a> {
    fn mail(&self) -> &'a Mail {
        &self.arrival.mail
    }

    fn maintainer(&self) -> Option<&'a Maintainer> {
        self.rules.maintainers.iter().find(|person| person.address == self.author.address)
    }

    fn is_team(&self, address: &Address) -> bool {
        *address == self.rules.project.address
            || self.rules.bounces.as_ref() == Some(address)
            || self.rules.maintainers.iter().any(|person| person.address == *address)
    }

    /// The case that the mail belongs to.
    fn case(&self) -> Option<&'a Case> {
        let on_case = |case: &&Case| case.participants.contains(&self.author.address);
        self.known.thread.first().or(self.known.named.as_ref().filter(on_case))
    }

    /// Whom the mail was for, where it is the project's answer to somebody: in a known thread, or at
    /// least in one.
    fn ours(&self) -> Option<Address> {
        if !self.is_team(&self.author.address) {
            return None;
        }
        let outsiders: Vec<&Address> =
            self.mail().recipients.iter().filter(|address| !self.is_team(address)).collect();
        let Some(case) = self.case() else {
            let is_answer =
                !self.mail().in_reply_to.is_empty() || !self.mail().references.is_empty();
            return outsiders.first().filter(|_| is_answer).map(|to| (*to).clone());
        };
        let known =
            case.correspondent.iter().chain([&case.reporter.address]).chain(&case.participants);
        let to = known.into_iter().find(|address| outsiders.contains(address));
        to.or(outsiders.first().copied()).cloned()
    }

    /// The project's own answer.
    fn reply(&self, judgement: Judgement, to: Address) -> PastDecision {
        let purpose = if judgement.kind == Kind::Own && is_automatic(self.mail()) {
            Purpose::Acknowledgement
        } else {
            Purpose::Reply
        };
        let mut course = match self.case() {
            Some(case) => Course::joining(case.clone(), self.arrival, self.now),
            None => {
                // What it answers is not in the archive: whom it was for is all there is to know.
                let opening = Change::Opened {
                    reporter: Mailbox::new(None, to.clone()),
                    subject: displayable(&self.mail().subject),
                    received_at: self.arrival.arrived_at,
                    via: None,
                };
                match Course::opening(opening, self.known, self.arrival, self.now) {
                    Some(course) => course,
                    None => return PastDecision::In(recorded(judgement)),
                }
            }
        };
        let actor = match self.maintainer() {
            Some(person) => Actor::Maintainer(person.handle.clone()),
            None => Actor::Policy,
        };
        if let Some(person) = self.maintainer().filter(|_| course.case.handler.is_none()) {
            let handler = person.handle.clone();
            course.record(actor.clone(), Change::Assigned { handler, note: None });
        }
        // An older mail that is imported later takes back nothing that is known since.
        if course.is_news() {
            let message_id = self.known.own.clone();
            let change = match purpose {
                Purpose::Acknowledgement => Change::Acknowledged { message_id, respond_by: None },
                _ => Change::Responded { message_id, next_update_by: None },
            };
            course.record(actor, change);
        }
        course.end(self.stand);
        PastDecision::Out { decision: course.decision(judgement), to, purpose }
    }

    /// A mail that a person wrote to the project: it joins its case, or opens one.
    fn persons(&self, mut judgement: Judgement) -> Decision {
        let mut course = match self.case() {
            Some(case) => {
                judgement.kind = Kind::FollowUp;
                let mut course = Course::joining(case.clone(), self.arrival, self.now);
                course.write(self);
                course
            }
            None => {
                judgement.kind = Kind::Submission;
                let opening = opened(self.arrival, self.author, self.now, self.rules);
                match Course::opening(opening, self.known, self.arrival, self.now) {
                    Some(course) => course,
                    None => return recorded(judgement),
                }
            }
        };
        if course.case.facts.is_none()
            && let Some(noticed) = &self.arrival.noticed
        {
            let event = noticed.event(course.case.id, &self.known.alike);
            course.record(Actor::Policy, event);
            course.fingerprint = Some(noticed.fingerprint());
        }
        course.end(self.stand);
        course.decision(judgement)
    }

    /// A machine's mail: noted on the case it speaks of.
    fn machines(&self, judgement: Judgement) -> Decision {
        let Some(case) = self.case() else { return recorded(judgement) };
        let rule = judgement.reasons.first().map_or(String::new(), |reason| reason.rule.clone());
        let mut course = Course::joining(case.clone(), self.arrival, self.now);
        course
            .record(Actor::Policy, Change::MachineMail { what: judgement.kind, rule, lost: None });
        course.end(self.stand);
        course.decision(judgement)
    }
}

/// A decision in the making: the case as it stands after the events so far.
struct Course {
    case: Case,
    is_new: bool,
    events: Vec<Event>,
    fingerprint: Option<Fingerprint>,
    at: Timestamp,
    now: Timestamp,
}

impl Course {
    fn opening(
        opening: Change,
        known: &PastKnown,
        arrival: &Arrival,
        now: Timestamp,
    ) -> Option<Self> {
        let at = arrival.arrived_at.min(now);
        let event = Event { at, actor: Actor::Reporter, change: opening };
        let case = Case::open(known.next_case, &event)?;
        let mut course =
            Self { case, is_new: true, events: vec![event], fingerprint: None, at, now };
        // The one event at the time of the import, not of the mail.
        course.record_at(now, Actor::Policy, Change::Imported);
        Some(course)
    }

    fn joining(case: Case, arrival: &Arrival, now: Timestamp) -> Self {
        let at = arrival.arrived_at.min(now);
        Self { case, is_new: false, events: vec![], fingerprint: None, at, now }
    }

    /// Takes an event in, unless the case's state forbids it.
    fn record(&mut self, actor: Actor, change: Change) {
        self.record_at(self.at, actor, change);
    }

    fn record_at(&mut self, at: Timestamp, actor: Actor, change: Change) {
        let event = Event { at, actor, change };
        if self.case.apply(&event).is_ok() {
            self.events.push(event);
        }
    }

    /// Whether the mail is newer than what the case's clocks rest on.
    fn is_news(&self) -> bool {
        let since = self.case.last_told_at.max(self.case.awaiting);
        since.is_none_or(|since| since <= self.at)
    }

    /// Somebody outside wrote into the case: on it, or before all that is known of it.
    fn write(&mut self, scene: &Scene<'_>) {
        let is_earlier = self.case.imported_at.is_some() && self.at < self.case.received_at;
        let change = if is_earlier && !scene.is_team(&scene.author.address) {
            Change::Preceded {
                reporter: scene.author.clone(),
                subject: displayable(&scene.mail().subject),
                received_at: self.at,
            }
        } else {
            Change::FollowUp {
                from: scene.author.clone(),
                message_id: scene.mail().message_id.clone(),
            }
        };
        if is_earlier || self.case.awaiting.is_none_or(|since| since <= self.at) {
            self.record(Actor::Reporter, change);
        }
    }

    /// What the mail's place in its thread means for an imported case; others are people's to end.
    fn end(&mut self, stand: Stand) {
        let is_archived = !self.case.state.is_open() && self.case.disposition.is_none();
        match stand {
            Stand::Last => self.record(Actor::Policy, Change::Archived),
            Stand::Latest if is_archived && self.case.closed_at < Some(self.at) => {
                let why = "its thread goes on in an imported mail".to_owned();
                self.record_at(
                    self.now,
                    Actor::Policy,
                    Change::Reopened { why, next_update_by: None },
                );
            }
            Stand::Latest | Stand::Within => {}
        }
    }

    fn decision(self, judgement: Judgement) -> Decision {
        let case = Box::new(self.case);
        Decision {
            judgement,
            placement: if self.is_new { Placement::Opens(case) } else { Placement::Joins(case) },
            events: self.events,
            letters: vec![],
            buckets: vec![],
            fingerprint: self.fingerprint,
        }
    }
}
