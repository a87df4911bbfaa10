//! The work on a case from the first answer to the end, through the real program.
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

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use common::local::{Local, id};
use serde_json::Value;

const LINES: &str = r#"
[[maintainers]]
handle = "grace"
name = "Grace"
address = "grace@example.org"
[[release_lines]]
name = "5.x"
[[release_lines]]
name = "4.x"
[[release_lines]]
name = "3.x"
end_of_support = 2025-12-31
"#;

const TEXT: &str = "Hello,

sample.static() serves files from outside its root. Affected are sample 4.1.0 to 4.3.2.

1. Start a server with app.use(sample.static('public')).
2. Request GET /..%5c..%5csecret.txt HTTP/1.1
3. The answer is 200 with the content of secret.txt.

An attacker can read any file that the server's user can read.";

fn mail(from: &str, id: &str, header: &str, subject: &str, text: &str) -> Vec<u8> {
    format!(
        "From: {from}\nTo: security@example.org\nSubject: {subject}\nMessage-ID: <{id}@example.net>\n\
         {header}Date: Mon, 23 Nov 2026 10:00:00 +0000\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    )
    .into_bytes()
}

/// A project with one report, EMB-…-0001, that is acknowledged.
fn reported() -> Local {
    reported_with(LINES)
}

fn reported_with(more: &str) -> Local {
    let mut project = Local::new(more);
    project.arrives(&mail("Rae <rae@example.net>", "1", "", "Path traversal", TEXT));
    project.once();
    project
}

fn show(project: &Local, n: u32) -> Value {
    project.json(&["case", "show", &id(n), "--json"])
}

/// `embargod case VERB EMB-…-0001 …`.
fn case(project: &Local, words: &[&str]) -> String {
    project.prints(&on_the_first(words))
}

fn refused(project: &Local, words: &[&str]) -> String {
    let id = id(1);
    let (status, error) = project.refused(&[&["case", words[0], &id], &words[1..]].concat());
    assert_eq!(status, 1, "{error}");
    error
}

fn on_the_first<'a>(words: &'a [&'a str]) -> Vec<&'a str> {
    let id: &'static str = Box::leak(id(1).into_boxed_str());
    [&["case", words[0], id], &words[1..]].concat()
}

/// The mail to the reporter of one kind, as its Message-ID names it.
fn letters(project: &Local, to: &str, kind: &str) -> Vec<String> {
    let mails = project.sent_to(to);
    mails.into_iter().filter(|mail| mail.contains(&format!(".{kind}."))).collect()
}

fn field<'a>(mail: &'a str, name: &str) -> &'a str {
    mail.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap_or_default()
}

