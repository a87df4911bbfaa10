//! Every way in which a submission server can fail, and what becomes of the mail.

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

use std::io::{Read, Write};
use std::time::Duration;

use common::certificates;
use common::scripted_smtp::Does::{self, HangsUp, Says, Stalls};
use common::scripted_smtp::{Peer, with_login};
use embargod::domain::mail::MessageId;
use embargod::domain::outgoing::{Delivery, Hold, Outgoing, Purpose};
use embargod::mail::outbox::Outbox;
use embargod::mail::tls::Security;

const BODY: &str = "Subject: a\r\n\r\n.\r\n..two\r\nlast\r\n";

/// Long enough for a peer on a busy machine, short enough to wait for.
const SHORT: Duration = Duration::from_millis(700);

fn mail() -> Outgoing {
    Outgoing {
        purpose: Purpose::SentBack,
        case: None,
        envelope_from: None,
        to: "finder@example.net".parse().unwrap(),
        message_id: MessageId("1@project.example".to_owned()),
        subject: "a".to_owned(),
        bytes: BODY.into(),
        hold: Hold::Send,
        grant: None,
    }
}

fn reason(delivery: Delivery) -> (&'static str, String) {
    match delivery {
        Delivery::Accepted(why) => ("accepted", why),
        Delivery::Deferred(why) => ("deferred", why),
        Delivery::Away(why) => ("away", why),
        Delivery::Refused(why) => ("refused", why),
        Delivery::Unknown(why) => ("unknown", why),
    }
}

/// What becomes of a mail when the peer does this at this point.
async fn fate(point: &'static str, does: Does) -> (&'static str, String) {
    let peer = Peer::that(&[(point, does)]).await;
    reason(peer.outbox().send(&mail()).await)
}

#[tokio::test]
async fn a_mail_goes_out_byte_for_byte_with_its_dots_stuffed() {
    let peer = Peer::that(&[]).await;
    let (outcome, why) = reason(peer.outbox().send(&mail()).await);
    assert_eq!((outcome, why.as_str()), ("accepted", "250 2.0.0 taken"));
    peer.heard(|heard| {
        assert_eq!(heard.mails, ["Subject: a\r\n\r\n..\r\n...two\r\nlast\r\n"]);
        assert_eq!(heard.commands[0], "EHLO project.example");
        assert!(heard.commands.contains(&"MAIL FROM:<>".to_owned()), "{:?}", heard.commands);
        assert!(heard.commands.contains(&"RCPT TO:<finder@example.net>".to_owned()));
    });
}

#[tokio::test]
async fn a_server_that_hears_a_greeting_but_once_is_sent_the_mail_all_the_same() {
    let once =
        [("EHLO", Does::Says("250 peer")), ("EHLO", Does::Says("503 5.5.1 Already identified"))];
    let peer = Peer::that(&once).await;
    assert_eq!(reason(peer.outbox().send(&mail()).await).0, "accepted");
}

#[tokio::test]
async fn a_server_that_offers_dsn_is_told_what_to_call_the_mail_in_its_notices() {
    let offers = Says("250-peer.example\r\n250-PIPELINING\r\n250 DSN");
    let peer = Peer::that(&[("EHLO", offers), ("EHLO", offers)]).await;
    let long = Outgoing { message_id: MessageId("1".repeat(101)), ..mail() };
    let mut outbox = peer.outbox();
    for mail in [mail(), long] {
        assert_eq!(reason(outbox.send(&mail).await).0, "accepted");
    }
    peer.heard(|heard| {
        let told: Vec<_> = heard.commands.iter().filter(|c| c.starts_with("MAIL")).collect();
        assert_eq!(told, ["MAIL FROM:<> RET=HDRS ENVID=1@project.example", "MAIL FROM:<>"]);
    });
}

