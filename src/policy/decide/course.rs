//! A decision in the making: the case as it stands after the events so far, and what is written.

use super::{Arrival, SENT_BACK_LIMIT};
use crate::domain::Timestamp;
use crate::domain::address::Mailbox;
use crate::domain::allowance::Bucket;
use crate::domain::authenticity::{Authenticity, CheckedBy, Verdict};
use crate::domain::case::Case;
use crate::domain::decision::{Decision, Fingerprint, Placement};
use crate::domain::event::{Actor, Change, Event};
use crate::domain::judgement::{Format, Judgement};
use crate::domain::letter::{Answered, Letter};
use crate::domain::lookup::Known;
use crate::domain::notice::News;
use crate::domain::state::State;
use crate::policy::caps::{self, Depth, Leave};
use crate::policy::notify::{self, Told};
use crate::policy::rules::Rules;
use crate::policy::{letters, lookalike, pause};

/// Whether the sender of a mail is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answering {
    /// By itself, under the caps.
    ByRule,
    /// By a person's word: caps and age say nothing.
    OnAPersonsWord,
    /// Never, and why.
    Never(&'static str),
}

/// A decision in the making.
#[derive(Debug)]
pub(super) struct Course<'a> {
    pub(super) case: Case,
    events: Vec<Event>,
    letters: Vec<Letter>,
    fingerprint: Option<Fingerprint>,
    buckets: Vec<Bucket>,
    answering: Answering,
    now: Timestamp,
    rules: &'a Rules,
}

impl<'a> Course<'a> {
    pub(super) fn opening(case: Case, event: Event, now: Timestamp, rules: &'a Rules) -> Self {
        Self {
            case,
            events: vec![event],
            letters: vec![],
            fingerprint: None,
            buckets: vec![],
            answering: Answering::ByRule,
            now,
            rules,
        }
    }

    pub(super) fn joining(case: Case, now: Timestamp, rules: &'a Rules) -> Self {
        Self {
            case,
            events: vec![],
            letters: vec![],
            fingerprint: None,
            buckets: vec![],
            answering: Answering::ByRule,
            now,
            rules,
        }
    }

    /// The same, with another say on whether its sender is answered.
    pub(super) fn answering(mut self, answering: Answering) -> Self {
        self.answering = answering;
        self
    }