#[test]
fn a_report_goes_all_the_way_to_a_disclosure_and_its_end() {
    let mut project = reported();
    fs::write(project.path("answer.txt"), "Hello Rae,\n\nthank you, we see it too.\n\nAda\n")
        .unwrap();
    case(&project, &["assign", "grace", "--note", "you know the router best"]);
    let answer = project.path("answer.txt");
    case(&project, &["reply", "--file", answer.to_str().unwrap()]);
    let before = show(&project, 1);
    assert_eq!((&before["state"], &before["responded_at"]), (&"acknowledged".into(), &Value::Null));
    assert_eq!(before["handler"], "grace");
    project.once();
    let after = show(&project, 1);
    assert_eq!(after["state"], "triaging");
    for time in ["responded_at", "next_update_by", "disclose_by", "last_told_at"] {
        assert!(after[time].is_string(), "{time}: {after}");
    }
    let reply = letters(&project, "rae@example.net", "reply").remove(0);
    assert!(reply.contains("thank you, we see it too."), "{reply}");
    assert_eq!(field(&reply, "In-Reply-To"), "<1@example.net>");
    assert!(!reply.contains("Auto-Submitted"), "{reply}");

    // A further mail of the reporter: the next letter continues the thread that has grown.
    let header = format!("In-Reply-To: {}\n", field(&reply, "Message-ID"));
    project.arrives(&mail(
        "rae@example.net",
        "2",
        &header,
        "Re: yours",
        "Thank you for the quick answer.",
    ));
    project.once();

    assert!(refused(&project, &["fix", "5.x"]).contains("embargod case confirm"));
    assert!(refused(&project, &["disclose"]).contains("embargod case confirm"));
    let unknown = refused(&project, &["confirm", "--affected", "< 4.3.3", "--line", "6.x"]);
    assert!(unknown.contains("5.x, 4.x, 3.x"), "{unknown}");
    project.embargod(&[
        "case",
        "confirm",
        "--affected",
        ">= 4.0.0, < 4.3.3",
        ">= 5, < 5.0.1",
        &id(1),
    ]);
    let affected = show(&project, 1)["affected"].clone();
    assert_eq!(affected, Value::from(vec![">= 4.0.0, < 4.3.3", ">= 5, < 5.0.1"]));
    case(&project, &["audit", "all uses of resolvePath(): one more, fixed with it"]);
    let lines = show(&project, 1)["releases"].clone();
    let names: Vec<_> = lines.as_array().unwrap().iter().map(|line| line["line"].clone()).collect();
    assert_eq!(names, ["5.x", "4.x"], "what is maintained today: {lines}");

    assert!(refused(&project, &["release", "5.x", "5.0.1"]).contains("embargod case fix"));
    case(&project, &["fix", "5.x"]);
    case(&project, &["release", "5.x", "5.0.1"]);
    let late = show(&project, 1);
    assert_eq!(
        (&late["state"], &late["releases"][0]["version"]),
        (&"fixing".into(), &"5.0.1".into())
    );
    for early in [&["disclose"][..], &["close", "--as", "fixed"]] {
        let error = refused(&project, early);
        assert!(error.contains("4.x: no fix yet") && error.contains("--none"), "{error}");
    }
    project.once();
    assert!(letters(&project, "rae@example.net", "released").is_empty());
    case(&project, &["fix", "4.x"]);
    let told = case(&project, &["release", "4.x", "4.3.3"]);
    assert!(told.contains("is released: 4.x: released as 4.3.3; the mail"), "{told}");
    project.once();
    let released = letters(&project, "rae@example.net", "released").remove(0);
    assert!(released.contains("5.x: fixed in 5.0.1") && released.contains("4.x: fixed in 4.3.3"));
    assert_eq!(field(&released, "In-Reply-To"), "<2@example.net>");
    assert!(released.contains("<1@example.net>"), "the thread is whole: {released}");

    assert!(refused(&project, &["disclose"]).contains("describe"));
    assert!(refused(&project, &["describe", "--cvss", "CVSS:3.1/AV:X"]).contains("CVSS vector"));
    assert!(refused(&project, &["describe", "--cve", "2026-1"]).contains("CVE-2026-12345"));
    let vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N";
    case(
        &project,
        &[
            "describe",
            "--title",
            "Path traversal",
            "--summary",
            "It reads files.",
            "--cvss",
            vector,
            "--cwe",
            "cwe-22",
        ],
    );
    case(&project, &["credit", "Rae", "Finder"]);
    case(&project, &["disclose"]);
    case(&project, &["close", "--as", "fixed"]);
    project.once();
    let notice = letters(&project, "rae@example.net", "disclosure").remove(0);
    for fact in ["Path traversal", vector, "CWE-22", "Rae Finder", "Fixed in 4.x: 4.3.3"] {
        assert!(notice.contains(fact), "{fact}: {notice}");
    }
    let end = show(&project, 1);
    assert_eq!((&end["state"], &end["disposition"]), (&"closed".into(), &"fixed".into()));
    for time in ["disclosed_at", "closed_at"] {
        assert!(end[time].is_string(), "{time}: {end}");
    }
    for mail in project.sent_to("rae@example.net") {
        assert!(!mail.contains("ada@") && !mail.contains("grace@"), "{mail}");
    }
    let sheet = project.prints(&["case", "show", &id(1)]);
    for word in ["5.x", "5.0.1", "resolvePath()", "Rae Finder", "CWE-22"] {
        assert!(sheet.contains(word), "{word}: {sheet}");
    }
    project.embargod(&["verify"]);
}

