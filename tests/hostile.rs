//! Mail that means harm, or is merely broken, through the whole daemon: each becomes exactly one
//! row, is seen in the digest or in a case, and never stops the next one.
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

use common::local::Local;

const REPORT: &str = "The router of sample 4.2.0 loops for ever on the path /a//b. Request it once \
                      and one core is busy until the process is killed; nothing in the logs says so.";

fn from(from: &str, more: &str, body: &str) -> Vec<u8> {
    format!(
        "From: {from}\nTo: security@example.org\nSubject: A problem\n\
         Date: Mon, 23 Nov 2026 10:00:00 +0000\n{more}\n{body}\n"
    )
    .into_bytes()
}

fn good(n: usize) -> Vec<u8> {
    from(&format!("good{n}@example.net"), &format!("Message-ID: <good.{n}@example.net>\n"), REPORT)
}

/// What is sent, and whether a person may be answered for it.
fn mails() -> Vec<(&'static str, Vec<u8>)> {
    let nested = |depth: usize| {
        let open: String = (0..depth)
            .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"))
            .collect();
        format!(
            "From: deep@example.net\nTo: security@example.org\nMIME-Version: 1.0\n{open}\n{REPORT}\n"
        )
    };
    let references: String = (0..10_000).map(|n| format!(" <{n}@example.net>\n")).collect();
    vec![
        ("empty", Vec::new()),
        ("one newline", b"\n".to_vec()),
        ("binary", (0..20_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()),
        ("nuls", [&b"From: nul@example.net\n\0\0\0\n\n"[..], &[0; 5000]].concat()),
        ("too large", from("large@example.net", "", &format!("{REPORT}\n{}", "x".repeat(200_000)))),
        ("endless header", from("head@example.net", &"X-More: and more\n".repeat(40_000), REPORT)),
        ("endless line", from("line@example.net", "", &"word ".repeat(250_000))),
        ("nested a thousand deep", nested(1000).into_bytes()),
        ("no sender", b"To: security@example.org\nSubject: who?\n\nHello.\n".to_vec()),
        ("from ourselves", from("security@example.org", "", REPORT)),
        (
            "ten thousand references",
            from("refs@example.net", &format!("References:\n{references}"), REPORT),
        ),
        (
            "line feeds in a name",
            from("=?utf-8?q?x=0D=0ABcc:_victim=40example.com?= <crlf@example.net>", "", REPORT),
        ),
        (
            "line feeds in a message id",
            from("id@example.net", "Message-ID: <a@b>\n\tBcc: victim@example.com\n", REPORT),
        ),
        (
            "right to left override",
            from("\u{202e}gro.elpmaxe@ecurity <bidi@example.net>", "", REPORT),
        ),
        (
            "an address in another script",
            from("\u{440}\u{430}@\u{43f}\u{440}\u{438}\u{43c}\u{435}\u{440}.example", "", REPORT),
        ),
        (
            "null return path",
            [&b"Return-Path: <>\n"[..], &from("null@example.net", "", REPORT)].concat(),
        ),
    ]
}

#[test]
fn each_becomes_one_row_and_none_stops_the_next() {
    let mut project = Local::new("[limits]\nmessage_bytes = \"64 KiB\"");
    let hostile = mails();
    for (n, (_, mail)) in hostile.iter().enumerate() {
        project.arrives(mail);
        project.arrives(&good(n));
    }
    project.once();
    let store = rusqlite::Connection::open(project.path("embargod.db")).unwrap();
    let rows: usize = store
        .query_row("SELECT count(*) FROM incoming", [], |row| row.get::<_, isize>(0))
        .unwrap()
        .cast_unsigned();
    assert_eq!(rows, 2 * hostile.len());
    for (n, (what, _)) in hostile.iter().enumerate() {
        let answers = project.sent_to(&format!("good{n}@example.net"));
        assert_eq!(answers.len(), 1, "the mail after «{what}» was not answered");
    }
    let digest = project.prints(&["digest"]);
    assert!(digest.contains("QUARANTINED"), "{digest}");
    assert!(!digest.contains('\u{202e}'), "a direction override reached the digest");
    project.once();
    let again: isize =
        store.query_row("SELECT count(*) FROM incoming", [], |row| row.get(0)).unwrap();
    assert_eq!(again.cast_unsigned(), 2 * hostile.len(), "a second run took a mail in twice");
}

#[test]
fn no_answer_goes_to_a_victim_or_carries_what_a_stranger_wrote() {
    let mut project = Local::new("");
    for (_, mail) in mails() {
        project.arrives(&mail);
    }
    project.once();
    let mut answers = 0;
    for entry in std::fs::read_dir(project.path("out/new")).unwrap() {
        let answer = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let (header, body) = answer.split_once("\n\n").unwrap();
        if header.contains("\nTo: Ada <ada@example.org>\n") {
            continue;
        }
        assert!(!answer.contains("victim@"), "{answer}");
        assert!(!body.contains("router") && !header.contains("A problem"), "{answer}");
        assert!(!header.to_lowercase().contains("bcc:"), "{answer}");
        answers += 1;
    }
    assert!(answers >= 5, "the people among them are answered: {answers}");
    for silent in ["null@example.net", "security@example.org"] {
        assert_eq!(project.sent_to(silent).len(), 0, "{silent} was answered");
    }
}

#[test]
fn a_case_is_sent_back_by_itself_only_a_few_times() {
    let mut project = Local::new("");
    let link = "please find my report here: https://drive.google.com/file/d/1aBcDeFgHiJkLm/view";
    project.arrives(&from("lee@example.net", "Message-ID: <l.0@example.net>\n", link));
    project.once();
    for n in 1..8 {
        let number = common::local::id(1);
        let reply = format!(
            "From: lee@example.net\nTo: security@example.org\nSubject: Re: {number} again\n\
             Message-ID: <l.{n}@example.net>\n\n{link}?{n}\n"
        );
        project.arrives(reply.as_bytes());
        project.once();
    }
    assert_eq!(project.sent_to("lee@example.net").len(), 3);
    assert_eq!(project.json(&["case", "list", "--json"]).as_array().unwrap().len(), 1);
}

#[test]
fn an_automatic_answer_to_ours_is_noted_on_the_case_and_not_answered() {
    let mut project = Local::new("");
    project.arrives(&good(1));
    project.once();
    let ours = project.sent_to("good1@example.net").remove(0);
    let id = ours.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap().to_owned();
    let away = format!("Auto-Submitted: auto-replied\nIn-Reply-To: {id}\n");
    project.arrives(&from("good1@example.net", &away, "I am away until Monday."));
    project.once();
    assert_eq!(project.sent_to("good1@example.net").len(), 1);
    let cases = project.json(&["case", "list", "--json"]);
    let case = project.json(&["case", "show", cases[0]["id"].as_str().unwrap(), "--json"]);
    let kinds: Vec<_> = case["events"].as_array().unwrap().iter().map(|e| &e["kind"]).collect();
    assert!(kinds.iter().any(|kind| *kind == "machine-mail"), "{kinds:?}");
}

#[test]
fn a_daemon_killed_in_the_middle_loses_nothing_and_answers_nobody_twice() {
    let mut project = Local::new("");
    for n in 0..300 {
        project.arrives(&good(n));
    }
    for pause in [5, 20, 40, 80] {
        let mut daemon = project.command(&["run", "--once"]).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(pause));
        daemon.kill().unwrap();
        daemon.wait().unwrap();
    }
    project.once();
    let store = rusqlite::Connection::open(project.path("embargod.db")).unwrap();
    let count = |sql: &str| store.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM incoming"), 300);
    assert_eq!(count("SELECT count(*) FROM cases"), 300);
    assert_eq!(
        count("SELECT count(*) FROM outbox WHERE status = 'sent' AND purpose <> 'notice'"),
        300
    );
    for n in 0..300 {
        assert_eq!(project.sent_to(&format!("good{n}@example.net")).len(), 1);
    }
}
