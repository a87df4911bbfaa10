//! What becomes of a mail that may be a maintainer's order.
//!
//! Believed is what answers a mail of ours to a maintainer, by its token, and comes from that
//! maintainer's address, which is proven, by its domain or by a signature of the maintainer's key.
//! A signature proves what is signed and nothing around it, and that only where the token is in it: a
//! text that was signed for another mail says nothing in this one. Its commands are carried out in their
//! order, all or none. Nothing comes of any other mail but that the maintainer hears of it, as often as
//! a cap allows, and that its attempt shows on the case.
//!
//! Promises: total and pure; one answer at the most, and that to a maintainer's configured address; what
//! a mail says that is not believed is repeated nowhere.

mod answer;
mod carry_out;
mod order;

use crate::domain::Timestamp;
use crate::domain::allowance::{Bucket, BucketId, Scope};
use crate::domain::authenticity::{CheckedBy, Unsigned, Verdict};
use crate::domain::capability::{KeptGrant, Nonce};
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::event::{Actor, Change, Event};
use crate::domain::judgement::{Judgement, Reason};
use crate::domain::letter::Letter;
use crate::domain::lookup::Known;
use crate::domain::people::Maintainer;
use crate::policy::capability::{NotTrusted, Sender, trust};
use crate::policy::caps::{self, Depth, Leave};
use crate::policy::decide::Arrival;
use crate::policy::rules::Rules;
use crate::policy::verbs::Changed;

use answer::Outcome;
use order::one_author;
pub use order::{Order, Unreadable};

/// What becomes of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Obeyed {
    /// What the mail is, with the reason for what became of it.
    pub judgement: Judgement,
    /// The case that the mail joins, as it stands after it.
    pub joins: Option<Case>,
    /// Every case that changes, with what happened.
    pub changed: Vec<Changed>,
    /// What is written to people outside.
    pub letters: Vec<Letter>,
    /// Incoming mails that move to other cases, by their numbers.
    pub moved: Vec<(i64, CaseId)>,
    /// The grant that is used up.
    pub spent: Option<Nonce>,
    /// The answer to the maintainer, without the words of `letters`.
    pub answer: Option<Letter>,
    /// The buckets that the answer took from, as they are left.
    pub buckets: Vec<Bucket>,
}

/// The buckets that answers to orders take from.
pub fn buckets(maintainers: &[Maintainer]) -> Vec<BucketId> {
    maintainers.iter().map(|person| bucket(&person.handle)).collect()
}

fn bucket(handle: &str) -> BucketId {
    // A handle has no space in it.
    BucketId { scope: Scope::Notices, name: format!("{handle} commands") }
}

/// Why an order is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    /// It answers no mail that could be answered with commands.
    NoToken,
    /// Its token, its sender, or both.
    Token(NotTrusted),
    /// Nobody looks at where mail comes from.
    NobodyLooks,
    /// No domain answers for it, and no signature of a key that is known.
    Signature(Unsigned),
}

/// Decides on an order.
pub fn obey(
    order: &Order,
    arrival: &Arrival,
    known: &Known,
    now: Timestamp,
    rules: &Rules,
) -> Obeyed {
    let scene = Scene { order, arrival, known, now, rules };
    match scene.believed() {
        Err(Doubt::Token(NotTrusted::Used)) if known.same_mail.is_some() => {
            let detail = "a mail with its Message-ID was obeyed already";
            scene.quiet("command.repeated", detail)
        }
        Err(doubt) => scene.doubted(doubt),
        Ok((person, kept, nonce)) => scene.carried_out(person, kept, nonce),
    }
}

/// All that a decision on an order rests on.
struct Scene<'a> {
    order: &'a Order,
    arrival: &'a Arrival,
    known: &'a Known,
    now: Timestamp,
    rules: &'a Rules,
}

impl<'a> Scene<'a> {
    /// Whose order it is.
    fn believed(&self) -> Result<(&'a Maintainer, &'a KeptGrant, Nonce), Doubt> {
        let people = &self.rules.maintainers;
        let key = self.rules.commands.as_ref().and_then(|terms| terms.key.as_ref());
        let (Some(token), Some(key)) = (&self.order.token, key) else { return Err(Doubt::NoToken) };
        let kept = self.known.grant.as_ref();
        let person = kept.and_then(|kept| people.iter().find(|p| p.handle == kept.grant.handle));
        let nobody_looks = self.arrival.authenticity.checked_by == CheckedBy::Nobody;
        let verdict = match self.order.is_signed() {
            true => Verdict::Authenticated,
            false => self.arrival.authenticity.verdict,
        };
        let Some(from) = one_author(&self.arrival.mail) else {
            return Err(Doubt::Token(NotTrusted::WrongSender));
        };
        let sender = Sender { from, maintainer: person.map(|person| &person.address), verdict };
        match (trust(key, token, kept, &sender, self.now), kept, person) {
            (Ok(()), Some(kept), Some(person)) => Ok((person, kept, token.nonce)),
            (Ok(()), ..) => Err(Doubt::Token(NotTrusted::Forged)),
            (Err(NotTrusted::NotAuthenticated), ..)
                if let Some(Err(why)) = self.order.signature =>
            {
                Err(Doubt::Signature(why))
            }
            (Err(NotTrusted::NotAuthenticated), ..)
                if nobody_looks && verdict == Verdict::Unproven =>
            {
                Err(Doubt::NobodyLooks)
            }
            (Err(why), ..) => Err(Doubt::Token(why)),
        }
    }

