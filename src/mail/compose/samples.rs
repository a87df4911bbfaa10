//! Letters with invented facts: every kind, and every branch of the embedded templates.

use chrono::{DateTime, NaiveDate, TimeDelta};

use crate::domain::Timestamp;
use crate::domain::address::Mailbox;
use crate::domain::case_id::CaseId;
use crate::domain::digest::{
    AnswerFigures, Bar, Clock, Digest, Figures, Heading, Line, Section, Urgency,
};
use crate::domain::judgement::Format;
use crate::domain::letter::{
    Acknowledgement, Announcement, Answered, Clause, Closed, Closing, Content, Disclosure, Fix,
    Letter, Message, Moment, Released, Saying, SentBack,
};
use crate::domain::mail::MessageId;
use crate::domain::people::Project;
use crate::domain::reminder::{self, Reminder};
use crate::domain::state::Disposition;

/// Monday, 23 November 2026, 09:00 UTC.
pub fn at() -> Timestamp {
    DateTime::from_timestamp(1_795_424_400, 0).unwrap_or_default()
}

/// A person's words: a long line, a list, a quotation and code, which stay as they were written.
const ANSWER: &str = "Hello Rae,

thank you, we can see it happen. The check runs before the escape is decoded, so that the path it looks at is not the one that is opened.

- We will fix 5.x and 4.x, and release both on the same day, which should be before the end of the month.
- You will hear from us before that.

> Is the router affected too? It seems to use the same function in a place that I could not look into closely.

No:

    const decoded = decodeURIComponent(segment) // the router decodes first, so that nothing can hide

Ada";

/// What an advisory says.
const SUMMARY: &str = "The check of a path runs before %5c is decoded.

An attacker can read every file that the server's user can read.";

/// The acknowledgement of a second case.
fn split_from_another(content: Content) -> Content {
    match content {
        Content::Acknowledgement(facts) => {
            let split_from = Some(CaseId { year: 2026, number: 1 });
            Content::Acknowledgement(Acknowledgement { split_from, ..facts })
        }
        other => other,
    }
}