#[tokio::test]
async fn a_mail_and_its_last_dot_leave_in_one_piece() {
    // Two pieces cost 40 ms a mail where the server waits before it acknowledges the first. The
    // peer spins, to see a first piece before the second can join it; where it is too slow for
    // that, the test misses the fault, but it never invents one.
    const MAILS: usize = 500;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut peer = Peer::that(&[]).await;
    peer.port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let mut socket = listener.accept().unwrap().0;
        socket.set_nonblocking(true).unwrap();
        let mut talk = |answer: &str| {
            socket.write_all(format!("{answer}\r\n").as_bytes()).unwrap();
            let mut piece = [0; 4096];
            loop {
                match socket.read(&mut piece) {
                    Ok(length) => return String::from_utf8(piece[..length].to_vec()).unwrap(),
                    Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock),
                }
            }
        };
        talk("220 hi");
        talk("250 hi");
        let mut envelope = talk("250 PIPELINING");
        for _ in 0..MAILS {
            assert_eq!(envelope, "MAIL FROM:<>\r\nRCPT TO:<finder@example.net>\r\nDATA\r\n");
            let data = talk("250 ok\r\n250 ok\r\n354 go on");
            assert_eq!(data, "Subject: a\r\n\r\n..\r\n...two\r\nlast\r\n.\r\n");
            envelope = talk("250 taken");
        }
    });
    let mut outbox = peer.outbox();
    for _ in 0..MAILS {
        assert_eq!(reason(outbox.send(&mail()).await).0, "accepted");
    }
    drop(outbox);
    server.join().expect("every piece was whole");
}

#[tokio::test]
async fn a_server_without_pipelining_is_spoken_to_command_by_command() {
    let plain = Says("250 peer.example");
    let peer = Peer::that(&[("EHLO", plain), ("EHLO", plain)]).await;
    assert_eq!(reason(peer.outbox().send(&mail()).await).0, "accepted");
    assert_eq!(peer.heard(|heard| heard.mails.len()), 1);
}

#[tokio::test]
async fn the_connection_is_kept_from_mail_to_mail_and_closed_with_a_goodbye() {
    let peer = Peer::that(&[]).await;
    let mut outbox = peer.outbox();
    for _ in 0..3 {
        assert_eq!(reason(outbox.send(&mail()).await).0, "accepted");
    }
    outbox.close().await;
    peer.heard(|heard| {
        assert_eq!((heard.connections, heard.mails.len()), (1, 3));
        assert_eq!(heard.commands.last().unwrap(), "QUIT");
    });
}

#[tokio::test]
async fn a_refusal_before_the_envelope_is_the_operators_and_no_mails_fault() {
    for (point, words) in [
        ("greeting", "554 5.7.1 not you"),
        ("greeting", "421 4.3.2 not now"),
        ("EHLO", "550 5.7.1 bad name"),
        ("EHLO", "451 4.3.0 not now"),
        ("MAIL", "530 5.7.0 log in first"),
    ] {
        let (outcome, why) = fate(point, Says(words)).await;
        assert_eq!(outcome, "away", "{point} {words}: {why}");
        assert!(why.contains(&words[..3]), "{why}");
    }
}

#[tokio::test]
async fn a_refused_login_is_no_mails_fault_and_never_tells_the_password() {
    for words in ["535 5.7.8 no", "454 4.7.0 not now"] {
        let peer = Peer::that(&[("AUTH", Says(words))]).await;
        let (outcome, why) = reason(peer.outbox_with_login().send(&mail()).await);
        assert_eq!(outcome, "away");
        assert!(why.starts_with("login: ") && why.contains(words), "{why}");
        assert!(!why.contains("hunter2"));
    }
    let peer =
        Peer::that(&[("EHLO", Says("250 peer.example")), ("EHLO", Says("250 peer.example"))]).await;
    let (outcome, why) = reason(peer.outbox_with_login().send(&mail()).await);
    assert_eq!(outcome, "away");
    assert!(why.starts_with("login: "), "{why}");
}

