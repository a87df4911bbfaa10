//! What a maintainer sees of a report and does about it, through the real program.
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
use serde_json::Value;

const POLICY: &str = r#"
[scope]
packages = ["sample", "sample-router"]
[[exclusions]]
id = "malicious-dependency"
cwe = "CWE-1357"
title = "Malicious third-party modules"
terms = ["malicious package"]
reply = "We trust the modules that an application installs."
"#;

fn mail(from: &str, id: &str, subject: &str, text: &str) -> Vec<u8> {
    format!(
        "From: {from}\nTo: security@example.org\nSubject: {subject}\nMessage-ID: <{id}@example.net>\n\
         Date: Mon, 23 Nov 2026 10:00:00 +0000\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    )
    .into_bytes()
}

const TRAVERSAL: &str = "Hello,

sample.static() serves files from outside its root. Affected are sample 4.1.0 to 4.3.2.

Steps to reproduce:

1. Start a server with app.use(sample.static('public')).
2. Request GET /..%5c..%5csecret.txt HTTP/1.1
3. The answer is 200 with the content of secret.txt.

The check in lib/static.js at resolvePath() runs before %5c is decoded. An attacker can read any
file that the server's user can read.";

fn kinds(case: &Value) -> Vec<&str> {
    case["suggestions"].as_array().unwrap().iter().map(|s| s["kind"].as_str().unwrap()).collect()
}

#[test]
fn a_report_with_every_fact_is_asked_nothing_and_one_without_is_asked_for_just_those() {
    let mut project = Local::new(POLICY);
    project.arrives(&mail("rae@example.net", "1", "Path traversal", TRAVERSAL));
    let vague = "Hello, the cookie parser of sample can be tricked into accepting a session that \
                 the attacker made up. This lets anybody log in as another user. Please look into \
                 the session handling, it seems to trust what the client sends.";
    project.arrives(&mail("lee@example.net", "2", "Sessions in the cookie parser", vague));
    project.once();
    assert!(!project.sent_to("rae@example.net")[0].contains('?'));
    let asked = project.sent_to("lee@example.net").remove(0);
    assert!(asked.contains("version") && asked.contains('?'), "{asked}");
    let case = project.json(&["case", "show", &id(2), "--json"]);
    assert!(kinds(&case).contains(&"missing-facts"), "{case}");
    assert!(case["facts"]["impact"].to_string().contains("session"), "{case}");
    assert_eq!(case["facts"]["version"], "not-found");
}

#[test]
fn a_report_that_resembles_another_is_pointed_out_and_closed_with_one_command() {
    let mut project = Local::new(POLICY);
    project.arrives(&mail("rae@example.net", "1", "Path traversal", TRAVERSAL));
    project.once();
    let again = TRAVERSAL.replace("Hello,", "Dear team,").replace("secret.txt", "passwd");
    project.arrives(&mail("kim@example.net", "2", "File disclosure in static", &again));
    project.once();
    let case = project.json(&["case", "show", &id(2), "--json"]);
    let duplicate = &case["suggestions"][0];
    assert_eq!((&duplicate["kind"], &duplicate["id"]), (&"duplicate".into(), &id(1).into()));
    assert!(duplicate["why"].as_str().unwrap().contains("resolvePath"), "{duplicate}");
    let digest = project.prints(&["digest"]);
    assert!(digest.contains(&format!(
        "embargod case close {} --as duplicate --of {}",
        id(2),
        id(1)
    )));
    assert!(!digest.contains("resolvePath"), "the digest quotes the report: {digest}");

    project.embargod(&["case", "close", &id(2), "--as", "duplicate", "--of", &id(1)]);
    project.once();
    let letters = project.sent_to("kim@example.net");
    let answer = letters.iter().find(|mail| mail.contains(".closing.")).unwrap();
    assert!(answer.contains("earlier report") && !answer.contains(&id(1)), "{answer}");
    let case = project.json(&["case", "show", &id(2), "--json"]);
    assert_eq!((&case["state"], &case["disposition"]), (&"closed".into(), &"duplicate".into()));
    assert!(case["responded_at"].is_string(), "a person's answer went out: {case}");
}

#[test]
fn a_clause_of_the_threat_model_is_cited_to_the_maintainer_and_then_to_the_reporter() {
    let mut project = Local::new(POLICY);
    let text = "If a developer installs a malicious package next to sample 4.2.0, that package can \
                replace the response object and read every cookie. To reproduce, install the package \
                and call app.use(evil()). The attacker gets all sessions.";
    project.arrives(&mail("rae@example.net", "1", "Cookie theft in sample", text));
    project.once();
    let case = project.json(&["case", "show", &id(1), "--json"]);
    let why = case["suggestions"].to_string();
    assert!(kinds(&case).contains(&"out-of-scope"), "{case}");
    assert!(why.contains("Malicious third-party modules") && why.contains("installs"), "{why}");
    let close = ["case", "close", &id(1), "--as", "out-of-scope", "--exclusion"];
    let (status, error) = project.refused(&[&close[..], &["malicious"]].concat());
    assert_eq!(status, 1);
    assert!(error.contains("malicious-dependency"), "{error}");
    project.embargod(&[&close[..], &["malicious-dependency"]].concat());
    project.once();
    let letters = project.sent_to("rae@example.net");
    assert!(
        letters.iter().any(|mail| mail.contains("We trust the modules that an")),
        "{letters:?}"
    );
}

#[test]
fn a_closed_case_cannot_be_closed_again_nor_accepted() {
    let mut project = Local::new(POLICY);
    project.arrives(&mail("rae@example.net", "1", "Path traversal", TRAVERSAL));
    project.once();
    project.embargod(&["case", "close", &id(1), "--as", "not-a-vulnerability"]);
    for again in [vec!["accept"], vec!["close", "--as", "withdrawn"]] {
        let (status, error) = project.refused(&[&["case", again[0], &id(1)], &again[1..]].concat());
        assert_eq!(status, 1);
        assert!(error.contains(&format!("{} is closed", id(1))), "{error}");
    }
    let (status, error) = project.refused(&["case", "close", &id(9), "--as", "spam"]);
    assert_eq!(status, 1);
    assert!(error.contains(&format!("no case {}", id(9))), "{error}");
    let (status, _) = project.refused(&["case", "close", &id(1), "--as", "boring"]);
    assert_eq!(status, 2);
}

#[test]
fn spam_is_closed_without_a_word() {
    let mut project = Local::new(POLICY);
    project.arrives(&mail("rae@example.net", "1", "Path traversal", TRAVERSAL));
    project.once();
    project.embargod(&["case", "close", &id(1), "--as", "spam"]);
    project.once();
    assert_eq!(project.sent_to("rae@example.net").len(), 1, "only the acknowledgement");
}

#[test]
fn the_same_mail_by_another_way_joins_its_case_in_silence() {
    let mut project = Local::new(POLICY);
    let first = mail("rae@example.net", "1", "Path traversal", TRAVERSAL);
    project.arrives(&first);
    project.once();
    // Another relay wrote another Received line: the bytes differ, the mail is the same.
    project.arrives(&[b"Received: from elsewhere by mx\n".as_slice(), &first].concat());
    project.once();
    let cases = project.json(&["case", "list", "--json"]);
    assert_eq!(cases.as_array().unwrap().len(), 1, "{cases}");
    assert_eq!(project.sent_to("rae@example.net").len(), 1);
    let case = project.json(&["case", "show", &id(1), "--json"]);
    let incoming = case["messages"].as_array().unwrap().iter().filter(|m| m["direction"] == "in");
    assert_eq!(incoming.count(), 2);
}

#[test]
fn somebody_elses_message_id_hides_no_report() {
    let mut project = Local::new(POLICY);
    project.arrives(&mail("rae@example.net", "1", "Path traversal", TRAVERSAL));
    project.once();
    let other = "The router of sample 4.2.0 loops for ever on the path /a//b. Request it once and \
                 one core is busy until the process is killed; nothing in the logs says so.";
    project.arrives(&mail("kim@example.net", "1", "Endless loop in the router", other));
    project.once();
    let cases = project.json(&["case", "list", "--json"]);
    assert_eq!(cases.as_array().unwrap().len(), 2, "{cases}");
}

#[test]
fn earlier_cases_of_a_reporter_are_shown_to_maintainers_only() {
    let mut project = Local::new(POLICY);
    project.arrives(&mail("rae@example.net", "1", "Path traversal", TRAVERSAL));
    project.once();
    project.embargod(&["case", "close", &id(1), "--as", "not-reproducible"]);
    let other = "The router of sample 4.2.0 loops for ever on the path /a//b. Request it once and \
                 one core is busy until the process is killed; nothing in the logs says so.";
    project.arrives(&mail("rae@example.net", "2", "Endless loop in the router", other));
    project.once();
    assert!(
        project
            .prints(&["case", "show", &id(2)])
            .contains(&format!("{} (not-reproducible)", id(1)))
    );
    let letters = project.sent_to("rae@example.net").join("\n");
    let about_the_second: Vec<_> = letters.matches(&id(2)).collect();
    assert!(!about_the_second.is_empty());
    let second = project.sent_to("rae@example.net");
    assert!(second.iter().filter(|mail| mail.contains(&id(2))).all(|mail| !mail.contains(&id(1))));
}

/// A bounce of the acknowledgement that `project` sent to `to`, as an old MTA writes it.
fn old_notice(acknowledgement: &str, subject: &str) -> Vec<u8> {
    let id = acknowledgement.lines().find(|line| line.starts_with("Message-ID:")).unwrap();
    format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nTo: security@example.org\n\
         Subject: {subject}\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n\n\
         Hi. This is the qmail-send program at mx.example.net.\n\
         I'm afraid I wasn't able to deliver your message to the following addresses.\n\n\
         <rae@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n\
         --- Below this line is a copy of the message.\n\n{id}\nSubject: yours\n"
    )
    .into_bytes()
}

