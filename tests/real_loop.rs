//! The whole way, on real servers: a mail is submitted to Postfix, delivered into Dovecot, taken in
//! by embargod, answered through Postfix, and read in the reporter's mailbox.
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

use common::eventually;
use common::postfix::BOUNCED;
use common::project::{PROJECT, Project, Setup, Way, field};

fn report(from: &str, id: &str) -> String {
    format!(
        "From: Rae <{from}>
To: {PROJECT}
Subject: Session fixation in the cookie parser
Message-ID: <{id}>
Date: Mon, 23 Nov 2026 10:00:00 +0000
Content-Type: text/plain; charset=utf-8

Hello,

sample 4.2.1 accepts a session cookie that the client made up, and keeps it after the login. An
attacker who can set a cookie for the victim, say from a sibling domain, is logged in as the victim
once the victim logs in. Affected are 4.0.0 to 4.2.1.

To reproduce: send `Cookie: sid=abc` with the login request, then use `sid=abc` from another
machine. The session is the victim's. The identifier has to be made anew at login.

Rae
"
    )
}

fn link_only(from: &str) -> String {
    format!(
        "From: {from}
To: {PROJECT}
Subject: vulnerability report
Message-ID: <link.1@example.net>
Date: Mon, 23 Nov 2026 10:00:00 +0000
Content-Type: text/plain; charset=utf-8

Hi team, please find my report here:
https://drive.google.com/file/d/1aBcDeFgHiJkLmNoP/view

Thanks
"
    )
}

fn attachment_only(from: &str) -> String {
    format!(
        "From: {from}
To: {PROJECT}
Subject: report
Message-ID: <file.1@example.net>
Date: Mon, 23 Nov 2026 10:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

Please see the attached file.

--b
Content-Type: application/pdf; name=report.pdf
Content-Disposition: attachment; filename=report.pdf
Content-Transfer-Encoding: base64

JVBERi0xLjQKJcOkw7zDtsOfCjEgMCBvYmoKPDwgL1R5cGUgL0NhdGFsb2cgPj4KZW5kb2JqCg==
--b--
"
    )
}

#[test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
fn a_report_is_acknowledged_and_what_follows_joins_its_case() {
    let project = Project::new(&Setup::default());
    let daemon = project.start();
    project.submit("rae@example.net", &report("rae@example.net", "good.1@example.net"));
    let answer = project.nth("rae@example.net", 1);
    assert_eq!(field(&answer, "Auto-Submitted").as_deref(), Some("auto-replied"));
    assert_eq!(field(&answer, "In-Reply-To").as_deref(), Some("<good.1@example.net>"));
    assert_eq!(field(&answer, "To").as_deref(), Some("rae@example.net"));
    assert_eq!(field(&answer, "Return-Path").as_deref(), Some("<security+bounces@example.org>"));
    assert!(answer.contains("EMB-2") && !answer.contains("cookie"), "{answer}");

    let id = field(&answer, "Message-ID").unwrap();
    let more = format!(
        "From: rae@example.net\nTo: {PROJECT}\nSubject: Re: yours\nMessage-ID: <good.2@example.net>\n\
         In-Reply-To: {id}\nReferences: <good.1@example.net> {id}\n\n5.0.0-beta has it too.\n"
    );
    project.submit("rae@example.net", &more);
    project.wait_for_rows(2);
    let cases = project.json(&["case", "list", "--json"]);
    assert_eq!(cases.as_array().unwrap().len(), 1, "{cases}");
    assert_eq!(cases[0]["state"], "acknowledged");
    assert_eq!(cases[0]["handler"], "ada");
    let case = project.json(&["case", "show", cases[0]["id"].as_str().unwrap(), "--json"]);
    let incoming: Vec<_> =
        case["messages"].as_array().unwrap().iter().filter(|m| m["direction"] == "in").collect();
    assert_eq!(incoming.len(), 2);
    assert_eq!(incoming[1]["status"], "follow-up");
    daemon.stop();
    assert_eq!(project.mailbox("rae@example.net").len(), 1, "a follow-up was acknowledged again");
    assert_eq!(project.dovecot.untouched(PROJECT), 2, "a mail in the inbox was touched");
}

