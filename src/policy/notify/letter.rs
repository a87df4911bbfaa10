//! The notice to one maintainer.

use chrono_tz::Tz;

use super::{Content, Told, others, thread};
use crate::domain::address::{Address, Mailbox, displayable};
use crate::domain::allowance::Bucket;
use crate::domain::authenticity::CheckedBy;
use crate::domain::digest::{Clock, Heading};
use crate::domain::due::Due;
use crate::domain::letter::{self, Letter};
use crate::domain::mail::{Encryption, Mail};
use crate::domain::notice::{News, Notice};
use crate::domain::people::Maintainer;
use crate::domain::shown::quoted;
use crate::domain::state::State;
use crate::policy::digest::{clock, step};
use crate::policy::rules::Rules;
use crate::policy::{caps, clocks, handler, lookalike};

/// The most characters of a mail's text in a notice, and the most of its readers.
const TEXT: usize = 20_000;
const READERS: usize = 10;

/// The letter to one reader, and which buckets it leaves behind.
pub(super) fn of(told: &Told<'_>, reader: &Maintainer, left: &[Bucket], rules: &Rules) -> Letter {
    let case = told.case;
    let zone = reader.timezone.unwrap_or(rules.notices.zone);
    let content = rules.notices.content;
    let (text, is_cut) = match (content, told.news) {
        (Content::Text | Content::Files, News::New | News::FollowUp) => text(told.mail),
        _ => (None, false),
    };
    let enclosed = if content == Content::Files { told.files.to_vec() } else { vec![] };
    let age = told.now.signed_duration_since(case.received_at);
    Letter {
        to: Mailbox::new(Some(&reader.name), reader.address.clone()),
        cc: vec![],
        answers: Some(thread(case.id, &reader.handle, &rules.project)),
        content: letter::Content::Notice(Notice {
            project: rules.project.name.clone(),
            reader: reader.handle.clone(),
            case: case.id,
            subject: subject(&case.subject),
            news: told.news,
            headline: headline(told, content),
            state: case.state.name(),
            age: format!("{} old", clock::length(age)),
            clocks: running(told, zone, rules),
            handler: handler::named(
                case.handler.as_deref(),
                &reader.handle,
                &rules.maintainers,
                told.now,
                zone,
            ),
            sender: sender(told, rules),
            suggestions: step::noticed(case).iter().map(|s| s.gist.clone()).collect(),
            files: files(told.mail),
            strangers: strangers(told, rules)
                .map(|address| displayable(address.as_str()))
                .collect(),
            text,
            is_cut,
            enclosed,
            is_last: left.iter().any(caps::is_empty),
            commands: commands(told, rules),
        }),
    }
}

/// A subject, or words in its place.
fn subject(text: &str) -> String {
    let shown = displayable(text);
    if shown.is_empty() { "(no subject)".to_owned() } else { shown }
}

fn headline(told: &Told<'_>, content: Content) -> String {
    let author = told.mail.author().map(|author| &author.address);
    let who = match author {
        Some(address) if *address == told.case.reporter.address => "The reporter",
        Some(address) if told.case.cc.contains(address) => "Somebody in Cc",
        _ => "Somebody",
    };
    let named = told.mail.author().filter(|_| content >= Content::Text);
    let named = named.map_or(String::new(), |author| format!(" ({author})"));
    match told.news {
        News::New => format!("A new report is in{named}."),
        News::FollowUp if told.case.state == State::Closed => {
            format!("{who} wrote into the closed case{named}.")
        }
        News::FollowUp => format!("{who} wrote{named}."),
        News::Undelivered => {
            let why = told.why.map_or(String::new(), |why| format!(": {}", displayable(why)));
            format!("A mail of ours did not reach the reporter{why}.")
        }
    }
}

/// The clocks that run: that of the detailed answer too, where its promise is on its way.
fn running(told: &Told<'_>, zone: Tz, rules: &Rules) -> Vec<Clock> {
    let clock = |due: Due, deadline| clock::clock(due.words(), deadline, told.now, zone);
    let on_its_way = told.answer && told.case.state == State::Received;
    let respond = on_its_way.then(|| rules.promises.respond_by(told.now));
    let others = clocks::running(told.case).into_iter();
    let others = others.filter(|running| !on_its_way || running.due != Due::Acknowledge);
    let respond = respond.into_iter().map(|by| clock(Due::Respond, by));
    respond.chain(others.map(|running| clock(running.due, running.deadline))).collect()
}

/// What is known of the sender, where somebody looked, and what is odd about the name.
fn sender(told: &Told<'_>, rules: &Rules) -> Vec<String> {
    if told.news == News::Undelivered {
        return vec![];
    }
    let looked = told.authenticity.checked_by != CheckedBy::Nobody;
    let verdict = looked.then(|| told.authenticity.verdict.name().to_owned());
    let author = told.mail.author();
    let doubt = author.and_then(|author| lookalike::doubt(author, told.authenticity, rules));
    verdict.into_iter().chain(doubt.map(|why| format!("doubtful, {why}"))).collect()
}

fn files(mail: &Mail) -> Option<String> {
    let (count, size) = mail.files().fold((0_u64, 0_u64), |(count, size), file| {
        (count.saturating_add(1), size.saturating_add(file.size))
    });
    let size = match size {
        0..1024 => format!("{size} bytes"),
        _ => format!("{} KiB", size.div_ceil(1024)),
    };
    match count {
        0 => None,
        1 => Some(format!("1 file, {size}")),
        _ => Some(format!("{count} files, {size}")),
    }
}

/// Whom a mail names as its readers and who is nobody on the case, of the project, or its author.
fn strangers<'a>(told: &'a Told<'_>, rules: &'a Rules) -> impl Iterator<Item = &'a Address> {
    let readers = others(told.mail, rules).filter(|_| told.news != News::Undelivered);
    readers.filter(|address| !told.case.knows(address)).take(READERS)
}

/// What the mail says.
fn text(mail: &Mail) -> (Option<String>, bool) {
    if let Some(encryption) = mail.encryption {
        let how = match encryption {
            Encryption::PgpMime | Encryption::PgpInline => "PGP",
            Encryption::Smime => "S/MIME",
        };
        return (Some(format!("(It is encrypted with {how}: `case show` names the mail.)")), false);
    }
    let mut rest = mail.text.text.chars();
    let start: String = rest.by_ref().take(TEXT).collect();
    let said = quoted(start.trim_matches('\n'));
    (Some(said.trim_end_matches('\n').to_owned()), rest.next().is_some())
}

fn commands(told: &Told<'_>, rules: &Rules) -> Vec<String> {
    let id = told.case.id;
    let mut commands = vec![format!("embargod case show {id}")];
    commands.extend(match told.news {
        News::New => step::next(told.case, Heading::New)
            .into_iter()
            .chain([format!("embargod case reply {id}")])
            .collect(),
        News::FollowUp if told.case.state == State::Closed => {
            vec![format!("embargod case reopen {id} --reason WHY")]
        }
        News::FollowUp => vec![format!("embargod case reply {id}")],
        News::Undelivered => vec![],
    });
    // An address is a stranger's word: it is left for the maintainer to type.
    if strangers(told, rules).next().is_some() {
        commands.push(format!("embargod case add-cc {id} ADDRESS"));
    }
    commands.dedup();
    commands
}
