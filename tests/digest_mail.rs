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

use std::collections::BTreeSet;
use std::process::Command;

use chrono::TimeDelta;
use common::work::{
    ada, ago, alternatives, asked, busy_day, case, composed, edition, exploited, flooded_day, made,
    made_with_figures, mail, now, respond_in, sent_back, suggested, unreached, update_in,
};
use embargod::domain::case::{Case, Handover};
use embargod::domain::digest::{Heading, Line, Urgency};
use embargod::domain::judgement::Kind;
use embargod::domain::outgoing::Purpose;
use embargod::domain::people::Maintainer;
use embargod::domain::state::State;
use embargod::domain::suggestion::SuggestionKind;
use embargod::domain::views::{UndeliveredLine, WorkView};
use embargod::policy::digest::{Edition, Room, digest};
use embargod::policy::disclosure::EmbargoList;
use proptest::prelude::*;

#[test]
fn the_digest_of_a_busy_day_reads_well_as_text_and_as_html() {
    let mail = composed(made_with_figures(&busy_day()));
    assert_eq!(
        mail.subject,
        "Express security: 1 legal clock, 2 overdue, 1 due within a day, 2 undelivered (23 Nov)"
    );
    let (text, html) = alternatives(&mail);
    insta::assert_snapshot!("busy-day-text", text);
    insta::assert_snapshot!("busy-day-html", html);
}

/// Whether a line of the text part stands by itself: short, or a command that is there to be copied.
fn stands_by_itself(line: &str) -> bool {
    textwrap::core::display_width(line) <= 72 || line.trim_start().starts_with("embargod case ")
}

#[test]
fn text_stands_by_itself_at_72_columns() {
    for view in [busy_day(), flooded_day(), WorkView::default()] {
        let (text, _) = alternatives(&composed(made_with_figures(&view)));
        for line in text.lines() {
            assert!(stands_by_itself(line), "{line}");
        }
    }
}

#[test]
fn every_command_is_on_one_line_of_the_text() {
    let digest = made(&busy_day());
    let (text, _) = alternatives(&composed(digest.clone()));
    let commands: Vec<String> = digest
        .sections
        .iter()
        .flat_map(|section| &section.lines)
        .filter_map(|line| line.command.clone())
        .collect();
    assert!(commands.len() >= 4, "{commands:?}");
    for command in commands {
        assert!(text.lines().any(|line| line.trim_start() == command), "{command}\n{text}");
    }
}

#[test]
fn every_command_of_a_digest_is_one_that_there_is() {
    let asked_to_disclose = Case { state: State::Released, ..update_in(case(20, "a", 90), 400) };
    let asked_to_disclose = Case { disclose_by: Some(ago(2)), ..asked_to_disclose };
    let third_party = suggested(case(21, "a", 3), SuggestionKind::ThirdParty, None, "b");
    let mut view = flooded_day();
    view.open.extend([asked_to_disclose, third_party]);
    let ada = ada();
    let whole = digest(&view, &Edition { room: Room::ALL, ..edition(&ada) }).unwrap();
    let lines = whole.sections.iter().flat_map(|section| &section.lines);
    let cut = made(&view);
    let more = cut.sections.iter().filter_map(|section| Some(section.more.as_ref()?.command));
    let commands: BTreeSet<String> =
        lines.filter_map(|line| line.command.clone()).chain(more.map(str::to_owned)).collect();
    let mut kinds = BTreeSet::new();
    for command in commands {
        let words: Vec<&str> = command.split(' ').collect();
        let ended = Command::new(env!("CARGO_BIN_EXE_embargod"))
            .args(&words[1..])
            .env("EMBARGOD_CONFIG", "/dev/null/no-such-configuration")
            .env("EDITOR", "false")
            .output()
            .unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        // The command line is understood: only the configuration is missing.
        assert!(told.contains("no-such-configuration"), "{command}: {told}");
        let number = |word: &&&str| word.bytes().any(|b| !b.is_ascii_digit());
        let kind: Vec<&str> = words[1..].iter().take(2).filter(number).copied().collect();
        kinds.insert(kind.join(" "));
    }
    let expected = [
        "case accept",
        "case close",
        "case disclose",
        "case exploited",
        "case list",
        "case reply",
        "case show",
        "digest --all",
        "mail show",
    ];
    assert_eq!(kinds, expected.map(str::to_owned).into());
}

