//! Whatever a mail is, its kind and its case agree: what a person wrote has a case, and what is
//! nobody's or a machine's opens none.
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

use std::sync::LazyLock;

use chrono::DateTime;
use common::local::{Local, id};
use embargod::config::{Secrets, Settings};
use embargod::domain::Timestamp;
use embargod::domain::authenticity::Authenticity;
use embargod::domain::case_id::CaseId;
use embargod::domain::decision::Placement;
use embargod::domain::judgement::{Format, Judgement, Kind};
use embargod::domain::lookup::Known;
use embargod::domain::mail::Mail;
use embargod::mail::read::read;
use embargod::policy::decide::{Arrival, decide};
use embargod::policy::judge::{Look, judge};
use embargod::policy::rules::Rules;
use proptest::prelude::*;
use proptest::sample::select;

const REPORT: &str = "The router of sample 4.2.0 loops for ever on the path /a//b. Request it once \
                      and one core is busy until the process is killed; nothing in the logs says so.";

static RULES: LazyLock<Rules> = LazyLock::new(rules);

fn rules() -> Rules {
    let project = Local::new("");
    embargod::daemon::desk::rules(
        &Settings::load(&project.path("daemon.toml"), Secrets::Skip).unwrap(),
    )
}

fn arrival(mail: Mail, judgement: Judgement, arrived_at: Timestamp) -> Arrival {
    let authenticity = Authenticity::default();
    let (charged, files) = (vec![], vec![]);
    Arrival {
        mail,
        judgement,
        arrived_at,
        noticed: None,
        authenticity,
        charged,
        order: None,
        files,
    }
}

/// A header field that may be there, may be broken, or may be missing.
fn any_field(values: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(""), select(values)]
}

prop_compose! {
    fn any_mail()(
        from in any_field(&[
            "From: rae@example.net\n", "From: Rae <rae at example dot net>\n", "From: \n",
            "From: <>\n", "From: ada@example.org\n", "From: security@example.org\n",
            "From: MAILER-DAEMON <>\n", "From: =?utf-8?q?=ff?= <@>\n",
        ]),
        sender in any_field(&["Sender: jon@example.net\n", "Sender: <>\n", "Sender: jon\n"]),
        reply_to in any_field(&["Reply-To: kim@example.net\n", "Reply-To: kim, lee\n"]),
        path in any_field(&["Return-Path: <>\n", "Return-Path: <rae@example.net>\n"]),
        machine in any_field(&[
            "Auto-Submitted: auto-replied\n", "List-Id: <l.example.net>\n", "Precedence: bulk\n",
            "X-Spam-Flag: YES\n",
        ]),
        thread in any_field(&[
            "In-Reply-To: <EMB-2026-0001.acknowledgement.0011223344556677@example.org>\n",
            "In-Reply-To: <1@example.net>\n",
        ]),
        subject in any_field(&["Subject: Re: [EMB-2026-0001] a\n", "Subject: Undeliverable: b\n"]),
        body in select(&[REPORT, "", "https://drive.google.com/file/d/1aBcDeFg/view", "!assign ada"]),
    ) -> String {
        format!("{from}{sender}{reply_to}{path}{machine}{thread}{subject}\n{body}\n")
    }
}

proptest! {
    #[test]
    fn a_persons_mail_has_a_case_and_a_mail_without_one_is_no_persons(raw in any_mail()) {
        let mail = read(raw.as_bytes(), raw.len() as u64);
        let rules = &*RULES;
        let at = DateTime::from_timestamp(1_795_424_400, 0).unwrap();
        let judgement = judge(&Look::at(&mail), &rules.surroundings());
        let nobody = mail.author().is_none();
        let arrival = arrival(mail, judgement, at);
        let known = Known::nothing(CaseId { year: 2026, number: 2 });
        let decision = decide(&arrival, &known, at, rules);
        let kind = decision.judgement.kind;
        let by_person = matches!(kind, Kind::Submission | Kind::FollowUp);
        let opens = matches!(decision.placement, Placement::Opens(_));
        prop_assert_eq!(by_person, opens, "{:?} {:?}", kind, decision.placement);
        prop_assert_eq!(by_person, decision.judgement.format.is_some());
        prop_assert!(by_person || decision.letters.is_empty());
        prop_assert!(!decision.judgement.reasons.is_empty());
        if kind == Kind::Malformed {
            prop_assert!(nobody, "malformed, though a sender can be read");
        }
    }

    #[test]
    fn even_a_wrong_judgement_gives_no_submission_without_a_case(raw in any_mail()) {
        let mail = read(raw.as_bytes(), raw.len() as u64);
        let at = DateTime::from_timestamp(1_795_424_400, 0).unwrap();
        let judgement = Judgement {
            kind: Kind::Submission,
            format: Some(Format::Whole),
            reasons: vec![],
        };
        let arrival = arrival(mail, judgement, at);
        let known = Known::nothing(CaseId { year: 2026, number: 2 });
        let decision = decide(&arrival, &known, at, &RULES);
        let by_person = decision.judgement.kind == Kind::Submission;
        prop_assert_eq!(by_person, decision.placement.case_id().is_some());
    }
}

#[test]
fn who_names_no_author_but_a_sender_has_a_case_and_gets_the_answer() {
    let mut project = Local::new("");
    project.arrives(format!("Sender: jon@example.net\nMessage-ID: <1@x>\n\n{REPORT}\n").as_bytes());
    let cut = format!("From: Kim <kim at example>\nReply-To: kim@example.net\n\n{REPORT}\n");
    project.arrives(cut.as_bytes());
    project.once();
    for (number, reporter) in [(1, "jon@example.net"), (2, "kim@example.net")] {
        let case = project.json(&["case", "show", &id(number), "--json"]);
        assert_eq!(case["reporter"]["address"], reporter);
        assert_eq!(project.sent_to(reporter).len(), 1, "{reporter} was not answered");
    }
    assert!(!project.prints(&["digest"]).contains("QUARANTINED"));
}

#[test]
fn whom_nobody_can_answer_stands_in_the_digest() {
    let mut project = Local::new("");
    project.arrives(format!("Subject: A problem\n\n{REPORT}\n").as_bytes());
    project.once();
    assert_eq!(project.json(&["case", "list", "--json"]).as_array().unwrap().len(), 0);
    let digest = project.prints(&["digest"]);
    assert!(digest.contains("QUARANTINED") && digest.contains("malformed.no-sender"), "{digest}");
}
