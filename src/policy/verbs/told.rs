//! What somebody is told whose request is refused: what is missing, and the way out in the words of the
//! medium that asked.

use super::medium::Medium;
use super::refusal::Refusal;
use crate::domain::Timestamp;
use crate::domain::case::NotAllowed;
use crate::domain::case_id::CaseId;
use crate::domain::state::State;

impl Refusal {
    /// Why, and the way out in the words of the medium that asked.
    pub fn told(&self, by: Medium) -> String {
        match self {
            Self::NotAllowed(refused) => format!("{refused}{}", way_out(refused, by)),
            Self::Purged { case, at } => format!(
                "{case} was purged ({}): what it was about is erased, and nothing can be done with it",
                moment(at)
            ),
            Self::AnsweredElsewhere(case) => format!(
                "{case} came by a relay that is answered elsewhere: no mail can be sent to its \
                 reporter from here; answer there, and note it with {}",
                by.step(*case, &format!("answered {case}"), "answered")
            ),
            Self::NothingSaid { what } => format!("{what} is empty: nothing was done"),
            Self::NoSuchCase(case) => {
                let where_to_look = by.says(
                    "`embargod case list --all` shows them",
                    "the digest and the subjects of our mails have their numbers",
                );
                format!("there is no case {case}; {where_to_look}")
            }
            Self::Itself(case) => format!("{case} is the same case: name another one"),
            Self::UnknownHandler { handle, known } => {
                format!("nobody has the handle {handle:?}; the configuration has: {known}")
            }
            Self::Who => {
                format!(
                    "who? Name a maintainer{}",
                    by.says(" with --as HANDLE", " by their handle")
                )
            }
            Self::FollowsNot { case, handle, known } => format!(
                "{handle} does not follow {case}; {}",
                if known.is_empty() { "nobody does".to_owned() } else { format!("{known} does") }
            ),
            Self::CopyToMaintainer { case, handle } => format!(
                "that is the address of {handle}, which no mail to a reporter shows: use {}",
                by.step(
                    *case,
                    &format!("follow {case} --as {handle}"),
                    &format!("follow {handle}")
                )
            ),
            Self::CopyToOurselves => {
                "that is an address of the project's own: our mail would come back as a report"
                    .to_owned()
            }
            Self::CopiedAlready { case } => format!("our mail about {case} goes there already"),
            Self::NotCopied { case, known } => format!(
                "our mail about {case} does not go there; it goes to the reporter{}",
                others(known)
            ),
            Self::UnknownLine { line, known } => format!("there is no line {line:?}; {known}"),
            Self::NothingMaintained => format!(
                "none of the [[release_lines]] is maintained any more: name the affected ones with {}",
                by.says("--line", "`in LINE` behind the range")
            ),
            Self::NoRange => format!(
                "which versions are affected? {}",
                by.says(
                    "Add --affected RANGE, such as --affected '< 4.3.2'",
                    "Write the range behind it, such as `!confirm <4.3.2`"
                )
            ),
            Self::NotConfirmed { case } => format!(
                "{case} has no checklist yet: confirm it first with {}",
                by.step(*case, &format!("confirm {case} --affected RANGE"), "confirm RANGE")
            ),
            Self::NotAffected { case, line } => format!(
                "{line} is not affected: if it is, confirm {case} again with {}",
                by.says(&format!("--line {line}"), &format!("`in {line}` behind the range"))
            ),
            Self::NoFix { case, line } => format!(
                "{line} of {case} has no fix yet: note it first with {}",
                by.step(*case, &format!("fix {case} {line}"), &format!("fix {line}"))
            ),
            Self::ReleasedAlready { case, line, version } => {
                format!("{line} of {case} was released as {version} already")
            }
            Self::Unsettled { case, lines } => format!(
                "{case} is not released: {}; release them, or {}",
                lines.join("; "),
                by.step(*case, &format!("fix {case} LINE --none REASON"), "no-fix LINE REASON")
            ),
            Self::Past { what, at } => format!("{what} lies in the past ({})", moment(at)),
            Self::Future { what, at } => format!("{what} lies in the future ({})", moment(at)),
            Self::BeforeTheReport { what, at, received_at } => format!(
                "{what} ({}) lies before the report arrived ({})",
                moment(at),
                moment(received_at)
            ),
            Self::NoExtension { case, by: promised } => format!(
                "disclosure of {case} is promised by {} already: an extension has to be later",
                moment(promised)
            ),
            Self::Embargo { case, until } => format!(
                "{case} is under embargo until {}; {} ends it early",
                moment(until),
                by.step(*case, &format!("embargo {case} --lift"), "embargo lift")
            ),
            Self::NotDescribed { case } => format!(
                "{case} has no title and summary to publish: state them with {}",
                match by {
                    Medium::Shell => {
                        by.step(*case, &format!("describe {case} --title … --summary …"), "")
                    }
                    Medium::Mail { .. } => format!(
                        "{} and {}",
                        by.step(*case, "", "describe title TEXT"),
                        by.step(*case, "", "describe summary TEXT")
                    ),
                }
            ),
            Self::NoFact { what, value, why } => format!("{value:?} is not {what}: {why}"),
            Self::UnknownExclusion { id, known } => {
                format!("there is no exclusion {id:?}; the configuration has: {known}")
            }
            Self::OfNothing => format!(
                "which case is it a duplicate of? {}",
                by.says("Add --of CASE", "Write it behind `!duplicate`")
            ),
            Self::OtherReporter { case, into } => format!(
                "{case} and {into} are not from the same reporter: {} keeps them apart and answers both",
                by.step(
                    *case,
                    &format!("close {case} --as duplicate --of {into}"),
                    &format!("duplicate {into}")
                )
            ),
            Self::Closed(case) => {
                format!("{case} is closed: reopen it first with {}", reopening(*case, by))
            }
            Self::NoSuchMail { case, mail } => format!(
                "mail {mail} did not come into {case}; {}",
                by.says(
                    &format!("`embargod case show {case}` lists its mail"),
                    "without a number, `!split` opens a second case beside it"
                )
            ),
            Self::OnlyMail { case, mail } => format!(
                "mail {mail} is all there is in {case}: leave {} out to open a second case beside it",
                by.says("--mail", &format!("`mail {mail}`"))
            ),
            Self::NotExploited(case) => format!(
                "{case} is not known to be exploited: say since when with {}",
                match by {
                    Medium::Shell => "--known-since TIME".to_owned(),
                    Medium::Mail { .. } => by.step(*case, "", "exploited since TIME"),
                }
            ),
        }
    }
}