#[test]
fn an_old_servers_bounce_is_tied_to_the_mail_it_speaks_of_and_a_delay_is_no_failure() {
    let mut project = Local::new(POLICY);
    project.arrives(&mail("rae@example.net", "1", "Path traversal", TRAVERSAL));
    project.once();
    let sent = project.sent_to("rae@example.net").remove(0);
    project.arrives(&old_notice(&sent, "Warning: message delayed 4 hours"));
    project.once();
    let status = |project: &Local| {
        let case = project.json(&["case", "show", &id(1), "--json"]);
        let messages = case["messages"].as_array().unwrap().clone();
        let to_her = |m: &&Value| m["direction"] == "out" && m["to"].to_string().contains("rae@");
        messages.iter().find(to_her).unwrap()["status"].clone()
    };
    assert_eq!(status(&project), "sent");
    project.arrives(&old_notice(&sent, "failure notice"));
    project.once();
    assert_eq!(status(&project), "undelivered");
    assert!(project.prints(&["digest"]).contains("UNDELIVERED (1)"));
}

#[test]
fn a_report_that_is_too_large_to_be_read_whole_says_so_on_its_case() {
    let mut project = Local::new("[limits]\nmessage_bytes = \"64 KiB\"\n");
    let report = "The parser hangs: parse('((((') in 4.2.1 never returns, with node 22.\n";
    project.arrives(
        format!(
            "From: rae@example.net\nTo: security@example.org\nSubject: hang\n\n{report}{}",
            "A line of a log that was pasted below the report.\n".repeat(2000)
        )
        .as_bytes(),
    );
    project.once();
    let shown = project.prints(&["case", "show", "EMB-2026-0001"]);
    assert!(shown.contains("too large to be read whole"), "{shown}");
    let digest = project.prints(&["digest"]);
    assert!(digest.contains("too large to be read whole"), "{digest}");
}

#[test]
fn a_run_that_somebody_has_to_mend_something_for_is_not_to_be_tried_again() {
    let project = Local::new("");
    std::fs::remove_dir_all(project.path("in/new")).unwrap();
    let (status, why) = project.refused(&["run", "--once"]);
    assert!(status == 1 && why.contains("must name a Maildir"), "{status}: {why}");
}

#[test]
fn what_could_not_be_read_is_printed_as_it_arrived_by_the_command_in_the_digest() {
    let mut project = Local::new("");
    let raw = b"Subject: who wrote this?\r\n\r\nno sender \x00\xff\r\n";
    project.arrives(raw);
    project.once();
    let digest = project.prints(&["digest"]);
    assert!(digest.contains("\n    embargod mail show 1\n"), "{digest}");
    assert_eq!(project.embargod(&["mail", "show", "1", "--raw"]).stdout, raw);
    let (status, why) = project.refused(&["mail", "show", "2"]);
    assert!(status == 1 && why.contains("there is no mail 2"), "{why}");
}
