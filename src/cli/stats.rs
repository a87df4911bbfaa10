//! `embargod stats`: were the promises kept, and how much work is there?

use std::io::Write;
use std::path::Path;

use chrono::{Days, NaiveDate, TimeDelta};
use chrono_tz::Tz;
use clap::Args;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;

use super::run::runtime;
use super::{Failure, json, table};
use crate::config::{Secrets, Settings, locate};
use crate::daemon::clock::Clock;
use crate::domain::Timestamp;
use crate::policy::stats::{Answers, Figures, Period, begin_of, figures};
use crate::store::Store;

/// The period without `--from`, in days.
const DAYS: u32 = 30;

/// The longest bar, in characters.
const BAR: u32 = 24;

/// Show whether the promises were kept, and how much work there is.
///
/// Acknowledgements are timed from the arrival, detailed responses from the acknowledgement; days
/// and weeks are those of the digest's time zone. A promise that ran out in the period and was still
/// not kept at its end counts as missed.
#[derive(Debug, Args)]
pub struct StatsArgs {
    /// The first day [default: 30 days before the end]
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<NaiveDate>,
    /// The last day, included [default: up to now]
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<NaiveDate>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Shows the figures.
///
/// # Errors
/// 2 for a period that is none, 1 where there is no store.
pub fn stats(
    config: Option<&Path>,
    args: &StatsArgs,
    clock: &Clock,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let settings = Settings::load(&locate(config)?, Secrets::Skip)?;
    let zone = settings.digest.timezone;
    let period = period(args, zone, clock.now())?;
    let store = Store::open_existing(&settings.store)?;
    let history = runtime()?.block_on(store.history(period.from, period.to))?;
    let figures = figures(&history, period, zone);
    if args.json {
        return json::print(out, &FiguresJson::from(&figures));
    }
    table::print(out, &in_words(&figures, zone))
}

fn period(args: &StatsArgs, zone: Tz, now: Timestamp) -> Result<Period, Failure> {
    // The day after the last one; what is still to come has no figures.
    let end = args.to.and_then(|day| day.checked_add_days(Days::new(1)));
    let to = end.map_or(now, |day| begin_of(day, zone).min(now));
    let from = match args.from {
        Some(day) => begin_of(day, zone),
        None => Period::of_days_before(DAYS, to).from,
    };
    if from >= to {
        let last = to.with_timezone(&zone).format("%Y-%m-%d %H:%M");
        return Err(Failure::Wrong(format!("--from is not before the end of the period, {last}")));
    }
    Ok(Period { from, to })
}

#[derive(Debug, Serialize)]
struct FiguresJson<'a> {
    from: Timestamp,
    to: Timestamp,
    acknowledge: AnswersJson,
    respond: AnswersJson,
    open: Vec<AgeJson>,
    flow: Vec<FlowJson>,
    closed: Vec<EndingJson>,
    handlers: Vec<LoadJson<'a>>,
}

#[derive(Debug, Serialize)]
struct AnswersJson {
    given: u32,
    median_seconds: Option<i64>,
    p90_seconds: Option<i64>,
    in_time: u32,
    late: u32,
    missed: u32,
    share_in_time: Option<u32>,
}

#[derive(Debug, Serialize)]
struct AgeJson {
    under_days: Option<u32>,
    cases: u32,
}

#[derive(Debug, Serialize)]
struct FlowJson {
    from: Timestamp,
    to: Timestamp,
    new: u32,
    closed: u32,
    sent_back: u32,
}

#[derive(Debug, Serialize)]
struct EndingJson {
    disposition: Option<&'static str>,
    cases: u32,
}

#[derive(Debug, Serialize)]
struct LoadJson<'a> {
    handler: Option<&'a str>,
    open: u32,
    closed: u32,
}

impl From<&Answers> for AnswersJson {
    fn from(answers: &Answers) -> Self {
        Self {
            given: answers.given,
            median_seconds: answers.median.map(|time| time.num_seconds()),
            p90_seconds: answers.ninetieth.map(|time| time.num_seconds()),
            in_time: answers.in_time,
            late: answers.late,
            missed: answers.missed,
            share_in_time: answers.share_in_time(),
        }
    }
}

impl<'a> From<&'a Figures> for FiguresJson<'a> {
    fn from(figures: &'a Figures) -> Self {
        Self {
            from: figures.period.from,
            to: figures.period.to,
            acknowledge: AnswersJson::from(&figures.acknowledge),
            respond: AnswersJson::from(&figures.respond),
            open: figures
                .open
                .iter()
                .map(|band| AgeJson { under_days: band.under_days, cases: band.cases })
                .collect(),
            flow: figures
                .flow
                .iter()
                .map(|step| FlowJson {
                    from: step.period.from,
                    to: step.period.to,
                    new: step.new,
                    closed: step.closed,
                    sent_back: step.sent_back,
                })
                .collect(),
            closed: figures
                .endings
                .iter()
                .map(|(how, cases)| EndingJson {
                    disposition: how.map(|how| how.name()),
                    cases: *cases,
                })
                .collect(),
            handlers: figures
                .load
                .iter()
                .map(|load| LoadJson {
                    handler: load.handler.as_deref(),
                    open: load.open,
                    closed: load.closed,
                })
                .collect(),
        }
    }
}