/// A letter of every kind, in every variant.
pub fn letters(project: &Project) -> Vec<Letter> {
    let acknowledgement = |missing: &[&str], encrypted, closed: Option<Closed>| {
        let (acknowledge, respond) = if closed.is_some() { (120, 168) } else { (48, 96) };
        Content::Acknowledgement(Acknowledgement {
            project: project.name.clone(),
            policy: project.policy.clone(),
            case: case(),
            split_from: None,
            received: Moment::utc(at()),
            acknowledge_by: in_hours(acknowledge),
            late: false,
            respond_by: in_hours(respond),
            update_every: "14 days".to_owned(),
            closed,
            missing: missing.iter().map(|text| (*text).to_owned()).collect(),
            encrypted,
        })
    };
    let sent_back = |format, rule: &str| {
        Content::SentBack(SentBack {
            project: project.name.clone(),
            policy: project.policy.clone(),
            case: case(),
            format,
            rule: rule.to_owned(),
            received: Moment::utc(at()),
        })
    };
    let message = |saying, text: &str| {
        Content::Message(Message {
            project: project.name.clone(),
            case: case(),
            text: text.to_owned(),
            saying,
        })
    };
    let fix = |line: &str, version: Option<&str>, no_fix: Option<&str>| Fix {
        line: line.to_owned(),
        version: version.map(str::to_owned),
        no_fix: no_fix.map(str::to_owned),
    };
    let fixes = vec![
        fix("5.x", Some("5.2.1"), None),
        fix("4.x", Some("4.21.3"), None),
        fix("3.x", None, Some("it gets no fixes since 2025")),
    ];
    let released = |embargo_until, message: Option<&str>| {
        Content::Released(Released {
            project: project.name.clone(),
            policy: project.policy.clone(),
            case: case(),
            fixes: fixes.clone(),
            embargo_until,
            message: message.map(str::to_owned),
        })
    };
    let bare = Disclosure {
        project: project.name.clone(),
        policy: project.policy.clone(),
        case: case(),
        title: "Path traversal in sample.static()".to_owned(),
        summary: SUMMARY.to_owned(),
        cve: None,
        cvss: vec![],
        cwe: None,
        affected: Vec::new(),
        fixes: Vec::new(),
        references: Vec::new(),
        credits: Vec::new(),
        message: None,
    };
    let full = Disclosure {
        cve: Some("CVE-2026-12345".to_owned()),
        cvss: vec!["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N".to_owned()],
        cwe: Some("CWE-22".to_owned()),
        affected: vec![">= 5.0.0, < 5.2.1".to_owned(), ">= 4.0.0, < 4.21.3".to_owned()],
        fixes: fixes.clone(),
        references: vec!["https://example.org/advisories/2026-1".to_owned()],
        credits: vec!["Rae Finder".to_owned(), "the Example Lab".to_owned()],
        message: Some("It was a pleasure to work with you.".to_owned()),
        ..bare.clone()
    };
    let contents = [
        acknowledgement(&[], false, None),
        acknowledgement(
            &["Which versions are affected?", "How can it be reproduced?"],
            false,
            None,
        ),
        acknowledgement(&[], true, None),
        acknowledgement(
            &[],
            false,
            Some(Closed {
                until: in_hours(72),
                message: Some("If it cannot wait, write that into the subject.".to_owned()),
            }),
        ),
        split_from_another(acknowledgement(&[], false, None)),
        sent_back(Format::LinkOnly, "body.only-links"),
        sent_back(Format::AttachmentOnly, "body.only-attachment"),
        sent_back(Format::Empty, "body.empty"),
        message(Saying::Answer, ANSWER),
        message(Saying::Question, "Which version did you try?"),
        released(None, None),
        released(Some(in_hours(240)), Some("Your second patch is the one that went in.")),
        Content::Disclosure(bare),
        Content::Disclosure(full),
        announcement(project, fixes.clone()),
    ];
    let closings = Disposition::ALL.into_iter().map(|disposition| {
        let scope = disposition == Disposition::OutOfScope;
        Content::Closing(Closing {
            project: project.name.clone(),
            policy: project.policy.clone(),
            case: case(),
            disposition,
            clause: scope.then(|| Clause {
                title: "Malicious third-party modules".to_owned(),
                reply: Some("We trust the modules that an application installs.".to_owned()),
            }),
            package: (disposition == Disposition::ThirdParty).then(|| "left-pad".to_owned()),
            message: scope.then(|| "Thank you for the clear description.".to_owned()),
        })
    });
    let mut letters: Vec<Letter> = contents
        .into_iter()
        .chain(closings)
        .map(|content| Letter {
            to: Mailbox { name: None, address: project.address.clone() },
            cc: vec![],
            answers: Some(Answered {
                message_id: MessageId("report@example.org".to_owned()),
                references: Vec::new(),
            }),
            content,
        })
        .collect();
    letters.push(Letter {
        to: project.mailbox(),
        cc: vec![],
        answers: None,
        content: Content::Digest(digest(&project.name)),
    });
    for lines in [1, 3] {
        letters.push(Letter {
            to: project.mailbox(),
            cc: vec![],
            answers: None,
            content: Content::Reminder(reminder(&project.name, lines)),
        });
    }
    letters.extend(super::notices::letters(project, case(), clock));
    letters.extend(super::confirmations::letters(project, case()));
    letters
}

/// A reminder of so many clocks.
fn reminder(project: &str, lines: usize) -> Reminder {
    let line = |words: &str, urgency| reminder::Line {
        case: case(),
        subject: "Sample subject".to_owned(),
        clock: clock(words, urgency),
        stage: "four fifths of the time are over",
        handler: "grace (back Mon 7 Dec)".to_owned(),
        commands: vec![format!("embargod case reply {}", case())],
    };
    let all = [
        line("respond in 5 h", Urgency::Soon),
        line("overdue by 2 d", Urgency::Overdue),
        line("respond in 9 d", Urgency::Later),
    ];
    let alone = lines == 1;
    Reminder {
        project: project.to_owned(),
        reader: "ada".to_owned(),
        headline: match alone {
            true => format!("{}: respond in 5 h", case()),
            false => "3 promises fall due, 1 is overdue".to_owned(),
        },
        lines: all.into_iter().take(lines).collect(),
        more: if alone { 0 } else { 12 },
    }
}