#[test]
fn a_question_stops_the_clocks_until_its_answer() {
    let mut project = reported();
    case(&project, &["ask", "-m", "Which version did you try?"]);
    assert_eq!(show(&project, 1)["awaiting_since"], Value::Null, "it has not gone out");
    project.once();
    let asked = show(&project, 1);
    assert!(asked["awaiting_since"].is_string() && asked["responded_at"].is_string(), "{asked}");
    assert!(project.prints(&["case", "list"]).contains("waits for the reporter"));
    let question = letters(&project, "rae@example.net", "question").remove(0);
    let header = format!("In-Reply-To: {}\n", field(&question, "Message-ID"));
    project.arrives(&mail(
        "rae@example.net",
        "2",
        &header,
        "Re: yours",
        "It was 4.2.0, on Debian.",
    ));
    project.once();
    let answered = show(&project, 1);
    assert_eq!(answered["awaiting_since"], Value::Null);
    assert!(answered["disclose_by"].as_str() >= asked["disclose_by"].as_str());
    project.embargod(&["verify"]);
}

#[test]
fn words_come_from_standard_input_or_an_editor_and_none_are_no_message() {
    let project = reported();
    let reply = on_the_first(&["reply", "--file", "-"]);
    let mut child =
        project.command(&reply).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all("Grüße aus dem Rohr".as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());

    let script = |name: &str, text: &str| {
        let path = project.path(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    };
    let edit = |editor: &std::path::Path, verb: &str| {
        let mut command = project.command(&on_the_first(&[verb]));
        command.env_remove("VISUAL").env("EDITOR", editor).stdin(Stdio::null()).output().unwrap()
    };
    let writes = script("writes", "printf 'From the editor\\n# a heading\\n' >> \"$1\"");
    assert!(edit(&writes, "reply").status.success());
    for (name, text) in [("empty", ": > \"$1\""), ("untouched", "true"), ("fails", "exit 1")] {
        let output = edit(&script(name, text), "reply");
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("nothing was sent"), "{name}");
    }
    let mut none = project.command(&on_the_first(&["reply"]));
    let none =
        none.env_remove("VISUAL").env_remove("EDITOR").stdin(Stdio::null()).output().unwrap();
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&none.stderr).contains("--file"));

    project.once();
    let sent = letters(&project, "rae@example.net", "reply");
    assert_eq!(sent.len(), 2, "{sent:?}");
    let edited = sent.iter().find(|mail| mail.contains("From the editor")).unwrap();
    assert!(edited.contains("# a heading") && !edited.contains("#:"), "{edited}");
}

