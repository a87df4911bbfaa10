//! A name service that answers late, or not at all for a while: the daemon's own program, in a mount
//! namespace whose resolv.conf names a DNS server of the test's own.
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
use std::net::{Ipv4Addr, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::dovecot::{Dovecot, PASSWORD};
use common::local::Local;
use common::{eventually, patient_imap::report};
use rusqlite::Connection;

/// For ever.
const NEVER: u64 = u64::MAX;

/// A DNS server that knows one address for every name, and tells it after some time.
struct Names {
    at: Ipv4Addr,
    asked: Arc<AtomicUsize>,
    after_ms: Arc<AtomicU64>,
}

impl Names {
    fn start(at: Ipv4Addr, known: Ipv4Addr, after_ms: u64) -> Self {
        let socket = UdpSocket::bind((at, 53)).expect("port 53, which needs root");
        let asked = Arc::new(AtomicUsize::new(0));
        let after_ms = Arc::new(AtomicU64::new(after_ms));
        let (count, wait) = (Arc::clone(&asked), Arc::clone(&after_ms));
        std::thread::spawn(move || {
            let mut question = [0; 512];
            while let Ok((length, client)) = socket.recv_from(&mut question) {
                count.fetch_add(1, Ordering::SeqCst);
                let answer = answer(&question[..length], known);
                let wait = wait.load(Ordering::SeqCst);
                let socket = socket.try_clone().unwrap();
                if wait != NEVER {
                    std::thread::spawn(move || {
                        std::thread::sleep(Duration::from_millis(wait));
                        let _ = socket.send_to(&answer, client);
                    });
                }
            }
        });
        Self { at, asked, after_ms }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// The answer to a question (RFC 1035 section 4): the address for type A, nothing for others.
fn answer(question: &[u8], known: Ipv4Addr) -> Vec<u8> {
    // The name ends with an empty label; its type and class follow.
    let name = question[12..].iter().position(|byte| *byte == 0).unwrap();
    let end = 12 + name + 5;
    let is_address = question[end - 4..end - 2] == [0, 1];
    let mut answer = question[..end].to_vec();
    answer[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, u8::from(is_address), 0, 0, 0, 0]);
    if is_address {
        answer.extend([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
        answer.extend(known.octets());
    }
    answer
}

/// A daemon whose names come from `names` alone; its log is in the project's folder.
fn daemon(local: &Local, names: &Names) -> Child {
    fs::write(
        local.path("resolv.conf"),
        format!("nameserver {}\noptions timeout:2 attempts:1\n", names.at),
    )
    .unwrap();
    fs::write(local.path("hosts"), "").unwrap();
    let log = fs::File::create(local.path("log")).unwrap();
    let command = local.command(&["run"]);
    Command::new("unshare")
        .args(["--mount", "--propagation", "private", "sh", "-c"])
        .arg(
            "mount --bind \"$0/resolv.conf\" /etc/resolv.conf && mount --bind \"$0/hosts\" /etc/hosts \
             && exec \"$@\"",
        )
        .arg(local.path(""))
        .arg(command.get_program())
        .args(command.get_args())
        .stderr(Stdio::from(log))
        .process_group(0)
        .spawn()
        .unwrap()
}

/// Two mails on a Dovecot that is reached by a name.
fn two_mails(names: Ipv4Addr, after_ms: u64) -> (Dovecot, Local, Names) {
    let dovecot = Dovecot::start();
    for n in 1..=2 {
        dovecot.deliver("ada", report(n).as_bytes());
    }
    let socket = dovecot.imap_socket();
    let std::net::IpAddr::V4(known) = socket.ip() else { panic!("{socket}") };
    let local = Local::new("");
    let config = fs::read_to_string(local.path("daemon.toml")).unwrap();
    // The one name that may be reached without TLS; with an empty hosts file it is DNS's too.
    let inbox = format!(
        "server = \"imap://localhost:{}\"\nuser = \"ada\"\npassword_file = \"password\"",
        socket.port()
    );
    fs::write(local.path("daemon.toml"), config.replace("server = \"maildir:in\"", &inbox))
        .unwrap();
    fs::write(local.path("password"), PASSWORD).unwrap();
    fs::set_permissions(local.path("password"), fs::Permissions::from_mode(0o600)).unwrap();
    let names = Names::start(names, known, after_ms);
    (dovecot, local, names)
}

fn rows(local: &Local) -> i64 {
    let Ok(c) = Connection::open(local.path("embargod.db")) else { return 0 };
    c.query_row("SELECT count(*) FROM incoming", [], |row| row.get(0)).unwrap_or(0)
}

fn log_lines(local: &Local, text: &str) -> usize {
    let log = fs::read_to_string(local.path("log")).unwrap();
    log.lines().filter(|line| line.contains(text)).count()
}

/// Asks a daemon to stop, and how long that takes.
fn stops(mut daemon: Child) -> Duration {
    let began = Instant::now();
    let told = Command::new("kill").args(["-TERM", &daemon.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert!(daemon.wait().unwrap().success());
    began.elapsed()
}

#[test]
#[ignore = "needs root and Dovecot: run ./tests/run"]
fn a_name_that_is_answered_late_is_waited_for() {
    let (_dovecot, local, names) = two_mails(Ipv4Addr::new(127, 0, 53, 1), 1500);
    let daemon = daemon(&local, &names);
    eventually("the mails", || (rows(&local) == 2).then_some(()));
    assert!(names.asked() > 0, "nobody asked for the name");
    assert_eq!(log_lines(&local, "held up"), 0);
    stops(daemon);
}

#[test]
#[ignore = "needs root and Dovecot: run ./tests/run"]
fn a_name_that_is_not_answered_is_said_once_and_the_mail_comes_when_it_is() {
    let (_dovecot, local, names) = two_mails(Ipv4Addr::new(127, 0, 53, 2), NEVER);
    let daemon = daemon(&local, &names);
    eventually("three tries", || (names.asked() >= 6).then_some(()));
    assert_eq!(rows(&local), 0);
    names.after_ms.store(0, Ordering::SeqCst);
    eventually("the mails", || (rows(&local) == 2).then_some(()));
    eventually("the word that it goes on", || {
        (log_lines(&local, "the inbox goes on") == 1).then_some(())
    });
    let log = fs::read_to_string(local.path("log")).unwrap();
    assert_eq!(log_lines(&local, "the inbox is held up"), 1, "{log}");
    assert!(log.contains("localhost"), "{log}");
    stops(daemon);
    assert_eq!(rows(&local), 2);
}

#[test]
#[ignore = "needs root and Dovecot: run ./tests/run"]
fn a_daemon_that_waits_for_a_name_can_be_stopped() {
    let (_dovecot, local, names) = two_mails(Ipv4Addr::new(127, 0, 53, 3), NEVER);
    let daemon = daemon(&local, &names);
    eventually("a question", || (names.asked() > 0).then_some(()));
    // The system's own resolver cannot be called off; it ends by itself.
    let took = stops(daemon);
    assert!(took < Duration::from_secs(20), "{took:?}");
}
