//! The judgement of one mail by its own facts: its kind, and where a submission's content is.
//!
//! Promises: total, pure, linear in the mail's text; every judgement carries the rule that spoke
//! and what it saw. Rule ids are part of the product's interface:
//!
//! | rule | kind | it saw |
//! | --- | --- | --- |
//! | `own.address` | own | one of the project's addresses in From |
//! | `bounce.report`, `bounce.notice` | bounce | RFC 3464; a server's sender and wording |
//! | `bounce.delayed` | bounce | one that says that the mail is late, and not that it failed |
//! | `spam.upstream` | spam | a filter's header field |
//! | `malformed.no-sender`, `malformed.unreadable` | malformed | nobody to answer; nothing could be read |
//! | `machine.verification` | auto-reply | some service lets an address prove itself, see `verification.rs` |
//! | `machine.*` | auto-reply | see [`machine`](self) rules in `machine.rs` |
//! | `bulk.*` | bulk | a list's or newsletter's header |
//! | `command.token` | command | an answer to a mail that can be answered with commands, of a maintainer or with `!` |
//! | `command.maintainer` | command | a maintainer's first own line begins with `!` |
//! | `thread.our-message-id`, `thread.case-number` | follow-up | it answers a mail of ours |
//! | `submission.person` | submission | none of the above |
//! | `body.*` | | where the content is, see `format.rs` |

mod address;
mod bounce;
mod bulk;
mod code;
mod format;
mod line;
mod look;
mod machine;
mod own_text;
mod phrases;
mod signature;
mod spam;
mod subject;
mod substance;
mod targets;
mod thread;
mod verification;
mod weight;

use crate::domain::address::Address;
use crate::domain::judgement::{Judgement, Kind, Reason};
use crate::domain::mail::{Defect, Mail, ReturnPath};
use crate::policy::capability::Places;
use crate::policy::relay::{self, Relay};

pub use look::Look;
use own_text::OwnText;

/// Whom a judgement has to know.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Surroundings {
    /// The project's own addresses: mail from them is our own come back.
    pub own: Vec<Address>,
    /// The maintainers' addresses: mail from them may be a command.
    pub maintainers: Vec<Address>,
    /// Who forwards reports: their mail is a person's, whatever it looks like.
    pub relays: Vec<Relay>,
    /// Where the tokens of mail to maintainers stand, where that can be answered with commands.
    pub tokens: Option<Places>,
}

/// Judges a mail. Total: every mail gets a kind and a reason.
pub fn judge(look: &Look<'_>, surroundings: &Surroundings) -> Judgement {
    let (kind, reason) = kind(look, surroundings);
    let mut reasons = vec![reason];
    let format = match kind {
        Kind::Submission | Kind::FollowUp => {
            let (format, why) = format::decide(look);
            // What the content's place rests on comes first: it decides whether a mail is sent back.
            reasons.splice(0..0, why);
            Some(format)
        }
        _ => None,
    };
    Judgement { kind, format, reasons }
}

/// Whether a program wrote the mail, by what the mail says itself.
pub fn is_automatic(mail: &Mail) -> bool {
    machine::find(&Look::at(mail)).is_some()
}

/// What somebody wrote to us who may give orders.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// Their own text above the first quotation that they answer: all of it where they answer none.
    pub above: String,
    /// Their own text below it.
    pub below: String,
}

/// What the writer says in this mail: without quotations, signature, footers and legal notices.
pub fn said(mail: &Mail) -> Said {
    let author = mail.author().and_then(|author| author.name.as_deref()).unwrap_or_default();
    let (above, below) = OwnText::said(&mail.text.text, &mail.subject, author);
    Said { above: above.join("\n"), below: below.join("\n") }
}

fn kind(look: &Look<'_>, surroundings: &Surroundings) -> (Kind, Reason) {
    let (mail, own) = (look.mail, &surroundings.own);
    if mail.defects.contains(&Defect::Unreadable) {
        return (
            Kind::Malformed,
            Reason::new(
                "malformed.unreadable",
                "the mail could not be read; it is kept as it came",
            ),
        );
    }
    if let Some(author) = mail.author().filter(|author| own.contains(&author.address)) {
        return (
            Kind::Own,
            Reason::new("own.address", format!("it comes from {}", author.address)),
        );
    }
    if let Some(reason) = bounce::find(mail) {
        let is_report = mail.delivery_report.is_some() || reason.rule == "bounce.report";
        // A filter's word counts more than a notice's wording: spam likes to look like a bounce.
        return match spam::find(mail) {
            Some(spam) if !is_report => (Kind::Spam, spam),
            _ => (Kind::Bounce, reason),
        };
    }
    if let Some(reason) = spam::find(mail) {
        return (Kind::Spam, reason);
    }
    if mail.author().is_none() {
        return (Kind::Malformed, no_sender());
    }
    if relay::of(mail, &surroundings.relays).is_none()
        && let Some(reason) = verification::find(look)
    {
        return (Kind::AutoReply, reason);
    }
    let list = bulk::find(mail, own);
    if let Some(reason) = machine::reply(look) {
        return (Kind::AutoReply, reason);
    }
    match (machine::find(look), list) {
        // Nobody answers a null return path, not even a relay's (RFC 3834 section 2).
        _ if mail.return_path != ReturnPath::Null
            && let Some(relay) = relay::of(mail, &surroundings.relays) =>
        {
            let detail = format!("forwarded by {} ({})", relay.name, relay.sender);
            return (Kind::Submission, Reason::new("relay.known", detail));
        }
        (_, Some(reason)) if reason.rule != "bulk.precedence" => return (Kind::Bulk, reason),
        (Some(reason), _) => return (Kind::AutoReply, reason),
        (None, Some(reason)) => return (Kind::Bulk, reason),
        (None, None) => {}
    }
    // A command is obeyed by the word of From alone: Sender and Reply-To prove nothing.
    let author = mail.from.first().map(|author| &author.address);
    let by_maintainer = author.is_some_and(|author| surroundings.maintainers.contains(author));
    let order = first_own_line(look).filter(|line| line.starts_with(['!', '！']));
    let token = surroundings.tokens.as_ref().and_then(|places| places.token_in(mail));
    if token.is_some() && (by_maintainer || order.is_some()) {
        let detail = "it answers a mail of ours to a maintainer";
        return (Kind::Command, Reason::new("command.token", detail));
    }
    if by_maintainer && let Some(line) = order {
        let shown: String = line.chars().take(80).collect();
        return (
            Kind::Command,
            Reason::new("command.maintainer", format!("a maintainer's mail begins with “{shown}”")),
        );
    }
    if let Some(reason) = thread::find(mail, own) {
        return (Kind::FollowUp, reason);
    }
    (
        Kind::Submission,
        Reason::new(
            "submission.person",
            "nothing marks it as a machine's, and it answers no mail of ours",
        ),
    )
}

/// The reason to call a mail malformed that nobody can be answered for.
pub fn no_sender() -> Reason {
    Reason::new("malformed.no-sender", "no address can be read from From, Sender or Reply-To")
}

fn first_own_line<'a>(look: &'a Look<'_>) -> Option<&'a str> {
    look.own().lines.iter().map(|line| line.trim()).find(|line| !line.is_empty())
}
