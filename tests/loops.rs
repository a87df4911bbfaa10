//! Machines that answer every answer: each conversation ends after at most one answer of ours.
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

/// Lets `machine` answer every mail that goes to it, for ten rounds, and counts our mails to it.
fn converse(machine: impl Fn(usize, Option<&str>) -> String) -> usize {
    let mut local = Local::new("");
    local.arrives(machine(0, None).as_bytes());
    let mut answered = 0;
    for _ in 0..10 {
        local.once();
        let ours = local.sent_to("machine@tickets.example");
        assert!(ours.len() >= answered);
        if ours.len() == answered {
            break;
        }
        for mail in ours.iter().skip(answered) {
            answered += 1;
            local.arrives(machine(answered, Some(mail)).as_bytes());
        }
    }
    answered
}

fn field<'a>(mail: &'a str, name: &str) -> &'a str {
    let line = mail.lines().find(|line| line.starts_with(name)).unwrap();
    line[name.len()..].trim()
}

fn mail(n: usize, from: &str, more: &str, text: &str) -> String {
    format!(
        "From: {from} <machine@tickets.example>\nTo: security@example.org\n{more}\
         Message-ID: <{n}@tickets.example>\nDate: Mon, 23 Nov 2026 09:00:00 +0000\n\n{text}\n"
    )
}

#[test]
fn a_vacation_responder_that_ignores_every_header_gets_one_answer() {
    let text = "I am at the sea until Monday and read your mail when I am back.";
    assert_eq!(converse(|n, _| mail(n, "Max", "Subject: Holiday\n", text)), 1);
}

#[test]
fn a_ticket_system_with_a_new_number_for_each_mail_gets_one_answer() {
    let ticket = |n: usize, ours: Option<&str>| {
        let subject = ours.map_or("Your request", |ours| field(ours, "Subject:"));
        let text = format!("Thank you. Your ticket has the number {n}; an agent will look at it.");
        mail(n, "Support", &format!("Subject: [Ticket#{n}] {subject}\n"), &text)
    };
    assert_eq!(converse(ticket), 1);
}

#[test]
fn another_embargod_gets_one_answer_to_its_report_and_none_to_its_acknowledgement() {
    let report =
        "parse() in lib/a.js of sample 4.2.1 reads past its buffer on `GET /%00`; it stops.";
    let other = |n: usize, ours: Option<&str>| match ours {
        None => mail(n, "Rae", "Subject: crash\n", report),
        Some(ours) => {
            let marks = format!(
                "Subject: [EMB-2026-0001] Your security report to Tickets\nIn-Reply-To: {}\n\
                 Auto-Submitted: auto-replied\n",
                field(ours, "Message-ID:")
            );
            mail(n, "Tickets security", &marks, "Thank you for your report.")
        }
    };
    assert_eq!(converse(other), 1);
}

#[test]
fn a_list_gets_no_answer() {
    let marks = "Subject: [dev] hello\nList-Id: <dev.tickets.example>\nPrecedence: list\n";
    assert_eq!(converse(|n, _| mail(n, "Rae via dev", marks, "Hello, list.")), 0);
}