/// What to do where a state forbids something.
fn way_out(refused: &NotAllowed, by: Medium) -> String {
    let case = refused.case;
    match (refused.state, refused.event) {
        (State::Closed, _) => format!("; {} opens it again", reopening(case, by)),
        (State::Returned, _) => {
            format!("; {} takes the report in", by.step(case, &format!("accept {case}"), "accept"))
        }
        (_, "reopened") => "; it is open".to_owned(),
        (_, "accepted") => "; it was taken in already".to_owned(),
        _ => String::new(),
    }
}

fn reopening(case: CaseId, by: Medium) -> String {
    by.step(case, &format!("reopen {case} --reason …"), "reopen REASON")
}

fn others(known: &str) -> String {
    if known.is_empty() { String::new() } else { format!(" and {known}") }
}

fn moment(at: &Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::command;

    fn every_one() -> Vec<Refusal> {
        let case = CaseId { year: 2026, number: 1 };
        let at: Timestamp = "2026-11-25T09:00:00Z".parse().unwrap();
        let (line, handle) = ("4.x".to_owned(), "ada".to_owned());
        let known = String::new();
        let states = [State::Closed, State::Returned, State::Received];
        let not_allowed =
            states.map(|state| Refusal::NotAllowed(NotAllowed { case, state, event: "reopened" }));
        let mut all = vec![
            Refusal::AnsweredElsewhere(case),
            Refusal::NothingSaid { what: "the text" },
            Refusal::NoSuchCase(case),
            Refusal::Itself(case),
            Refusal::UnknownHandler { handle: handle.clone(), known: known.clone() },
            Refusal::Who,
            Refusal::Purged { case, at },
            Refusal::FollowsNot { case, handle: handle.clone(), known: known.clone() },
            Refusal::CopyToMaintainer { case, handle },
            Refusal::CopyToOurselves,
            Refusal::CopiedAlready { case },
            Refusal::NotCopied { case, known: known.clone() },
            Refusal::UnknownLine { line: line.clone(), known: known.clone() },
            Refusal::NothingMaintained,
            Refusal::NoRange,
            Refusal::NotConfirmed { case },
            Refusal::NotAffected { case, line: line.clone() },
            Refusal::NoFix { case, line: line.clone() },
            Refusal::ReleasedAlready { case, line, version: "4.3.3".to_owned() },
            Refusal::Unsettled { case, lines: vec![] },
            Refusal::Past { what: "the embargo", at },
            Refusal::Future { what: "the answer", at },
            Refusal::BeforeTheReport { what: "the answer", at, received_at: at },
            Refusal::NoExtension { case, by: at },
            Refusal::Embargo { case, until: at },
            Refusal::NotDescribed { case },
            Refusal::NoFact { what: "a CVE number", value: known.clone(), why: known.clone() },
            Refusal::UnknownExclusion { id: known.clone(), known },
            Refusal::OfNothing,
            Refusal::OtherReporter { case, into: case },
            Refusal::Closed(case),
            Refusal::NoSuchMail { case, mail: 7 },
            Refusal::OnlyMail { case, mail: 7 },
            Refusal::NotExploited(case),
        ];
        all.extend(not_allowed);
        all
    }

    #[test]
    fn a_mail_is_answered_in_words_of_mail_and_the_shell_in_its_own() {
        let about = Some(CaseId { year: 2026, number: 1 });
        let verbs: Vec<&str> =
            command::help().filter_map(|(usage, _)| usage.split(' ').next()).collect();
        for refusal in every_one() {
            let told = refusal.told(Medium::Mail { about });
            assert!(!told.contains("embargod ") && !told.contains(" --"), "{told}");
            for step in told.split("`!").skip(1) {
                let verb = step.split([' ', '`']).next().unwrap();
                assert!(verbs.contains(&verb), "there is no !{verb}: {told}");
            }
            let by_digest = refusal.told(Medium::Mail { about: None });
            let (steps, cases) =
                (by_digest.matches("`!").count(), by_digest.matches("`!EMB-").count());
            let of_no_case = matches!(
                refusal,
                Refusal::NoRange | Refusal::OfNothing | Refusal::NoSuchMail { .. }
            );
            assert!(steps == cases || of_no_case, "{by_digest}");
            let told = refusal.told(Medium::Shell);
            assert!(!told.contains("`!"), "{told}");
        }
    }
}
