//! Mail of ours through a real server (`EMBARGOD_SMTP`: which) into a real mailbox.

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

use common::dovecot::{Dovecot, PASSWORD};
use common::eventually;
use common::postfix::{DEFERRED, Postfix, REFUSED};
use common::smtp_server::SmtpServer;
use embargod::domain::mail::MessageId;
use embargod::domain::outgoing::{Delivery, Hold, Outgoing, Purpose};
use embargod::domain::secret::Secret;
use embargod::mail::outbox::{Deadlines, Outbox, OutboxSettings, Step, Transport};
use embargod::mail::tls::{Security, Server};

const FINDER: &str = "finder@example.net";

fn settings(server: Server, password: Option<&str>) -> OutboxSettings {
    let user = "security@example.org".to_owned();
    OutboxSettings {
        transport: Transport::Smtp {
            server,
            login: password.map(|password| (user, Secret::new(password.to_owned()))),
            hello: "example.org".to_owned(),
        },
        deadlines: Deadlines::default(),
    }
}

fn mail(number: usize, to: &str) -> Outgoing {
    let id = format!("{number}.acknowledgement.t@example.org");
    let bytes = format!(
        "From: security@example.org\r\nTo: {to}\r\nSubject: {number}\r\nMessage-ID: <{id}>\r\n\
         Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\n.dots\r\n..stay\r\n.\r\nlast line\r\n"
    );
    Outgoing {
        purpose: Purpose::Acknowledgement,
        case: None,
        envelope_from: None,
        to: to.parse().unwrap(),
        message_id: MessageId(id),
        subject: number.to_string(),
        bytes: bytes.into(),
        hold: Hold::Send,
        grant: None,
    }
}

#[tokio::test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
async fn mail_leaves_over_tls_starttls_and_plain_loopback_with_a_login_and_arrives_whole() {
    let dovecot = Dovecot::start();
    let postfix = Postfix::start(&dovecot);
    // A login over a plain connection is what Postfix offers on the loopback interface too.
    for (number, security) in
        [Security::Tls, Security::StartTls, Security::Plain].into_iter().enumerate()
    {
        let mut outbox = Outbox::new(&settings(postfix.server(security), Some(PASSWORD)));
        outbox.check().await.unwrap_or_else(|fault| panic!("{security:?} {fault}"));
        for n in 0..2 {
            let delivery = outbox.send(&mail(number * 2 + n, FINDER)).await;
            assert!(matches!(delivery, Delivery::Accepted(_)), "{security:?} {delivery:?}");
        }
        outbox.close().await;
    }
    let mails = eventually("the mails to arrive", || {
        let mails = dovecot.mails(FINDER);
        (mails.len() == 6).then_some(mails)
    });
    for mail in mails {
        let text = String::from_utf8(mail).unwrap().replace("\r\n", "\n");
        assert!(text.starts_with("Return-Path: <>\n"), "{text}");
        assert!(text.ends_with("\n\n.dots\n..stay\n.\nlast line\n"), "{text}");
    }
}

#[tokio::test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
async fn a_server_refuses_for_good_and_for_now_and_the_next_mail_arrives_whole() {
    let dovecot = Dovecot::start();
    let server = SmtpServer::start(&dovecot);
    let mut outbox = Outbox::new(&settings(server.plain(), None));
    let refused = outbox.send(&mail(1, REFUSED)).await;
    assert!(
        matches!(&refused, Delivery::Refused(why) if why.starts_with("RCPT: 550")),
        "{refused:?}"
    );
    let deferred = outbox.send(&mail(2, DEFERRED)).await;
    assert!(
        matches!(&deferred, Delivery::Deferred(why) if why.starts_with("RCPT: 45")),
        "{deferred:?}"
    );
    let accepted = outbox.send(&mail(3, FINDER)).await;
    assert!(matches!(accepted, Delivery::Accepted(_)), "{accepted:?}");
    let arrived = eventually("the mail to arrive", || dovecot.mails(FINDER).pop());
    let text = String::from_utf8(arrived).unwrap().replace("\r\n", "\n");
    assert!(text.starts_with("Return-Path: <>\n"), "{text}");
    assert!(text.ends_with("\n\n.dots\n..stay\n.\nlast line\n"), "{text}");
    // One more over the connection that was kept.
    let next = outbox.send(&mail(4, FINDER)).await;
    assert!(matches!(next, Delivery::Accepted(_)), "{next:?}");
}

#[tokio::test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
async fn a_wrong_password_is_named_as_the_step_that_fails() {
    let dovecot = Dovecot::start();
    let postfix = Postfix::start(&dovecot);
    let mut outbox = Outbox::new(&settings(postfix.server(Security::Tls), Some("wrong")));
    let fault = outbox.check().await.unwrap_err();
    assert_eq!(fault.step, Step::Login, "{fault}");
    assert!(fault.why.starts_with("535"), "{fault}");
    let delivery = outbox.send(&mail(1, FINDER)).await;
    assert!(matches!(delivery, Delivery::Away(_)), "{delivery:?}");
}
