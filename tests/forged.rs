//! Forged senders: the project's server must not write to those who never wrote to it.
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

use std::fs::File;
use std::time::{Duration, SystemTime};

use common::local::{Local, id};

fn report(n: usize, from: &str, top: &str) -> String {
    format!(
        "{top}From: Rae <{from}>\nTo: security@example.org\nSubject: crash {n}\n\
         Date: Mon, 23 Nov 2026 09:00:00 +0000\nMessage-ID: <{n}@finder.example>\n\n\
         Sample 4.2.1 crashes when the header X-Count is {n}: parseCount() in lib/count.js reads past\n\
         its buffer. Send `GET / HTTP/1.1` with `X-Count: {n}` and the process ends with a segmentation\n\
         fault. An attacker who can reach the server stops it.\n"
    )
}

const SERVER: &str = "[authentication]\nby = \"server\"\nserver = \"mx.example.org\"\n";

#[test]
fn over_the_cap_a_mail_is_taken_in_and_nobody_is_written_to() {
    let mut local = Local::new("[limits]\nanswers_per_address = 3\n");
    for n in 0..6 {
        local.arrives(report(n, "victim@bank.example", "").as_bytes());
    }
    local.arrives(report(6, "rae@finder.example", "").as_bytes());
    local.once();
    assert_eq!(local.sent_to("victim@bank.example").len(), 3);
    assert_eq!(local.sent_to("rae@finder.example").len(), 1);
    let cases = local.json(&["case", "list", "--json"]);
    let cases = cases.as_array().unwrap();
    assert_eq!(cases.len(), 7);
    let withheld: Vec<_> = cases.iter().filter(|case| !case["withheld"].is_null()).collect();
    assert_eq!(withheld.len(), 3);
    for case in withheld {
        assert_eq!(case["state"], "received");
        assert_eq!(case["withheld"], "the cap on answers a day to victim@bank.example is reached");
    }
    // A restart fills no bucket.
    local.arrives(report(7, "victim@bank.example", "").as_bytes());
    local.once();
    assert_eq!(local.sent_to("victim@bank.example").len(), 3);
}

#[test]
fn a_person_overrules_what_was_withheld() {
    let mut local = Local::new("[limits]\nanswers_per_address = 1\n");
    local.arrives(report(1, "rae@finder.example", "").as_bytes());
    local.arrives(report(2, "rae@finder.example", "").as_bytes());
    local.once();
    assert_eq!(local.sent_to("rae@finder.example").len(), 1);
    let shown = local.prints(&["case", "show", &id(2)]);
    assert!(shown.contains("the cap on answers a day to rae@finder.example is reached"), "{shown}");
    local.embargod(&["case", "accept", &id(2)]);
    local.once();
    assert_eq!(local.sent_to("rae@finder.example").len(), 2);
    let case = local.json(&["case", "show", &id(2), "--json"]);
    assert_eq!(case["state"], "acknowledged");
    assert!(case["withheld"].is_null());
}

#[test]
fn a_sender_whose_domain_disowns_the_mail_is_not_answered() {
    let mut local = Local::new(SERVER);
    let disowned =
        "Authentication-Results: mx.example.org; dmarc=fail (p=reject) header.from=bank.example\n";
    let proven = "Authentication-Results: mx.example.org; dmarc=pass header.from=finder.example\n";
    let forged = "Authentication-Results: evil.example; dmarc=pass header.from=unproven.example\n";
    local.arrives(report(1, "victim@bank.example", disowned).as_bytes());
    local.arrives(report(2, "rae@finder.example", proven).as_bytes());
    local.arrives(report(3, "rae@unproven.example", forged).as_bytes());
    local.once();
    assert_eq!(local.sent_to("victim@bank.example").len(), 0);
    assert_eq!(local.sent_to("rae@finder.example").len(), 1);
    assert_eq!(local.sent_to("rae@unproven.example").len(), 1);
    let verdict = |n| local.json(&["case", "show", &id(n), "--json"])["sender"].clone();
    assert_eq!([verdict(1), verdict(2), verdict(3)], ["disowned", "authenticated", "unproven"]);
    let case = local.json(&["case", "show", &id(1), "--json"]);
    assert_eq!(case["withheld"], "the domain of its sender disowns it");
    let detail = case["events"].to_string();
    assert!(
        detail.contains("dmarc fail, to be rejected (bank.example), says mx.example.org"),
        "{detail}"
    );
}

#[test]
fn a_bucket_that_is_full_again_is_forgotten() {
    let mut local = Local::new("[notices]\nsend = []\n");
    local.arrives(report(0, "rae@finder.example", "").as_bytes());
    local.once();
    let store = rusqlite::Connection::open(local.path("embargod.db")).unwrap();
    let count = || -> i64 {
        store.query_row("SELECT count(*) FROM buckets", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(count(), 3);
    store
        .execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
             INSERT INTO buckets SELECT 'address', i, 0, 1000 FROM n",
        )
        .unwrap();
    for n in 1..4 {
        local.arrives(report(n, "rae@finder.example", "").as_bytes());
    }
    local.once();
    assert_eq!(count(), 3);
}

#[test]
fn a_new_store_writes_to_nobody_whose_mail_lay_for_long() {
    let mut local = Local::new("[digest]\nwhen_empty = \"skip\"\n");
    for (n, days) in [(1, 700), (2, 15), (3, 13), (4, 0)] {
        let from = format!("rae{n}@finder.example");
        let arrived = local.arrives(report(n, &from, "").as_bytes());
        let at = SystemTime::now() - Duration::from_secs(days * 86_400);
        File::options().write(true).open(arrived).unwrap().set_modified(at).unwrap();
    }
    local.once();
    let answered = |n: usize| local.sent_to(&format!("rae{n}@finder.example")).len();
    assert_eq!([1, 2, 3, 4].map(answered), [0, 0, 1, 1]);
    let digest = local.prints(&["digest"]);
    for case in [id(1), id(2)] {
        assert!(digest.contains(&format!("embargod case accept {case}")), "{digest}");
    }
    local.embargod(&["case", "accept", &id(1)]);
    local.once();
    assert_eq!([1, 2, 3, 4].map(answered), [1, 0, 1, 1]);
}
