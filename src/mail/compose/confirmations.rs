//! Samples of what maintainers are told of their commands.

use crate::domain::case_id::CaseId;
use crate::domain::confirmation::{Confirmation, Done, Doubted, Form, Refused, Sent, Standing};
use crate::domain::letter::{Answered, Content, Letter};
use crate::domain::mail::MessageId;
use crate::domain::people::Project;

/// What came of commands, in every variant.
pub fn letters(project: &Project, case: CaseId) -> Vec<Letter> {
    let text = |text: &str| text.to_owned();
    let facts = Confirmation {
        project: project.name.clone(),
        reader: text("ada"),
        case: Some(case),
        subject: Some(text("Sample subject")),
        headline: text("Nothing was done."),
        refused: None,
        done: vec![],
        cases: vec![],
        sent: vec![],
        remarks: vec![],
        help: vec![],
    };
    let done = |line: &str, event: &str| Done {
        line: text(line),
        events: vec![format!("{case}: {event}")],
    };
    let sent = |held| Sent {
        to: format!("the reporter of {case}"),
        held,
        subject: format!("[{case}] Your report"),
        text: text("> Hello Rae,\n>\n> thank you, we see it too.\n>\n> --\n> The team"),
    };
    let commands = Confirmation {
        headline: text("Done: 2 commands."),
        done: vec![
            done("!assign grace", "handler: grace"),
            done("!reply Hello Rae,", "wrote to the reporter"),
        ],
        cases: vec![Standing { case, state: "acknowledged", handler: Some(text("grace")) }],
        sent: vec![sent(false), sent(true)],
        remarks: vec![text("Files do not go out: 2 that you attached stayed here.")],
        ..facts.clone()
    };
    let refused = Refused {
        line: Some(text("!asign grace")),
        why: text("there is no command !asign; the nearest is !assign."),
        doubted: None,
    };
    let doubted = Doubted {
        at: text("Monday, 23 November 2026, 09:00 UTC"),
        from: text("ada@example.org"),
        way: text("If it was you: write the command into an answer to this mail."),
    };
    let doubt = Refused {
        line: None,
        why: text("nothing proves that the mail is from the address it names."),
        doubted: Some(doubted),
    };
    let help = Confirmation {
        case: None,
        subject: None,
        headline: text("These are the commands."),
        help: vec![Form { usage: "reply TEXT", does: "send TEXT to the reporter" }],
        ..facts.clone()
    };
    [
        commands,
        Confirmation { refused: Some(refused), ..facts.clone() },
        Confirmation { refused: Some(doubt), ..facts },
        help,
    ]
    .into_iter()
    .map(|facts| Letter {
        to: project.mailbox(),
        cc: vec![],
        answers: Some(Answered {
            message_id: MessageId(text("command@example.org")),
            references: vec![],
        }),
        content: Content::Confirmation(facts),
    })
    .collect()
}
