//! Figures over the cases of a period: whether the promises were kept, and how much work there is.
//!
//! Promises: pure, one pass over the cases; every figure is of the period alone, so that a period
//! that is over has the same figures for ever, but for cases that were reopened since.

mod answer;
mod period;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use chrono_tz::Tz;

pub use answer::Answers;
pub use period::{Period, begin_of};

use crate::domain::Timestamp;
use crate::domain::history::{History, Lifeline};
use crate::domain::state::Disposition;

use answer::Promised;

/// Upper ends of the bands of age, in days; the last band has none.
const AGES: [Option<u32>; 5] = [Some(2), Some(7), Some(30), Some(90), None];

/// The figures of one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// The period.
    pub period: Period,
    /// Acknowledgements: timed from the arrival.
    pub acknowledge: Answers,
    /// Persons' detailed answers: timed from the acknowledgement.
    pub respond: Answers,
    /// The cases open at its end, by age, the youngest first.
    pub open: Vec<AgeBand>,
    /// What came and went, a line each calendar week (or month) of it.
    pub flow: Vec<Flow>,
    /// How the cases ended that ended in it; `None` where nobody knows.
    pub endings: BTreeMap<Option<Disposition>, u32>,
    /// Who had how much of it: the most open cases first, then by name; `None` handled what nobody
    /// did.
    pub load: Vec<Load>,
}

/// Open cases of about the same age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeBand {
    /// They are younger than so many days; `None` in the last band.
    pub under_days: Option<u32>,
    /// How many they are.
    pub cases: u32,
}

/// What came and went in a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// The stretch.
    pub period: Period,
    /// Cases that began.
    pub new: u32,
    /// Cases that ended.
    pub closed: u32,
    /// Times that a report was sent back.
    pub sent_back: u32,
}

/// The work of one handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// The handle; `None` for cases that nobody handled.
    pub handler: Option<String>,
    /// Cases open at the period's end.
    pub open: u32,
    /// Cases that ended in it.
    pub closed: u32,
}

impl Figures {
    /// Cases open at the period's end.
    pub fn open_cases(&self) -> u32 {
        self.open.iter().fold(0, |sum, band| sum.saturating_add(band.cases))
    }

    /// The whole period's coming and going.
    pub fn total(&self) -> Flow {
        let zero = Flow { period: self.period, new: 0, closed: 0, sent_back: 0 };
        self.flow.iter().fold(zero, |sum, step| Flow {
            period: sum.period,
            new: sum.new.saturating_add(step.new),
            closed: sum.closed.saturating_add(step.closed),
            sent_back: sum.sent_back.saturating_add(step.sent_back),
        })
    }
}

/// The figures of a period, with its weeks as they are in a time zone.
pub fn figures(history: &History, period: Period, zone: Tz) -> Figures {
    let cases = || history.cases.iter();
    let open = || cases().filter(|case| case.is_open_at(period.to));
    let ended = || cases().filter_map(|case| Some((case, case.ended?)));
    let ended = || ended().filter(|(_, ended)| period.holds(ended.at));

    let mut bands = AGES.map(|under_days| AgeBand { under_days, cases: 0 });
    for case in open() {
        let age = period.to.signed_duration_since(case.received_at);
        let band = bands
            .iter_mut()
            .find(|band| band.under_days.is_none_or(|days| age < TimeDelta::days(i64::from(days))));
        count(band.map(|band| &mut band.cases));
    }
    let mut endings = BTreeMap::new();
    for (_, ended) in ended() {
        count(Some(endings.entry(ended.how).or_default()));
    }
    let mut load: BTreeMap<Option<&str>, (u32, u32)> = BTreeMap::new();
    for case in open() {
        count(Some(&mut load.entry(case.handler.as_deref()).or_default().0));
    }
    for (case, _) in ended() {
        count(Some(&mut load.entry(case.handler.as_deref()).or_default().1));
    }
    let mut load: Vec<Load> = load
        .into_iter()
        .map(|(handler, (open, closed))| Load { handler: handler.map(str::to_owned), open, closed })
        .collect();
    load.sort_by(|a, b| b.open.cmp(&a.open).then_with(|| a.handler.cmp(&b.handler)));

    Figures {
        period,
        acknowledge: Answers::over(cases().map(Lifeline::acknowledgement), &period),
        respond: Answers::over(cases().map(Lifeline::response), &period),
        open: bands.to_vec(),
        flow: flow(history, period, zone),
        endings,
        load,
    }
}

