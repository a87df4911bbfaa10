//! A week in which nothing happens: at its end the daemon is no larger than after its first day.
//!
//! The real loops, over a connection to a server that says farewell every half an hour, as servers do.
//! Time is wound by the minute: the week has 2,000 IDLEs, 300 logins, 10,000 looks of the clock and of
//! the watch, and seven digests.
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
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use common::local::Local;
use common::patient_imap::{Door, PatientImap};
use embargod::config::{Secrets, Settings};
use embargod::daemon::clock::Clock;
use embargod::daemon::loops::Loops;
use embargod::daemon::progress::Progress;
use embargod::daemon::stop::stop;
use embargod::store::Store;
use rusqlite::Connection;
use tokio::runtime::Handle;
use tokio::task::{spawn_blocking, yield_now};

/// IDLEs of five minutes each until the server's farewell.
const HALF_AN_HOUR: Door = Door::Open { idles: 6 };

/// What a process has of what can grow.
#[derive(Debug)]
struct Size {
    resident_kib: u64,
    files: usize,
    threads: usize,
    tasks: usize,
    store: u64,
    wal: u64,
}

fn size(store: &std::path::Path) -> Size {
    let count = |folder: &str| fs::read_dir(folder).unwrap().count();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let length = |path: &std::path::Path| fs::metadata(path).unwrap().len();
    Size {
        resident_kib: resident.split_whitespace().next().unwrap().parse().unwrap(),
        files: count("/proc/self/fd"),
        threads: count("/proc/self/task"),
        tasks: Handle::current().metrics().num_alive_tasks(),
        store: length(store),
        wal: length(&store.with_extension("db-wal")),
    }
}

/// Lets a minute pass, and all that it brings be done.
async fn minute() {
    tokio::time::advance(Duration::from_secs(60)).await;
    for _ in 0..3 {
        // What threads do takes its own time, and so does the loopback network.
        spawn_blocking(|| std::thread::sleep(Duration::from_micros(300))).await.unwrap();
        for _ in 0..50 {
            yield_now().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_week_of_idle_the_daemon_is_no_larger_than_after_a_day() {
    // While there is such a task, time does not pass by itself.
    let (no_longer, until) = std::sync::mpsc::channel::<()>();
    let holding = spawn_blocking(move || until.recv());

    let server = PatientImap::start(2, &[], HALF_AN_HOUR).await;
    let local = Local::new("[digest]\nat = \"08:00\"\ntimezone = \"UTC\"\n");
    let config = fs::read_to_string(local.path("daemon.toml")).unwrap();
    let inbox = format!(
        "server = \"imap://{}\"\nuser = \"ada\"\npassword_file = \"password\"",
        server.address
    );
    let config = config.replace("server = \"maildir:in\"", &inbox);
    fs::write(local.path("daemon.toml"), config).unwrap();
    fs::write(local.path("password"), "secret").unwrap();
    fs::set_permissions(local.path("password"), fs::Permissions::from_mode(0o600)).unwrap();
    let settings = Settings::load(&local.path("daemon.toml"), Secrets::Required).unwrap();
    let start: DateTime<Utc> = "2026-11-25T09:00:00Z".parse().unwrap();
    let clock = Clock::wound(start);
    let store = Store::open(&settings.store).unwrap();
    store.begin_work(clock.now()).await.unwrap();
    let (stopper, told) = stop();
    let progress = Arc::new(Progress::default());
    let mut running = Loops::new(&settings, &store, &clock).unwrap().start(&progress, &told);

    let mut days = Vec::new();
    for day in 0..7 {
        for n in 1..=24 * 60 {
            clock.set(start + TimeDelta::minutes(day * 24 * 60 + n));
            minute().await;
        }
        days.push(size(&settings.store));
        assert!(running.try_join_next().is_none(), "a loop ended on day {}", day + 1);
    }
    let c = Connection::open(&settings.store).unwrap();
    c.busy_timeout(common::PATIENCE).unwrap();
    let number = |sql: &str| c.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(number("SELECT count(*) FROM incoming"), 2);
    assert_eq!(number("SELECT count(*) FROM outbox WHERE status <> 'sent'"), 0);
    assert_eq!(number("SELECT count(*) FROM outbox WHERE purpose = 'digest'"), 7);
    let end = (start + TimeDelta::days(7)).timestamp();
    let looked = number("SELECT looked_at FROM pulse");
    assert!(end - looked < 1800, "the inbox was last read {} s ago", end - looked);
    let logins = server.connections().len();
    println!("{logins} logins; day by day: {days:#?}");
    assert!((200..2000).contains(&logins), "{logins} logins");

    let (first, last) = (&days[0], &days[6]);
    assert_eq!(
        (first.files, first.threads, first.tasks),
        (last.files, last.threads, last.tasks),
        "{days:#?}"
    );
    // A digest is some KiB in the store, and a page of memory is sometimes another's.
    assert!(last.resident_kib < first.resident_kib + 1024, "{days:#?}");
    assert!(last.store < first.store + 512 * 1024, "{days:#?}");
    // SQLite begins its log anew after a thousand pages.
    assert!(last.wal < 5 << 20, "{days:#?}");

    stopper.stop();
    drop(no_longer);
    let _ = holding.await;
    while let Some(ended) = running.join_next().await {
        ended.unwrap().unwrap();
    }
}
