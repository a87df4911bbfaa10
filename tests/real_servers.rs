//! The test's own servers do what other tests take for granted.

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

use std::time::Duration;

use common::dovecot::Dovecot;
use common::postfix::{BOUNCED, Postfix, REFUSED};
use common::{eventually, mail};
use embargod::mail::tls::{self, Security};

const ADA: &str = "ada@example.org";
const BOB: &str = "bob@example.net";

#[test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
fn mail_submitted_to_postfix_lies_in_its_recipients_mailbox() {
    let dovecot = Dovecot::start();
    let postfix = Postfix::start(&dovecot);
    postfix.submit(BOB, &[ADA], &mail(BOB, ADA, "hello", ".a line with a dot"));
    let mails = eventually("the mail", || {
        let mails = dovecot.mails(ADA);
        (!mails.is_empty()).then_some(mails)
    });
    let text = String::from_utf8(mails[0].clone()).unwrap();
    assert!(text.starts_with("Return-Path: <bob@example.net>"), "{text}");
    assert!(text.contains("\nSubject: hello\n"), "{text}");
    assert!(text.contains("\n\n.a line with a dot"), "{text}");
}

#[test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
fn postfix_refuses_and_bounces_for_those_who_have_no_mailbox() {
    let dovecot = Dovecot::start();
    let postfix = Postfix::start(&dovecot);
    let refused = std::panic::catch_unwind(|| {
        postfix.submit(ADA, &[REFUSED], &mail(ADA, REFUSED, "refused", "x"));
    });
    assert!(refused.unwrap_err().downcast::<String>().unwrap().contains("550"));
    postfix.submit(ADA, &[BOUNCED], &mail(ADA, BOUNCED, "bounced", "x"));
    let bounce = eventually("the bounce", || dovecot.mails(ADA).pop());
    let text = String::from_utf8_lossy(&bounce).into_owned();
    assert!(text.contains("Return-Path: <>"), "{text}");
    assert!(text.contains("message/delivery-status"), "{text}");
}

#[tokio::test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
async fn postfix_speaks_tls_with_a_certificate_of_the_tests_own() {
    let dovecot = Dovecot::start();
    let postfix = Postfix::start(&dovecot);
    let deadline = Duration::from_secs(30);
    let stream = tls::connect(&postfix.server(Security::Tls), deadline).await.unwrap();
    assert!(stream.is_encrypted());
    let mut stranger = postfix.server(Security::Tls);
    stranger.ca = None;
    let error = tls::connect(&stranger, deadline).await.unwrap_err();
    assert_eq!(error.step(), tls::Step::Tls, "{error}");
}