#[test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
fn a_report_behind_a_link_is_sent_back_and_accepted_when_it_comes_back_whole() {
    let project = Project::new(&Setup { way: Way::StartTls, ..Setup::default() });
    let daemon = project.start();
    // One after the other: Postfix delivers side by side, and the cases are told apart by number.
    project.submit("lee@example.net", &link_only("lee@example.net"));
    let link = project.nth("lee@example.net", 1);
    project.submit("kim@example.net", &attachment_only("kim@example.net"));
    assert!(link.contains("body.only-links") && link.contains("link"), "{link}");
    assert!(!link.contains("drive.google.com"), "a stranger's link was sent on");
    let file = project.nth("kim@example.net", 1);
    assert!(file.contains("body.only-attachments"), "{file}");

    let whole = report("lee@example.net", "link.2@example.net").replace(
        "Content-Type",
        &format!("In-Reply-To: {}\nContent-Type", field(&link, "Message-ID").unwrap()),
    );
    project.submit("lee@example.net", &whole);
    let answers = eventually("the acknowledgement", || {
        Some(project.mailbox("lee@example.net")).filter(|answers| answers.len() == 2)
    });
    assert!(answers.iter().any(|answer| answer.contains("Detailed response")));
    // The mail may be in the mailbox before its delivery is in the store.
    let cases = eventually("the two cases", || {
        let cases = project.json(&["case", "list", "--json"]);
        let states: Vec<_> = cases.as_array()?.iter().map(|case| case["state"].as_str()).collect();
        (states == [Some("returned"), Some("acknowledged")]).then(|| cases.clone())
    });
    let id = cases[0]["id"].as_str().unwrap().to_owned();
    project.embargod(&["case", "accept", &id]);
    daemon.stop();
    project.embargod(&["run", "--once"]);
    eventually("the acknowledgement after the overruled return", || {
        (project.mailbox("kim@example.net").len() == 2).then_some(())
    });
}

#[test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
fn machines_are_never_answered_and_a_bounce_is_tied_to_the_mail_it_speaks_of() {
    let project = Project::new(&Setup::default());
    let daemon = project.start();
    let header = |from: &str, more: &str| {
        let id = from.replace('@', ".");
        format!(
            "From: {from}\nTo: {PROJECT}\nSubject: a notice\nMessage-ID: <{id}@example.net>\n{more}\n\
             I found a vulnerability in your product, and I am away until Monday.\n"
        )
    };
    project.submit("", &header("away@example.net", "Auto-Submitted: auto-replied (vacation)\n"));
    project.submit("", &header("null@example.net", ""));
    let list = "List-Id: <weekly.example.net>\nPrecedence: list\n";
    project.submit("list@example.net", &header("list@example.net", list));
    // The acknowledgement of this report comes back as a bounce.
    project.submit(BOUNCED, &report(BOUNCED, "bounce.1@example.net"));
    project.wait_for_rows(5);
    let cases = project.json(&["case", "list", "--json"]);
    assert_eq!(cases.as_array().unwrap().len(), 1, "{cases}");
    let case = project.json(&["case", "show", cases[0]["id"].as_str().unwrap(), "--json"]);
    let events = case["events"].as_array().unwrap();
    assert!(events.iter().any(|event| event["kind"] == "undelivered"), "{case}");
    let messages = case["messages"].as_array().unwrap();
    assert!(messages.iter().any(|m| m["direction"] == "out" && m["status"] == "undelivered"));
    daemon.stop();
    for machine in ["away@example.net", "null@example.net", "list@example.net"] {
        assert_eq!(project.mailbox(machine), Vec::<String>::new(), "{machine} was answered");
    }
    let digest = String::from_utf8(project.embargod(&["digest"]).stdout).unwrap();
    assert!(digest.contains("UNDELIVERED (1)"), "{digest}");
}