#[test]
fn a_trial_shows_the_mail_and_changes_nothing() {
    let project = reported();
    let before = show(&project, 1);
    let shown = case(&project, &["reply", "-m", "We see it too.", "--dry-run"]);
    for word in ["To: rae@example.net", "Subject: [EMB-", "We see it too.", "not carried out"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    let shown = case(&project, &["close", "--as", "out-of-scope", "--dry-run"]);
    assert!(shown.contains("acknowledged to closed") && shown.contains("threat model"), "{shown}");
    assert!(refused(&project, &["disclose", "--dry-run"]).contains("confirm"));
    assert_eq!(show(&project, 1), before);
    project.once();
    assert_eq!(project.sent_to("rae@example.net").len(), 1, "only the acknowledgement");
}

#[test]
fn of_several_cases_each_is_a_change_of_its_own() {
    let mut project = reported();
    let other = "The router of sample 4.2.0 loops for ever on the path /a//b. Request it once and \
                 one core is busy until the process is killed; nothing in the logs says so.";
    project.arrives(&mail("kim@example.net", "2", "", "Endless loop", other));
    project.once();
    let (status, error) = project.refused(&["case", "assign", &id(1), &id(9), &id(2), "grace"]);
    assert_eq!(status, 1);
    assert!(error.contains("1 of 3 refused") && error.contains(&id(9)), "{error}");
    assert_eq!(
        (&show(&project, 1)["handler"], &show(&project, 2)["handler"]),
        (&"grace".into(), &"grace".into())
    );
    let (status, error) = project.refused(&["case", "assign", &id(1), "nobody"]);
    assert!(status == 1 && error.contains("ada, grace"), "{error}");
    let (status, error) = project.refused(&["case", "assign", &id(1), "EMB-2026-1", "grace"]);
    assert!(status == 2 && error.contains("EMB-2026-1"), "{error}");
    project.embargod(&["case", "unassign", &id(1), &id(2)]);
    project.embargod(&["case", "link", &id(1), &id(2)]);
    assert_eq!(show(&project, 2)["links"], Value::from(vec![id(1)]));
    assert_eq!(show(&project, 2)["handler"], Value::Null);
    let error = project.refused(&["case", "merge", &id(2), &id(1)]).1;
    assert!(
        error.contains("not from the same reporter") && error.contains("--as duplicate"),
        "{error}"
    );
    project.embargod(&["verify"]);
}

#[test]
fn what_is_held_in_observe_mode_meets_no_promise_and_shows() {
    let mut project = reported();
    let config = fs::read_to_string(project.path("daemon.toml")).unwrap();
    let config = config.replace("[outbox]\n", "[outbox]\nmode = \"observe\"\n");
    fs::write(project.path("daemon.toml"), config).unwrap();
    let told = case(&project, &["reply", "-m", "We see it too."]);
    assert!(told.contains("held"), "{told}");
    project.once();
    let held = show(&project, 1);
    assert_eq!((&held["state"], &held["responded_at"]), (&"acknowledged".into(), &Value::Null));
    assert!(held["unreached"]["why"].as_str().unwrap().contains("observe"), "{held}");
    assert_eq!(project.sent_to("rae@example.net").len(), 1);
    // So does the acknowledgement of a report.
    project.arrives(&mail(
        "kim@example.net",
        "2",
        "",
        "Endless loop",
        &TEXT.replace("outside", "beyond"),
    ));
    project.once();
    let unacknowledged = show(&project, 2);
    assert_eq!(
        (&unacknowledged["state"], &unacknowledged["acknowledged_at"]),
        (&"received".into(), &Value::Null)
    );
    assert!(
        unacknowledged["unreached"]["why"].as_str().unwrap().contains("observe"),
        "{unacknowledged}"
    );
    // Once mail goes out, a person's word answers what was held.
    let config = fs::read_to_string(project.path("daemon.toml")).unwrap();
    fs::write(project.path("daemon.toml"), config.replace("mode = \"observe\"\n", "")).unwrap();
    project.once();
    assert!(project.sent_to("kim@example.net").is_empty(), "it was sent without a word");
    project.embargod(&["case", "accept", &id(2)]);
    project.once();
    assert_eq!(project.sent_to("kim@example.net").len(), 1);
    assert_eq!(show(&project, 2)["state"], "acknowledged");
    project.embargod(&["verify"]);
}

#[test]
fn an_answer_that_comes_back_undelivered_is_no_answer() {
    let mut project = reported();
    case(&project, &["reply", "-m", "We see it too."]);
    project.once();
    let reply = letters(&project, "rae@example.net", "reply").remove(0);
    let id_line = format!("Message-ID: {}", field(&reply, "Message-ID"));
    let bounce = format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nTo: security@example.org\n\
         Subject: failure notice\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n\n\
         Hi. This is the qmail-send program at mx.example.net.\n\
         I'm afraid I wasn't able to deliver your message to the following addresses.\n\n\
         <rae@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n\
         --- Below this line is a copy of the message.\n\n{id_line}\nSubject: yours\n"
    );
    project.arrives(bounce.as_bytes());
    project.once();
    let case = show(&project, 1);
    assert_eq!((&case["state"], &case["responded_at"]), (&"acknowledged".into(), &Value::Null));
    // The promise of an answer runs again; that of news begins with an answer.
    assert_eq!(case["next_update_by"], Value::Null);
    assert!(case["unreached"].is_object(), "{case}");
    project.embargod(&["verify"]);
}

