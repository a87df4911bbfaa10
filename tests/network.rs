//! A network in trouble between the daemon and its servers: stalls, cuts, trickles, resets, silence,
//! certificates that are not right. Every mail is taken in once and every answer sent; a copy more is
//! sent only where the answer to the last dot was lost; nothing waits beyond its deadline; the log
//! has one line when it begins and one when it is over.
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
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::certificates;
use common::chaos::{Chaos, Trouble};
use common::dovecot::{Dovecot, PASSWORD};
use common::local::Local;
use common::log::Log;
use common::scripted_smtp::{Does, Peer};
use embargod::config::{Secrets, Settings};
use embargod::daemon::clock::Clock;
use embargod::daemon::heart::Heart;
use embargod::daemon::loops::Loops;
use embargod::daemon::progress::{Loop, Progress};
use embargod::daemon::stop::stop;
use embargod::mail::inbox::Patience;
use embargod::mail::outbox::{Deadlines, Outbox};
use embargod::mail::tls::Security;
use embargod::store::Store;
use rusqlite::Connection;

/// How long anything is waited for here: a hundredth of what the daemon grants.
const SHORT: Duration = Duration::from_millis(600);

/// Within this a mail is taken in or sent after the trouble began. The first pause of the outbox, of
/// fifteen seconds, is in it.
const RECOVERED: Duration = Duration::from_secs(30);

fn report(n: usize) -> String {
    format!(
        "From: Rae <rae{n}@finder{n}.example>\r\nTo: security@example.org\r\nSubject: crash {n}\r\n\
         Date: Mon, 23 Nov 2026 09:00:00 +0000\r\nMessage-ID: <{n}@finder.example>\r\n\r\n\
         Sample 4.2.1 crashes when the header X-Count is {n}: parseCount() in lib/count{n}.js reads\r\n\
         past its buffer. Send `GET / HTTP/1.1` with `X-Count: {n}` and the process ends with a\r\n\
         segmentation fault. An attacker who can reach the server stops it.\r\n"
    )
}

