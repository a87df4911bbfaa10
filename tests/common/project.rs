//! A project with real servers: embargod between a Dovecot and a Postfix, and everybody's mailbox.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use serde_json::Value;

use super::dovecot::{Dovecot, PASSWORD};
use super::eventually;
use super::postfix::Postfix;

/// The project's address.
pub const PROJECT: &str = "security@example.org";

/// One maintainer, who does everything.
pub const ADA: &str =
    "[[maintainers]]\nhandle = \"ada\"\nname = \"Ada\"\naddress = \"ada@example.org\"\n";

/// A project with its servers, and embargod set up for it.
pub struct Project {
    folder: tempfile::TempDir,
    pub address: String,
    pub dovecot: Arc<Dovecot>,
    pub postfix: Arc<Postfix>,
}

/// How embargod reaches its servers.
#[derive(Clone, Copy)]
pub enum Way {
    Tls,
    StartTls,
}

/// What is special about a project.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    pub way: Way,
    /// The project's address.
    pub address: &'a str,
    /// Mail to whom is taken in: to anybody, if this is empty.
    pub only_to: &'a [&'a str],
    /// Whose inbox is read.
    pub user: &'a str,
    /// More keys of `[outbox]`.
    pub outbox: &'a str,
    /// Everything else: the maintainers and other sections.
    pub more: &'a str,
}

impl Default for Setup<'_> {
    fn default() -> Self {
        Self {
            way: Way::Tls,
            address: PROJECT,
            only_to: &[PROJECT],
            user: PROJECT,
            outbox: "",
            more: ADA,
        }
    }
}

/// A running daemon; killed if the test fails before it is stopped.
pub struct Daemon(Child);

impl Project {
    /// A project called Sample, and its servers.
    pub fn new(setup: &Setup<'_>) -> Self {
        let dovecot = Arc::new(Dovecot::start());
        let postfix = Arc::new(Postfix::start(&dovecot));
        Self::on(dovecot, postfix, setup)
    }

    /// Another one on the same servers.
    pub fn beside(&self, setup: &Setup<'_>) -> Self {
        Self::on(Arc::clone(&self.dovecot), Arc::clone(&self.postfix), setup)
    }

    fn on(dovecot: Arc<Dovecot>, postfix: Arc<Postfix>, setup: &Setup<'_>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (imap, smtp) = match setup.way {
            Way::Tls => (
                format!("imaps://{}:{}", dovecot.address, dovecot.imaps),
                format!("smtps://{}:{}", postfix.address, postfix.tls),
            ),
            Way::StartTls => (
                format!("imap+starttls://{}:{}", dovecot.address, dovecot.imap),
                format!("smtp+starttls://{}:{}", postfix.address, postfix.starttls),
            ),
        };
        let (imap_ca, smtp_ca) = (&dovecot.certificates.ca, &postfix.certificates.ca);
        let Setup { address, only_to, user, outbox, more, .. } = setup;
        let bounces = address.replace('@', "+bounces@");
        let config = format!(
            r#"
            [project]
            name = "Sample"
            address = "{address}"
            policy = "https://example.org/SECURITY.md"
            [inbox]
            server = "{imap}"
            user = "{user}"
            password_file = "imap-password"
            only_to = {only_to:?}
            ca = "{imap_ca}"
            [outbox]
            server = "{smtp}"
            bounces = "{bounces}"
            ca = "{smtp_ca}"
            {outbox}
            [store]
            url = "sqlite:embargod.db"
            {more}
            "#,
            imap_ca = imap_ca.display(),
            smtp_ca = smtp_ca.display(),
        );
        fs::write(folder.path().join("daemon.toml"), config).unwrap();
        let project = Self { folder, address: (*address).to_owned(), dovecot, postfix };
        project.secret("imap-password", PASSWORD);
        project
    }

    /// A file that only its owner may read.
    pub fn secret(&self, name: &str, text: &str) {
        let path = self.folder().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Where its files lie.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The file of its configuration.
    pub fn config(&self) -> PathBuf {
        self.folder().join("daemon.toml")
    }

    /// A command of the program.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_embargod"));
        command.arg("--config").arg(self.config()).args(arguments);
        command
    }

    /// Runs a command that has to succeed.
    pub fn embargod(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "embargod {arguments:?}: {errors}");
        output
    }

    /// What a command prints as JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_slice(&self.embargod(arguments).stdout).unwrap()
    }

    /// Starts the daemon.
    pub fn start(&self) -> Daemon {
        let log = fs::File::create(self.folder().join("log")).unwrap();
        Daemon(self.command(&["run"]).stderr(Stdio::from(log)).spawn().unwrap())
    }

    /// The daemon's log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder().join("log")).unwrap_or_default()
    }

    /// A person or a machine writes to the project.
    pub fn submit(&self, envelope_from: &str, mail: &str) {
        self.postfix.submit(envelope_from, &[&self.address], mail.replace('\n', "\r\n").as_bytes());
    }

    /// The mails that lie in somebody's mailbox.
    pub fn mailbox(&self, user: &str) -> Vec<String> {
        let mails = self.dovecot.mails(user).into_iter();
        mails.map(|mail| String::from_utf8(mail).unwrap()).collect()
    }

    /// The n-th mail in somebody's mailbox, once it is there.
    pub fn nth(&self, user: &str, n: usize) -> String {
        eventually(&format!("mail {n} of {user}\n{}", self.log()), || {
            self.mailbox(user).into_iter().nth(n - 1)
        })
    }

    /// How many mails the store has a row for.
    pub fn rows(&self) -> i64 {
        self.counted("SELECT count(*) FROM incoming")
    }

    /// What the store counts; nothing before there is one.
    pub fn counted(&self, sql: &str) -> i64 {
        let open = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let path = self.folder().join("embargod.db");
        let Ok(c) = rusqlite::Connection::open_with_flags(path, open) else { return 0 };
        c.query_row(sql, [], |row| row.get(0)).unwrap_or(0)
    }

    /// Waits until so many mails have a row.
    pub fn wait_for_rows(&self, count: i64) {
        eventually("every mail to have a row", || (self.rows() == count).then_some(()));
    }
}

impl Daemon {
    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Ends it as a service manager does.
    pub fn stop(mut self) {
        self.signal("-TERM");
        let status = self.0.wait().unwrap();
        assert!(status.success(), "the daemon ended with {status}");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A header field of a mail, unfolded.
pub fn field(mail: &str, name: &str) -> Option<String> {
    let (header, _) = mail.split_once("\n\n")?;
    let unfolded = header.replace("\n ", " ").replace("\n\t", " ");
    let prefix = format!("{}:", name.to_lowercase());
    let line = unfolded.lines().find(|line| line.to_lowercase().starts_with(&prefix))?;
    Some(line[prefix.len()..].trim().to_owned())
}
