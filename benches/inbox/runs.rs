//! The two programs, set up for the same mailbox.

use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::dovecot::{Dovecot, PASSWORD};
use crate::common::{eventually, loopback};
use crate::mailbox::Mailbox;
use crate::measure::{Cost, measure};

pub const PROJECT: &str = "security@example.org";

/// How the mailbox is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    Plain,
    Tls,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Plain => "plain",
            Self::Tls => "TLS",
        })
    }
}

/// Says what is measured, and on what.
pub fn announce() {
    let binary = fs::metadata(env!("CARGO_BIN_EXE_embargod")).unwrap().len();
    let cores = std::thread::available_parallelism().unwrap();
    println!(
        "embargod {} on {cores} cores, binary {:.1} MB",
        env!("CARGO_PKG_VERSION"),
        binary as f64 / 1e6
    );
}

/// Postfix's sink for mail: takes everything and keeps nothing.
pub struct SmtpSink {
    child: Child,
    port: u16,
}

impl SmtpSink {
    pub fn start() -> Self {
        let port = loopback::free_port("127.0.0.1".parse().unwrap());
        let child = Command::new("/usr/sbin/smtp-sink")
            .args(["-u", "nobody", &format!("127.0.0.1:{port}"), "1000"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        eventually("smtp-sink to listen", || TcpStream::connect(("127.0.0.1", port)).ok());
        Self { child, port }
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `embargod run --once` on a new store; checked to have done the whole job.
pub fn embargod(dovecot: &Dovecot, sink: &SmtpSink, line: Line, expected: &Mailbox) -> Cost {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), dovecot, line, sink.port);
    let mails = dovecot.mails(PROJECT).len();
    let mut command = Command::new(env!("CARGO_BIN_EXE_embargod"));
    command.arg("--config").arg(folder.path().join("daemon.toml")).args(["run", "--once"]);
    // The log is a line a mail; it goes where a journal would take it.
    let mut quiet = Command::new("sh");
    quiet
        .args(["-c", "exec \"$0\" \"$@\" 2>/dev/null"])
        .arg(command.get_program())
        .args(command.get_args());
    let cost = measure(&quiet, mails);
    let store = rusqlite::Connection::open(folder.path().join("embargod.db")).unwrap();
    let count =
        |sql: &str| store.query_row(sql, [], |row| row.get::<_, isize>(0)).unwrap().cast_unsigned();
    assert_eq!(count("SELECT count(*) FROM incoming"), mails);
    // Beside the answers there are notices to the handler, as many as a day may bring.
    let answers = "SELECT count(*) FROM outbox WHERE purpose <> 'notice'";
    assert_eq!(count(answers), expected.submissions);
    assert_eq!(count("SELECT count(*) FROM outbox WHERE status <> 'sent'"), 0);
    cost
}

fn configure(folder: &Path, dovecot: &Dovecot, line: Line, smtp: u16) {
    let server = match line {
        Line::Plain => format!("imap://{}:{}", dovecot.address, dovecot.imap),
        Line::Tls => format!("imaps://{}:{}", dovecot.address, dovecot.imaps),
    };
    let config = format!(
        "[project]\nname = \"Bench\"\naddress = \"{PROJECT}\"\n[inbox]\nserver = \"{server}\"\n\
         user = \"{PROJECT}\"\npassword_file = \"password\"\nca = \"{}\"\n\
         [outbox]\nserver = \"smtp://127.0.0.1:{smtp}\"\n\
         [[maintainers]]\nhandle = \"ada\"\nname = \"Ada\"\naddress = \"ada@example.org\"\n\
         [limits]\nanswers_per_domain = 1000000\nanswers_per_day = 1000000\n",
        dovecot.certificates.ca.display()
    );
    fs::write(folder.join("daemon.toml"), config).unwrap();
    fs::write(folder.join("password"), PASSWORD).unwrap();
    fs::set_permissions(folder.join("password"), fs::Permissions::from_mode(0o600)).unwrap();
}

/// `mbsync` with its defaults, into a new Maildir.
pub fn mbsync(dovecot: &Dovecot, line: Line, mails: usize) -> Cost {
    let folder = tempfile::tempdir().unwrap();
    let (port, tls) = match line {
        Line::Plain => (dovecot.imap, "None"),
        Line::Tls => (dovecot.imaps, "IMAPS"),
    };
    let at = folder.path().display();
    let config = format!(
        "IMAPAccount bench\nHost {}\nPort {port}\nUser {PROJECT}\nPassCmd \"cat {at}/password\"\n{} {tls}\n\
         AuthMechs LOGIN\nCertificateFile {}\n\nIMAPStore far\nAccount bench\n\nMaildirStore near\n\
         Path {at}/mail/\nInbox {at}/mail/INBOX\n\nChannel bench\nFar :far:\nNear :near:\n\
         Patterns INBOX\nCreate Near\nSyncState *\n",
        dovecot.address,
        tls_keyword(),
        dovecot.certificates.certificate.display(),
    );
    fs::create_dir(folder.path().join("mail")).unwrap();
    fs::write(folder.path().join("password"), PASSWORD).unwrap();
    let path = folder.path().join("mbsyncrc");
    fs::write(&path, config).unwrap();
    let mut command = Command::new("mbsync");
    command.arg("-q").arg("-c").arg(path).arg("bench");
    let cost = measure(&command, mails);
    let new = fs::read_dir(folder.path().join("mail/INBOX/new")).unwrap().count();
    let cur = fs::read_dir(folder.path().join("mail/INBOX/cur")).unwrap().count();
    assert_eq!(new + cur, mails);
    cost
}

/// The key changed its name with isync 1.5.
fn tls_keyword() -> &'static str {
    let output = Command::new("mbsync").arg("--version").output().unwrap();
    let version = String::from_utf8_lossy(&output.stdout).into_owned();
    let minor = version.trim().rsplit('.').nth(1).and_then(|minor| minor.parse().ok());
    if minor.unwrap_or(4) >= 5 { "TLSType" } else { "SSLType" }
}

/// How fast the daemon is ready, and what it takes while nothing happens.
pub fn idle(dovecot: &Dovecot) {
    let folder = tempfile::tempdir().unwrap();
    dovecot.deliver(PROJECT, &crate::common::mail("a@example.net", PROJECT, "x", "Hello."));
    let sink = SmtpSink::start();
    configure(folder.path(), dovecot, Line::Tls, sink.port);
    let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
    let start = Instant::now();
    let mut daemon = Command::new(env!("CARGO_BIN_EXE_embargod"))
        .arg("--config")
        .arg(folder.path().join("daemon.toml"))
        .arg("run")
        .env("NOTIFY_SOCKET", folder.path().join("notify"))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut message = [0; 512];
    while !socket.recv(&mut message).is_ok_and(|n| message[..n].starts_with(b"READY=1")) {}
    println!("ready after {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    std::thread::sleep(Duration::from_secs(5));
    let (before, mut wakes) = status(daemon.id());
    let mut moments = Vec::new();
    for second in 1..=120 {
        std::thread::sleep(Duration::from_secs(1));
        let (_, now) = status(daemon.id());
        if now != wakes {
            moments.push(second);
        }
        wakes = now;
    }
    let (resident, _) = status(daemon.id());
    println!("idle with IDLE over TLS: {resident} KiB resident ({before} after 5 s)");
    println!("awake in {} of 120 seconds: {moments:?}", moments.len());
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}

/// Resident memory in KiB, and voluntary context switches of all threads.
fn status(process: u32) -> (u64, u64) {
    let field = |path: &Path, name: &str| -> u64 {
        let lines = BufReader::new(fs::File::open(path).unwrap()).lines();
        let line = lines.map(Result::unwrap).find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let tasks = fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let wakes =
        tasks.map(|task| field(&task.unwrap().path().join("status"), "voluntary_ctxt")).sum();
    (field(Path::new(&format!("/proc/{process}/status")), "VmRSS"), wakes)
}
