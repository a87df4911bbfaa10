//! When a problem may be published, and that it was.

use super::{Asked, Done, Refusal, one_line};
use crate::domain::Timestamp;
use crate::domain::address::{Address, Mailbox};
use crate::domain::case::Case;
use crate::domain::event::Change;
use crate::domain::letter::{Announcement, Content, Disclosure, Letter};
use crate::domain::line::Line;
use crate::domain::state::State;
use crate::policy::advisory::Advisory;
use crate::policy::advisory::severity::Score;
use crate::policy::advisory::weakness::Weakness;
use crate::policy::letters;

/// Publishes nothing before a time, or lifts that.
pub(super) fn embargo(asked: &Asked<'_>, until: Option<Timestamp>) -> Result<Done, Refusal> {
    if let Some(at) = until.filter(|at| *at <= asked.now) {
        return Err(Refusal::Past { what: "the end of the embargo", at });
    }
    asked.change(Change::Embargoed { until })
}

/// Moves the promise to disclose.
pub(super) fn extend(
    asked: &Asked<'_>,
    disclose_by: Timestamp,
    why: &str,
) -> Result<Done, Refusal> {
    let case = asked.case();
    if disclose_by <= asked.now {
        return Err(Refusal::Past { what: "the new date", at: disclose_by });
    }
    if let Some(by) = case.disclose_by.filter(|by| disclose_by <= *by) {
        return Err(Refusal::NoExtension { case: case.id, by });
    }
    let why = one_line(why, "the reason")?;
    asked.change(Change::Extended { disclose_by, why })
}

/// The problem is public now: the reporter is told what was published.
pub(super) fn disclose(asked: &Asked<'_>, message: Option<&str>) -> Result<Done, Refusal> {
    let case = asked.case();
    may_be_disclosed(case, asked.now)?;
    let done = asked.change(Change::Disclosed)?;
    let advisory = &case.advisory;
    let letter = letters::recipient(case).map(|to| Letter {
        to,
        cc: case.cc.clone(),
        answers: letters::answered(asked.file, asked.rules),
        content: Content::Disclosure(Disclosure {
            project: asked.rules.project.name.clone(),
            policy: asked.rules.project.policy.clone(),
            case: case.id,
            title: advisory.title.clone().unwrap_or_default(),
            summary: advisory.summary.clone().unwrap_or_default(),
            cve: advisory.cve.clone(),
            cvss: advisory.cvss.clone(),
            cwe: advisory.cwe.clone(),
            affected: case.affected.clone(),
            fixes: letters::fixes(case),
            references: advisory.references.clone(),
            credits: case.credits.clone(),
            message: message.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned),
        }),
    });
    let mut done = done.and_writes(letter);
    done.letters.extend(announcements(asked));
    Ok(done)
}

/// The announcement to each address that wants to hear of every advisory.
fn announcements(asked: &Asked<'_>) -> Vec<Letter> {
    let rules = asked.rules;
    let advisory = Advisory::of(asked.file, &rules.disclosure.publisher, asked.now);
    let facts = Announcement {
        project: rules.project.name.clone(),
        address: rules.project.address.to_string(),
        policy: rules.project.policy.clone(),
        case: advisory.case,
        title: advisory.title.clone().unwrap_or_default(),
        summary: advisory.summary.clone().unwrap_or_default(),
        workaround: advisory.workaround.clone(),
        cve: advisory.cve.clone(),
        severity: advisory.scores.iter().map(Score::words).collect(),
        weaknesses: advisory.weaknesses.iter().map(Weakness::words).collect(),
        affected: advisory.affected_in_words(),
        fixes: letters::fixes(asked.case()),
        references: advisory.references.clone(),
        credits: advisory.credits.clone(),
    };
    let to = |address: &Address| Mailbox { name: None, address: address.clone() };
    rules
        .disclosure
        .announce_to
        .iter()
        .map(|address| Letter {
            to: to(address),
            cc: vec![],
            answers: None,
            content: Content::Announcement(facts.clone()),
        })
        .collect()
}

/// Whether everything is there that a disclosure needs.
///
/// # Errors
/// [`Refusal`]: the first thing that is missing.
pub fn may_be_disclosed(case: &Case, now: Timestamp) -> Result<(), Refusal> {
    let is_open = !matches!(case.state, State::Returned | State::Closed | State::Disclosed);
    if is_open && case.lines.is_empty() {
        return Err(Refusal::NotConfirmed { case: case.id });
    }
    let lines: Vec<String> = case.unsettled().map(Line::describe).collect();
    if is_open && !lines.is_empty() {
        return Err(Refusal::Unsettled { case: case.id, lines });
    }
    if let Some(until) = case.embargo_until.filter(|until| *until > now) {
        return Err(Refusal::Embargo { case: case.id, until });
    }
    if is_open && (case.advisory.title.is_none() || case.advisory.summary.is_none()) {
        return Err(Refusal::NotDescribed { case: case.id });
    }
    Ok(())
}