fn number(store: &Path, sql: &str) -> i64 {
    let c = Connection::open(store).unwrap();
    c.busy_timeout(common::PATIENCE).unwrap();
    c.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Waits, within [`RECOVERED`], until a query has this answer.
async fn until(what: &str, store: &Path, sql: &str, wanted: i64, log: &Log) {
    let began = Instant::now();
    while number(store, sql) != wanted {
        assert!(began.elapsed() < RECOVERED, "waited in vain for {what}:\n{}", log.text());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A project that reads a user's mail on a Dovecot behind an address.
fn over_imap(server: SocketAddr, user: &str) -> Local {
    let local = Local::new("");
    let config = fs::read_to_string(local.path("daemon.toml")).unwrap();
    let inbox =
        format!("server = \"imap://{server}\"\nuser = \"{user}\"\npassword_file = \"password\"");
    fs::write(local.path("daemon.toml"), config.replace("server = \"maildir:in\"", &inbox))
        .unwrap();
    fs::write(local.path("password"), PASSWORD).unwrap();
    fs::set_permissions(local.path("password"), fs::Permissions::from_mode(0o600)).unwrap();
    local
}

async fn an_inbox_in(trouble: Trouble) {
    let (log, _guard) = Log::listen();
    let dovecot = Dovecot::start();
    for n in 0..5 {
        dovecot.deliver("ada", report(n).as_bytes());
    }
    let chaos = Chaos::before(dovecot.imap_socket(), trouble).await;
    let local = over_imap(chaos.address, "ada");
    let settings = Settings::load(&local.path("daemon.toml"), Secrets::Required).unwrap();
    let store = Store::open(&settings.store).unwrap();
    let mut intake = Loops::new(&settings, &store, &Clock::system()).unwrap().intake;
    intake.patience =
        Patience { connect: SHORT, answer: SHORT, idle: 2 * SHORT, ..Patience::default() };
    let (stopper, told) = stop();
    let heart = Heart::of(Loop::Intake, &Arc::new(Progress::default()));
    let running = tokio::spawn(async move { intake.run(heart, told).await });

    let rows = "SELECT count(*) FROM incoming";
    until("the mails that wait", &settings.store, rows, 5, &log).await;
    dovecot.deliver("ada", report(5).as_bytes());
    until("the mail that comes later", &settings.store, rows, 6, &log).await;
    assert!(chaos.connections() > 1, "the trouble never came");
    assert_eq!(log.count("the inbox is held up"), 1, "{}", log.text());
    // Said when the round is over, which may be after its mail is in the store.
    let began = Instant::now();
    while log.count("the inbox goes on") == 0 && began.elapsed() < RECOVERED {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(log.count("the inbox goes on"), 1, "{}", log.text());
    stopper.stop();
    running.await.unwrap().unwrap();
}

#[tokio::test]
#[ignore = "needs Dovecot: run ./tests/run"]
async fn an_imap_server_that_takes_the_connection_and_says_nothing() {
    an_inbox_in(Trouble::SilentFromTheStart).await;
}

#[tokio::test]
#[ignore = "needs Dovecot: run ./tests/run"]
async fn an_imap_connection_that_stalls_within_a_mail() {
    an_inbox_in(Trouble::StallsAfter("parseCount() in lib/count2.js")).await;
}

#[tokio::test]
#[ignore = "needs Dovecot: run ./tests/run"]
async fn an_imap_connection_that_is_cut_within_a_mail() {
    an_inbox_in(Trouble::CutAfter("parseCount() in lib/count2.js")).await;
}

#[tokio::test]
#[ignore = "needs Dovecot: run ./tests/run"]
async fn an_imap_server_whose_words_come_a_byte_at_a_time() {
    an_inbox_in(Trouble::Trickles(Duration::from_millis(10))).await;
}

#[tokio::test]
#[ignore = "needs Dovecot: run ./tests/run"]
async fn a_router_that_forgets_a_connection_in_idle() {
    an_inbox_in(Trouble::StallsAfter("+ idling")).await;
}

/// How often the mail is at the server in the end.
async fn an_outbox_in(trouble: Trouble) -> usize {
    let (log, _guard) = Log::listen();
    let peer = Peer::that(&[]).await;
    let chaos = Chaos::before(([127, 0, 0, 1], peer.port).into(), trouble).await;
    let mut local = Local::new("");
    let config = fs::read_to_string(local.path("daemon.toml")).unwrap();
    let smtp = format!("smtp://{}", chaos.address);
    fs::write(local.path("daemon.toml"), config.replace("maildir:out", &smtp)).unwrap();
    local.arrives(report(1).as_bytes());
    let mut settings = Settings::load(&local.path("daemon.toml"), Secrets::Skip).unwrap();
    settings.outbox.deadlines = Deadlines {
        connect: SHORT,
        hello: SHORT,
        mail: SHORT,
        per_mib: Duration::ZERO,
        ..Deadlines::default()
    };
    let store = Store::open(&settings.store).unwrap();
    let Loops { intake, delivery, .. } = Loops::new(&settings, &store, &Clock::system()).unwrap();
    let (stopper, told) = stop();
    let progress = Arc::new(Progress::default());
    let heart = Heart::of(Loop::Intake, &progress);
    intake.once(&heart, &mut told.clone()).await.unwrap();
    let heart = Heart::of(Loop::Delivery, &progress);
    let running = tokio::spawn(async move { delivery.run(heart, told).await });

    let unsent = "SELECT count(*) FROM outbox WHERE status <> 'sent'";
    // A mail is tried again after a minute or so: here the clock is put forward for it.
    let began = Instant::now();
    while number(&settings.store, unsent) != 0 {
        assert!(began.elapsed() < RECOVERED, "the answer was not sent:\n{}", log.text());
        let c = Connection::open(&settings.store).unwrap();
        c.busy_timeout(common::PATIENCE).unwrap();
        c.execute("UPDATE outbox SET due_at = due_at - 80 WHERE status = 'queued'", []).unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(chaos.connections() > 1, "the trouble never came");
    stopper.stop();
    running.await.unwrap().unwrap();
    let (said, over) = (log.count("the outbox is away"), log.count("the outbox is back"));
    assert!(said <= 1 && said == over, "{}", log.text());
    peer.heard(|heard| {
        let of_the_reporter: Vec<&String> =
            heard.mails.iter().filter(|mail| mail.contains("To: rae1@finder1.example")).collect();
        assert!(of_the_reporter.iter().all(|mail| *mail == of_the_reporter[0]), "other bytes");
        of_the_reporter.len()
    })
}

#[tokio::test]
async fn an_smtp_server_that_takes_the_connection_and_says_nothing() {
    assert_eq!(an_outbox_in(Trouble::SilentFromTheStart).await, 1);
}

#[tokio::test]
async fn an_smtp_connection_that_stalls_before_the_mail() {
    assert_eq!(an_outbox_in(Trouble::StallsAfter("354 ")).await, 1);
}

#[tokio::test]
async fn an_smtp_connection_that_is_cut_before_the_mail() {
    assert_eq!(an_outbox_in(Trouble::CutAfter("354 ")).await, 1);
}

#[tokio::test]
async fn an_smtp_server_whose_words_come_a_byte_at_a_time() {
    assert_eq!(an_outbox_in(Trouble::Trickles(Duration::from_millis(50))).await, 1);
}

#[tokio::test]
async fn an_smtp_server_that_goes_down_in_the_middle_of_the_mail() {
    assert_eq!(an_outbox_in(Trouble::GoesDownInTheMail).await, 1);
}

#[tokio::test]
async fn an_smtp_connection_reset_after_the_last_dot_leads_to_a_copy_with_the_same_bytes() {
    assert_eq!(an_outbox_in(Trouble::ResetAfterTheDot).await, 2);
}

/// What the check of an outbox says of a server with this certificate.
async fn distrusted(files: &certificates::Certificates) -> String {
    let peer = Peer::with_starttls(&[("EHLO", OFFERS_TLS)], files).await;
    let settings = peer.settings_with(Security::StartTls, Some(&files.ca));
    let said = Outbox::new(&settings).check().await.unwrap_err().to_string();
    assert_eq!(peer.heard(|heard| heard.mails.len()), 0);
    said
}

const OFFERS_TLS: Does = Does::Says("250-peer.example\r\n250 STARTTLS");

#[tokio::test]
async fn an_expired_certificate_and_one_of_another_server_are_named_as_what_they_are() {
    let here: IpAddr = "127.0.0.1".parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let expired = certificates::expired(folder.path(), here);
    let said = distrusted(&expired).await;
    assert!(said.contains("expired"), "{said}");
    let folder = tempfile::tempdir().unwrap();
    let of_another = certificates::for_server(folder.path(), "127.0.0.9".parse().unwrap());
    let said = distrusted(&of_another).await;
    assert!(said.contains("127.0.0.1"), "{said}");
}