#[test]
fn two_reports_of_one_reporter_become_one_case_and_their_mail_with_them() {
    let mut project = reported();
    let more = "One thing that I forgot in my report about sample.static() of 4.2.0: it also works \
                with %2e%2e, which the same check lets through, and on every platform that I tried.";
    project.arrives(&mail("rae@example.net", "2", "", "More on the traversal", more));
    project.once();
    let acknowledged = project.sent_to("rae@example.net");
    let second = acknowledged.iter().find(|mail| mail.contains(&id(2))).unwrap();
    project.embargod(&["case", "merge", &id(2), &id(1)]);
    let merged = show(&project, 2);
    assert_eq!((&merged["state"], &merged["merged_into"]), (&"closed".into(), &id(1).into()));
    let header = format!("In-Reply-To: {}\n", field(second, "Message-ID"));
    project.arrives(&mail(
        "rae@example.net",
        "3",
        &header,
        "Re: yours",
        "I have one more variant.",
    ));
    project.once();
    let messages = show(&project, 1)["messages"].to_string();
    assert!(messages.contains("<3@example.net>"), "{messages}");
    let (_, error) = project.refused(&["case", "merge", &id(1), &id(2)]);
    assert!(error.contains(&format!("{} is closed", id(2))), "{error}");
    project.embargod(&["verify"]);
}

#[test]
fn a_second_report_in_a_case_gets_a_case_of_its_own() {
    let mut project = reported();
    project.arrives(&mail(
        "rae@example.net",
        "2",
        "References: <1@example.net>\n",
        "Re: Path traversal",
        "By the way: the cookie of sample 4.2.0 has no HttpOnly, so that any script can read it.",
    ));
    project.once();
    let mails = show(&project, 1)["messages"].clone();
    let number = |id: &str| {
        let mails = mails.as_array().unwrap();
        mails.iter().find(|mail| mail["message_id"] == id).unwrap()["number"].to_string()
    };
    let (second, outside) = (number("<2@example.net>"), "99");
    assert!(refused(&project, &["split", "--mail", outside]).contains("did not come into"));
    let told =
        case(&project, &["split", "--mail", &second, "--subject", "Cookie without HttpOnly"]);
    assert!(told.contains(&id(2)), "{told}");
    project.once();
    let new = show(&project, 2);
    assert_eq!(
        (&new["subject"], &new["state"]),
        (&"Cookie without HttpOnly".into(), &"acknowledged".into())
    );
    assert_eq!((&new["links"], &new["handler"]), (&Value::from(vec![id(1)]), &"ada".into()));
    assert!(new["messages"].to_string().contains("<2@example.net>"), "{new}");
    assert!(!show(&project, 1)["messages"].to_string().contains("<2@example.net>"));
    assert!(
        refused(&project, &["split", "--mail", &number("<1@example.net>")])
            .contains("all there is")
    );
    project.embargod(&["verify"]);
}

