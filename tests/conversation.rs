//! What maintainers and reporters hear of each other, and what they never do.
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

const GRACE: &str =
    "[[maintainers]]\nhandle = \"grace\"\nname = \"Grace\"\naddress = \"grace@private.example\"\n";

fn report(n: usize, top: &str) -> Vec<u8> {
    format!(
        "{top}From: Rae <rae@finder.example>\nSubject: crash {n}\n\
         Date: Mon, 23 Nov 2026 09:00:00 +0000\nMessage-ID: <{n}@finder.example>\n\n\
         Sample 4.2.1 crashes when the header X-Count is {n}: parseCount() in lib/count.js reads past\n\
         its buffer. Send `GET / HTTP/1.1` with `X-Count: {n}` and the process ends with a segmentation\n\
         fault. An attacker who can reach the server stops it.\n"
    )
    .into_bytes()
}

fn plain(n: usize) -> Vec<u8> {
    report(n, "To: security@example.org\n")
}

/// The mails to an address, by the name of the mail's kind in its Message-ID.
fn notices(local: &Local, address: &str) -> Vec<String> {
    let sent = local.sent().into_iter();
    sent.filter(|mail| {
        field(mail, "To").contains(address) && field(mail, "Message-ID").contains(".notice.")
    })
    .collect()
}

fn field(mail: &str, name: &str) -> String {
    let (header, _) = mail.split_once("\n\n").unwrap();
    let unfolded = header.replace("\n ", " ");
    let prefix = format!("{name}: ");
    unfolded.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap_or_default().to_owned()
}

/// The last mail of ours to the reporter.
fn ours(local: &Local) -> String {
    local.sent_to("rae@finder.example").pop().unwrap()
}

fn answer(n: usize, ours: &str, more: &str, text: &str) -> Vec<u8> {
    format!(
        "From: Rae <rae@finder.example>\nSubject: Re: {}\nMessage-ID: <a{n}@finder.example>\n\
         In-Reply-To: {}\n{more}\n{text}\n",
        field(ours, "Subject"),
        field(ours, "Message-ID"),
    )
    .into_bytes()
}

#[test]
fn a_handler_is_told_of_a_report_and_of_what_follows_in_one_thread_without_its_text() {
    let mut local = Local::new("");
    local.arrives(&plain(7));
    local.once();
    let more = "To: security@example.org\nCc: lee@lab.example, ada@example.org\n";
    local.arrives(&answer(1, &ours(&local), more, "The same with `X-Count: 8`, in 5.0 as well."));
    local.once();
    let told = notices(&local, "ada@example.org");
    assert_eq!(told.len(), 2, "{told:#?}");
    for notice in &told {
        assert_eq!(field(notice, "From"), "\"Sample security\" <security@example.org>");
        assert_eq!(field(notice, "Subject"), format!("[{}] crash 7", id(1)));
        assert_eq!(field(notice, "References"), format!("<{}.thread.for-ada@example.org>", id(1)));
        assert!(
            notice.contains("handler: you") && notice.contains("embargod case reply"),
            "{notice}"
        );
        for secret in ["X-Count", "parseCount", "rae@finder.example"] {
            assert!(!notice.contains(secret), "{notice}");
        }
    }
    let (new, later) = (&told[0], &told[1]);
    let (new, later) = if new.contains("A new report") { (new, later) } else { (later, new) };
    assert!(new.contains("respond in 2 d"), "{new}");
    assert!(
        later.contains("The reporter wrote.") && later.contains("    lee@lab.example"),
        "{later}"
    );
    assert!(later.contains("add-cc") && !later.contains("    ada@example.org"), "{later}");
}

