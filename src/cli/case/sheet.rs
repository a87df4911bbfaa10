//! A case as a person reads it: its facts, its work, its history.

use comfy_table::Table;

use super::super::table;
use super::list::running;
use crate::domain::Timestamp;
use crate::domain::address::displayable;
use crate::domain::case::Case;
use crate::domain::suggestion::Finding;
use crate::domain::views::{CaseFile, Direction};

/// The sections of a case, those that have something to say.
pub fn sheet(file: &CaseFile, now: Timestamp) -> String {
    let case = &file.case;
    let mut text = format!("{}  {}\n\n{}", case.id, case.subject, table::lines(&facts(file, now)));
    let sections = [
        ("Suggestions (a person decides)", suggestions(case)),
        ("Facts of the report", report(case)),
        ("Reports to the authorities", duties(case)),
        ("Lines of releases", lines(case)),
        ("For the advisory", advisory(case)),
        ("Events", events(file)),
        ("Mail", mail(file)),
    ];
    for (title, section) in sections.iter().filter(|(_, section)| !section.is_empty()) {
        text.push_str(&format!("\n{title}\n{}", table::lines(section)));
    }
    text
}

fn facts(file: &CaseFile, now: Timestamp) -> Table {
    let case = &file.case;
    let ended = case.disposition.map(|disposition| format!("closed as {}", disposition.name()));
    let earlier = file.earlier.iter().map(|earlier| match earlier.disposition {
        Some(disposition) => format!("{} ({})", earlier.id, disposition.name()),
        None => format!("{} ({})", earlier.id, earlier.state.name()),
    });
    let awaiting = case.awaiting.as_ref().map(|at| format!("the reporter, since {}", moment(at)));
    let by_word = if case.is_answered_by_word() { ", elsewhere, by a person's word" } else { "" };
    let responded = case.responded_at.as_ref().map(|at| moment(at) + by_word);
    let handover = case.handover.as_ref();
    named([
        ("state", Some(ended.unwrap_or_else(|| case.state.name().to_owned()))),
        ("merged into", case.merged_into.map(|case| case.to_string())),
        ("reporter", case.purged_at.is_none().then(|| case.reporter.to_string())),
        ("report", case.encrypted.then(|| "encrypted: no program has read it".to_owned())),
        ("sender", case.sender.map(|verdict| verdict.name().to_owned())),
        ("doubtful", case.doubt.clone()),
        ("not answered", case.withheld.clone()),
        ("earlier cases", joined(earlier)),
        ("links", joined(case.links.iter().map(ToString::to_string))),
        ("in Cc", joined(case.cc.iter().map(|address| displayable(address.as_str())))),
        ("handler", case.handler.clone()),
        ("handed over", handover.map(|over| format!("{}: {}", moment(&over.at), over.note))),
        ("followed by", joined(case.followers.iter().cloned())),
        ("received", Some(moment(&case.received_at))),
        ("imported", case.imported_at.as_ref().map(moment)),
        ("acknowledged", case.acknowledged_at.as_ref().map(moment)),
        ("responded", responded),
        ("last told", case.last_told_at.as_ref().map(moment)),
        ("not reached", case.unreached.as_ref().map(|mail| mail.why.clone())),
        ("waits for", awaiting),
        ("next update by", case.next_update_by.as_ref().map(moment)),
        ("disclose by", case.disclose_by.as_ref().map(moment)),
        ("embargo until", case.embargo_until.as_ref().map(moment)),
        ("disclosed", case.disclosed_at.as_ref().map(moment)),
        ("closed", case.closed_at.as_ref().map(moment)),
        ("purged", case.purged_at.as_ref().map(moment)),
        ("clock", running(case, now)),
    ])
}

fn suggestions(case: &Case) -> Table {
    let mut table = table::table(&[]);
    for suggestion in &case.suggestions {
        table.add_row([suggestion.kind.name(), &suggestion.why]);
    }
    table
}

fn report(case: &Case) -> Table {
    let mut table = table::table(&[]);
    for (fact, finding) in case.facts.iter().flat_map(|facts| facts.each()) {
        let found = match finding {
            Finding::Found(excerpt) => excerpt.cite(),
            Finding::NotFound => "not found".to_owned(),
        };
        table.add_row([fact.name().to_owned(), found]);
    }
    table
}

fn duties(case: &Case) -> Table {
    let mut table = table::table(&[]);
    let duties = case.exploited.iter().flat_map(|known| known.duties(case.fix_out_at()));
    for duty in duties {
        let by = match (&duty.made_at, &duty.by) {
            (Some(made_at), _) => format!("made on {}", moment(made_at)),
            (None, Some(by)) => format!("due by {}", moment(by)),
            (None, None) => "due 14 days after a fix is out".to_owned(),
        };
        table.add_row([duty.report.name().to_owned(), by]);
    }
    table
}

fn lines(case: &Case) -> Table {
    let mut table = table::table(&[]);
    for line in &case.lines {
        let at = line.released_at().or(line.fixed_at());
        let at = at.as_ref().map(moment).unwrap_or_default();
        table.add_row([line.describe(), at]);
    }
    table
}

fn advisory(case: &Case) -> Table {
    let facts = &case.advisory;
    named([
        ("title", facts.title.clone()),
        ("summary", facts.summary.clone()),
        ("affected", (!case.affected.is_empty()).then(|| case.affected.join(" or "))),
        ("workaround", facts.workaround.clone()),
        ("severity", joined(facts.cvss.iter().cloned())),
        ("weakness", facts.cwe.clone()),
        ("number", facts.cve.clone()),
        ("references", joined(facts.references.iter().cloned())),
        ("credits", joined(case.credits.iter().cloned())),
        ("similar problems", case.audit.clone()),
    ])
}

fn events(file: &CaseFile) -> Table {
    let mut table = table::table(&[]);
    for event in &file.events {
        table.add_row([moment(&event.at), event.actor.label(), event.change.describe()]);
    }
    table
}

fn mail(file: &CaseFile) -> Table {
    let mut table = table::table(&[]);
    for message in &file.messages {
        // An incoming mail is named by its number, in `case split`.
        let (way, who) = match message.direction {
            Direction::In => (format!("mail {} from", message.number), &message.from),
            Direction::Out => ("to".to_owned(), &message.to),
        };
        table.add_row([
            moment(&message.at),
            format!("{way} {who}"),
            message.status.clone(),
            message.subject.clone(),
        ]);
        let named =
            |what: &str, which: String| [String::new(), what.to_owned(), String::new(), which];
        let others = message.readers.iter().filter(|address| !file.case.knows(address));
        if let Some(others) = joined(others.map(|address| displayable(address.as_str()))) {
            table.add_row(named("  in Cc, not on the case", others));
        }
        for file in &message.files {
            let size = bytesize::ByteSize::b(file.size);
            let media_type = displayable(&file.media_type);
            table.add_row(named("  file", format!("{} ({media_type}, {size})", file.name)));
        }
    }
    table
}

/// Facts with their names, those that are there.
fn named<const N: usize>(facts: [(&str, Option<String>); N]) -> Table {
    let mut table = table::table(&[]);
    for (name, fact) in facts {
        if let Some(fact) = fact {
            table.add_row([name.to_owned(), fact]);
        }
    }
    table
}

fn joined(parts: impl Iterator<Item = String>) -> Option<String> {
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn moment(at: &Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
