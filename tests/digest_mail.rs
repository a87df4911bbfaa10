//! The daily digest from the store's view to the bytes of the mail.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

mod common;

use chrono::TimeDelta;
use common::work::{
    ada, ago, alternatives, busy_day, case, composed, edition, flooded_day, handled, made, mail,
    now, respond_in, sent_back,
};
use embargod::domain::case::Case;
use embargod::domain::digest::{Heading, Urgency};
use embargod::domain::judgement::Kind;
use embargod::domain::people::Maintainer;
use embargod::domain::state::State;
use embargod::domain::views::{UndeliveredLine, WorkView};
use embargod::policy::digest::digest;
use proptest::prelude::*;

#[test]
fn the_digest_of_a_busy_day_reads_well_as_text_and_as_html() {
    let mail = composed(made(&busy_day()));
    assert_eq!(mail.subject, "Express security: 2 overdue, 1 due within a day, 1 new (23 Nov)");
    let (text, html) = alternatives(&mail);
    insta::assert_snapshot!("busy-day-text", text);
    insta::assert_snapshot!("busy-day-html", html);
}

#[test]
fn text_stands_by_itself_at_72_columns() {
    let (text, _) = alternatives(&composed(made(&busy_day())));
    for line in text.lines() {
        assert!(textwrap::core::display_width(line) <= 72, "{line}");
    }
}

#[test]
fn every_open_case_stands_in_exactly_one_section_the_most_urgent_first() {
    let view = busy_day();
    let digest = made(&view);
    let headings: Vec<Heading> = digest.sections.iter().map(|section| section.heading).collect();
    let mut sorted = headings.clone();
    sorted.sort();
    assert_eq!(headings, sorted);
    let of_cases =
        |heading: &Heading| !matches!(heading, Heading::FollowUps | Heading::Undelivered);
    for case in &view.open {
        let sections = digest.sections.iter().filter(|section| of_cases(&section.heading));
        let lines = sections.flat_map(|section| &section.lines);
        assert_eq!(
            lines.filter(|line| line.number == case.id.to_string()).count(),
            1,
            "{}",
            case.id
        );
    }
}

#[test]
fn the_readers_own_cases_come_first_and_are_called_yours() {
    let overdue = &made(&busy_day()).sections[0];
    let lines: Vec<_> =
        overdue.lines.iter().map(|l| (l.number.as_str(), l.handler.as_deref())).collect();
    assert_eq!(lines, [("EMB-2026-0005", Some("you")), ("EMB-2026-0004", Some("grace"))]);
    let grace = Maintainer { handle: "grace".to_owned(), ..ada() };
    let hers = digest(&busy_day(), &edition(&grace)).unwrap();
    assert_eq!(hers.sections[0].lines[0].number, "EMB-2026-0004");
}

#[test]
fn a_clock_says_what_is_promised_how_long_is_left_and_when_in_the_readers_zone() {
    let view = WorkView { open: vec![respond_in(case(1, "a", 43), 5)], ..WorkView::default() };
    let line = &made(&view).sections[0].lines[0];
    let clock = line.clock.clone().unwrap();
    assert_eq!((clock.words.as_str(), clock.at.as_str()), ("respond in 5 h", "Mon 23 Nov, 13:00"));
    assert_eq!(clock.urgency, Urgency::Soon);
}

#[test]
fn a_deadline_is_overdue_only_once_it_has_passed() {
    let heading = |seconds: i64| {
        let respond_by = Some(now() + TimeDelta::seconds(seconds));
        let case = Case { respond_by, ..respond_in(case(1, "a", 43), 0) };
        made(&WorkView { open: vec![case], ..WorkView::default() }).sections[0].heading
    };
    assert_eq!(heading(-1), Heading::Overdue);
    assert_eq!(heading(0), Heading::DueSoon);
    assert_eq!(heading(86_400), Heading::DueSoon);
    assert_eq!(heading(86_401), Heading::WaitingForUs);
}

#[test]
fn nothing_to_say_is_no_digest() {
    assert_eq!(digest(&WorkView::default(), &edition(&ada())), None);
    let closed = Case { state: State::Closed, ..case(1, "a", 1) };
    let view = WorkView { open: vec![closed], ..WorkView::default() };
    assert_eq!(digest(&view, &edition(&ada())), None);
}

#[test]
fn machines_mail_alone_is_one_line() {
    let set_aside = vec![mail(1, "x", Kind::AutoReply, "auto.submitted")];
    let digest = made(&WorkView { set_aside, ..WorkView::default() });
    assert_eq!(digest.set_aside.as_deref(), Some("1 automatic reply"));
    assert!(digest.sections.is_empty());
}

#[test]
fn neither_the_reports_words_nor_the_reporter_are_in_a_digest() {
    let bytes = String::from_utf8(composed(made(&busy_day())).bytes).unwrap();
    let (text, html) = alternatives(&composed(made(&busy_day())));
    for secret in ["secret payload", "finder@example.net", "Secret Finder"] {
        assert!(
            !text.contains(secret) && !html.contains(secret) && !bytes.contains(secret),
            "{secret}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn no_subject_can_add_markup_or_lines(subject in "(\\PC|[\r\n<>&\"'/=]){0,200}") {
        let view = WorkView { open: vec![case(1, &subject, 1)], ..WorkView::default() };
        let (text, html) = alternatives(&composed(made(&view)));
        let plain = WorkView { open: vec![case(1, "plain", 1)], ..WorkView::default() };
        let (plain_text, plain_html) = alternatives(&composed(made(&plain)));
        let tags = |html: &str| html.matches('<').count();
        prop_assert_eq!(tags(&html), tags(&plain_html));
        prop_assert_eq!(text.lines().count(), plain_text.lines().count());
    }
}
