//! The judgement against a labelled corpus, whose folder `$CORPUS` names (as `.ci/run` does).
//!
//! Prints a table, a label a line, and the mails that came out wrong; fails below the bar. Without
//! `$CORPUS` it says so and does nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use embargod::domain::judgement::{Format, Judgement, Kind};
use embargod::mail::read::read;
use embargod::policy::judge::{Look, Surroundings, judge};

/// What a label asks for, and the least share that must come out right.
struct Bar {
    least: f64,
    is_right: fn(&Judgement) -> bool,
}

fn bar(label: &str) -> Option<Bar> {
    let bar = |least: f64, is_right: fn(&Judgement) -> bool| Some(Bar { least, is_right });
    match label {
        "accept" => bar(1.0, |j| by_person(j) && !is_sent_back(j)),
        "encrypted" => bar(1.0, |j| submitted(j, &[Format::Encrypted])),
        "attachment-only" => bar(0.97, |j| submitted(j, &[Format::AttachmentOnly])),
        "link-only" => bar(0.97, |j| submitted(j, &[Format::LinkOnly])),
        "not-in-body" => {
            bar(0.97, |j| submitted(j, &[Format::AttachmentOnly, Format::LinkOnly, Format::Empty]))
        }
        "empty" => bar(1.0, |j| submitted(j, &[Format::Empty])),
        "bounce" => bar(1.0, |j| j.kind == Kind::Bounce),
        "auto-reply" => bar(1.0, |j| j.kind == Kind::AutoReply),
        "bulk" => bar(1.0, |j| j.kind == Kind::Bulk),
        "machine" => bar(1.0, |j| matches!(j.kind, Kind::Bounce | Kind::AutoReply | Kind::Bulk)),
        "spam" => bar(1.0, |j| j.kind == Kind::Spam),
        "malformed" => bar(1.0, |j| j.kind == Kind::Malformed),
        "reply" | "human" => bar(1.0, by_person),
        "any" => bar(1.0, |_| true),
        _ => None,
    }
}

fn by_person(judgement: &Judgement) -> bool {
    matches!(judgement.kind, Kind::Submission | Kind::FollowUp)
}

fn is_sent_back(judgement: &Judgement) -> bool {
    judgement.kind == Kind::Submission && judgement.format.is_some_and(Format::is_sent_back)
}

fn submitted(judgement: &Judgement, formats: &[Format]) -> bool {
    by_person(judgement) && judgement.format.is_some_and(|format| formats.contains(&format))
}

fn main() -> ExitCode {
    let Some(folder) = std::env::var_os("CORPUS") else {
        println!("corpus: waits for $CORPUS, the folder with labels.tsv; nothing was checked");
        return ExitCode::SUCCESS;
    };
    let folder = Path::new(&folder);
    let labels = std::fs::read_to_string(folder.join("labels.tsv")).expect("labels.tsv in $CORPUS");
    let mails: Vec<(&str, &str, &str, Vec<u8>)> = labels
        .lines()
        .skip(1)
        .map(|line| {
            let mut columns = line.split('\t');
            let (file, label) = (columns.next().unwrap(), columns.next().unwrap());
            let rule = columns.nth(1).unwrap_or_default();
            let raw = std::fs::read(folder.join("mail").join(file)).expect(file);
            (file, label, rule, raw)
        })
        .collect();

    let surroundings = Surroundings::default();
    let started = Instant::now();
    let judged: Vec<Judgement> = mails
        .iter()
        .map(|(_, _, _, raw)| judge(&Look::at(&read(raw, raw.len() as u64)), &surroundings))
        .collect();
    let took = started.elapsed();

    let mut table: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for ((file, label, rule, _), judgement) in mails.iter().zip(&judged) {
        let row = table.entry(label).or_default();
        row.0 += 1;
        match bar(label) {
            Some(bar) if !(bar.is_right)(judgement) => {
                let reason = &judgement.reasons[0];
                wrong.push(format!(
                    "  {file} {label} ({rule}): {:?} {:?}, {}: {}",
                    judgement.kind, judgement.format, reason.rule, reason.detail
                ));
            }
            Some(_) => row.1 += 1,
            None => {}
        }
    }

    println!("{:<16} {:>6} {:>6} {:>7} {:>6}  verdict", "label", "mails", "right", "share", "bar");
    let mut fails = false;
    for (label, (all, right)) in &table {
        let Some(bar) = bar(label) else {
            println!("{label:<16} {all:>6}      –       –      –  not scored");
            continue;
        };
        let share = *right as f64 / *all as f64;
        let met = share >= bar.least;
        fails |= !met;
        let verdict = if met { "met" } else { "MISSED" };
        println!(
            "{label:<16} {all:>6} {right:>6} {:>6.1}% {:>5.0}%  {verdict}",
            share * 100.0,
            bar.least * 100.0
        );
    }
    println!("{} mails read and judged in {took:?}", mails.len());
    for line in wrong.iter().take(60) {
        println!("{line}");
    }
    if fails { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