#[tokio::test]
async fn a_permanent_refusal_of_the_mail_is_final() {
    for point in ["MAIL", "RCPT", "DATA", "."] {
        let (outcome, why) = fate(point, Says("550 5.1.1 no such place")).await;
        assert_eq!(outcome, "refused", "{point}: {why}");
        assert!(why.contains("550 5.1.1 no such place"), "{why}");
    }
}

#[tokio::test]
async fn a_temporary_refusal_defers_the_mail_unless_the_server_takes_none_at_all() {
    for point in ["MAIL", "RCPT", "DATA", "."] {
        for (words, expected) in [("451 4.3.0 later", "deferred"), ("421 4.3.2 closing", "away")] {
            let (outcome, why) = fate(point, Says(words)).await;
            assert_eq!(outcome, expected, "{point}: {why}");
            assert!(why.contains(words), "{why}");
        }
    }
}

#[tokio::test]
async fn a_connection_lost_before_the_mail_is_no_mails_fault() {
    for point in ["greeting", "EHLO", "MAIL", "RCPT", "DATA"] {
        let (outcome, why) = fate(point, HangsUp).await;
        assert_eq!(outcome, "away", "{point}: {why}");
    }
}

#[tokio::test]
async fn a_connection_lost_after_the_last_dot_leaves_the_mail_unknown() {
    let (outcome, why) = fate(".", HangsUp).await;
    assert_eq!(outcome, "unknown", "{why}");
    let (outcome, why) = fate(".", Says("garbage, not an answer")).await;
    assert_eq!(outcome, "unknown", "{why}");
}

#[tokio::test]
async fn a_server_that_falls_silent_holds_the_mail_up_no_longer_than_the_deadline() {
    for (point, expected) in
        [("greeting", "away"), ("EHLO", "away"), ("RCPT", "away"), (".", "unknown")]
    {
        let peer = Peer::that(&[(point, Stalls)]).await;
        let (outcome, why) = reason(peer.impatient_outbox(SHORT).send(&mail()).await);
        assert_eq!(outcome, expected, "{point}: {why}");
    }
}

#[tokio::test]
async fn after_any_error_the_next_mail_gets_a_connection_of_its_own() {
    for (point, does) in [("RCPT", Says("550 5.1.1 no")), (".", Says("451 later")), (".", HangsUp)]
    {
        let peer = Peer::that(&[(point, does)]).await;
        let mut outbox = peer.outbox();
        assert_ne!(reason(outbox.send(&mail()).await).0, "accepted");
        assert_eq!(reason(outbox.send(&mail()).await).0, "accepted");
        assert_eq!(peer.heard(|heard| heard.connections), 2);
    }
}

#[tokio::test]
async fn a_server_that_tired_of_a_kept_connection_gets_the_mail_over_a_new_one() {
    for does in [HangsUp, Says("421 4.4.2 too long idle")] {
        let yes = Says("250 2.1.0 yes");
        let peer = Peer::that(&[("MAIL", yes), ("MAIL", does)]).await;
        let mut outbox = peer.outbox();
        assert_eq!(reason(outbox.send(&mail()).await).0, "accepted");
        assert_eq!(reason(outbox.send(&mail()).await).0, "accepted");
        assert_eq!(peer.heard(|heard| (heard.connections, heard.mails.len())), (2, 2));
    }
}

#[tokio::test]
async fn a_send_that_is_given_up_half_way_leaves_an_outbox_that_works() {
    let peer = Peer::that(&[("RCPT", Stalls)]).await;
    let mut outbox = peer.outbox();
    let given_up = tokio::time::timeout(SHORT, outbox.send(&mail())).await;
    assert!(given_up.is_err());
    assert_eq!(reason(outbox.send(&mail()).await).0, "accepted");
    assert_eq!(peer.heard(|heard| heard.mails.len()), 1);
}

#[tokio::test]
async fn a_reason_names_the_recipient_only_in_part() {
    let (_, why) = fate("RCPT", Says("550 <finder@example.net> unknown")).await;
    assert!(why.contains("<f…@example.net> unknown"), "{why}");
}