fn in_words(figures: &Figures, zone: Tz) -> String {
    let local = |at: Timestamp| at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string();
    let Period { from, to } = figures.period;
    let mut text = format!("{} to {} ({zone})\n", local(from), local(to));
    let mut section = |title: &str, table: &Table| {
        text.push_str(&format!("\n{title}\n{}", table::lines(table)));
    };
    section("Promises", &promises(figures));
    section(&format!("Open at the end, by age: {}", figures.open_cases()), &ages(figures));
    section("New, closed, sent back", &flow(figures, zone));
    if !figures.endings.is_empty() {
        section("Closed as", &endings(figures));
    }
    if !figures.load.is_empty() {
        section("Handlers", &load(figures));
    }
    text
}

/// Columns of numbers, which are those after the first, end at the right.
fn aligned(mut table: Table, numbers: usize) -> Table {
    for column in table.column_iter_mut().skip(1).take(numbers) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// How long somebody waited: promises are made in hours, so days begin late.
fn wait(time: TimeDelta) -> String {
    match time.num_hours() {
        ..2 => format!("{} min", time.num_minutes()),
        hours @ 2..100 => format!("{hours} h"),
        _ => format!("{} d", time.num_days()),
    }
}

/// As many parts of the longest bar as `count` is of `most`; something for anything.
fn bar(count: u32, most: u32) -> String {
    let length = if most <= BAR {
        count
    } else {
        count.saturating_mul(BAR).checked_div(most).unwrap_or(0).max(count.min(1))
    };
    "█".repeat(usize::try_from(length).unwrap_or(0))
}

fn promises(figures: &Figures) -> Table {
    let mut table = table::table(&["", "MEDIAN", "90 %", "GIVEN", "LATE", "MISSED", "IN TIME", ""]);
    let time = |time: Option<TimeDelta>| time.map_or("-".to_owned(), wait);
    for (name, answers) in [("acknowledged", &figures.acknowledge), ("responded", &figures.respond)]
    {
        let share = answers.share_in_time();
        table.add_row([
            name.to_owned(),
            time(answers.median),
            time(answers.ninetieth),
            answers.given.to_string(),
            answers.late.to_string(),
            answers.missed.to_string(),
            share.map_or("-".to_owned(), |share| format!("{share} %")),
            share.map_or(String::new(), |share| bar(share, 100)),
        ]);
    }
    aligned(table, 6)
}

fn ages(figures: &Figures) -> Table {
    let mut table = table::table(&[]);
    let most = figures.open.iter().map(|band| band.cases).max().unwrap_or(0);
    let mut from = 0;
    for band in &figures.open {
        let ages = match band.under_days {
            Some(days) if from == 0 => format!("under {days} days"),
            Some(days) => format!("{from} to {days} days"),
            None => format!("{from} days and more"),
        };
        from = band.under_days.unwrap_or(from);
        table.add_row([ages, band.cases.to_string(), bar(band.cases, most)]);
    }
    aligned(table, 1)
}

fn flow(figures: &Figures, zone: Tz) -> Table {
    let mut table = table::table(&["FROM", "NEW", "CLOSED", "SENT BACK", ""]);
    let most = figures.flow.iter().map(|step| step.new).max().unwrap_or(0);
    for step in &figures.flow {
        table.add_row([
            step.period.from.with_timezone(&zone).format("%a %Y-%m-%d").to_string(),
            step.new.to_string(),
            step.closed.to_string(),
            step.sent_back.to_string(),
            bar(step.new, most),
        ]);
    }
    let total = figures.total();
    let sums = [total.new, total.closed, total.sent_back].map(|sum| sum.to_string());
    table.add_row(std::iter::once("in all".to_owned()).chain(sums));
    aligned(table, 3)
}

fn endings(figures: &Figures) -> Table {
    let mut table = table::table(&[]);
    let most = figures.endings.values().copied().max().unwrap_or(0);
    for (how, cases) in &figures.endings {
        let how = how.map_or("not known", |how| how.name());
        table.add_row([how.to_owned(), cases.to_string(), bar(*cases, most)]);
    }
    aligned(table, 1)
}

fn load(figures: &Figures) -> Table {
    let mut table = table::table(&["HANDLER", "OPEN", "CLOSED", ""]);
    let most = figures.load.iter().map(|load| load.open).max().unwrap_or(0);
    for load in &figures.load {
        table.add_row([
            load.handler.clone().unwrap_or_else(|| "nobody".to_owned()),
            load.open.to_string(),
            load.closed.to_string(),
            bar(load.open, most),
        ]);
    }
    aligned(table, 2)
}
