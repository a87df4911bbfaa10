//! Reports that somebody else forwards.
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

use common::local::{Local, id};

const REPORT: &str = "The router of sample 4.2.0 loops for ever on the path /a//b. Request it once \
                      and one core is busy until the process is killed; nothing in the logs says so.";

/// A notice as platforms send them: marked as a machine's, and from a list.
fn notice(from: &str, more: &str, text: &str) -> Vec<u8> {
    format!(
        "From: Rae via Platform <{from}>\nTo: security@example.org\nSubject: New report\n\
         Message-ID: <1@platform.example>\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n\
         List-Id: <reports.platform.example>\nAuto-Submitted: auto-generated\n{more}\
         Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    )
    .into_bytes()
}

fn project(answer: &str) -> Local {
    let relay = "[[relays]]\nname = \"Platform\"\nsender = \"@platform.example\"\nanswer = ";
    Local::new(&format!("{relay}\"{answer}\""))
}

const FROM: &str = "no-reply@mail.platform.example";

#[test]
fn without_the_configuration_a_platforms_notice_is_a_machines_mail() {
    let mut project = Local::new("");
    project.arrives(&notice(FROM, "", REPORT));
    project.once();
    assert_eq!(project.json(&["case", "list", "--json"]).as_array().unwrap().len(), 0);
}

#[test]
fn the_relay_is_answered_and_the_finder_is_the_reporter() {
    let mut project = project("relay");
    let text = format!("Reporter: Rae Finder <rae@example.net>\n\n{REPORT}");
    project.arrives(&notice(FROM, "", &text));
    project.once();
    assert_eq!(project.sent_to(FROM).len(), 1);
    assert_eq!(project.sent_to("rae@example.net").len(), 0);
    let case = project.json(&["case", "show", &id(1), "--json"]);
    assert_eq!(case["reporter"]["address"], "rae@example.net");
    assert_eq!(case["reporter"]["name"], "Rae Finder");
    assert!(case["events"][0]["detail"].as_str().unwrap().contains("forwarded by"), "{case}");
}

#[test]
fn the_finder_is_answered_where_the_configuration_says_so_and_the_mail_names_one() {
    let mut project = project("finder");
    project.arrives(&notice(FROM, "Reply-To: rae@example.net\n", REPORT));
    project.once();
    assert_eq!(project.sent_to("rae@example.net").len(), 1);
    assert_eq!(project.sent_to(FROM).len(), 0);
}

#[test]
fn a_relay_that_names_no_finder_is_answered_itself() {
    let mut project = project("finder");
    project.arrives(&notice(FROM, "", REPORT));
    project.once();
    assert_eq!(project.sent_to(FROM).len(), 1);
}

#[test]
fn where_nobody_is_answered_the_case_is_opened_all_the_same() {
    let mut project = project("nobody");
    project.arrives(&notice(FROM, "Reply-To: rae@example.net\n", REPORT));
    project.once();
    let cases = project.json(&["case", "list", "--json"]);
    assert_eq!(cases[0]["state"], "received");
    assert_eq!(project.sent_to(FROM).len() + project.sent_to("rae@example.net").len(), 0);
}

#[test]
fn later_mail_of_relay_and_finder_joins_the_case_by_its_number() {
    let mut project = project("relay");
    let text = format!("Reporter: Rae Finder <rae@example.net>\n\n{REPORT}");
    project.arrives(&notice(FROM, "", &text));
    project.once();
    for (n, from) in [(2, FROM), (3, "rae@example.net"), (4, "stranger@example.com")] {
        let number = id(1);
        let mail = format!(
            "From: {from}\nTo: security@example.org\nSubject: Re: {number}\n\
             Message-ID: <{n}@x.example>\n\n5.0.0 is affected by the same loop, as I have just seen.\n"
        );
        project.arrives(mail.as_bytes());
    }
    project.once();
    let cases = project.json(&["case", "list", "--json"]);
    assert_eq!(cases.as_array().unwrap().len(), 2, "the stranger's mail is a case of its own");
}

#[test]
fn a_null_return_path_is_not_answered_whoever_sends_it() {
    let mut project = project("relay");
    project.arrives(&[b"Return-Path: <>\n".as_slice(), &notice(FROM, "", REPORT)].concat());
    project.once();
    assert_eq!(project.sent_to(FROM).len(), 0);
}

#[test]
fn a_relays_vacation_notice_is_not_answered_however_little_it_is_marked() {
    for (subject, more, text) in [
        ("Automatic reply: New report", "", "I will read your mail on Monday."),
        ("Abwesenheitsnotiz: EMB-2026-0001", "", "Ich bin bis zum 4. Dezember nicht im Büro."),
        ("Re: New report", "X-Autoreply: yes\n", "Back on Monday."),
        ("Out of office Re: New report", "", "I am out of the office until Monday."),
    ] {
        let mut project = project("relay");
        let mail = format!(
            "From: Bo <bo@platform.example>\nTo: security@example.org\nSubject: {subject}\n\
             Message-ID: <9@platform.example>\n{more}\n{text}\n"
        );
        project.arrives(mail.as_bytes());
        project.once();
        assert_eq!(project.sent_to("bo@platform.example").len(), 0, "{subject}");
        assert_eq!(project.json(&["case", "list", "--json"]).as_array().unwrap().len(), 0);
    }
}

/// A mail through a list that leaves the writer in From and names itself in these fields.
fn through_a_list(fields: &str) -> Vec<u8> {
    format!(
        "From: Rae <rae@example.net>\nTo: reports@lists.example.com\nSubject: A loop\n\
         Message-ID: <7@example.net>\n{fields}\n{REPORT}\n"
    )
    .into_bytes()
}

#[test]
fn a_list_that_leaves_the_finder_in_from_is_answered_and_not_the_finder() {
    let relay = "[[relays]]\nname = \"List\"\nsender = \"reports@lists.example.com\"\nanswer = ";
    for fields in [
        "List-Post: <mailto:reports@lists.example.com>\n",
        "List-Id: Reports of others <reports.lists.example.com>\n",
    ] {
        for (answer, to_list, to_finder) in [("relay", 1, 0), ("finder", 0, 1), ("nobody", 0, 0)] {
            let mut project = Local::new(&format!("{relay}\"{answer}\""));
            project.arrives(&through_a_list(fields));
            project.once();
            assert_eq!(project.sent_to("reports@lists.example.com").len(), to_list, "{fields}");
            assert_eq!(project.sent_to("rae@example.net").len(), to_finder, "{fields}");
            let case = project.json(&["case", "show", &id(1), "--json"]);
            assert_eq!(case["reporter"]["address"], "rae@example.net");
        }
    }
}

#[test]
fn a_list_of_a_relays_domain_that_names_no_address_is_left_for_a_person_to_answer() {
    let mut project = project("relay");
    project.arrives(&through_a_list("List-Id: <reports.lists.platform.example>\n"));
    project.once();
    assert_eq!(project.sent_to("rae@example.net").len(), 0);
    assert_eq!(project.json(&["case", "list", "--json"])[0]["state"], "received");
}
