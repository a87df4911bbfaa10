//! Notices about mail of ours: which mail they are tied to, and what is a failure.
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

const REPORT: &str = "From: rae@example.net\nTo: security@example.org\nSubject: Loop\n\
    Message-ID: <1@example.net>\n\nThe router of sample 4.2.0 loops for ever on the path /a//b. \
    Request it once and one core is busy until the process is killed.\n";

/// A project that acknowledged a report, and the acknowledgement's Message-ID.
fn acknowledged() -> (Local, String) {
    let mut project = Local::new("");
    project.arrives(REPORT.as_bytes());
    project.once();
    let sent = project.sent_to("rae@example.net").remove(0);
    let line = sent.lines().find(|line| line.starts_with("Message-ID:")).unwrap();
    let id = line.trim_start_matches("Message-ID:").trim().trim_matches(['<', '>']).to_owned();
    (project, id)
}

/// What became of the acknowledgement after this notice.
fn fate(project: &mut Local, notice: &str) -> String {
    project.arrives(notice.as_bytes());
    project.once();
    let case = project.json(&["case", "show", &id(1), "--json"]);
    let messages = case["messages"].as_array().unwrap();
    let ours = messages.iter().find(|mail| mail["purpose"] == "acknowledgement").unwrap();
    ours["status"].as_str().unwrap().to_owned()
}

fn header(subject: &str, content_type: &str) -> String {
    format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nTo: security@example.org\n\
         Subject: {subject}\nDate: Mon, 23 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n\
         Content-Type: {content_type}\n\n"
    )
}

#[test]
fn a_notice_that_encloses_the_mail_and_has_no_report_is_tied_to_it() {
    let (mut project, ours) = acknowledged();
    let notice = header("Returned mail", "multipart/mixed; boundary=x")
        + "--x\n\nThe following address does not exist here.\n\n--x\nContent-Type: message/rfc822\n\n"
        + &format!("Message-ID: <{ours}>\nSubject: yours\n\ntext\n--x--\n");
    assert_eq!(fate(&mut project, &notice), "undelivered");
}

/// A report by RFC 3464 that encloses nothing: only the envelope id says which mail it is about.
fn by_envelope_id(envelope_id: &str, action: &str) -> String {
    header("Delivery report", "multipart/report; report-type=delivery-status; boundary=x")
        + "--x\n\nSorry.\n\n--x\nContent-Type: message/delivery-status\n\n"
        + &format!(
            "Reporting-MTA: dns; mx.example.net\nOriginal-Envelope-Id: {envelope_id}\n\n\
             Final-Recipient: rfc822; rae@example.net\nAction: {action}\nStatus: 4.2.2\n--x--\n"
        )
}

#[test]
fn a_notice_that_repeats_the_envelope_id_is_tied_to_the_mail() {
    let (mut project, ours) = acknowledged();
    assert_eq!(fate(&mut project, &by_envelope_id("something-else", "failed")), "sent");
    assert_eq!(fate(&mut project, &by_envelope_id(&ours, "delayed")), "sent");
    assert_eq!(fate(&mut project, &by_envelope_id(&ours, "failed")), "undelivered");
}

#[test]
fn a_delay_is_no_failure_in_whatever_language_it_is_told() {
    let (mut project, ours) = acknowledged();
    for (subject, text) in [
        ("Warnung: Nachricht verzögert", "Die Nachricht wurde noch nicht zugestellt."),
        ("Remise différée", "Votre message n'a pas encore été remis. Il sera retenté."),
        ("Undelivered Mail", "Your message has not yet been delivered. I will keep trying."),
        ("配信遅延のお知らせ", "まだ配信されていません。再試行します。"),
        ("Недоставленное письмо", "Письмо ещё не доставлено, попытки будут продолжены."),
    ] {
        let notice = header(subject, "text/plain; charset=utf-8");
        let notice = format!("{notice}{text}\n\nMessage-ID: <{ours}>\n");
        assert_eq!(fate(&mut project, &notice), "sent", "{subject}");
    }
    let notice = header("Nachricht nicht zustellbar", "text/plain; charset=utf-8");
    let notice = format!("{notice}Das Postfach gibt es nicht.\n\nMessage-ID: <{ours}>\n");
    assert_eq!(fate(&mut project, &notice), "undelivered");
}