fn flow(history: &History, period: Period, zone: Tz) -> Vec<Flow> {
    let mut flow: Vec<Flow> = period
        .steps(zone)
        .into_iter()
        .map(|period| Flow { period, new: 0, closed: 0, sent_back: 0 })
        .collect();
    let mut note = |at: Timestamp, of: fn(&mut Flow) -> &mut u32| {
        let after = flow.partition_point(|step| step.period.to <= at);
        count(flow.get_mut(after).filter(|step| step.period.holds(at)).map(of));
    };
    for case in &history.cases {
        note(case.received_at, |step| &mut step.new);
        if let Some(ended) = case.ended {
            note(ended.at, |step| &mut step.closed);
        }
    }
    for at in &history.sent_back {
        note(*at, |step| &mut step.sent_back);
    }
    flow
}

fn count(figure: Option<&mut u32>) {
    if let Some(figure) = figure {
        *figure = figure.saturating_add(1);
    }
}

impl Lifeline {
    fn is_open_at(&self, at: Timestamp) -> bool {
        self.received_at < at && self.ended.is_none_or(|ended| ended.at >= at)
    }

    fn acknowledgement(&self) -> Promised {
        Promised {
            since: self.whole_at,
            by: self.acknowledge_by,
            at: self.acknowledged_at,
            void: self.ended.map(|ended| ended.at),
        }
    }

