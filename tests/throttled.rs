//! A server that lets nobody log in for a while: what it says is said once, it is not pressed, and every
//! mail is taken in once afterwards. Time is wound, so that the daemon's own deadlines and pauses count.
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
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::dovecot::{Dovecot, PASSWORD};
use common::local::Local;
use common::log::Log;
use common::patient_imap::{Door, PatientImap};
use embargod::config::{Secrets, Settings};
use embargod::daemon::clock::Clock;
use embargod::daemon::heart::Heart;
use embargod::daemon::loops::Loops;
use embargod::daemon::progress::{Loop, Progress};
use embargod::daemon::stop::stop;
use embargod::domain::secret::Secret;
use embargod::mail::inbox::{Inbox, InboxError, Source};
use embargod::store::Store;
use rusqlite::Connection;
use tokio::time::sleep;

/// A server that lets everybody in.
const OPEN: Door = Door::Open { idles: usize::MAX };

/// A project whose inbox is on a server.
fn project(server: SocketAddr) -> Local {
    let local = Local::new("");
    let config = fs::read_to_string(local.path("daemon.toml")).unwrap();
    let inbox = format!(
        "server = \"imap://{server}\"\nuser = \"ada\"\npassword_file = \"password\"\npoll = \"60s\""
    );
    let config = config.replace("server = \"maildir:in\"", &inbox);
    fs::write(local.path("daemon.toml"), config).unwrap();
    fs::write(local.path("password"), PASSWORD).unwrap();
    fs::set_permissions(local.path("password"), fs::Permissions::from_mode(0o600)).unwrap();
    local
}

/// How the daemon comes in.
struct CameIn {
    /// When it connected, after the first time.
    connected: Vec<Duration>,
    log: Log,
}

/// Lets the daemon come to two mails behind these doors.
async fn comes_in(doors: &[Door]) -> CameIn {
    let (log, _guard) = Log::listen();
    let server = PatientImap::start(2, doors, OPEN).await;
    let local = project(server.address);
    let settings = Settings::load(&local.path("daemon.toml"), Secrets::Required).unwrap();
    let store = Store::open(&settings.store).unwrap();
    let intake = Loops::new(&settings, &store, &Clock::system()).unwrap().intake;
    let (stopper, told) = stop();
    let heart = Heart::of(Loop::Intake, &Arc::new(Progress::default()));
    let began = Instant::now();
    let running = tokio::spawn(async move { intake.run(heart, told).await });
    let c = Connection::open(&settings.store).unwrap();
    c.busy_timeout(common::PATIENCE).unwrap();
    let rows =
        || c.query_row("SELECT count(*) FROM incoming", [], |row| row.get::<_, i64>(0)).unwrap();
    while rows() < 2 || log.count("goes on") < log.count("held up") {
        assert!(began.elapsed() < common::PATIENCE, "never:\n{}", log.text());
        sleep(Duration::from_millis(500)).await;
    }
    // What it did not take in by now it may take in twice.
    sleep(Duration::from_secs(1200)).await;
    assert_eq!(rows(), 2);
    stopper.stop();
    running.await.unwrap().unwrap();
    let connections = server.connections();
    let connected = connections.iter().map(|at| *at - connections[0]).collect();
    CameIn { connected, log }
}

/// The pauses, in seconds; and the one line that says why has the server's words.
fn waited(came: &CameIn, pauses: &[u64], words: &str) {
    let between = came.connected.windows(2).map(|pair| (pair[1] - pair[0]).as_secs());
    assert_eq!(between.collect::<Vec<_>>(), pauses);
    assert_eq!(came.log.count("the inbox is held up"), 1, "{}", came.log.text());
    assert_eq!(came.log.count("the inbox goes on"), 1, "{}", came.log.text());
    assert!(came.log.text().contains(words), "{}", came.log.text());
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_refused_for_a_while_is_tried_again_and_not_too_often() {
    let unavailable = "NO [UNAVAILABLE] Temporary authentication failure";
    let came = comes_in(&[Door::Answers(unavailable); 3]).await;
    waited(&came, &[60, 120, 240], "Temporary authentication failure");
    let limit = "NO [LIMIT] Too many logins";
    let came = comes_in(&[Door::Answers(limit); 2]).await;
    waited(&came, &[60, 120], "Too many logins");
}

#[tokio::test(start_paused = true)]
async fn a_server_with_too_many_connections_is_tried_again_at_growing_pauses() {
    let full = "BYE [UNAVAILABLE] Maximum number of connections from user+IP exceeded";
    let came = comes_in(&[Door::Greets(full); 4]).await;
    waited(&came, &[1, 2, 4, 8], "Maximum number of connections");
}

#[tokio::test(start_paused = true)]
async fn a_farewell_at_the_login_is_followed_by_another_try() {
    let came = comes_in(&[Door::Leaves("Too many failed logins"); 3]).await;
    waited(&came, &[1, 2, 4], "at the step login");
}

#[tokio::test(start_paused = true)]
async fn a_slow_login_is_waited_for_and_a_login_without_end_is_not() {
    let came = comes_in(&[Door::OpensAfter(Duration::from_secs(50))]).await;
    assert_eq!(came.log.count("the inbox is held up"), 0, "{}", came.log.text());
    assert_eq!(came.connected.len(), 1);
    // The deadline of an answer, and the first pause.
    let came = comes_in(&[Door::OpensAfter(Duration::from_secs(90_000))]).await;
    waited(&came, &[61], "no answer");
}

#[tokio::test]
#[ignore = "needs Dovecot: run ./tests/run"]
async fn a_dovecot_that_makes_wrong_passwords_wait_lets_the_right_one_in() {
    let dovecot = Dovecot::start();
    dovecot.deliver("ada", common::patient_imap::report(1).as_bytes());
    let local = project(dovecot.imap_socket());
    let right = Settings::load(&local.path("daemon.toml"), Secrets::Required).unwrap().inbox;
    let mut wrong = right.clone();
    if let Source::Imap { password, .. } = &mut wrong.source {
        *password = Secret::new("wrong".to_owned());
    }
    for _ in 0..2 {
        let began = Instant::now();
        let refused = Inbox::open(&wrong).await.unwrap_err();
        assert!(matches!(refused, InboxError::Login { .. }), "{refused}");
        assert!(began.elapsed() >= Duration::from_secs(1), "this Dovecot makes nobody wait");
    }
    // The delay is its address's by now, whoever logs in.
    Inbox::open(&right).await.unwrap();
}
