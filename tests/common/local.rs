//! A project whose outbox is a Maildir, and whose inbox is one too where no server is named: the
//! whole program with as little else as possible.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use super::dovecot::PASSWORD;

/// The number of the n-th case of a new store.
pub fn id(n: u32) -> String {
    format!("EMB-{}-{n:04}", chrono::Datelike::year(&chrono::Utc::now()))
}

/// A project in a folder of its own.
pub struct Local {
    folder: tempfile::TempDir,
    arrived: usize,
}

impl Local {
    /// A project called Sample, at security@example.org, with `more` in its configuration.
    pub fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for maildir in ["in", "out"] {
            for part in ["cur", "new", "tmp"] {
                fs::create_dir_all(folder.path().join(maildir).join(part)).unwrap();
            }
        }
        let config = format!(
            "[project]\nname = \"Sample\"\naddress = \"security@example.org\"\n\
             [inbox]\nserver = \"maildir:in\"\nonly_to = []\n[outbox]\nserver = \"maildir:out\"\n\
             [[maintainers]]\nhandle = \"ada\"\nname = \"Ada\"\naddress = \"ada@example.org\"\n\
             {more}\n"
        );
        fs::write(folder.path().join("daemon.toml"), config).unwrap();
        Self { folder, arrived: 0 }
    }

    /// The same, but that it reads a user's mail on a Dovecot behind an address.
    pub fn over_imap(server: SocketAddr, user: &str, more: &str) -> Self {
        let local = Self::new(more);
        let file = local.path("daemon.toml");
        let config = fs::read_to_string(&file).unwrap();
        let inbox = format!(
            "server = \"imap://{server}\"\nuser = \"{user}\"\npassword_file = \"password\""
        );
        fs::write(file, config.replace("server = \"maildir:in\"", &inbox)).unwrap();
        fs::write(local.path("password"), PASSWORD).unwrap();
        fs::set_permissions(local.path("password"), fs::Permissions::from_mode(0o600)).unwrap();
        local
    }

    /// A file of the project.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A mail arrives as this file.
    pub fn arrives(&mut self, mail: &[u8]) -> PathBuf {
        self.arrived += 1;
        let name = format!("{:06}.M1P1.host", self.arrived);
        let path = self.path("in/new").join(name);
        fs::write(&path, mail).unwrap();
        path
    }

    /// A command of the program.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_embargod"));
        command.arg("--config").arg(self.path("daemon.toml")).args(arguments);
        command
    }

    /// Runs a command that has to succeed.
    pub fn embargod(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "embargod {arguments:?}: {errors}\n{said}");
        output
    }

    /// What a command prints.
    pub fn prints(&self, arguments: &[&str]) -> String {
        String::from_utf8(self.embargod(arguments).stdout).unwrap()
    }

    /// What a command prints as JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_slice(&self.embargod(arguments).stdout).unwrap()
    }

    /// What a refused command says, and its exit status.
    pub fn refused(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.command(arguments).output().unwrap();
        assert!(!output.status.success(), "embargod {arguments:?} was not refused");
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    /// Takes in and sends everything.
    pub fn once(&self) {
        self.embargod(&["run", "--once"]);
    }

    /// All mail that was sent, in the order of the names.
    pub fn sent(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("out/new")).unwrap();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
    }

    /// The mail that was sent to an address.
    pub fn sent_to(&self, address: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path("out/new")).unwrap();
        let mails = entries.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
        let to = format!("\nTo: {address}\n");
        mails.filter(|mail| mail.contains(&to)).collect()
    }
}