    fn response(&self) -> Promised {
        let ended = self.ended.map(|ended| ended.at);
        Promised {
            since: self.acknowledged_at,
            by: self.respond_by,
            at: self.responded_at,
            void: ended.into_iter().chain(self.awaiting).min(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::history::Ended;

    fn utc(text: &str) -> Timestamp {
        format!("2026-{text}:00Z").parse().unwrap()
    }

    /// A case that arrived, with both promises due 48 hours later and nothing done.
    fn arrived(at: &str) -> Lifeline {
        Lifeline {
            received_at: utc(at),
            whole_at: Some(utc(at)),
            acknowledge_by: Some(utc(at) + TimeDelta::hours(48)),
            acknowledged_at: None,
            respond_by: None,
            responded_at: None,
            awaiting: None,
            ended: None,
            handler: None,
        }
    }

    fn acknowledged(at: &str, after: i64) -> Lifeline {
        let acknowledged_at = utc(at) + TimeDelta::hours(after);
        Lifeline {
            acknowledged_at: Some(acknowledged_at),
            respond_by: Some(acknowledged_at + TimeDelta::hours(48)),
            handler: Some("ada".to_owned()),
            ..arrived(at)
        }
    }

    fn responded(at: &str, after: i64) -> Lifeline {
        let case = acknowledged(at, 1);
        Lifeline {
            responded_at: case.acknowledged_at.map(|at| at + TimeDelta::hours(after)),
            ..case
        }
    }

    fn ended(at: &str) -> Option<Ended> {
        Some(Ended { at: utc(at), how: Some(Disposition::Fixed) })
    }

    const NOVEMBER: (&str, &str) = ("11-01T00:00", "12-01T00:00");

    fn november(cases: Vec<Lifeline>) -> Figures {
        let period = Period { from: utc(NOVEMBER.0), to: utc(NOVEMBER.1) };
        figures(&History { cases, sent_back: vec![utc("11-10T00:00")] }, period, Tz::UTC)
    }

    #[test]
    fn an_answer_is_counted_in_the_period_in_which_it_went_out() {
        let figures = november(vec![
            responded("10-30T00:00", 10), // acknowledged and answered in October
            responded("10-31T12:00", 20), // acknowledged in October, answered in November
            responded("11-02T00:00", 30),
            responded("11-03T00:00", 100), // late
            responded("11-29T23:30", 40),  // acknowledged in November, answered in December
        ]);
        assert_eq!(figures.acknowledge.given, 3);
        assert_eq!(figures.acknowledge.median, Some(TimeDelta::hours(1)));
        assert_eq!(figures.respond.given, 3);
        assert_eq!(figures.respond.median, Some(TimeDelta::hours(30)));
        assert_eq!(figures.respond.ninetieth, Some(TimeDelta::hours(100)));
        assert_eq!((figures.respond.in_time, figures.respond.late), (2, 1));
        assert_eq!(figures.respond.share_in_time(), Some(66));
    }

    #[test]
    fn a_promise_that_nobody_kept_is_missed_even_though_no_answer_can_be_timed() {
        let figures = november(vec![acknowledged("11-02T00:00", 1), arrived("11-29T12:00")]);
        assert_eq!((figures.respond.given, figures.respond.missed), (0, 1));
        assert_eq!(figures.respond.share_in_time(), Some(0));
        assert_eq!(figures.acknowledge.missed, 0, "it is due in December");
    }

    #[test]
    fn a_promise_is_not_missed_by_a_case_that_ended_or_waits_for_the_reporter() {
        let closed = Lifeline { ended: ended("11-03T00:00"), ..acknowledged("11-02T00:00", 1) };
        let asked =
            Lifeline { awaiting: Some(utc("11-03T00:00")), ..acknowledged("11-02T00:00", 1) };
        let asked_late = Lifeline { awaiting: Some(utc("11-05T00:00")), ..asked.clone() };
        assert_eq!(november(vec![closed, asked]).respond.missed, 0);
        assert_eq!(november(vec![asked_late]).respond.missed, 1);
    }

    #[test]
    fn a_report_that_was_sent_back_first_does_not_count_the_reporters_own_time() {
        let sent_back = Lifeline { whole_at: None, ..acknowledged("11-02T00:00", 400) };
        let figures = november(vec![sent_back, acknowledged("11-02T00:00", 2)]);
        assert_eq!(
            (figures.acknowledge.given, figures.acknowledge.ninetieth),
            (2, Some(TimeDelta::hours(2)))
        );
    }

    #[test]
    fn what_was_open_at_the_end_of_a_period_is_told_from_what_is_open_now() {
        let ending = |at: &str, case| Lifeline { ended: ended(at), ..case };
        let figures = november(vec![
            ending("12-05T00:00", responded("11-29T12:00", 1)),
            ending("11-20T00:00", responded("08-01T00:00", 1)),
            responded("09-10T00:00", 1),
            arrived("08-01T00:00"),
            arrived("12-03T00:00"),
        ]);
        let bands: Vec<u32> = figures.open.iter().map(|band| band.cases).collect();
        assert_eq!(bands, [1, 0, 0, 1, 1]);
        assert_eq!(figures.open_cases(), 3);
        assert_eq!(figures.endings, BTreeMap::from([(Some(Disposition::Fixed), 1)]));
        let load: Vec<_> =
            figures.load.iter().map(|l| (l.handler.as_deref(), l.open, l.closed)).collect();
        assert_eq!(load, [(Some("ada"), 2, 1), (None, 1, 0)]);
        let total = figures.total();
        assert_eq!((total.new, total.closed, total.sent_back), (1, 1, 1));
        assert_eq!(
            figures.flow.iter().map(|step| step.sent_back).collect::<Vec<_>>(),
            [0, 0, 1, 0, 0, 0]
        );
    }
}