#[test]
fn an_exploited_vulnerability_has_the_clocks_of_the_law() {
    let project = reported();
    assert!(refused(&project, &["exploited", "--made", "notification"]).contains("--known-since"));
    assert!(
        refused(&project, &["exploited", "--known-since", "2099-01-01T00:00Z"]).contains("future")
    );
    let (status, error) =
        project.refused(&on_the_first(&["exploited", "--known-since", "2026-11-20"]));
    assert!(status == 2 && error.contains("has no hour"), "{error}");
    case(&project, &["exploited", "--known-since", "2026-11-20 09:30 Europe/Madrid"]);
    case(&project, &["exploited", "--made", "early-warning"]);
    let exploited = show(&project, 1)["exploited"].clone();
    assert_eq!(exploited["known_since"], "2026-11-20T08:30:00Z");
    let reports = &exploited["reports"];
    assert_eq!(
        (&reports[0]["report"], &reports[0]["by"]),
        (&"early-warning".into(), &"2026-11-21T08:30:00Z".into())
    );
    assert!(reports[0]["made_at"].is_string() && reports[2]["by"].is_null(), "{exploited}");
    assert_eq!(reports[1]["by"], "2026-11-23T08:30:00Z");
    let list = project.prints(&["case", "list"]);
    assert!(list.contains("overdue"), "what the law wants stands above all else: {list}");
}

#[test]
fn nothing_is_published_under_embargo() {
    let project = reported();
    let (status, error) = project.refused(&on_the_first(&["embargo", "2099-12-24"]));
    assert!(status == 2 && error.contains("2099-12-24T18:00Z"), "{error}");
    assert!(refused(&project, &["embargo", "2020-12-24T18:00Z"]).contains("past"));
    case(&project, &["embargo", "2099-12-24", "18:00", "Europe/Madrid"]);
    assert_eq!(show(&project, 1)["embargo_until"], "2099-12-24T17:00:00Z");
    case(&project, &["confirm", "--affected", "< 5", "--line", "5.x"]);
    case(&project, &["fix", "5.x", "--none", "the feature is removed"]);
    assert_eq!(show(&project, 1)["state"], "released");
    assert!(refused(&project, &["disclose"]).contains("--lift"));
    case(&project, &["embargo", "--lift"]);
    case(&project, &["describe", "--title", "Traversal", "--summary", "Removed."]);
    case(&project, &["disclose", "-m", "Thank you."]);
    assert_eq!(show(&project, 1)["state"], "disclosed");
}

#[test]
fn a_promise_is_moved_with_a_reason_and_only_to_a_later_day() {
    let project = reported();
    let by = show(&project, 1)["disclose_by"].clone();
    assert!(
        refused(&project, &["extend", "2026-12-01", "--reason", "x"]).contains("has to be later")
    );
    assert_eq!(project.refused(&on_the_first(&["extend", "2027-12-01"])).0, 2, "without a reason");
    case(&project, &["extend", "2027-12-01", "--reason", "the fix needs a new API"]);
    let after = show(&project, 1);
    assert_eq!(after["disclose_by"], "2027-12-01T23:59:59Z");
    assert_ne!(by, after["disclose_by"]);
    assert!(after["events"].to_string().contains("the fix needs a new API"));
}

#[test]
fn a_closed_case_is_opened_again_where_it_stood() {
    let project = reported();
    case(&project, &["confirm", "--affected", "< 5"]);
    let open = refused(&project, &["reopen"]);
    assert_eq!(
        open,
        format!("embargod: {} is confirmed: it cannot be reopened; it is open\n", id(1))
    );
    case(&project, &["close", "--as", "not-reproducible"]);
    assert!(refused(&project, &["confirm", "--affected", "< 5"]).contains("reopen"));
    assert!(refused(&project, &["ask", "-m", "How?"]).contains("reopen"));
    case(&project, &["note", "I was wrong, it works with Node 22"]);
    case(&project, &["reopen", "--reason", "it works with Node 22"]);
    let case = show(&project, 1);
    assert_eq!((&case["state"], &case["disposition"]), (&"confirmed".into(), &Value::Null));
    assert!(project.sent_to("rae@example.net").iter().all(|mail| !mail.contains("Node 22")));
}
