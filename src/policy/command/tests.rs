//! What is a command, what it means, and what never is one.

use chrono_tz::Europe::Madrid;
use proptest::prelude::*;

use super::*;
use crate::domain::advisory::Advisory;
use crate::domain::exploited::Report;
use crate::domain::state::Disposition;

fn said(above: &str) -> Said {
    Said { above: above.to_owned(), below: String::new() }
}

fn read_text(text: &str) -> Result<Vec<Command>, Misread> {
    read(&said(text), Madrid)
}

/// What the commands of a text want, without the cases they name.
fn wishes(text: &str) -> Vec<Wish> {
    read_text(text)
        .unwrap_or_else(|error| panic!("{text:?}: {error}"))
        .into_iter()
        .map(|c| c.wish)
        .collect()
}

fn one_request(text: &str) -> Request {
    match wishes(text).as_slice() {
        [Wish::Do(request)] => request.clone(),
        other => panic!("{text:?}: {other:?}"),
    }
}

fn refused(text: &str) -> String {
    match read_text(text) {
        Err(misread) => misread.to_string(),
        Ok(commands) => panic!("{text:?}: {commands:?}"),
    }
}

fn case(number: u32) -> CaseId {
    CaseId { year: 2026, number }
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn ending(disposition: Disposition) -> Ending {
    Ending { disposition, exclusion: None, package: None, of: None, message: None }
}

fn facts() -> Advisory {
    Advisory::default()
}

fn at(time: &str) -> crate::domain::Timestamp {
    time.parse().unwrap()
}

#[test]
fn every_verb_of_the_shell_has_a_word() {
    let close = |ending| Request::Close(ending);
    let table = [
        ("!accept", Request::Accept),
        ("!assign bob", Request::Assign { handler: text("bob"), note: None }),
        (
            "!assign @bob you know the router best",
            Request::Assign { handler: text("bob"), note: Some(text("you know the router best")) },
        ),
        ("!unassign", Request::Unassign),
        ("!follow", Request::Follow { handle: None }),
        ("!unfollow @bob", Request::Unfollow { handle: Some(text("bob")) }),
        (
            "!add-cc <Lee@lab.example>",
            Request::AddCc { address: "lee@lab.example".parse().unwrap() },
        ),
        (
            "!drop-cc lee@lab.example",
            Request::DropCc { address: "lee@lab.example".parse().unwrap() },
        ),
        (
            "!reply Hello Rae,\n\nwe see it too.\n\nAda",
            Request::Reply { text: text("Hello Rae,\n\nwe see it too.\n\nAda") },
        ),
        ("!reply\n\n  Hello", Request::Reply { text: text("Hello") }),
        ("!ask Which version?", Request::Ask { text: text("Which version?") }),
        ("!note same code as in 2024", Request::Note { text: text("same code as in 2024") }),
        (
            "!confirm >=4.0 <4.21.2",
            Request::Confirm { affected: vec![text(">=4.0 <4.21.2")], lines: vec![] },
        ),
        (
            "!confirm ≥ 4.0, < 4.21.2 || >=5.0 <5.1 in 4.x, 5.x",
            Request::Confirm {
                affected: vec![text(">= 4.0, < 4.21.2"), text(">=5.0 <5.1")],
                lines: vec![text("4.x"), text("5.x")],
            },
        ),
        (
            "!audit all uses of send():\nnone alike",
            Request::Audit { text: text("all uses of send():\nnone alike") },
        ),
        ("!fix 4.x", Request::Fix { line: text("4.x") }),
        (
            "!no-fix 3.x support ended in 2025",
            Request::RefuseFix { line: text("3.x"), why: text("support ended in 2025") },
        ),
        (
            "!release 4.x 4.21.2",
            Request::Release { line: text("4.x"), version: text("4.21.2"), message: None },
        ),
        (
            "!describe title Path traversal",
            Request::Describe(Advisory { title: Some(text("Path traversal")), ..facts() }),
        ),
        (
            "!describe summary\nThe check runs\nbefore the escape.",
            Request::Describe(Advisory {
                summary: Some(text("The check runs\nbefore the escape.")),
                ..facts()
            }),
        ),
        (
            "!describe cwe: CWE-22",
            Request::Describe(Advisory { cwe: Some(text("CWE-22")), ..facts() }),
        ),
        ("!credit Rae Finder", Request::Credit { name: text("Rae Finder") }),
        ("!embargo 2026-12-24 18:00", Request::Embargo { until: Some(at("2026-12-24T17:00:00Z")) }),
        ("!embargo lift", Request::Embargo { until: None }),
        (
            "!extend 2027-03-31 the 4.x fix needs a new API",
            Request::Extend {
                disclose_by: at("2027-03-31T21:59:59Z"),
                why: text("the 4.x fix needs a new API"),
            },
        ),
        (
            "!extend 2027-03-31 18:00 Asia/Tokyo agreed",
            Request::Extend { disclose_by: at("2027-03-31T09:00:00Z"), why: text("agreed") },
        ),
        ("!disclose", Request::Disclose { message: None }),
        (
            "!exploited since 2026-11-25T08:30Z",
            Request::Exploited { known_since: at("2026-11-25T08:30:00Z") },
        ),
        ("!exploited early-warning", Request::MakeReport { report: Report::EarlyWarning }),
        (
            "!out-of-scope malicious-dependency",
            close(Ending {
                exclusion: Some(text("malicious-dependency")),
                ..ending(Disposition::OutOfScope)
            }),
        ),
        (
            "!third-party left-pad",
            close(Ending { package: Some(text("left-pad")), ..ending(Disposition::ThirdParty) }),
        ),
        (
            "!duplicate EMB-2026-0003",
            close(Ending { of: Some(case(3)), ..ending(Disposition::Duplicate) }),
        ),
        (
            "!duplicate of emb-2026-0003",
            close(Ending { of: Some(case(3)), ..ending(Disposition::Duplicate) }),
        ),
        (
            "!reopen a second way to reach it",
            Request::Reopen { why: text("a second way to reach it") },
        ),
        ("!merge into EMB-2026-0001", Request::Merge { into: case(1) }),
        ("!link EMB-2026-0004", Request::Link { with: case(4) }),
        (
            "!split Cookie without HttpOnly",
            Request::Split { mail: None, subject: Some(text("Cookie without HttpOnly")) },
        ),
        ("!split mail 12", Request::Split { mail: Some(12), subject: None }),
    ];
    for (text, request) in table {
        assert_eq!(one_request(text), request, "{text}");
    }
    for disposition in Disposition::ALL {
        let argument = if disposition == Disposition::Duplicate { " EMB-2026-0003" } else { "" };
        let request = one_request(&format!("!{}{argument}", disposition.name()));
        assert!(
            matches!(request, Request::Close(Ending { disposition: d, .. }) if d == disposition)
        );
    }
    for report in Report::ALL {
        assert_eq!(
            one_request(&format!("!exploited {}", report.name())),
            Request::MakeReport { report }
        );
    }
    assert_eq!(wishes("!help"), [Wish::Help]);
}

#[test]
fn several_commands_stand_in_their_order_and_the_last_may_have_text() {
    let found = wishes("!confirm >=4.0\n!assign bob\n\n!reply\nHello,\n\n- one\n- two\n");
    let [
        Wish::Do(Request::Confirm { .. }),
        Wish::Do(Request::Assign { .. }),
        Wish::Do(Request::Reply { text }),
    ] = found.as_slice()
    else {
        panic!("{found:?}")
    };
    assert_eq!(text, "Hello,\n\n- one\n- two");
    assert_eq!(wishes("!fix 4.x, 5.x").len(), 2);
}

#[test]
fn what_the_reporter_is_told_with_a_change_stands_under_a_message() {
    let Request::Close(ending) = one_request("!out-of-scope\n\n!message Thank you,\nbut no.")
    else {
        panic!()
    };
    assert_eq!(ending.message.as_deref(), Some("Thank you,\nbut no."));
    // Other text is a note: nothing goes out that was not said to.
    let found = wishes("!out-of-scope\n\nThey will be angry.\n");
    let note = Wish::Do(Request::Note { text: text("They will be angry.") });
    assert_eq!(found.get(1), Some(&note));
    assert!(matches!(&found[0], Wish::Do(Request::Close(Ending { message: None, .. }))));
    for wrong in ["!message hello", "!assign bob\n!message hello", "!fixed\n!message a\n!message b"]
    {
        assert!(refused(wrong).contains("!message adds words"), "{wrong}");
    }
}

#[test]
fn text_without_a_command_is_a_note() {
    assert_eq!(
        one_request("\nI think that\n\nthis is real.\n"),
        Request::Note { text: text("I think that\n\nthis is real.") }
    );
    let both = Said { above: "above".to_owned(), below: "below".to_owned() };
    let commands = read(&both, Madrid).unwrap();
    assert_eq!(commands[0].wish, Wish::Do(Request::Note { text: text("above\n\nbelow") }));
    assert_eq!(refused(" \n\n"), Why::Nothing.to_string());
}

#[test]
fn a_case_is_named_before_the_command_or_before_what_follows_it() {
    let cases =
        |text: &str| read_text(text).unwrap().into_iter().map(|c| c.cases).collect::<Vec<_>>();
    assert_eq!(cases("!EMB-2026-0003 assign bob"), [[case(3)]]);
    assert_eq!(cases("!EMB-2026-0003: assign bob"), [[case(3)]]);
    assert_eq!(cases("!emb-2026-0003, EMB-2026-0004 spam"), [[case(3), case(4)]]);
    assert_eq!(cases("!assign EMB-2026-0003 bob"), [[case(3)]]);
    assert_eq!(cases("!duplicate EMB-2026-0003"), [[]]);
    let two = read_text("!duplicate EMB-2026-0003 EMB-2026-0001").unwrap();
    assert_eq!(two[0].cases, [case(3)]);
    assert!(
        matches!(&two[0].wish, Wish::Do(Request::Close(Ending { of: Some(of), .. })) if *of == case(1))
    );
    // The note under a command is about the same cases.
    assert_eq!(cases("!EMB-2026-0003 assign bob\n\nHe knows."), [[case(3)], [case(3)]]);
    // Words that are kept or sent may begin with a case.
    let note = read_text("!note EMB-2026-0003 is alike").unwrap();
    assert_eq!(
        (note[0].cases.len(), &note[0].wish),
        (0, &Wish::Do(Request::Note { text: text("EMB-2026-0003 is alike") }))
    );
}

#[test]
fn what_is_not_understood_is_refused_with_the_way_to_write_it() {
    let table = [
        ("!asign bob", "the nearest is !assign"),
        ("!EMB-2026-0003", "after the case comes"),
        ("Hello,\n!assign bob", "at the top"),
        ("!assign", "the handle is missing: write `!assign HANDLE [NOTE]`"),
        ("!reply", "the text is missing"),
        ("!unassign bob", "`bob` has no meaning there"),
        ("!out-of-scope id they said so", "under a line `!message`"),
        ("!describe colour red", "one of title, summary"),
        ("!embargo 2026-12-24", "has no hour"),
        ("!extend soon because", "is no time"),
        ("!duplicate that one", "the other case is missing"),
        ("!reply Hello\n\n!asign bob", "the nearest is !assign"),
        ("!reply Hello\n!important", "no command !important"),
    ];
    for (text, words) in table {
        let why = refused(text);
        assert!(why.contains(words), "{text:?}: {why}");
    }
    assert!(refused(&"!accept\n".repeat(60)).contains("50 commands"));
}

#[test]
fn a_line_that_a_program_may_have_broken_is_not_guessed_at() {
    let long = "!confirm >= 4.0.0, < 4.3.2 || >= 5.0.0-beta.1, < 5.1.0 || >= 6.0.0,\n< 6.2.0";
    assert!(refused(long).contains("one line"));
    // No program breaks a short line: what follows is a note.
    assert_eq!(wishes("!assign bob\nHe knows the router.").len(), 2);
}

#[test]
fn a_message_that_a_quotation_parts_is_not_sent_in_half() {
    let parted =
        |above: &str| read(&Said { above: above.to_owned(), below: text("And 5.x: no.") }, Madrid);
    assert_eq!(parted("!reply 4.x: yes.").unwrap_err().why, Why::BelowTheQuotation);
    // Where nothing is sent, nothing is lost: it is a note.
    assert_eq!(parted("!assign bob").unwrap().len(), 2);
}

#[test]
fn code_and_other_marks_are_text() {
    let message =
        "Look:\n\n```\n!assign eve\n```\n\n    !assign eve\n\t!assign eve\n![picture](x)\n!= 3\n!!";
    let Request::Reply { text } = one_request(&format!("!reply {message}")) else { panic!() };
    assert_eq!(text, message);
    assert!(matches!(one_request("```\n!assign eve\n```"), Request::Note { .. }));
}

#[test]
fn the_help_has_every_command_once() {
    let mut forms: Vec<&str> = help().map(|(usage, _)| usage).collect();
    assert!(forms.len() > 30);
    forms.sort_unstable();
    forms.dedup();
    assert_eq!(forms.len(), help().count());
    assert!(help().all(|(usage, does)| !usage.is_empty() && does.len() < 130));
}

/// A line that would be a command at the top of a mail.
fn order() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "!assign eve",
        "!disclose",
        "!reply hello",
        "!EMB-2026-0001 spam",
        "!help",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn any_text_is_read(above in "(\\PC|[\n\t!` ~]|!assign |!reply |EMB-2026-0001 ){0,200}", below in "\\PC{0,40}") {
        let _ = read(&Said { above, below }, Madrid);
    }

    #[test]
    fn what_is_fenced_or_indented_is_never_a_command(
        order in order(),
        wrap in prop::sample::select(vec![("```\n", "\n```"), ("~~~ sh\n", "\n~~~"), ("    ", ""), ("\t", ""), ("````\n```\n", "\n````")]),
        before in prop::sample::select(vec!["", "text\n", "!note text\n", "!assign bob\n\n"]),
    ) {
        let commands = read_text(&format!("{before}{}{order}{}", wrap.0, wrap.1)).unwrap();
        let known = |c: &Command| matches!(&c.wish, Wish::Do(Request::Note { .. } | Request::Assign { .. }));
        prop_assert!(commands.iter().all(known), "{commands:?}");
        let bob = |c: &Command| !matches!(&c.wish, Wish::Do(Request::Assign { handler, .. }) if handler != "bob");
        prop_assert!(commands.iter().all(bob), "{commands:?}");
    }
}
