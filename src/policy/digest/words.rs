//! What a digest calls things, one of them or many.

use std::collections::BTreeMap;

use crate::domain::digest::{Heading, Line, More, Section};
use crate::domain::judgement::Kind;

/// How many kinds of work a headline names.
const HEADLINE: usize = 3;

/// A section with its title and advice: the first `lines` of so many.
pub(super) fn section(heading: Heading, lines: Vec<Line>, count: usize) -> Section {
    let cut = count.saturating_sub(lines.len());
    Section {
        heading,
        title: title(heading).to_owned(),
        counted: counted(heading, count),
        count,
        advice: advice(heading).map(str::to_owned),
        lines,
        more: (cut > 0).then_some(More { count: cut, command: shows_all(heading) }),
    }
}

fn title(heading: Heading) -> &'static str {
    match heading {
        Heading::Legal => "Legal clocks",
        Heading::Overdue => "Overdue",
        Heading::DueSoon => "Due within a day",
        Heading::New => "New",
        Heading::WaitingForUs => "Waiting for us",
        Heading::WaitingForReporter => "Waiting for the reporter",
        Heading::SentBack => "Sent back",
        Heading::Quarantined => "Quarantined",
        Heading::Undelivered => "Undelivered",
        Heading::EmbargoEnding => "Embargoes ending",
        Heading::FollowUps => "Follow-ups",
        Heading::Closed => "Closed since the last digest",
    }
}

fn advice(heading: Heading) -> Option<&'static str> {
    match heading {
        Heading::SentBack => Some("To take one in as it is, run the command below it."),
        Heading::Quarantined => Some(
            "Kept, but embargod could not read them. `embargod mail retry NUMBER` tries again, \
             `embargod mail accept NUMBER` takes one in.",
        ),
        Heading::Undelivered => Some("The recipients did not get these."),
        Heading::Legal
        | Heading::Overdue
        | Heading::DueSoon
        | Heading::New
        | Heading::WaitingForUs
        | Heading::WaitingForReporter
        | Heading::EmbargoEnding
        | Heading::FollowUps
        | Heading::Closed => None,
    }
}

/// The command that lists what a section leaves out.
fn shows_all(heading: Heading) -> &'static str {
    match heading {
        Heading::Overdue
        | Heading::DueSoon
        | Heading::New
        | Heading::WaitingForUs
        | Heading::WaitingForReporter
        | Heading::SentBack
        | Heading::EmbargoEnding => "embargod case list",
        // A closed case may still owe something to the law.
        Heading::Legal | Heading::Closed => "embargod case list --all",
        Heading::Quarantined | Heading::Undelivered | Heading::FollowUps => "embargod digest --all",
    }
}

fn counted(heading: Heading, count: usize) -> String {
    let what = match heading {
        Heading::Legal => return plural(count, "legal clock", "legal clocks"),
        Heading::EmbargoEnding => return plural(count, "embargo ending", "embargoes ending"),
        Heading::FollowUps => return plural(count, "follow-up", "follow-ups"),
        Heading::Overdue => "overdue",
        Heading::DueSoon => "due within a day",
        Heading::New => "new",
        Heading::WaitingForUs => "waiting for us",
        Heading::WaitingForReporter => "waiting for the reporter",
        Heading::SentBack => "sent back",
        Heading::Quarantined => "quarantined",
        Heading::Undelivered => "undelivered",
        Heading::Closed => "closed",
    };
    format!("{count} {what}")
}

fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The work in a few words: the most urgent kinds of it, and our mail that did not arrive, which
/// nobody else will tell.
pub(super) fn headline(sections: &[Section], set_aside: bool) -> String {
    let urgent = sections.iter().take(HEADLINE);
    let silent = sections.iter().skip(HEADLINE).filter(|s| s.heading == Heading::Undelivered);
    let counted: Vec<&str> = urgent.chain(silent).map(|s| s.counted.as_str()).collect();
    match (counted.is_empty(), set_aside) {
        (false, _) => counted.join(", "),
        (true, true) => "only machines wrote".to_owned(),
        (true, false) => "nothing to do".to_owned(),
    }
}

/// Mail that nobody was answered for, counted by kind.
pub(super) fn set_aside(counts: &BTreeMap<Kind, usize>, verifications: usize) -> Option<String> {
    let replies = counts.get(&Kind::AutoReply).copied().unwrap_or(0).saturating_sub(verifications);
    let kinds = [
        (Kind::Bounce, "bounce", "bounces"),
        (Kind::Bulk, "list mail", "list mails"),
        (Kind::Own, "mail of our own", "mails of our own"),
        (Kind::Spam, "spam", "spam"),
        (Kind::Malformed, "unreadable mail", "unreadable mails"),
        (Kind::Command, "command", "commands"),
        (Kind::Submission, "submission", "submissions"),
        (Kind::FollowUp, "follow-up", "follow-ups"),
    ];
    let words: Vec<String> = kinds
        .into_iter()
        .filter_map(|(kind, one, many)| Some((*counts.get(&kind)?, one, many)))
        .chain([
            (replies, "automatic reply", "automatic replies"),
            (verifications, "verification mail of a service", "verification mails of services"),
        ])
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| plural(count, one, many))
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}