    /// The case that the mail belongs to: that of the mail that it answers.
    fn case(&self) -> Option<&'a Case> {
        let case = self.known.grant.as_ref()?.grant.case?;
        self.known.files.iter().map(|file| &file.case).find(|known| known.id == case)
    }

    fn judged(&self, rule: &str, detail: impl Into<String>) -> Judgement {
        let mut judgement = self.arrival.judgement.clone();
        judgement.reasons.insert(0, Reason::new(rule, detail));
        judgement
    }

    /// Nothing happens, and nobody is told.
    fn quiet(&self, rule: &str, detail: impl Into<String>) -> Obeyed {
        Obeyed {
            judgement: self.judged(rule, detail),
            joins: self.case().cloned(),
            changed: vec![],
            letters: vec![],
            moved: vec![],
            spent: None,
            answer: None,
            buckets: vec![],
        }
    }

    /// Nobody's word: whoever it may be meant to come from is told, and the case shows it.
    fn doubted(&self, doubt: Doubt) -> Obeyed {
        let why = answer::reason(doubt);
        let mut obeyed = self.quiet("command.not-believed", why.clone());
        let people = &self.rules.maintainers;
        let named = one_author(&self.arrival.mail);
        let owner = self.known.grant.as_ref().map(|kept| &kept.grant.handle);
        let reader = people
            .iter()
            .find(|person| Some(&person.address) == named)
            .or_else(|| people.iter().find(|person| Some(&person.handle) == owner));
        if let Some(case) = &mut obeyed.joins {
            let from = self.arrival.mail.author().map(|author| author.address.clone());
            let change = Change::CommandRefused { from, why };
            let event = Event { at: self.now, actor: Actor::Policy, change };
            if case.apply(&event).is_ok() {
                obeyed.changed = vec![Changed { case: case.clone(), events: vec![event] }];
            }
        }
        if let Some(reader) = reader {
            let answered = match self.is_an_echo() {
                true => Answered::Never,
                false => Answered::WithinTheCap,
            };
            self.answer(&mut obeyed, reader, Outcome::Doubted(doubt), answered);
        }
        obeyed
    }

    /// A maintainer's word.
    fn carried_out(&self, person: &Maintainer, kept: &KeptGrant, nonce: Nonce) -> Obeyed {
        let answered = match self.order.may_be_a_machines() {
            true if self.known.said_before => Answered::Never,
            true => Answered::WithinTheCap,
            false => Answered::Always,
        };
        let refuse = |line: &str, why: String| {
            let mut obeyed = self.quiet("command.refused", why.clone());
            let line = Some(line.to_owned()).filter(|line| !line.is_empty());
            self.answer(&mut obeyed, person, Outcome::Refused { line, why }, answered);
            obeyed
        };
        if let Some(unreadable) = self.order.unreadable {
            return refuse("", unreadable.to_string());
        }
        let commands = match &self.order.commands {
            Ok(commands) => commands,
            Err(misread) => return refuse(&misread.line, misread.to_string()),
        };
        let actor = Actor::Maintainer(person.handle.clone());
        let run = carry_out::Run::new(self.known, kept.grant.case, &actor, self.now, self.rules);
        let ran = match run.all(commands) {
            Ok(ran) => ran,
            Err(stopped) => return refuse(&stopped.line, stopped.why),
        };
        let count = ran.done.len();
        let signed = if self.order.is_signed() { ", signed" } else { "" };
        let mut obeyed =
            self.quiet("command.done", format!("{count} of {}{signed}", person.handle));
        let changes = !ran.changed.is_empty();
        let of_grant = kept.grant.case;
        let joined = of_grant.or_else(|| ran.changed.first().map(|changed| changed.case.id));
        let after = ran.changed.iter().find(|changed| Some(changed.case.id) == joined);
        obeyed.joins = after.map(|changed| changed.case.clone()).or(obeyed.joins);
        obeyed.spent = changes.then_some(nonce);
        self.answer(&mut obeyed, person, Outcome::Done(&ran), answered);
        obeyed.changed = ran.changed;
        obeyed.letters = ran.letters;
        obeyed.moved = ran.moved;
        obeyed
    }

    /// Whether its author, who gives no command, has said the same before.
    fn is_an_echo(&self) -> bool {
        self.order.may_be_a_machines() && self.known.said_before
    }

    fn answer(
        &self,
        obeyed: &mut Obeyed,
        reader: &Maintainer,
        outcome: Outcome<'_>,
        answered: Answered,
    ) {
        match answered {
            Answered::Always => {}
            Answered::Never => return,
            Answered::WithinTheCap => {
                let ids = vec![bucket(&reader.handle)];
                let (buckets, caps) = (&self.known.buckets, &self.rules.caps);
                match caps::take(ids, buckets, caps, Depth::Whole, self.now) {
                    Leave::Granted(left) => obeyed.buckets = left,
                    Leave::Refused(_) => return,
                }
            }
        }
        obeyed.answer = Some(answer::letter(self, reader, outcome));
    }
}

/// How often somebody is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answered {
    /// Each time: a person wrote.
    Always,
    /// As often as a cap allows: it may have been anybody, or a machine.
    WithinTheCap,
    /// Not at all: a machine says the same again.
    Never,
}
