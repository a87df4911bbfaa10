//! The one answer to an order.

use super::carry_out::Ran;
use super::{Doubt, Scene};
use crate::domain::address::{Mailbox, displayable};
use crate::domain::authenticity::Unsigned;
use crate::domain::confirmation::{Confirmation, Doubted, Form, Refused, Standing};
use crate::domain::letter::{Answered, Content, Letter, Moment};
use crate::domain::people::Maintainer;
use crate::policy::capability::NotTrusted;
use crate::policy::command;
use crate::policy::notify;

/// What came of an order.
pub(super) enum Outcome<'a> {
    /// It is nobody's word.
    Doubted(Doubt),
    /// It cannot be carried out.
    Refused {
        /// The line in whose way it stood.
        line: Option<String>,
        /// Why.
        why: String,
    },
    /// It was carried out.
    Done(&'a Ran),
}

/// Why an order is not believed, in words.
pub(super) fn reason(doubt: Doubt) -> String {
    match doubt {
        Doubt::NoToken => {
            "it answers no mail of ours that can be answered with commands".to_owned()
        }
        Doubt::Token(why) => why.to_string(),
        Doubt::NobodyLooks => {
            "nobody checks where mail comes from: [authentication] is by = \"nobody\"".to_owned()
        }
        Doubt::Signature(why) => why.to_string(),
    }
}

/// How to go on for whoever did write it.
fn way(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::NoToken => "If it was you: write the command into an answer to this mail.",
        Doubt::Token(why) => match why {
            NotTrusted::Forged | NotTrusted::Expired | NotTrusted::Revoked | NotTrusted::Used => {
                "If it was you: write the command into an answer to this mail."
            }
            NotTrusted::WrongSender => {
                "If it was you: answer this mail from the address that it went to."
            }
            NotTrusted::NotAuthenticated => {
                "If it was you: send it through the mail server of your domain, which signs it (DKIM) \
                 or is named in the domain's SPF."
            }
        },
        Doubt::NobodyLooks => {
            "If it was you: whoever runs embargod has to set [authentication] before commands by mail \
             can be believed."
        }
        Doubt::Signature(why) => match why {
            Unsigned::NothingSigned | Unsigned::NoKey => {
                "If it was you: sign it with your OpenPGP key, or send it through the mail server of \
                 your domain, which signs it (DKIM) or is named in the domain's SPF."
            }
            Unsigned::AnotherMail => {
                "If it was you: answer this mail, and leave the line with the token in what you quote \
                 and sign."
            }
            Unsigned::UnknownKey | Unsigned::KeyExpired | Unsigned::KeyRevoked => {
                "If it was you: whoever runs embargod has to be given your key as it is now \
                 (pgp_key_file); then answer this mail."
            }
            Unsigned::Bad | Unsigned::SignatureExpired => {
                "If it was you: sign an answer to this mail anew."
            }
            Unsigned::Weak => {
                "If it was you: sign an answer to this mail with SHA-256 or a longer digest."
            }
            Unsigned::Unverified => {
                "If it was you: answer this mail; whoever runs embargod finds the reason in its log \
                 and by `embargod check`."
            }
        },
    }
}

/// The letter to the maintainer.
pub(super) fn letter(scene: &Scene<'_>, reader: &Maintainer, outcome: Outcome<'_>) -> Letter {
    let case = scene.case();
    let project = &scene.rules.project;
    let facts = Confirmation {
        project: project.name.clone(),
        reader: reader.handle.clone(),
        case: case.map(|case| case.id),
        subject: case.map(|case| subject(&case.subject)),
        headline: String::new(),
        refused: None,
        done: vec![],
        cases: vec![],
        sent: vec![],
        remarks: vec![],
        help: vec![],
    };
    let facts = match outcome {
        Outcome::Doubted(doubt) => Confirmation {
            headline: "Nothing was done.".to_owned(),
            refused: Some(Refused {
                line: None,
                why: sentence(reason(doubt)),
                doubted: Some(Doubted {
                    at: Moment::utc(scene.arrival.arrived_at).long,
                    from: from(scene),
                    way: way(doubt).to_owned(),
                }),
            }),
            ..facts
        },
        Outcome::Refused { line, why } => Confirmation {
            headline: "Nothing was done.".to_owned(),
            refused: Some(Refused { line, why: sentence(why), doubted: None }),
            remarks: vec![
                "Answer this mail to try again; an answer with “!help” gets the list of commands."
                    .to_owned(),
            ],
            ..facts
        },
        Outcome::Done(ran) => done(scene, ran, facts),
    };
    // Their own mail is the nearest of the thread; the root keeps all mail about a case together.
    let root = case.map(|case| notify::thread(case.id, &reader.handle, project));
    let answered = scene.arrival.mail.message_id.clone().map(|message_id| Answered {
        message_id,
        references: root.iter().map(|root| root.message_id.clone()).collect(),
    });
    Letter {
        to: Mailbox::new(Some(&reader.name), reader.address.clone()),
        cc: vec![],
        answers: answered.or(root),
        content: Content::Confirmation(facts),
    }
}

fn done(scene: &Scene<'_>, ran: &Ran, facts: Confirmation) -> Confirmation {
    let headline = match (ran.done.as_slice(), ran.help) {
        ([], _) => "These are the commands.".to_owned(),
        ([_], _) => "Done.".to_owned(),
        (several, _) => format!("Done: {} commands.", several.len()),
    };
    let cases = ran.changed.iter().map(|changed| Standing {
        case: changed.case.id,
        state: changed.case.state.name(),
        handler: changed.case.handler.clone(),
    });
    let mut remarks = ran.remarks.clone();
    let files = scene.arrival.mail.files().count();
    if files > 0 && !ran.letters.is_empty() {
        remarks.push(format!("Files do not go out: {files} that you attached stayed here."));
    }
    let help = command::help().map(|(usage, does)| Form { usage, does });
    Confirmation {
        headline,
        done: ran.done.clone(),
        cases: cases.collect(),
        remarks,
        help: help.filter(|_| ran.help).collect(),
        ..facts
    }
}

/// Words with an end.
fn sentence(mut words: String) -> String {
    if !words.ends_with(['.', '?', '!']) {
        words.push('.');
    }
    words
}

/// The address that a mail says it is from, and nothing else of it.
fn from(scene: &Scene<'_>) -> String {
    let address = scene.arrival.mail.author().map(|author| displayable(author.address.as_str()));
    let address = address.unwrap_or_else(|| "nobody".to_owned());
    address.chars().take(80).collect()
}

/// A subject, or words in its place.
fn subject(text: &str) -> String {
    let shown = displayable(text);
    if shown.is_empty() { "(no subject)".to_owned() } else { shown }
}
