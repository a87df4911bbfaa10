//! A disk that is full or may not be written, a store that is locked, damaged or restored, a clock
//! that jumps: each is said clearly, nothing is lost, and what was answered is not answered again.
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

use std::ffi::OsString;
use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use common::local::Local;
use common::scripted_smtp::{Does, Peer};
use embargod::daemon::clock::Clock;
use rusqlite::{Connection, OpenFlags};

/// A report of its own, as long as is asked for.
fn report(n: usize, bytes: usize) -> String {
    let more = "The log of it says the same once more.\n".repeat(bytes / 39);
    format!(
        "From: Rae <rae{n}@finder{n}.example>\nTo: security@example.org\nSubject: crash {n}\n\
         Date: Mon, 23 Nov 2026 09:00:00 +0000\nMessage-ID: <{n}@finder.example>\n\n\
         Sample 4.2.1 crashes when the header X-Count is {n}: parseCount() in lib/count{n}.js reads past\n\
         its buffer. Send `GET / HTTP/1.1` with `X-Count: {n}` and the process ends with a segmentation\n\
         fault. An attacker who can reach the server stops it.\n{more}"
    )
}

fn arrives(local: &mut Local, n: usize) {
    local.arrives(report(n, 0).as_bytes());
}

fn answers(local: &Local, n: usize) -> usize {
    local.sent_to(&format!("rae{n}@finder{n}.example")).len()
}

fn rows(store: &Path) -> i64 {
    let c = Connection::open(store).unwrap();
    c.query_row("SELECT count(*) FROM incoming", [], |row| row.get(0)).unwrap()
}

/// A disk of its own, in memory, of a size that can be changed.
struct Disk(PathBuf);

