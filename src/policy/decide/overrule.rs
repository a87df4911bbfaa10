//! A person's word that a mail is a report after all, whatever it was taken for.
//!
//! Every mail that was set aside can be taken in so: invariant 2 and 6. What a machine wrote is taken in
//! and still not answered: a verification mail of some service that becomes a case must not send that
//! service, or whoever made it write, an answer of ours.

use super::course::{Answering, Course};
use super::{Arrival, handler, opened};
use crate::domain::Timestamp;
use crate::domain::address::{Mailbox, displayable};
use crate::domain::case::Case;
use crate::domain::decision::{Decision, Placement};
use crate::domain::event::{Actor, Change, Event};
use crate::domain::judgement::{Format, Judgement, Kind, Reason, VERIFICATION};
use crate::domain::lookup::Known;
use crate::domain::mail::ReturnPath;
use crate::policy::rules::Rules;
use crate::policy::thread;

/// What is overruled, and by whom.
#[derive(Debug, Clone)]
pub struct Overruled<'a> {
    /// The mail, as it would be judged now.
    pub arrival: &'a Arrival,
    /// What it was taken for.
    pub before: &'a Judgement,
    /// Who reported, where a person says so.
    pub reporter: Option<Mailbox>,
    /// The person.
    pub actor: &'a Actor,
}

/// Why a mail cannot become a case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOverruled {
    /// Nobody is named whom the case could be of.
    #[error("no sender can be read from the mail: name the reporter with --from ADDRESS")]
    NoSender,
    /// It is from the project itself.
    #[error(
        "the mail is from the project's own address: name whose report it is with --from ADDRESS"
    )]
    OwnMail,
}

/// The case that a mail opens by a person's word, or joins.
///
/// # Errors
/// [`NotOverruled`]; nothing changes then.
pub fn overrule(
    overruled: &Overruled<'_>,
    known: &Known,
    now: Timestamp,
    rules: &Rules,
) -> Result<Decision, NotOverruled> {
    let Overruled { arrival, before, reporter, actor } = overruled;
    let author =
        reporter.as_ref().or_else(|| arrival.mail.author()).ok_or(NotOverruled::NoSender)?;
    if rules.surroundings().own.contains(&author.address) {
        return Err(NotOverruled::OwnMail);
    }
    let rule = before.reasons.first().map_or("", |reason| reason.rule.as_str());
    let kind = before.kind.name();
    let why = format!("overruled by {}: it was {kind} ({rule})", actor.label());
    let mut judgement = Judgement {
        kind: Kind::Submission,
        format: Some(match arrival.mail.encryption {
            Some(_) => Format::Encrypted,
            None => Format::Whole,
        }),
        reasons: vec![Reason::new("overruled.person", why.clone())],
    };
    judgement.reasons.extend(before.reasons.iter().cloned());
    if let Some((_, case)) = thread::case_of(known, Some(&author.address)) {
        judgement.kind = Kind::FollowUp;
        let mut course = Course::joining(case, now, rules);
        let message_id = arrival.mail.message_id.clone();
        course.record(Actor::Reporter, Change::FollowUp { from: author.clone(), message_id });
        course.record((*actor).clone(), Change::Noted { text: why });
        return Ok(course.decision(judgement, Placement::Joins));
    }
    let change = match reporter {
        Some(reporter) => Change::Opened {
            reporter: reporter.clone(),
            subject: displayable(&arrival.mail.subject),
            received_at: arrival.arrived_at.min(now),
            via: None,
        },
        None => opened(arrival, author, now, rules),
    };
    let opening = Event { at: now, actor: Actor::Reporter, change };
    let case = Case::open(known.next_case, &opening).ok_or(NotOverruled::NoSender)?;
    let mut course =
        Course::opening(case, opening, now, rules).answering(answering(arrival, before));
    course.check_sender(&arrival.authenticity);
    course.look_at_name(author, &arrival.authenticity);
    let format = judgement.format.unwrap_or(Format::Whole);
    course.accept((*actor).clone(), why, format, arrival, known);
    if let Some(handler) = handler(arrival, known, now, rules) {
        let handler = handler.handle.clone();
        course.record(Actor::Policy, Change::Assigned { handler, note: None });
    }
    Ok(course.decision(judgement, Placement::Opens))
}

/// Whether its sender is answered, now that a person takes it in.
fn answering(arrival: &Arrival, before: &Judgement) -> Answering {
    let by_machine = matches!(before.kind, Kind::Bounce | Kind::AutoReply | Kind::Own);
    let verifies = before.reasons.iter().any(|reason| reason.rule == VERIFICATION);
    let machine = by_machine || verifies || arrival.mail.return_path == ReturnPath::Null;
    match machine {
        true => {
            Answering::Never("a machine wrote it: answer it yourself, if somebody waits for it")
        }
        false => Answering::OnAPersonsWord,
    }
}