#[test]
fn a_flood_lengthens_no_section_beyond_what_is_read() {
    let digest = made_with_figures(&flooded_day());
    for section in &digest.sections {
        assert!(section.lines.len() <= Room::MAIL.section, "{:?}", section.heading);
        let cut = section.more.as_ref().map_or(0, |more| more.count);
        assert_eq!(section.lines.len() + cut, section.count, "{:?}", section.heading);
    }
    let quarantined = digest.sections.iter().find(|s| s.heading == Heading::Quarantined).unwrap();
    assert_eq!((quarantined.count, quarantined.lines.len()), (501, 5));
    let shown: usize = digest.sections.iter().map(|section| section.lines.len()).sum();
    assert!(shown <= Room::MAIL.whole + 12 * Room::LEAST, "{shown}");
    let (text, html) = alternatives(&composed(digest));
    let more = "and 496 more";
    assert!(text.contains(&format!("{more}:\n    embargod digest --all")), "{text}");
    assert!(html.contains(more));
    // What is larger, Gmail cuts off.
    assert!(html.len() < 102_400, "{} bytes", html.len());
}

#[test]
fn every_open_case_stands_in_exactly_one_section_the_most_urgent_first() {
    let view = busy_day();
    let digest = made(&view);
    let headings: Vec<Heading> = digest.sections.iter().map(|section| section.heading).collect();
    let mut sorted = headings.clone();
    sorted.sort();
    assert_eq!(headings, sorted);
    let of_cases = |heading: &Heading| {
        !matches!(heading, Heading::FollowUps | Heading::Undelivered | Heading::Closed)
    };
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
    let overdue = &made(&busy_day()).sections[1];
    let lines: Vec<_> =
        overdue.lines.iter().map(|l| (l.number.as_str(), l.handler.as_deref())).collect();
    assert_eq!(lines, [("EMB-2026-0005", Some("you")), ("EMB-2026-0004", Some("grace"))]);
    let grace = Maintainer { handle: "grace".to_owned(), ..ada() };
    let hers = digest(&busy_day(), &edition(&grace)).unwrap();
    assert_eq!(hers.sections[1].lines[0].number, "EMB-2026-0004");
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
fn a_reader_in_another_zone_reads_their_own_clocks() {
    let grace = Maintainer { timezone: Some(chrono_tz::Asia::Kolkata), ..ada() };
    let view = WorkView { open: vec![respond_in(case(1, "a", 43), 5)], ..WorkView::default() };
    let hers = digest(&view, &edition(&grace)).unwrap();
    assert_eq!(hers.made, "Monday, 23 November 2026, 12:30 IST");
    assert_eq!(hers.sections[0].lines[0].clock.clone().unwrap().at, "Mon 23 Nov, 17:30");
}

#[test]
fn a_deadline_in_another_year_says_so() {
    let view = WorkView { open: vec![respond_in(case(1, "a", 43), 2000)], ..WorkView::default() };
    let clock = made(&view).sections[0].lines[0].clock.clone().unwrap();
    assert_eq!(clock.at, "Sun 14 Feb 2027, 16:00");
}

#[test]
fn what_is_longest_overdue_comes_first_and_what_arrived_last_of_what_was_sent_back() {
    let overdue = |number, hours: i64| respond_in(case(number, "a", 400), -hours);
    let back = |number, hours| sent_back(case(number, "a", hours));
    let open = vec![overdue(1, 2), overdue(2, 90), overdue(3, 50), back(4, 90), back(5, 3)];
    let digest = made(&WorkView { open, ..WorkView::default() });
    let numbers = |section: usize| -> Vec<&str> {
        digest.sections[section].lines.iter().map(|line| line.number.as_str()).collect()
    };
    assert_eq!(numbers(0), ["EMB-2026-0002", "EMB-2026-0003", "EMB-2026-0001"]);
    assert_eq!(numbers(1), ["EMB-2026-0005", "EMB-2026-0004"]);
}

#[test]
fn an_embargo_that_ends_soon_has_a_section_of_its_own() {
    let heading = |hours: i64| {
        let embargo_until = Some(now() + TimeDelta::hours(hours));
        let case = Case { embargo_until, ..update_in(case(1, "a", 900), 400) };
        let section = &made(&WorkView { open: vec![case], ..WorkView::default() }).sections[0];
        (section.heading, section.lines[0].why.clone())
    };
    let words = "embargo ends in 14 d, Mon 7 Dec, 08:00".to_owned();
    assert_eq!(heading(14 * 24), (Heading::EmbargoEnding, Some(words)));
    assert_eq!(heading(14 * 24 + 1), (Heading::WaitingForUs, None));
}

/// The one line of a case's digest, with its heading.
fn only_line(case: Case) -> (Heading, Line) {
    let digest = made(&WorkView { open: vec![case], ..WorkView::default() });
    assert_eq!(digest.sections.len(), 1, "{:?}", digest.sections);
    (digest.sections[0].heading, digest.sections[0].lines[0].clone())
}

#[test]
fn what_the_law_wants_stands_above_all_else_whatever_else_is_overdue() {
    let overdue = respond_in(case(1, "a", 100), -3);
    let (heading, line) = only_line(exploited(overdue.clone(), 19));
    assert_eq!(heading, Heading::Legal);
    assert_eq!(line.clock.unwrap().words, "early warning in 5 h");
    assert_eq!(line.why.as_deref(), Some("respond: overdue by 3 h"));
    let (_, line) = only_line(exploited(overdue, 25));
    assert_eq!(line.clock.unwrap().words, "overdue by 60 min");
}

#[test]
fn a_closed_case_stays_until_the_law_has_its_last_report() {
    let mut case = Case { state: State::Closed, ..exploited(case(1, "a", 100), 100) };
    let told = case.exploited.as_mut().unwrap();
    (told.early_warning_at, told.notification_at) = (Some(ago(90)), Some(ago(50)));
    let (heading, line) = only_line(case.clone());
    assert_eq!(heading, Heading::Legal);
    assert_eq!(line.clock, None);
    assert_eq!(line.why.as_deref(), Some("final report due 14 days after the first fix"));
    case.exploited.as_mut().unwrap().final_report_at = Some(ago(1));
    let view = WorkView { open: vec![case], ..WorkView::default() };
    assert_eq!(digest(&view, &edition(&ada())), None);
}

#[test]
fn while_the_reporter_is_asked_nothing_is_overdue() {
    let (heading, line) = only_line(asked(respond_in(case(1, "a", 100), -3), 50));
    assert_eq!(heading, Heading::WaitingForReporter);
    assert_eq!(line.clock, None);
    assert_eq!(line.why.as_deref(), Some("asked 2 d ago; the promises stand still"));
}

#[test]
fn a_reporter_whom_our_mail_did_not_reach_is_shown_until_another_does() {
    let case = unreached(case(1, "a", 100), "RCPT: 550 <finder@example.net> no such user");
    let digest = made(&WorkView { open: vec![case], ..WorkView::default() });
    let sections: Vec<Heading> = digest.sections.iter().map(|section| section.heading).collect();
    assert_eq!(sections, [Heading::Overdue, Heading::Undelivered]);
    let why = |section: usize| digest.sections[section].lines[0].why.as_deref();
    assert_eq!(why(0), Some("our last mail did not arrive"));
    assert_eq!(why(1), Some("RCPT: 550 <the recipient> no such user"));
}

#[test]
fn mail_that_did_not_arrive_is_in_the_headline_however_much_else_there_is() {
    let headline = made(&busy_day()).headline;
    assert_eq!(headline, "1 legal clock, 2 overdue, 1 due within a day, 2 undelivered");
}

#[test]
fn one_of_a_kind_is_not_said_in_the_plural() {
    let counted = |view: &WorkView| made(view).sections[0].counted.clone();
    let follow_up = mail(1, "a", Kind::FollowUp, "thread.references");
    let one = WorkView { follow_ups: vec![follow_up.clone()].into(), ..WorkView::default() };
    let two = vec![follow_up.clone(), follow_up].into();
    let two = WorkView { follow_ups: two, ..WorkView::default() };
    assert_eq!(
        (counted(&one), counted(&two)),
        ("1 follow-up".to_owned(), "2 follow-ups".to_owned())
    );
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
fn what_is_counted_only_is_counted() {
    let mut view = busy_day();
    view.follow_ups.count = 1700;
    let digest = made(&view);
    let follow_ups = digest.sections.iter().find(|s| s.heading == Heading::FollowUps).unwrap();
    assert_eq!((follow_ups.count, follow_ups.counted.as_str()), (1700, "1700 follow-ups"));
    assert_eq!(follow_ups.more.as_ref().unwrap().count, 1699);
}

#[test]
fn a_new_handler_reads_why_the_case_was_handed_over_and_nobody_else_does() {
    let note = "the router is yours".to_owned();
    let case = Case {
        handler: Some("ada".to_owned()),
        handover: Some(Handover { at: ago(2), note }),
        ..update_in(case(1, "a", 90), 400)
    };
    let (_, line) = only_line(case.clone());
    assert_eq!(line.why.as_deref(), Some("handed over to you 2 h ago: the router is yours"));
    let grace = Maintainer { handle: "grace".to_owned(), ..ada() };
    let view = WorkView { open: vec![case], ..WorkView::default() };
    let hers = digest(&view, &edition(&grace)).unwrap();
    assert_eq!(hers.sections[0].lines[0].why, None);
}

#[test]
fn where_nobody_is_answered_from_here_the_command_notes_an_answer_elsewhere() {
    let case = Case { correspondent: None, ..respond_in(case(1, "a", 43), 5) };
    let (_, line) = only_line(case);
    assert_eq!(line.command.as_deref(), Some("embargod case answered EMB-2026-0001"));
}

#[test]
fn an_encrypted_report_is_marked_until_a_person_has_answered_it() {
    let encrypted = |case| Case { encrypted: true, ..case };
    let (_, line) = only_line(encrypted(respond_in(case(1, "...", 3), 40)));
    assert_eq!(line.why.as_deref(), Some("encrypted"));
    let (_, line) = only_line(encrypted(update_in(case(1, "...", 90), 400)));
    assert_eq!(line.why, None);
}

#[test]
fn a_reporter_who_is_silent_for_long_may_be_let_go() {
    let waiting = |days: i64| only_line(asked(update_in(case(1, "a", 2000), 80), days * 24)).1;
    assert_eq!(waiting(29).command, None);
    let line = waiting(30);
    assert_eq!(line.suggestions, ["no answer for 30 days: close it?"]);
    let close = "embargod case close EMB-2026-0001 --as no-response";
    assert_eq!(line.command.as_deref(), Some(close));
}

#[test]
fn a_list_that_keeps_a_secret_is_named_from_the_day_before_it_may_be_told() {
    let list = |name: &str, days| EmbargoList {
        name: name.to_owned(),
        address: None,
        max: TimeDelta::days(days),
    };
    let lists = [list("distributions", 14), list("vendors", 21), list("press", 1)];
    let why = |days: i64| {
        let embargo_until = Some(now() + TimeDelta::days(days));
        let case = Case { embargo_until, ..update_in(case(1, "a", 900), 400) };
        let ada = ada();
        let edition = Edition { lists: &lists, ..edition(&ada) };
        let view = WorkView { open: vec![case], ..WorkView::default() };
        digest(&view, &edition).unwrap().sections[0].lines[0].why.clone()
    };
    assert_eq!(why(23), None);
    assert_eq!(
        why(22).unwrap(),
        "embargo ends in 22 d, Tue 15 Dec, 08:00; \
         distributions may be told from Tue 1 Dec, 08:00; \
         vendors may be told from Tue 24 Nov, 08:00; press may be told from Mon 14 Dec, 08:00"
    );
    assert!(why(14).unwrap().contains("distributions may be told now; vendors may be told now"));
}

#[test]
fn nothing_to_say_is_no_digest() {
    assert_eq!(digest(&WorkView::default(), &edition(&ada())), None);
    let closed = Case { state: State::Closed, ..case(1, "a", 1) };
    let view = WorkView { open: vec![closed], ..WorkView::default() };
    assert_eq!(digest(&view, &edition(&ada())), None);
    assert_eq!(made(&view).headline, "nothing to do");
}

#[test]
fn machines_mail_alone_is_one_line() {
    let set_aside = [(Kind::AutoReply, 1)].into();
    let digest = made(&WorkView { set_aside, ..WorkView::default() });
    assert_eq!(digest.headline, "only machines wrote");
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

/// Text such as strangers and servers write.
fn anything() -> impl Strategy<Value = String> {
    "(\\PC|[\r\n<>&\"'/= ]|[a-z]{1,9}|[一-龥ぁ-ん]{1,9}){0,120}"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn no_subject_can_add_markup_or_lines(subject in anything()) {
        let view = WorkView { open: vec![case(1, &subject, 1)], ..WorkView::default() };
        let (text, html) = alternatives(&composed(made(&view)));
        let plain = WorkView { open: vec![case(1, "plain", 1)], ..WorkView::default() };
        let (plain_text, plain_html) = alternatives(&composed(made(&plain)));
        let tags = |html: &str| html.matches('<').count();
        prop_assert_eq!(tags(&html), tags(&plain_html));
        prop_assert_eq!(text.lines().count(), plain_text.lines().count());
    }

    #[test]
    fn whatever_strangers_and_servers_write_the_text_stays_within_72_columns(
        subject in anything(),
        why in anything(),
        gist in anything(),
    ) {
        // A link is left whole.
        prop_assume!(![&subject, &why, &gist].iter().any(|text| text.contains("://")));
        let undelivered = UndeliveredLine {
            at: ago(1),
            purpose: Purpose::Acknowledgement,
            to: "finder@example.net".to_owned(),
            why,
            case: None,
        };
        let gist = embargod::domain::address::displayable(&gist);
        let case = suggested(case(1, &subject, 1), SuggestionKind::Split, None, &gist);
        let view = WorkView { open: vec![case], undelivered: vec![undelivered].into(), ..WorkView::default() };
        let (text, _) = alternatives(&composed(made(&view)));
        for line in text.lines() {
            prop_assert!(stands_by_itself(line), "{}", line);
        }
    }
}
