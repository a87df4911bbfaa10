//! A person's word makes a case of any mail that was set aside, and looks at it without harm.
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
use std::os::unix::fs::PermissionsExt;

use common::local::{Local, id};

const TEXT: &str = "parseCount() of sample 4.2.1 reads past its buffer on `X-Count: 7`; the process ends\n\
                    with a fault, so that an attacker who reaches the server stops it.";

fn mail(n: usize, top: &str) -> Vec<u8> {
    format!(
        "{top}To: security@example.org\nSubject: crash {n}\nMessage-ID: <{n}@x.example>\n\
         Date: Mon, 23 Nov 2026 09:00:00 +0000\n\n{TEXT}\n"
    )
    .into_bytes()
}

#[test]
fn what_was_set_aside_becomes_a_case_by_one_word() {
    let mut local = Local::new("");
    local.arrives(&mail(1, "From: rae@finder.example\nX-Spam-Flag: YES\n"));
    local.arrives(&mail(2, "From: jon@finder.example\nList-Id: <dev.x.example>\n"));
    local.arrives(&mail(3, "From: kim@finder.example\nAuto-Submitted: auto-replied\n"));
    local.arrives(&mail(4, ""));
    local.arrives(&mail(5, "From: security@example.org\n"));
    local.arrives(&mail(6, "From: lee@finder.example\n"));
    local.once();
    let listed = local.json(&["mail", "list", "--json"]);
    let of = |n: usize| listed[n]["kind"].as_str().unwrap().to_owned();
    assert_eq!([0, 1, 2, 3, 4].map(of), ["own", "malformed", "auto-reply", "bulk", "spam"]);
    let all = local.json(&["mail", "list", "--all", "--json"]);
    assert_eq!(all.as_array().unwrap().len(), 6);
    let spam = local.prints(&["mail", "list", "--kind", "spam"]);
    assert!(spam.contains("spam.upstream") && spam.contains("rae@finder.example"), "{spam}");
    assert!(!spam.contains("jon@"), "{spam}");
    let digest = local.prints(&["digest"]);
    assert!(digest.contains("embargod mail list") && digest.contains("embargod mail show 4"));

    // Numbers are those of the store: 1 to 6.
    local.embargod(&["mail", "accept", "1", "2"]);
    local.embargod(&["mail", "accept", "3"]);
    let (status, said) = local.refused(&["mail", "accept", "4"]);
    assert!(status == 1 && said.contains("--from ADDRESS"), "{said}");
    local.embargod(&["mail", "accept", "4", "--from", "max@finder.example"]);
    assert!(local.refused(&["mail", "accept", "5"]).1.contains("--from"), "our own mail");
    assert!(local.refused(&["mail", "accept", "6"]).1.contains("case split"), "it has a case");
    assert!(local.refused(&["mail", "accept", "77"]).1.contains("no mail 77"));
    local.once();
    assert_eq!(local.sent_to("rae@finder.example").len(), 1);
    assert_eq!(local.sent_to("jon@finder.example").len(), 1);
    assert_eq!(local.sent_to("max@finder.example").len(), 1);
    assert_eq!(local.sent_to("kim@finder.example").len(), 0, "a machine was answered");
    let case = local.json(&["case", "show", &id(2), "--json"]);
    assert_eq!(case["state"], "acknowledged");
    let accepted = case["events"].as_array().unwrap().iter().find(|e| e["kind"] == "accepted");
    let detail = accepted.unwrap()["detail"].as_str().unwrap();
    assert!(detail.contains("it was spam (spam.upstream)"), "{detail}");
    assert_eq!(case["handler"], "ada");
    assert!(!case["suggestions"].as_array().unwrap().is_empty(), "nothing was noticed in it");
    let shown = local.json(&["mail", "show", "1", "--json"]);
    assert_eq!(shown["kind"], "submission");
    assert_eq!(shown["reasons"][0]["rule"], "overruled.person");
    local.embargod(&["verify"]);
}

#[test]
fn mail_of_a_case_that_a_filter_took_joins_it_by_one_word() {
    let mut local = Local::new("");
    local.arrives(&mail(1, "From: rae@finder.example\n"));
    local.once();
    let ours = local.sent_to("rae@finder.example").remove(0);
    let ours = ours.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap();
    let top = format!("From: rae@finder.example\nIn-Reply-To: {ours}\nX-Spam-Flag: YES\n");
    local.arrives(&mail(2, &top));
    local.once();
    let told = local.prints(&["mail", "accept", "2"]);
    assert!(told.contains(&id(1)), "{told}");
    assert_eq!(local.json(&["case", "list", "--json"]).as_array().unwrap().len(), 1);
    local.once();
    assert_eq!(local.sent_to("rae@finder.example").len(), 1);
}

#[test]
fn a_mail_is_shown_without_harm_and_its_files_are_saved_under_safe_names() {
    let mut local = Local::new("");
    let raw = "From: Rae <rae@finder.example>\nTo: security@example.org\nSubject: a\u{202e}b\n\
        X-Spam-Flag: YES\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n\
        --b\nContent-Type: text/plain; charset=utf-8\n\nred \u{1b}[31m and \u{202e}turned\n\
        --b\nContent-Type: application/x-sh; name=\"../../../tmp/run.sh\"\n\
        Content-Disposition: attachment\n\n#!/bin/sh\n--b--\n";
    local.arrives(raw.as_bytes());
    local.once();
    let shown = local.prints(&["mail", "show", "1"]);
    assert!(shown.contains("red <U+001B>[31m and <U+202E>turned"), "{shown}");
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
    assert!(shown.contains("run.sh (application/x-sh"), "{shown}");
    assert_eq!(local.embargod(&["mail", "show", "1", "--raw"]).stdout, raw.as_bytes());
    let into = local.path("files");
    fs::create_dir(&into).unwrap();
    let into = into.to_str().unwrap().to_owned();
    local.embargod(&["mail", "save", "1", "--into", &into]);
    let saved = local.path("files/mail-1-1-run.sh");
    assert_eq!(fs::read_to_string(&saved).unwrap(), "#!/bin/sh");
    assert_eq!(fs::metadata(&saved).unwrap().permissions().mode() & 0o777, 0o600);
    fs::write(&saved, "mine").unwrap();
    let (_, said) = local.refused(&["mail", "save", "1", "--into", &into]);
    assert!(said.contains("is there already"), "{said}");
    assert_eq!(fs::read_to_string(&saved).unwrap(), "mine");
}