impl Disk {
    fn at(path: PathBuf, size: &str) -> Self {
        fs::create_dir(&path).unwrap();
        let disk = Self(path);
        disk.mount(&["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]);
        disk
    }

    fn becomes(&self, option: &str) {
        self.mount(&["-o", &format!("remount,{option}")]);
    }

    fn mount(&self, arguments: &[&str]) {
        let done = Command::new("mount").args(arguments).arg(&self.0).status().unwrap();
        assert!(done.success(), "mount {arguments:?}: {done}; it needs root");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

const ON_THE_DISK: &str = "[store]\nurl = \"sqlite:disk/embargod.db\"\n";

#[test]
#[ignore = "needs root, which ./tests/run asks for"]
fn where_the_disk_is_full_mail_waits_in_the_inbox_until_there_is_space() {
    let mut local = Local::new(ON_THE_DISK);
    let disk = Disk::at(local.path("disk"), "2m");
    for n in 0..12 {
        local.arrives(report(n, 200_000).as_bytes());
    }
    let (status, said) = local.refused(&["run", "--once"]);
    assert_eq!(status, 1);
    assert!(said.contains("the disk that holds the store is full: free some space"), "{said}");
    let taken_in = rows(&local.path("disk/embargod.db"));
    assert!(taken_in < 12, "the disk was not full");

    disk.becomes("size=50m");
    local.once();
    assert_eq!(rows(&local.path("disk/embargod.db")), 12);
    assert!((0..12).all(|n| answers(&local, n) == 1));
    local.embargod(&["verify"]);
}

#[test]
#[ignore = "needs root, which ./tests/run asks for"]
fn a_store_that_may_not_be_written_is_said_and_nothing_is_answered() {
    let mut local = Local::new(ON_THE_DISK);
    let disk = Disk::at(local.path("disk"), "20m");
    arrives(&mut local, 1);
    local.once();
    disk.becomes("ro");
    arrives(&mut local, 2);
    let (status, said) = local.refused(&["run", "--once"]);
    assert_eq!(status, 1);
    assert!(said.contains("Read-only file system"), "{said}");
    assert!(said.contains("embargod.db"), "{said}");
    assert_eq!((answers(&local, 1), answers(&local, 2)), (1, 0));
    disk.becomes("rw");
    local.once();
    assert_eq!((answers(&local, 1), answers(&local, 2)), (1, 1));
}

#[test]
fn a_store_that_another_process_has_locked_is_waited_for_and_not_for_ever() {
    let mut local = Local::new("");
    local.once();
    let other = Connection::open(local.path("embargod.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    arrives(&mut local, 1);
    let began = Instant::now();
    let (status, said) = local.refused(&["run", "--once"]);
    assert_eq!(status, 75);
    assert!(said.contains("the store is locked by another process"), "{said}");
    assert!(began.elapsed() >= Duration::from_secs(10), "it did not wait");

    let daemon = local.command(&["run", "--once"]).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    other.execute_batch("COMMIT").unwrap();
    assert!(daemon.wait_with_output().unwrap().status.success());
    assert_eq!(answers(&local, 1), 1);
}

#[test]
fn a_damaged_page_stops_the_daemon_with_the_way_out_before_anything_is_sent() {
    let mut local = Local::new("");
    arrives(&mut local, 1);
    local.once();
    local.embargod(&["backup", local.path("copy.db").to_str().unwrap()]);
    damage(&local.path("embargod.db"), "cases");
    arrives(&mut local, 2);
    let (status, said) = local.refused(&["run", "--once"]);
    assert_eq!(status, 1);
    assert!(said.contains("the store is damaged"), "{said}");
    assert!(said.contains("restore a backup"), "{said}");
    assert_eq!((answers(&local, 1), answers(&local, 2)), (1, 0));
    let (status, _) = local.refused(&["verify"]);
    assert_eq!(status, 1);

    for companion in ["embargod.db-wal", "embargod.db-shm"] {
        let _ = fs::remove_file(local.path(companion));
    }
    fs::copy(local.path("copy.db"), local.path("embargod.db")).unwrap();
    local.once();
    assert_eq!((answers(&local, 1), answers(&local, 2)), (1, 1));
    local.embargod(&["verify"]);
}

/// Overwrites the first page of a table.
fn damage(store: &Path, table: &str) {
    let c = Connection::open(store).unwrap();
    c.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let page: u64 = c
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [table], |row| {
            row.get::<_, i64>(0)
        })
        .unwrap()
        .try_into()
        .unwrap();
    drop(c);
    let mut file = fs::OpenOptions::new().write(true).open(store).unwrap();
    file.seek(SeekFrom::Start((page - 1) * 4096)).unwrap();
    file.write_all(&[0xA5; 4096]).unwrap();
}

/// Runs a command by a clock, when it shows a certain time.
fn at(local: &Local, clock: &Clock, now: DateTime<Utc>, arguments: &[&str]) {
    clock.set(now);
    let config = local.path("daemon.toml").into_os_string();
    let line = ["embargod".into(), "--config".into(), config].into_iter();
    let line = line.chain(arguments.iter().map(OsString::from));
    let done = embargod::cli::carry_out(line, clock, &mut Vec::new());
    if let Err(failure) = done {
        // Here too, since the daemon's own hook keeps the words of a panic to itself.
        eprintln!("embargod {arguments:?} at {now}: {failure:?}");
        panic!("{failure}");
    }
}

#[test]
fn a_clock_that_jumps_a_day_back_or_ahead_answers_nobody_twice() {
    let mut local = Local::new("[digest]\nwhen_empty = \"skip\"\n");
    // A Maildir shows a mail that is sent twice as one file.
    let config = fs::read_to_string(local.path("daemon.toml")).unwrap();
    fs::write(local.path("daemon.toml"), config.replace("maildir:out", "sendmail:out/sendmail"))
        .unwrap();
    let sendmail = local.path("out/sendmail");
    fs::write(&sendmail, "#!/bin/sh\ncat >\"$(mktemp \"${0%sendmail}new/XXXXXXXX\")\"\n").unwrap();
    fs::set_permissions(&sendmail, fs::Permissions::from_mode(0o755)).unwrap();
    let now = Utc::now();
    let day = TimeDelta::days(1);
    let clock = Clock::wound(now);
    for (n, time) in [now, now - day, now + day, now, now - day, now + day].iter().enumerate() {
        arrives(&mut local, n);
        at(&local, &clock, *time, &["run", "--once"]);
        assert!((0..=n).all(|n| answers(&local, n) == 1), "at the {n}. jump");
    }
    local.embargod(&["verify"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_tried_again_does_not_wait_for_a_clock_that_was_ahead() {
    let peer = Peer::that(&[("RCPT", Does::Says("451 later"))]).await;
    let mut local = Local::new("");
    let config = fs::read_to_string(local.path("daemon.toml")).unwrap();
    let smtp = format!("smtp://127.0.0.1:{}", peer.port);
    fs::write(local.path("daemon.toml"), config.replace("maildir:out", &smtp)).unwrap();
    arrives(&mut local, 1);
    let now = Utc::now();
    let ahead = now + TimeDelta::days(1);
    let (local, first) = tokio::task::spawn_blocking(move || {
        let config = local.path("daemon.toml").into_os_string();
        let line: [OsString; 5] =
            ["embargod".into(), "--config".into(), config, "run".into(), "--once".into()];
        let clock = Clock::wound(ahead);
        let first = embargod::cli::carry_out(line, &clock, &mut Vec::new());
        at(&local, &clock, now, &["run", "--once"]);
        (local, first)
    })
    .await
    .unwrap();
    assert!(first.is_err(), "the first mail was not deferred");
    assert_eq!(rows(&local.path("embargod.db")), 1);
    assert!(peer.heard(|heard| heard.mails.iter().any(|mail| mail.contains("rae1@"))));
}

#[test]
fn a_copy_made_under_load_is_a_store_to_go_on_from() {
    let mut local = Local::new("");
    let mut daemon = local.command(&["run"]).spawn().unwrap();
    let copy = local.path("copy.db");
    // A store is copied a megabyte at a time: it has more than one.
    local.arrives(report(0, 3_000_000).as_bytes());
    common::eventually("the daemon to be at work", || {
        let store = local.path("embargod.db");
        let c = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
        let count = "SELECT count(*) FROM incoming";
        c.query_row(count, [], |row| row.get(0)).ok().filter(|rows: &i64| *rows > 0)
    });
    for n in 1..40 {
        arrives(&mut local, n);
        if n % 10 == 5 {
            local.embargod(&["backup", "--force", copy.to_str().unwrap()]);
        }
    }
    common::eventually("every mail to be taken in", || {
        (rows(&local.path("embargod.db")) == 40).then_some(())
    });
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    local.embargod(&["verify", copy.to_str().unwrap()]);
    let in_the_copy = rows(&copy);
    assert!(in_the_copy < 40, "the copy was made too late to show anything");

    for file in ["embargod.db", "embargod.db-wal", "embargod.db-shm"] {
        let _ = fs::remove_file(local.path(file));
    }
    fs::rename(copy, local.path("embargod.db")).unwrap();
    local.once();
    assert_eq!(rows(&local.path("embargod.db")), 40);
    local.embargod(&["verify"]);
}
