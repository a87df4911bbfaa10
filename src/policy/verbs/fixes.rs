//! From a confirmed problem to released fixes, a line of releases at a time.

use super::{Asked, Done, Refusal, one_line};
use crate::domain::case::Case;
use crate::domain::event::Change;
use crate::domain::letter::{Content, Letter, Moment, Released};
use crate::domain::line::{Line, Repair};
use crate::domain::state::State;
use crate::policy::letters;
use crate::policy::scope::ReleaseLine;

/// The one line of a project that names none.
const ONLY_LINE: &str = "main";

/// The problem is real: which versions have it, and which lines are to be fixed.
pub(super) fn confirm(
    asked: &Asked<'_>,
    affected: &[String],
    named: &[String],
) -> Result<Done, Refusal> {
    let affected: Vec<String> =
        affected.iter().map(|range| one_line(range, "the range")).collect::<Result<_, _>>()?;
    if affected.is_empty() {
        return Err(Refusal::NoRange);
    }
    let lines = checklist(asked, named)?;
    asked.change(Change::Confirmed { affected, lines })
}

/// The lines that are maintained today, and those that were named whatever their age. Affected are
/// those that were named, or all.
fn checklist(asked: &Asked<'_>, named: &[String]) -> Result<Vec<Line>, Refusal> {
    let configured = &asked.rules.release_lines;
    let named: Vec<String> =
        named.iter().map(|line| one_line(line, "the line")).collect::<Result<_, _>>()?;
    if configured.is_empty() {
        let names = if named.is_empty() { vec![ONLY_LINE.to_owned()] } else { named };
        return Ok(names.into_iter().map(|name| Line { name, repair: Repair::Missing }).collect());
    }
    if let Some(line) = named.iter().find(|line| !configured.iter().any(|known| is(known, line))) {
        let known = configured.iter().map(|line| line.name.as_str()).collect::<Vec<_>>();
        let known = format!("[[release_lines]] has: {}", known.join(", "));
        return Err(Refusal::UnknownLine { line: line.clone(), known });
    }
    let today = asked.now.date_naive();
    let lines: Vec<Line> = configured
        .iter()
        .filter_map(|line| {
            let is_named = named.iter().any(|name| is(line, name));
            let repair = match is_named || named.is_empty() {
                true => Repair::Missing,
                false => Repair::NotAffected,
            };
            let is_listed = is_named || line.is_maintained(today);
            is_listed.then(|| Line { name: line.name.clone(), repair })
        })
        .collect();
    if lines.is_empty() { Err(Refusal::NothingMaintained) } else { Ok(lines) }
}

fn is(line: &ReleaseLine, name: &str) -> bool {
    line.name.eq_ignore_ascii_case(name)
}

/// A line has a fix.
pub(super) fn fix(asked: &Asked<'_>, name: &str) -> Result<Done, Refusal> {
    let line = unreleased(asked.case(), name)?;
    asked.change(Change::FixReady { line: line.name.clone() })
}

/// A line will get no fix.
pub(super) fn refuse(asked: &Asked<'_>, name: &str, why: &str) -> Result<Done, Refusal> {
    let line = unreleased(asked.case(), name)?;
    let why = one_line(why, "the reason")?;
    let done = asked.change(Change::FixRefused { line: line.name.clone(), why })?;
    Ok(told_if_released(asked, done, None))
}

/// A release of a line has the fix.
pub(super) fn release(
    asked: &Asked<'_>,
    name: &str,
    version: &str,
    message: Option<&str>,
) -> Result<Done, Refusal> {
    let case = asked.case();
    let line = affected(case, name)?;
    if line.fixed_at().is_none() {
        return Err(Refusal::NoFix { case: case.id, line: line.name.clone() });
    }
    let version = one_line(version, "the version")?;
    let done = asked.change(Change::LineReleased { line: line.name.clone(), version })?;
    Ok(told_if_released(asked, done, message))
}

/// An affected line that no release has the fix of.
fn unreleased<'a>(case: &'a Case, name: &str) -> Result<&'a Line, Refusal> {
    let line = affected(case, name)?;
    match line.version() {
        None => Ok(line),
        Some(version) => Err(Refusal::ReleasedAlready {
            case: case.id,
            line: line.name.clone(),
            version: version.to_owned(),
        }),
    }
}

/// An affected line of the checklist.
fn affected<'a>(case: &'a Case, name: &str) -> Result<&'a Line, Refusal> {
    // Before it is anything else, a closed case is closed and one sent back is sent back.
    if case.lines.is_empty() && !matches!(case.state, State::Closed | State::Returned) {
        return Err(Refusal::NotConfirmed { case: case.id });
    }
    let mut lines = case.lines.iter();
    match lines.find(|line| line.name.eq_ignore_ascii_case(name.trim())) {
        Some(line) if line.is_affected() => Ok(line),
        Some(line) => Err(Refusal::NotAffected { case: case.id, line: line.name.clone() }),
        None => {
            let known = case.lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>();
            let known = format!("the checklist of {} has: {}", case.id, known.join(", "));
            Err(Refusal::UnknownLine { line: name.to_owned(), known })
        }
    }
}

/// The reporter is told once the last line is settled and there is a release to tell of.
fn told_if_released(asked: &Asked<'_>, done: Done, message: Option<&str>) -> Done {
    let Some(after) = done.changed.first().map(|changed| changed.case.clone()) else { return done };
    let was_released = asked.case().state == State::Released;
    if was_released || after.state != State::Released || after.fix_out_at().is_none() {
        return done;
    }
    let letter = letters::recipient(&after).map(|to| Letter {
        to,
        cc: after.cc.clone(),
        answers: letters::answered(asked.file, asked.rules),
        content: Content::Released(Released {
            project: asked.rules.project.name.clone(),
            policy: asked.rules.project.policy.clone(),
            case: after.id,
            fixes: letters::fixes(&after),
            embargo_until: after.embargo_until.filter(|at| *at > asked.now).map(Moment::utc),
            message: message.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned),
        }),
    });
    done.and_writes(letter)
}