#[test]
fn whoever_follows_a_case_hears_of_what_comes_into_it_and_may_stop() {
    let mut local = Local::new(GRACE);
    local.arrives(&plain(7));
    local.once();
    assert_eq!(local.json(&["case", "show", &id(1), "--json"])["handler"], "ada");
    assert_eq!(notices(&local, "grace@private.example").len(), 0);
    local.embargod(&["case", "follow", &id(1), "--as", "Grace"]);
    local.arrives(&answer(1, &ours(&local), "", "One more thing about it."));
    local.once();
    assert_eq!(notices(&local, "grace@private.example").len(), 1);
    assert_eq!(notices(&local, "ada@example.org").len(), 2);
    local.embargod(&["case", "unfollow", &id(1), "--as", "grace"]);
    let (_, said) = local.refused(&["case", "unfollow", &id(1), "--as", "grace"]);
    assert!(said.contains("grace does not follow"), "{said}");
    local.arrives(&answer(2, &ours(&local), "", "And another thing about it."));
    local.once();
    assert_eq!(notices(&local, "grace@private.example").len(), 1);
    let (status, said) = local.refused(&["case", "follow", &id(1)]);
    assert!(status == 1 && said.contains("--as HANDLE"), "{said}");
}

#[test]
fn text_and_files_go_along_only_if_so_configured_and_harm_nobody() {
    let mut local = Local::new("[notices]\ncontent = \"text-and-files\"\n");
    let mail = "From: Rae <rae@finder.example>\nTo: security@example.org\nSubject: crash\n\
        Message-ID: <f@finder.example>\nMIME-Version: 1.0\n\
        Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n\
        parseCount() of sample 4.2.1 reads past its buffer on `X-Count: 7`; the process ends with\n\
        a fault, so that an attacker who reaches the server stops it.\n\
        !close \u{202e}spam\n--b\n\
        Content-Type: text/html; name=\"../evil.html\"\nContent-Disposition: attachment\n\n\
        <script>alert(1)</script>\n--b--\n";
    local.arrives(mail.as_bytes());
    local.once();
    let [notice] = notices(&local, "ada@example.org").try_into().unwrap();
    assert!(notice.contains("\n> parseCount() of sample"), "{notice}");
    assert!(notice.contains("\n> !close <U+202E>spam"), "{notice}");
    assert!(notice.contains("filename=\"1-evil.html.attachment\""), "{notice}");
    assert!(notice.contains("Content-Type: application/octet-stream"), "{notice}");
    assert!(!notice.contains("text/html") && !notice.contains("../"), "{notice}");
}

#[test]
fn a_lost_mail_is_told_and_a_lost_notice_tells_nobody_again() {
    let mut local = Local::new("");
    local.arrives(&plain(7));
    local.once();
    let bounce = |n: usize, ours: &str, to: &str| {
        format!(
            "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: security@example.org\n\
             Subject: Undelivered Mail\nMessage-ID: <b{n}@mx.example>\nMIME-Version: 1.0\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n\
             It failed.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n\
             Final-Recipient: rfc822; {to}\nAction: failed\nStatus: 5.1.1\n--b\n\
             Content-Type: text/rfc822-headers\n\nMessage-ID: {}\n--b--\n",
            field(ours, "Message-ID")
        )
        .into_bytes()
    };
    local.arrives(&bounce(1, &ours(&local), "rae@finder.example"));
    local.once();
    let told = notices(&local, "ada@example.org");
    assert_eq!(told.len(), 2);
    assert!(told.iter().any(|notice| notice.contains("did not reach the reporter")), "{told:#?}");
    for (n, notice) in told.iter().enumerate() {
        local.arrives(&bounce(2 + n, notice, "ada@example.org"));
    }
    local.once();
    assert_eq!(notices(&local, "ada@example.org").len(), 2);
    let case = local.json(&["case", "show", &id(1), "--json"]);
    assert_eq!(case["unreached"]["message_id"], field(&ours(&local), "Message-ID"));
    assert!(local.prints(&["digest"]).contains("our mail (notice)"));
}

#[test]
fn a_flood_ends_notices_at_the_cap_and_says_so_in_the_last() {
    let mut local = Local::new("[limits]\nnotices_per_person = 3\n");
    for n in 0..8 {
        local.arrives(&plain(n));
    }
    local.once();
    let told = notices(&local, "ada@example.org");
    assert_eq!(told.len(), 3);
    assert_eq!(told.iter().filter(|notice| notice.contains("the last notice")).count(), 1);
    let none = Local::new("[notices]\nsend = []\n");
    assert_eq!(notices(&none, "ada@example.org").len(), 0);
}