fn announcement(project: &Project, fixes: Vec<Fix>) -> Content {
    Content::Announcement(Announcement {
        project: project.name.clone(),
        address: project.address.to_string(),
        policy: project.policy.clone(),
        case: case(),
        title: "Path traversal in sample.static()".to_owned(),
        summary: SUMMARY.to_owned(),
        workaround: Some("Refuse requests whose path has a % in it after decoding.".to_owned()),
        cve: Some("CVE-2026-12345".to_owned()),
        severity: vec!["7.5 high, CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N".to_owned()],
        weaknesses: vec!["CWE-22".to_owned()],
        affected: vec!["sample >= 4.0.0, < 4.21.3".to_owned()],
        fixes,
        references: vec!["https://example.org/advisories/2026-1".to_owned()],
        credits: vec!["Rae Finder".to_owned()],
    })
}

/// A digest with a line of every shape.
fn digest(project: &str) -> Digest {
    let line = |subject: &str| Line {
        number: case().to_string(),
        subject: subject.to_owned(),
        since: at(),
        age: "3 d old".to_owned(),
        clock: None,
        handler: None,
        own: false,
        why: None,
        suggestions: Vec::new(),
        command: None,
    };
    let clocked = |words: &str, urgency| Line {
        clock: Some(clock(words, urgency)),
        handler: Some("ada".to_owned()),
        ..line("Sample subject")
    };
    let section = |heading, title: &str, advice: Option<&str>, lines| Section {
        heading,
        title: title.to_owned(),
        counted: format!("1 {}", title.to_lowercase()),
        count: 1,
        advice: advice.map(str::to_owned),
        lines,
        more: None,
    };
    Digest {
        project: project.to_owned(),
        reader: "ada".to_owned(),
        at: at(),
        day: NaiveDate::from_ymd_opt(2026, 11, 23).unwrap_or_default(),
        short_day: "23 Nov".to_owned(),
        made: "Monday, 23 November 2026, 10:00 CET".to_owned(),
        headline: "1 overdue, 1 due within a day".to_owned(),
        sections: vec![
            section(
                Heading::Overdue,
                "Overdue",
                None,
                vec![clocked("overdue by 2 d", Urgency::Overdue)],
            ),
            section(
                Heading::DueSoon,
                "Due within a day",
                None,
                vec![clocked("respond in 5 h", Urgency::Soon)],
            ),
            section(
                Heading::WaitingForUs,
                "Waiting for us",
                None,
                vec![clocked("update reporter in 9 d", Urgency::Later)],
            ),
            section(
                Heading::SentBack,
                "Sent back",
                Some("Overrule with the command below the case."),
                vec![Line {
                    why: Some("only behind a link (body.only-links)".to_owned()),
                    command: Some(format!("embargod case accept {}", case())),
                    ..line("Sample subject")
                }],
            ),
        ],
        set_aside: Some("2 bounces, 1 newsletter".to_owned()),
        unanswered: 2,
        figures: Some(figures()),
    }
}

fn figures() -> Figures {
    let answered = |answer, kept: Option<u32>| AnswerFigures {
        answer,
        period: "7 days",
        median: kept.map(|_| "2 h".to_owned()),
        ninetieth: kept.map(|_| "20 h".to_owned()),
        kept,
        of: "11 of 12".to_owned(),
    };
    let bar = |label: &str, count, length| Bar { label: label.to_owned(), count, length };
    Figures {
        answers: vec![answered("Acknowledgement", Some(91)), answered("Detailed answer", None)],
        flow: "5 new, 3 closed, 2 sent back".to_owned(),
        open: vec![bar("under 2 days", 4, 100), bar("2 to 6 days", 1, 25)],
        load: vec![bar("ada", 5, 100)],
    }
}

fn clock(words: &str, urgency: Urgency) -> Clock {
    Clock {
        promise: "respond",
        words: words.to_owned(),
        deadline: at(),
        at: "Tue 24 Nov, 09:00".to_owned(),
        urgency,
    }
}

fn case() -> CaseId {
    CaseId { year: 2026, number: 1 }
}

fn in_hours(hours: i64) -> Moment {
    Moment::utc(at().checked_add_signed(TimeDelta::hours(hours)).unwrap_or_else(at))
}
