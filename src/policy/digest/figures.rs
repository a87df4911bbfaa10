//! The figures of the week as a digest tells them.

use super::{Edition, clock};
use crate::domain::Timestamp;
use crate::domain::digest::{AnswerFigures, Bar, Figures};
use crate::domain::history::History;
use crate::policy::stats::{self, AgeBand, Answers, Period};

const WEEK: u32 = 7;
const QUARTER: u32 = 90;

/// From when on the figures want the history: a week has few cases, and its figures leap, so that
/// those of a quarter of a year stand beside them.
pub fn figures_since(now: Timestamp) -> Timestamp {
    Period::of_days_before(QUARTER, now).from
}

/// The figures of the week, with those of a quarter of a year beside them.
pub(super) fn figures(history: &History, edition: &Edition<'_>) -> Figures {
    let over =
        |days| stats::figures(history, Period::of_days_before(days, edition.now), edition.zone());
    let (week, quarter) = (over(WEEK), over(QUARTER));
    let flow = week.total();
    let bands = week.open.iter().scan(0, |from, band| Some((age(from, band), band.cases)));
    let load = week.load.iter().filter(|load| load.open > 0);
    let load = load.map(|load| {
        let handler = load.handler.clone().unwrap_or_else(|| "nobody yet".to_owned());
        (handler, load.open)
    });
    Figures {
        answers: vec![
            answered("Acknowledgement", "7 days", &week.acknowledge),
            answered("Acknowledgement", "90 days", &quarter.acknowledge),
            answered("Detailed answer", "7 days", &week.respond),
            answered("Detailed answer", "90 days", &quarter.respond),
        ],
        flow: format!("{} new, {} closed, {} sent back", flow.new, flow.closed, flow.sent_back),
        open: bars(bands.collect()),
        load: bars(load.collect()),
    }
}

fn answered(answer: &'static str, period: &'static str, answers: &Answers) -> AnswerFigures {
    let broken = answers.late.saturating_add(answers.missed);
    let all = answers.in_time.saturating_add(broken);
    AnswerFigures {
        answer,
        period,
        median: answers.median.map(clock::length),
        ninetieth: answers.ninetieth.map(clock::length),
        kept: answers.share_in_time(),
        of: match all {
            0 => "none was due".to_owned(),
            all => format!("{} of {all}", answers.in_time),
        },
    }
}

/// The ages of a band that begins where the last one ended.
fn age(from: &mut u32, band: &AgeBand) -> String {
    let begin = *from;
    let Some(end) = band.under_days else { return format!("{begin} days and more") };
    *from = end;
    match (begin, end.saturating_sub(1)) {
        (0, _) => format!("under {end} days"),
        (begin, last) => format!("{begin} to {last} days"),
    }
}

/// Numbers as bars, the longest for the largest; what there is one of is still seen.
fn bars(counts: Vec<(String, u32)>) -> Vec<Bar> {
    let largest = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let length = |count: u32| match count {
        0 => 0,
        count => count.saturating_mul(100).checked_div(largest).unwrap_or(0).max(2),
    };
    counts.into_iter().map(|(label, count)| Bar { label, count, length: length(count) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_is_for_the_largest_and_what_there_is_one_of_is_still_seen() {
        let lengths = |counts: &[u32]| -> Vec<u32> {
            let counts = counts.iter().map(|count| (String::new(), *count)).collect();
            bars(counts).into_iter().map(|bar| bar.length).collect()
        };
        assert_eq!(lengths(&[4, 2, 0]), [100, 50, 0]);
        assert_eq!(lengths(&[1000, 1]), [100, 2]);
        assert_eq!(lengths(&[0, 0]), [0, 0]);
        assert_eq!(lengths(&[]), [0; 0]);
    }
}