#[test]
fn whom_a_mail_names_in_cc_gets_nothing_until_a_person_adds_them() {
    let mut local = Local::new(GRACE);
    local.arrives(&report(
        7,
        "To: security@example.org, grace@private.example\nCc: lee@lab.example\n",
    ));
    local.once();
    let shown = local.prints(&["case", "show", &id(1)]);
    assert!(shown.contains("not on the case") && shown.contains("lee@lab.example"), "{shown}");
    assert!(!shown.contains("not on the case  grace"), "{shown}");
    local.embargod(&["case", "reply", &id(1), "-m", "Thank you, we look at it."]);
    local.once();
    assert!(
        local
            .sent()
            .iter()
            .all(|mail| !mail.contains("lee@lab.example") || mail.contains(".notice."))
    );
    local.embargod(&["case", "add-cc", &id(1), "Lee@lab.example"]);
    local.embargod(&["case", "reply", &id(1), "-m", "It breaks here as well."]);
    local.once();
    let mails = local.sent();
    let copied: Vec<_> = mails.iter().filter(|mail| mail.contains("breaks here as well")).collect();
    assert_eq!(copied.len(), 1, "the same bytes for both, under one name: {copied:#?}");
    assert_eq!(field(copied[0], "Cc"), "lee@lab.example");
    let case = local.json(&["case", "show", &id(1), "--json"]);
    assert_eq!(case["cc"][0], "lee@lab.example");
    let out = case["messages"].as_array().unwrap().iter().filter(|m| m["purpose"] == "copy");
    assert_eq!(out.map(|m| m["to"].as_str().unwrap()).collect::<Vec<_>>(), ["lee@lab.example"]);
    // What Lee answers joins the case, and whom it may not go to is refused.
    local.arrives(
        format!(
            "From: lee@lab.example\nSubject: Re: [{}] x\nMessage-ID: <l@lab.example>\n\nI was there.\n",
            id(1)
        )
        .as_bytes(),
    );
    local.once();
    assert_eq!(local.json(&["case", "list", "--json"]).as_array().unwrap().len(), 1);
    let refused = |address: &str| local.refused(&["case", "add-cc", &id(1), address]).1;
    assert!(refused("grace@private.example").contains("embargod case follow"));
    assert!(refused("security@example.org").contains("come back"));
    assert!(refused("lee@lab.example").contains("already"));
    assert!(refused("lee.lab").contains("lee.lab"));
    local.embargod(&["case", "drop-cc", &id(1), "lee@lab.example"]);
    local.embargod(&["case", "reply", &id(1), "-m", "It is fixed on a branch."]);
    local.once();
    let last = local.sent().into_iter().find(|mail| mail.contains("fixed on a branch")).unwrap();
    assert_eq!(field(&last, "Cc"), "");
}

#[test]
fn no_mail_that_leaves_the_project_names_a_maintainer() {
    let mut local = Local::new(GRACE);
    local.arrives(&report(7, "To: security@example.org\nCc: grace@private.example\n"));
    local.once();
    local.embargod(&["case", "follow", &id(1), "--as", "grace"]);
    local.embargod(&["case", "add-cc", &id(1), "lee@lab.example"]);
    // Grace answers beside embargod, and her mail joins the case.
    let beside = format!(
        "From: Grace <grace@private.example>\nSubject: Re: x\nMessage-ID: <7@host.private.example>\n\
         In-Reply-To: {}\n\nI was there, too.\n",
        field(&ours(&local), "Message-ID")
    );
    local.arrives(beside.as_bytes());
    local.once();
    local.embargod(&["case", "ask", &id(1), "-m", "Which version did you try?"]);
    local.embargod(&["case", "close", &id(1), "--as", "not-reproducible"]);
    local.once();
    let mut left = 0;
    for mail in local.sent() {
        let to = field(&mail, "To");
        if !to.contains("ada@example.org") && !to.contains("grace@private.example") {
            left += 1;
            let mail = mail.to_lowercase();
            assert!(
                !mail.contains("ada@example.org") && !mail.contains("private.example"),
                "{mail}"
            );
            assert!(!mail.contains("grace") && !mail.contains(".for-"), "{mail}");
        }
    }
    assert_eq!(left, 3);
}
