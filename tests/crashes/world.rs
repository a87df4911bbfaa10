//! A project with a real inbox and a server that remembers what it got, and a daemon that is killed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use embargod::steps::STAND_STILL;
use embargod::store::Store;
use rusqlite::{Connection, OpenFlags};

use crate::common::dovecot::{Dovecot, PASSWORD};
use crate::common::scripted_smtp::Peer;
use crate::common::{PATIENCE, eventually};
use crate::mails::{Arriving, PROJECT, nth};

/// Where the mail lies.
pub enum Inbox {
    Maildir,
    /// A user's INBOX on a Dovecot.
    Imap(Arc<Dovecot>, String),
}

pub struct World {
    folder: tempfile::TempDir,
    inbox: Inbox,
    server: Peer,
    // What the server runs on.
    _runtime: tokio::runtime::Runtime,
    arrived: Vec<Arriving>,
    /// For each mail of ours: kills after which it was at the server and its row did not say so.
    lost_replies: BTreeMap<String, usize>,
    pub kills: usize,
    /// The most mails whose replies one kill lost.
    pub worst: usize,
}

/// What the store knows of a mail of ours.
struct Row {
    sent: bool,
    bytes: Vec<u8>,
}

impl World {
    pub fn new(inbox: Inbox) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let server = runtime.block_on(Peer::that(&[]));
        let reached_by = match &inbox {
            Inbox::Maildir => {
                for part in ["cur", "new", "tmp"] {
                    fs::create_dir_all(folder.path().join("in").join(part)).unwrap();
                }
                "server = \"maildir:in\"".to_owned()
            }
            Inbox::Imap(dovecot, user) => {
                let socket = dovecot.imap_socket();
                format!(
                    "server = \"imap://{socket}\"\nuser = \"{user}\"\npassword_file = \"password\""
                )
            }
        };
        let password = folder.path().join("password");
        fs::write(&password, PASSWORD).unwrap();
        fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).unwrap();
        // A promise that is over at once, so that there is somebody to remind at every start.
        let config = format!(
            "[project]\nname = \"Sample\"\naddress = \"{PROJECT}\"\n\
             [inbox]\n{reached_by}\nonly_to = []\n\
             [outbox]\nserver = \"smtp://127.0.0.1:{}\"\n[sla]\nrespond_within = \"1s\"\n\
             [[maintainers]]\nhandle = \"ada\"\nname = \"Ada\"\naddress = \"ada@example.org\"\n",
            server.port
        );
        fs::write(folder.path().join("daemon.toml"), config).unwrap();
        Self {
            folder,
            inbox,
            server,
            _runtime: runtime,
            arrived: Vec::new(),
            lost_replies: BTreeMap::new(),
            kills: 0,
            worst: 0,
        }
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("embargod.db")
    }

    /// The next mail arrives.
    pub fn arrives(&mut self) {
        let mail = nth(self.arrived.len());
        match &self.inbox {
            Inbox::Maildir => {
                let name = format!("{:06}.M1P1.host", self.arrived.len());
                let tmp = self.folder.path().join("in/tmp").join(&name);
                fs::write(&tmp, &mail.raw).unwrap();
                fs::rename(tmp, self.folder.path().join("in/new").join(name)).unwrap();
            }
            Inbox::Imap(dovecot, user) => dovecot.deliver(user, &mail.raw),
        }
        self.arrived.push(mail);
    }

    /// As if a day had passed since the last digest, so that the next start writes one.
    pub fn a_day_passes(&self) {
        let c = Connection::open(self.store()).unwrap();
        c.busy_timeout(PATIENCE).unwrap();
        let sql = "UPDATE digests SET day = date(day, '-1 day'), written_at = written_at - 86400";
        c.execute(sql, []).unwrap();
    }

    /// Starts the daemon and kills it `later` than it comes to a step for the n-th time. Whether it
    /// ever came there.
    pub fn killed_at(&mut self, step: &str, time: u64, later: Duration) -> bool {
        let mut command = self.daemon(&["run", "--once"]);
        command.env(STAND_STILL, format!("{step}:{time}"));
        let mut daemon = Daemon::start(&mut command);
        let stands = daemon.says(&format!("standing still at {step}"));
        if stands {
            std::thread::sleep(later);
            daemon.kill();
            self.was_killed();
        }
        stands
    }

    /// Starts the daemon, lets mail arrive, and kills it after a while, wherever it is.
    pub fn killed_after(&mut self, while_: Duration, mails: usize) {
        let mut daemon = Daemon::start(&mut self.daemon(&["run"]));
        let started = Instant::now();
        for n in 1..=mails {
            self.arrives();
            let at = while_ * u32::try_from(n).unwrap() / u32::try_from(mails).unwrap();
            std::thread::sleep(at.saturating_sub(started.elapsed()));
        }
        daemon.kill();
        self.was_killed();
    }

    fn daemon(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_embargod"));
        command.arg("--config").arg(self.folder.path().join("daemon.toml")).args(arguments);
        command
    }

    /// What the dead daemon left behind: nothing at the server that was not committed, and nothing
    /// there twice that did not have to be.
    fn was_killed(&mut self) {
        self.kills += 1;
        let rows = self.rows();
        let mut lost = 0;
        for (message_id, copies) in self.copies() {
            let row = rows.get(&message_id).expect("only committed mail is sent");
            let allowed = 1 + self.lost_replies.get(&message_id).copied().unwrap_or(0);
            assert!(copies <= allowed, "{copies} copies of {message_id}, {allowed} allowed");
            if !row.sent && copies == allowed {
                *self.lost_replies.entry(message_id).or_default() += 1;
                lost += 1;
            }
        }
        self.worst = self.worst.max(lost);
    }

    /// Starts the daemon, lets it do everything, and looks at what it has come to.
    pub fn comes_right(&mut self) {
        let output = self.daemon(&["run", "--once"]).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the daemon did not come back: {errors}");
        self.every_mail_has_one_row();
        self.every_case_is_there_once();
        self.every_answer_is_sent();
        let report = Store::verify(&self.store(), &mut |_, _| {}).unwrap();
        assert!(report.is_sound(), "{report:?}");
    }

    fn every_mail_has_one_row(&self) {
        let mut rows = self.texts("SELECT message_id FROM incoming ORDER BY message_id");
        rows.sort_unstable();
        let mut arrived: Vec<String> =
            self.arrived.iter().map(|mail| mail.message_id.clone()).collect();
        arrived.sort_unstable();
        assert_eq!(rows, arrived);
        if matches!(self.inbox, Inbox::Maildir) {
            let rows: BTreeSet<Vec<u8>> = self.blobs("SELECT raw FROM incoming");
            let arrived: BTreeSet<Vec<u8>> =
                self.arrived.iter().map(|mail| mail.raw.clone()).collect();
            assert!(rows == arrived, "a mail is not what arrived");
        }
    }

    fn every_case_is_there_once(&self) {
        let cases = self.texts("SELECT reporter FROM cases");
        let wanted = self.arrived.iter().filter(|mail| mail.opens_a_case).count();
        assert_eq!(cases.len(), wanted);
        assert_eq!(cases.iter().collect::<BTreeSet<_>>().len(), wanted, "a case twice");
        let opened = self.texts("SELECT case_key || '' FROM events WHERE kind = 'opened'");
        assert_eq!(opened.len(), wanted);
        let acknowledged =
            self.texts("SELECT case_key || '' FROM events WHERE kind = 'acknowledged'");
        let once: BTreeSet<&String> = acknowledged.iter().collect();
        assert_eq!(once.len(), acknowledged.len(), "an acknowledgement counted twice");
    }

    fn every_answer_is_sent(&self) {
        let rows = self.rows();
        assert!(rows.values().all(|row| row.sent), "a mail is not sent");
        let answered = self.texts(
            "SELECT recipient FROM outbox WHERE purpose IN ('acknowledgement', 'sent-back')",
        );
        let wanted = self.arrived.iter().filter(|mail| mail.opens_a_case).count();
        assert_eq!(answered.len(), wanted, "one answer a report");
        assert_eq!(answered.iter().collect::<BTreeSet<_>>().len(), wanted, "to each its own");
        let copies = self.copies();
        let sent: BTreeSet<&String> = copies.keys().collect();
        assert_eq!(sent, rows.keys().collect(), "what is sent and what is written");
        for (message_id, copies) in copies {
            let allowed = 1 + self.lost_replies.get(&message_id).copied().unwrap_or(0);
            assert!(copies <= allowed, "{copies} copies of {message_id}, {allowed} allowed");
        }
        self.server.heard(|heard| {
            for mail in &heard.mails {
                let bytes = mail.replace("\r\n..", "\r\n.").into_bytes();
                assert!(rows[&message_id_of(mail)].bytes == bytes, "other bytes than the row's");
            }
        });
    }

    /// How often each mail of ours is at the server, once nobody talks to it any more.
    fn copies(&self) -> BTreeMap<String, usize> {
        eventually("the server to be left alone", || {
            self.server.heard(|heard| heard.open == 0).then_some(())
        });
        self.server.heard(|heard| {
            let mut copies = BTreeMap::new();
            for mail in &heard.mails {
                *copies.entry(message_id_of(mail)).or_default() += 1;
            }
            copies
        })
    }

    /// The store as a look at it finds it, or nothing if there is none yet.
    fn look(&self) -> Option<Connection> {
        let c = Connection::open_with_flags(self.store(), OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
        c.busy_timeout(PATIENCE).unwrap();
        let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'outbox'";
        let tables: i64 = c.query_row(tables, [], |row| row.get(0)).unwrap_or(0);
        (tables == 1).then_some(c)
    }

    fn rows(&self) -> BTreeMap<String, Row> {
        let Some(c) = self.look() else { return BTreeMap::new() };
        let mut statement = c.prepare("SELECT message_id, status, bytes FROM outbox").unwrap();
        let row = |row: &rusqlite::Row<'_>| {
            let sent = row.get::<_, String>(1)? == "sent";
            Ok((row.get(0)?, Row { sent, bytes: row.get(2)? }))
        };
        statement.query_map([], row).unwrap().map(Result::unwrap).collect()
    }

    fn texts(&self, sql: &str) -> Vec<String> {
        let c = self.look().unwrap();
        let mut statement = c.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn blobs(&self, sql: &str) -> BTreeSet<Vec<u8>> {
        let c = self.look().unwrap();
        let mut statement = c.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }
}

/// A running daemon; killed if the test fails before that.
struct Daemon {
    child: Child,
    lines: Receiver<String>,
}

impl Daemon {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let (send, lines) = channel();
        // Until the pipe ends with the daemon.
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        Self { child, lines }
    }

    /// Waits until it says a line; `false` if it ends without.
    fn says(&mut self, line: &str) -> bool {
        let mut said = String::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(next) if next == line => return true,
                Ok(next) => said = format!("{said}{next}\n"),
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                    panic!("it neither came there nor ended:\n{said}")
                }
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => {
                    let status = self.child.wait().unwrap();
                    assert!(status.success(), "it ended with {status}:\n{said}");
                    return false;
                }
            }
        }
    }

    /// SIGKILL.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn message_id_of(mail: &str) -> String {
    let (_, rest) = mail.split_once("\r\nMessage-ID: <").unwrap();
    rest.split_once('>').unwrap().0.to_owned()
}