    /// Takes an event in, unless the case's state forbids it.
    pub(super) fn record(&mut self, actor: Actor, change: Change) {
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
    pub(super) fn check_sender(&mut self, authenticity: &Authenticity) {
        if authenticity.checked_by != CheckedBy::Nobody {
            let (verdict, how) = (authenticity.verdict, authenticity.to_string());
            self.record(Actor::Policy, Change::SenderChecked { verdict, how });
        }
    }

    /// Notes where a sender looks like somebody of the project without being them.
    pub(super) fn look_at_name(&mut self, author: &Mailbox, authenticity: &Authenticity) {
        if let Some(why) = lookalike::doubt(author, authenticity, self.rules) {
            self.record(Actor::Policy, Change::SenderDoubted { why });
        }
    }

    /// The policy's one automatic rule: a whole report is received, any other is sent back.
    pub(super) fn weigh(&mut self, arrival: &Arrival, judgement: &Judgement, known: &Known) {
        let format = judgement.format.unwrap_or(Format::Whole);
        let rule = judgement.reasons.iter().find(|r| r.rule.starts_with("body."));
        let rule = rule.map_or("body.in-doubt", |reason| reason.rule.as_str());
        if format.is_sent_back() {
            if self.case.returned_times >= SENT_BACK_LIMIT {
                return;
            }
            let returned = Change::Returned { format, rule: rule.to_owned() };
            self.record(Actor::Policy, returned);
            let answered = Self::answered(arrival);
            let letter = letters::sent_back(&self.case, format, rule, answered, self.rules);
            self.answer(letter, arrival, known);
        } else {
            self.accept(Actor::Policy, rule.to_owned(), format, arrival, known);
        }
    }

    /// A whole report is received.
    pub(super) fn accept(
        &mut self,
        actor: Actor,
        why: String,
        format: Format,
        arrival: &Arrival,
        known: &Known,
    ) {
        let answered = Self::answered(arrival);
        let arrived_at = arrival.arrived_at.min(self.now);
        let promises = &self.rules.promises;
        let accepted = Change::Accepted {
            why,
            format,
            acknowledge_by: promises.acknowledge_by(arrived_at),
            disclose_by: Some(promises.disclose_by(arrived_at)),
        };
        self.record(actor, accepted);
        let mut missing: &[String] = &[];
        if let Some(noticed) = &arrival.noticed {
            self.record(Actor::Policy, noticed.event(self.case.id, &known.alike));
            self.fingerprint = Some(noticed.fingerprint());
            missing = noticed.questions();
        }
        let report = letters::Report { arrived_at, missing, format };
        let letter = letters::acknowledgement(&self.case, report, answered, self.now, self.rules);
        self.answer(letter, arrival, known);
    }

    /// The mail that an answer to it answers.
    fn answered(arrival: &Arrival) -> Option<Answered> {
        let message_id = arrival.mail.message_id.clone()?;
        Some(Answered { message_id, references: arrival.mail.references.clone() })
    }

    /// Answers by itself, unless that would write to somebody who did not write to us: where the
    /// owner of the domain disowns the mail, a cap is reached, or a machine repeats itself; and
    /// unless the mail lay for so long that only a person knows what to say to it.
    fn answer(&mut self, letter: Option<Letter>, arrival: &Arrival, known: &Known) {
        let Some(letter) = letter else { return };
        let what = letter.content.purpose();
        let by_rule = self.answering == Answering::ByRule;
        let age = self.now.signed_duration_since(arrival.arrived_at);
        let why = match self.answering {
            Answering::Never(why) => Some(why),
            _ if arrival.authenticity.verdict == Verdict::Disowned => {
                Some("the domain of its sender disowns it")
            }
            _ if by_rule && age > self.rules.caps.within => {
                Some("it lay for longer than mail is answered by itself")
            }
            _ if by_rule && known.said_before => Some("its sender has said just the same before"),
            _ => None,
        };
        if let Some(why) = why {
            return self.record(Actor::Policy, Change::Withheld { what, why: why.to_owned() });
        }
        if !by_rule {
            return self.letters.push(letter);
        }
        let charged = arrival.charged.clone();
        let depth = Depth::of(&arrival.authenticity);
        match caps::take(charged, &known.buckets, &self.rules.caps, depth, self.now) {
            Leave::Granted(left) => {
                self.buckets.extend(left);
                self.letters.push(letter);
            }
            Leave::Refused(bucket) => {
                let why = caps::reached(&bucket);
                self.record(Actor::Policy, Change::Withheld { what, why });
            }
        }
    }

    /// Tells those who work on the case that its report is in. One that was sent back waits for the
    /// digest.
    pub(super) fn tell_of_report(&mut self, arrival: &Arrival, known: &Known) {
        if self.case.state != State::Returned {
            self.tell(News::New, None, arrival, known);
        }
    }

    /// Tells them that a mail came into the case, which was in the state `before`.
    pub(super) fn tell_of_mail(&mut self, arrival: &Arrival, before: State, known: &Known) {
        let again = self.case.state == State::Returned;
        // Once more without a report: the digest shows it, unless nobody else will answer now.
        if again && self.letters.iter().any(|letter| letter.content.purpose().is_for_reporter()) {
            return;
        }
        let is_in = before == State::Returned && !again;
        self.tell(if is_in { News::New } else { News::FollowUp }, None, arrival, known);
    }

    /// Tells them that a mail of ours did not reach the reporter.
    pub(super) fn tell_of_loss(&mut self, arrival: &Arrival, why: &str, known: &Known) {
        self.tell(News::Undelivered, Some(why), arrival, known);
    }

    fn tell(&mut self, news: News, why: Option<&str>, arrival: &Arrival, known: &Known) {
        let answer = self.letters.iter().any(|letter| letter.content.purpose().is_for_reporter());
        let told = Told {
            case: &self.case,
            news,
            why,
            mail: &arrival.mail,
            authenticity: &arrival.authenticity,
            files: &arrival.files,
            answer,
            buckets: &known.buckets,
            now: self.now,
        };
        let (letters, buckets) = notify::tell(&told, self.rules);
        self.letters.extend(letters);
        self.buckets.extend(buckets);
    }

    pub(super) fn decision(
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
