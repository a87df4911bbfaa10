//! The daemon under a service manager: what it tells, and how it takes signals.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

use std::fs;
use std::io::Read;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Longer than anything here takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

const CONFIGURATION: &str = r#"
[project]
name = "Express"
address = "security@example.org"
[inbox]
server = "maildir:inbox"
[outbox]
server = "maildir:outbox"
[[maintainers]]
handle = "ada"
name = "Ada Lovelace"
address = "ada@example.org"
"#;

/// A running daemon, and the socket of its service manager.
struct Daemon {
    folder: TempDir,
    manager: UnixDatagram,
    child: Child,
}

impl Daemon {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for part in ["cur", "new", "tmp"] {
            fs::create_dir_all(folder.path().join("inbox").join(part)).unwrap();
        }
        configure(folder.path(), CONFIGURATION);
        let socket = folder.path().join("notify");
        let manager = UnixDatagram::bind(&socket).unwrap();
        manager.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_embargod"))
            .arg("run")
            .current_dir(folder.path())
            .env_remove("EMBARGOD_CONFIG")
            .env_remove("CREDENTIALS_DIRECTORY")
            .env("NOTIFY_SOCKET", &socket)
            .env("WATCHDOG_USEC", "1500000")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { folder, manager, child }
    }

    /// Waits until the service manager is told a line that begins like this.
    fn tells(&self, line: &str) {
        let start = Instant::now();
        let mut heard = Vec::new();
        let mut buffer = [0; 4096];
        while start.elapsed() < PATIENCE {
            if let Ok(length) = self.manager.recv(&mut buffer) {
                let told = String::from_utf8_lossy(&buffer[..length]).into_owned();
                if told.lines().any(|told| told.starts_with(line)) {
                    return;
                }
                heard.push(told);
            }
        }
        panic!("{line} was not told, only {heard:?}");
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    /// Waits for the end; exit status and log.
    fn ended(mut self) -> (Option<i32>, String) {
        let start = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            if start.elapsed() > PATIENCE {
                self.child.kill().unwrap();
                panic!("the daemon did not end");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), log)
    }
}

fn configure(folder: &Path, text: &str) {
    fs::write(folder.join("daemon.toml"), text).unwrap();
}

#[test]
fn the_daemon_says_that_it_is_ready_that_it_moves_and_that_it_stops() {
    let daemon = Daemon::start();
    daemon.tells("READY=1");
    daemon.tells("WATCHDOG=1");
    daemon.tells("WATCHDOG=1");
    daemon.signal("-TERM");
    daemon.tells("STOPPING=1");
    let (status, log) = daemon.ended();
    assert_eq!(status, Some(0), "{log}");
}

#[test]
fn a_hang_up_takes_a_new_configuration_and_leaves_the_old_one_where_the_new_is_wrong() {
    let daemon = Daemon::start();
    daemon.tells("READY=1");
    configure(daemon.folder.path(), &CONFIGURATION.replace("Express", "Koa"));
    daemon.signal("-HUP");
    daemon.tells("RELOADING=1");
    daemon.tells("STATUS=at work for Koa");
    configure(daemon.folder.path(), &CONFIGURATION.replace("handle", "handel"));
    daemon.signal("-HUP");
    daemon.tells("STATUS=the old configuration stays: daemon.toml:10:1: maintainers.handel");
    daemon.tells("WATCHDOG=1");
    daemon.signal("-TERM");
    daemon.tells("STOPPING=1");
    let (status, log) = daemon.ended();
    assert_eq!(status, Some(0), "{log}");
    assert!(log.contains("the old configuration stays: daemon.toml:10:1"), "{log}");
}

const REPORT: &str = "From: rae@example.net\nTo: security@example.org\nSubject: A problem\n\n\
    The router of sample 4.2.0 loops for ever on the path /a//b. Request it once and one core is \
    busy until the process is killed; nothing in the logs says so.\n";

/// A project whose outbox takes a mail and does not let go of it.
fn stuck() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(folder.path().join("inbox").join(part)).unwrap();
    }
    fs::write(folder.path().join("inbox/new/1.host"), REPORT).unwrap();
    let stub = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/outbox/sendmail");
    std::os::unix::fs::symlink(stub, folder.path().join("sendmail")).unwrap();
    fs::write(folder.path().join("behaviour"), "exec sleep 1000").unwrap();
    configure(folder.path(), &CONFIGURATION.replace("maildir:outbox", "sendmail:sendmail"));
    folder
}

/// Starts the program, tells it to stop while the mail is in hand, and waits for its end.
fn stopped_with_a_mail_in_hand(arguments: &[&str]) -> (Option<i32>, String) {
    let folder = stuck();
    let mut child = Command::new(env!("CARGO_BIN_EXE_embargod"))
        .args(arguments)
        .current_dir(folder.path())
        .env_remove("EMBARGOD_CONFIG")
        .env_remove("CREDENTIALS_DIRECTORY")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while !folder.path().join("mail").exists() {
        assert!(start.elapsed() < PATIENCE, "nothing was sent");
        std::thread::sleep(Duration::from_millis(20));
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let told = Instant::now();
    // Far below the five minutes that the mail may take, and above the ten seconds of grace.
    while child.try_wait().unwrap().is_none() {
        assert!(told.elapsed() < 3 * PATIENCE, "embargod {arguments:?} does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    (child.wait().unwrap().code(), log)
}

#[test]
fn the_daemon_ends_in_time_though_a_mail_in_hand_does_not() {
    let (status, log) = stopped_with_a_mail_in_hand(&["run"]);
    assert_eq!(status, Some(0), "{log}");
    assert!(log.contains("a mail in hand did not finish in 10 s"), "{log}");
}

#[test]
fn once_ends_in_time_though_a_mail_in_hand_does_not_and_says_that_it_is_not_done() {
    let (status, log) = stopped_with_a_mail_in_hand(&["run", "--once"]);
    assert_eq!(status, Some(75), "{log}");
    assert!(log.contains("a mail in hand did not finish in 10 s"), "{log}");
    assert!(log.contains("told to stop before everything was done; try again later"), "{log}");
}

#[test]
fn a_wrong_configuration_ends_with_the_status_that_systemd_does_not_restart_on() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), &CONFIGURATION.replace("handle", "handel"));
    let output = Command::new(env!("CARGO_BIN_EXE_embargod"))
        .args(["run", "--config", "daemon.toml"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/embargod.service");
    assert!(fs::read_to_string(unit).unwrap().contains("RestartPreventExitStatus=2"));
}
