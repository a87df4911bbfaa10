//! Notices with invented facts, for the samples.

use crate::domain::case_id::CaseId;
use crate::domain::digest::{Clock, Urgency};
use crate::domain::letter::{Answered, Content, Letter};
use crate::domain::mail::MessageId;
use crate::domain::notice::{Enclosed, News, Notice};
use crate::domain::people::Project;

/// A notice of each kind, with every branch of the template.
pub fn letters(
    project: &Project,
    case: CaseId,
    clock: impl Fn(&str, Urgency) -> Clock,
) -> [Letter; 3] {
    let new = Notice {
        project: project.name.clone(),
        reader: "ada".to_owned(),
        case,
        subject: "Sample subject".to_owned(),
        news: News::New,
        headline: "A new report is in.".to_owned(),
        state: "received",
        age: "3 min old".to_owned(),
        clocks: vec![clock("respond in 47 h", Urgency::Later)],
        handler: "you".to_owned(),
        sender: vec![],
        suggestions: vec!["about left-pad, which is not ours".to_owned()],
        files: None,
        strangers: vec![],
        text: None,
        is_cut: false,
        enclosed: vec![],
        is_last: false,
        commands: vec![format!("embargod case show {case}"), format!("embargod case reply {case}")],
    };
    let follow_up = Notice {
        news: News::FollowUp,
        headline: "The reporter wrote (Rae <rae@example.net>).".to_owned(),
        sender: vec!["unproven".to_owned()],
        files: Some("1 file, 2 KiB".to_owned()),
        strangers: vec!["colleague@example.net".to_owned()],
        text: Some("> 5.0.0 has it too.\n> !confirm <U+202E>".to_owned()),
        is_cut: true,
        enclosed: vec![Enclosed {
            name: "1-poc.py.attachment".to_owned(),
            bytes: b"print(1)\n".to_vec(),
        }],
        suggestions: vec![],
        ..new.clone()
    };
    let undelivered = Notice {
        news: News::Undelivered,
        headline:
            "A mail of ours did not reach the reporter: reported undeliverable, status 5.1.1."
                .to_owned(),
        clocks: vec![clock("overdue by 2 d", Urgency::Overdue)],
        suggestions: vec![],
        is_last: true,
        commands: vec![format!("embargod case show {case}")],
        ..new.clone()
    };
    let root = MessageId(format!("{case}.thread.for-ada@{}", project.address.domain()));
    [new, follow_up, undelivered].map(|notice| Letter {
        to: project.mailbox(),
        cc: vec![],
        answers: Some(Answered { message_id: root.clone(), references: vec![] }),
        content: Content::Notice(notice),
    })
}