#[tokio::test]
async fn an_address_beyond_ascii_is_refused_with_the_reason_and_no_connection() {
    let peer = Peer::that(&[]).await;
    let to = "jörg@example.net".parse().unwrap();
    let (outcome, why) = reason(peer.outbox().send(&Outgoing { to, ..mail() }).await);
    assert_eq!(outcome, "refused");
    assert!(why.contains("SMTPUTF8"), "{why}");
    assert_eq!(peer.heard(|heard| heard.connections), 0);
}

#[tokio::test]
async fn a_server_that_is_away_is_no_mails_fault_and_the_check_names_the_step() {
    // Nothing has listened on the port of tcpmux for decades.
    let mut away = Peer::that(&[]).await;
    away.port = 1;
    let (outcome, why) = reason(away.outbox().send(&mail()).await);
    assert_eq!(outcome, "away");
    assert!(why.starts_with("TCP: "), "{why}");

    let check = |peer: Peer| async move { peer.outbox_with_login().check().await };
    assert!(check(Peer::that(&[]).await).await.is_ok());
    for (point, step) in [("greeting", "EHLO: "), ("EHLO", "EHLO: "), ("AUTH", "login: ")] {
        let fault = check(Peer::that(&[(point, Says("550 no"))]).await).await.unwrap_err();
        assert!(fault.to_string().starts_with(step), "{fault}");
    }
}

#[tokio::test]
async fn a_server_that_hides_starttls_is_not_trusted_with_anything() {
    let peer = Peer::that(&[]).await;
    let mut outbox = Outbox::new(&with_login(peer.settings_with(Security::StartTls, None)));
    let (outcome, why) = reason(outbox.send(&mail()).await);
    assert_eq!(outcome, "away");
    assert!(why.starts_with("STARTTLS: "), "{why}");
    assert_eq!(peer.heard(|heard| heard.commands.clone()), ["EHLO project.example"]);
}

const OFFERS_TLS: Does = Says("250-peer.example\r\n250 STARTTLS");

#[tokio::test]
async fn after_starttls_everything_is_encrypted_and_what_was_said_before_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let files = certificates::for_server(folder.path(), "127.0.0.1".parse().unwrap());
    // Somebody on the way adds answers of his own behind the server's agreement to TLS: they must
    // not be taken for the answer to the EHLO inside it.
    let injected = "220 go on\r\n250-evil.example\r\n250 HELP";
    for agreement in ["220 go on", injected] {
        let script = [("EHLO", OFFERS_TLS), ("STARTTLS", Says(agreement))];
        let peer = Peer::with_starttls(&script, &files).await;
        let settings = peer.settings_with(Security::StartTls, Some(&files.ca));
        let mut outbox = Outbox::new(&with_login(settings));
        let (outcome, why) = reason(outbox.send(&mail()).await);
        assert_eq!(outcome, "accepted", "{why}");
        peer.heard(|heard| {
            assert_eq!(heard.commands[..2], ["EHLO project.example", "STARTTLS"]);
            assert!(heard.commands[2..].iter().all(|line| line.starts_with("TLS: ")));
            assert!(heard.commands.iter().any(|line| line.starts_with("TLS: AUTH PLAIN ")));
            assert_eq!(heard.mails.len(), 1);
        });
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_gets_no_login_and_no_mail() {
    let folder = tempfile::tempdir().unwrap();
    let files = certificates::for_server(folder.path(), "127.0.0.1".parse().unwrap());
    let other = tempfile::tempdir().unwrap();
    let others = certificates::for_server(other.path(), "127.0.0.1".parse().unwrap());
    let peer = Peer::with_starttls(&[("EHLO", OFFERS_TLS)], &files).await;
    let settings = peer.settings_with(Security::StartTls, Some(&others.ca));
    let (outcome, why) = reason(Outbox::new(&with_login(settings)).send(&mail()).await);
    assert_eq!(outcome, "away");
    assert!(why.starts_with("TLS: "), "{why}");
    assert_eq!(peer.heard(|heard| heard.commands.len()), 2);
}