#[test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
fn mail_to_others_in_the_same_inbox_is_neither_touched_nor_stored() {
    let ada = "ada@example.org";
    let project = Project::new(&Setup { user: ada, ..Setup::default() });
    let private = "From: mum@example.net\nTo: ada@example.org\nSubject: Sunday\n\nLunch at one?\n";
    project.dovecot.deliver(ada, private.replace('\n', "\r\n").as_bytes());
    let report = report("rae@example.net", "good.1@example.net");
    project.dovecot.deliver(ada, report.replace('\n', "\r\n").as_bytes());
    project.embargod(&["run", "--once"]);
    assert_eq!(project.rows(), 1);
    // The third is the notice to the handler, whose inbox it is.
    eventually("the notice in the inbox", || (project.dovecot.mails(ada).len() == 3).then_some(()));
    assert_eq!(project.dovecot.untouched(ada), 3);
    assert_eq!(project.mailbox("mum@example.net"), Vec::<String>::new());
    let store = fs::read(project.folder().join("embargod.db")).unwrap();
    assert!(!store.windows(5).any(|bytes| bytes == b"Lunch"), "private mail is in the store");
}

#[test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
fn observe_mode_does_everything_but_send_to_reporters() {
    let project = Project::new(&Setup { outbox: "mode = \"observe\"", ..Setup::default() });
    project.submit("rae@example.net", &report("rae@example.net", "good.1@example.net"));
    eventually("the mail in the inbox", || {
        (project.dovecot.mails(PROJECT).len() == 1).then_some(())
    });
    project.embargod(&["run", "--once"]);
    let cases = project.json(&["case", "list", "--json"]);
    assert_eq!(cases[0]["state"], "received");
    let case = project.json(&["case", "show", cases[0]["id"].as_str().unwrap(), "--json"]);
    let messages = case["messages"].as_array().unwrap();
    assert!(messages.iter().any(|m| m["direction"] == "out" && m["status"] == "held"), "{case}");
    assert_eq!(project.mailbox("rae@example.net"), Vec::<String>::new());
}

#[test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
fn a_reload_takes_a_good_configuration_and_keeps_the_old_one_from_a_bad() {
    let project = Project::new(&Setup::default());
    let daemon = project.start();
    eventually("the daemon at work", || project.log().contains("at work for Sample").then_some(()));
    let good = fs::read_to_string(project.config()).unwrap();
    fs::write(project.config(), good.replace("only_to", "only_for")).unwrap();
    daemon.signal("-HUP");
    eventually("the refusal", || {
        project.log().contains("the old configuration stays").then_some(())
    });
    fs::write(project.config(), good.replace("\"Sample\"", "\"Renamed\"")).unwrap();
    daemon.signal("-HUP");
    eventually("the new name", || project.log().contains("at work for Renamed").then_some(()));
    project.submit("rae@example.net", &report("rae@example.net", "good.1@example.net"));
    assert!(project.nth("rae@example.net", 1).contains("Renamed"));
    daemon.stop();
}

#[test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
fn a_server_that_is_away_is_said_once_and_waited_for() {
    let project = Project::new(&Setup::default());
    let good = fs::read_to_string(project.config()).unwrap();
    let away = format!("smtps://{}:1", project.postfix.address);
    let server = format!("smtps://{}:{}", project.postfix.address, project.postfix.tls);
    fs::write(project.config(), good.replace(&server, &away)).unwrap();
    project.submit("rae@example.net", &report("rae@example.net", "good.1@example.net"));
    eventually("the mail in the inbox", || {
        (project.dovecot.mails(PROJECT).len() == 1).then_some(())
    });
    let once = project.command(&["run", "--once"]).output().unwrap();
    assert_eq!(once.status.code(), Some(75), "{}", String::from_utf8_lossy(&once.stderr));
    assert_eq!(project.json(&["case", "list", "--json"])[0]["state"], "received");
    let check = project.command(&["check"]).output().unwrap();
    assert_eq!(check.status.code(), Some(75), "{}", String::from_utf8_lossy(&check.stdout));
    let inbox_away = good.replace(
        &format!("imaps://{}:{}", project.dovecot.address, project.dovecot.imaps),
        &format!("imaps://{}:1", project.dovecot.address),
    );
    fs::write(project.config(), inbox_away).unwrap();
    let once = project.command(&["run", "--once"]).output().unwrap();
    assert_eq!(once.status.code(), Some(75), "{}", String::from_utf8_lossy(&once.stderr));
}
