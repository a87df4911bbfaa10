//! The IMAP server of a test: Dovecot, or what `EMBARGOD_IMAP` names: `cyrus`, `courier`.
//!
//! As with Dovecot, every user exists and has the same password. Cyrus and Courier ask a thread of the
//! test for it, by the protocols of saslauthd and authdaemond.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::Command;

use embargod::domain::secret::Secret;
use embargod::mail::inbox::Source;
use embargod::mail::tls::{Security, Server as Address};

use super::dovecot::{Dovecot, PASSWORD};
use super::process::Server;
use super::session::Session;
use super::{eventually, loopback, unpacked};

/// The user and group of Cyrus, whom ./tests/run puts among its files, and of all mail.
const CYRUS: &str = "910:8";

/// A running server.
pub enum ImapServer {
    Dovecot(Dovecot),
    Other(Other),
}

/// One of the others.
pub struct Other {
    // Stopped before its folder is removed.
    _server: Server,
    _folder: tempfile::TempDir,
    package: &'static str,
    socket: SocketAddr,
    /// What the names of folders begin with.
    root: &'static str,
}

impl ImapServer {
    /// Starts the server that is asked for.
    pub fn start() -> Self {
        match std::env::var("EMBARGOD_IMAP").as_deref() {
            Err(_) | Ok("dovecot") => Self::Dovecot(Dovecot::start()),
            Ok("cyrus") => Self::Other(Other::started("cyrus-imapd", "", cyrus)),
            // Courier has every folder below INBOX, and a dot between the names.
            Ok("courier") => Self::Other(Other::started("courier-imap", "INBOX.", courier)),
            Ok(other) => panic!("EMBARGOD_IMAP={other}: no such server"),
        }
    }

    /// Where it speaks IMAP without TLS.
    pub fn socket(&self) -> SocketAddr {
        match self {
            Self::Dovecot(dovecot) => dovecot.imap_socket(),
            Self::Other(other) => other.socket,
        }
    }

    /// A connection of somebody else's program.
    pub fn session(&self, user: &str) -> Session {
        Session::of(self.socket(), user)
    }

    /// Puts a mail into a user's INBOX.
    pub fn deliver(&self, user: &str, raw: &[u8]) {
        self.session(user).append("INBOX", raw);
    }

    /// What a folder of this name, in IMAP's letters, is called on this server.
    pub fn folder(&self, name: &str) -> String {
        match self {
            Self::Dovecot(_) => name.to_owned(),
            Self::Other(other) => format!("{}{name}", other.root),
        }
    }

    /// Panics if one of so many mails in a user's INBOX is \Seen, or was announced to anybody.
    pub fn assert_untouched(&self, user: &str, mails: usize) {
        let said = self.session(user).run("STATUS INBOX (RECENT UNSEEN)").join(" ");
        let number = |name: &str| -> usize {
            let after = said.split(name).nth(1).unwrap().trim_start();
            after.split([' ', ')']).next().unwrap().parse().unwrap()
        };
        assert_eq!(number("UNSEEN"), mails, "{said}");
        // Courier takes \Recent from all mail when anybody opens the folder, by EXAMINE too.
        if !matches!(self, Self::Other(Other { package: "courier-imap", .. })) {
            assert_eq!(number("RECENT"), mails, "{said}");
        }
    }

    /// A user's INBOX as the configuration would name it.
    pub fn inbox(&self, user: &str) -> Source {
        Source::Imap {
            server: Address {
                security: Security::Plain,
                host: self.socket().ip().to_string(),
                port: self.socket().port(),
                ca: None,
            },
            user: user.to_owned(),
            password: Secret::new(PASSWORD.to_owned()),
            folder: "INBOX".to_owned(),
        }
    }
}

impl Other {
    /// Starts a server by what writes its files and says how it is started.
    fn started(
        package: &'static str,
        root: &'static str,
        set_up: fn(&Path, IpAddr, u16) -> String,
    ) -> Self {
        let folder = tempfile::Builder::new().prefix("imap-").tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let address = loopback::own_address();
        let port = loopback::free_port(address);
        let script = set_up(folder.path(), address, port);
        let mut server = unpacked::start(package, &script);
        eventually(&format!("{package} to listen"), || {
            server.assert_alive(String::new);
            TcpStream::connect((address, port)).ok()
        });
        let socket = SocketAddr::new(address, port);
        Self { _server: server, _folder: folder, package, socket, root }
    }
}

fn own(owner: &str, path: &Path) {
    assert!(Command::new("chown").arg("-R").arg(owner).arg(path).status().unwrap().success());
}

/// Cyrus: each service has to be told its configuration, since master does not pass it on.
fn cyrus(folder: &Path, address: IpAddr, port: u16) -> String {
    for part in ["db", "proc", "lock", "socket", "user", "quota", "log", "msg"] {
        fs::create_dir_all(folder.join("conf").join(part)).unwrap();
    }
    fs::create_dir(folder.join("spool")).unwrap();
    answer(&folder.join("mux"), saslauthd);
    let path = folder.display();
    fs::write(
        folder.join("imapd.conf"),
        format!(
            "configdirectory: {path}/conf\ndefaultpartition: default\n\
             partition-default: {path}/spool\nvirtdomains: userid\nunixhierarchysep: yes\n\
             altnamespace: yes\nautocreate_quota: 0\nsasl_mech_list: PLAIN\n\
             sasl_pwcheck_method: saslauthd\nsasl_saslauthd_path: {path}/mux\nallowplaintext: yes\n\
             servername: mail.example.org\nidlesocket: {path}/conf/socket/idle\n"
        ),
    )
    .unwrap();
    fs::write(
        folder.join("cyrus.conf"),
        format!(
            "START {{\n recover cmd=\"ctl_cyrusdb -C {path}/imapd.conf -r\"\n \
             idled cmd=\"idled -C {path}/imapd.conf\"\n}}\n\
             SERVICES {{\n imap cmd=\"imapd -C {path}/imapd.conf\" listen=\"{address}:{port}\"\n}}\n"
        ),
    )
    .unwrap();
    own(CYRUS, folder);
    format!(
        "exec /usr/lib/cyrus/bin/master -C {path}/imapd.conf -M {path}/cyrus.conf -p {path}/pid"
    )
}

/// Courier: its configuration is the environment of its programs.
fn courier(folder: &Path, address: IpAddr, port: u16) -> String {
    for part in ["auth", "mail"] {
        fs::create_dir(folder.join(part)).unwrap();
    }
    answer(&folder.join("auth/socket"), authdaemond);
    own("mail:mail", &folder.join("mail"));
    let path = folder.display();
    format!(
        "mount -t tmpfs tmpfs /run
mkdir -p /run/courier/authdaemon
mount --bind {path}/auth /run/courier/authdaemon
set -a
. /etc/courier/imapd-ssl
. /etc/courier/imapd
IMAP_STARTTLS=NO
AUTHMODULES=authdaemon
exec /usr/sbin/couriertcpd -address={address} -nodnslookup -noidentlookup -maxprocs=40 -maxperip=40 \
    {port} /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir"
    )
}

/// Answers on a socket until the test ends.
fn answer(socket: &Path, how: fn(UnixStream, &Path) -> std::io::Result<()>) {
    let listener = UnixListener::bind(socket).unwrap();
    fs::set_permissions(socket, fs::Permissions::from_mode(0o777)).unwrap();
    let home = socket.ancestors().nth(2).unwrap().join("mail");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Who hangs up has had no answer, and asks again.
            let _ = how(stream, &home);
        }
    });
}

/// Login, password, service and realm, each behind its length; so is the answer.
fn saslauthd(mut stream: UnixStream, _home: &Path) -> std::io::Result<()> {
    let mut said = Vec::new();
    for _ in 0..4 {
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut text = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut text)?;
        said.push(text);
    }
    let word = if said[1] == PASSWORD.as_bytes() { b"\0\x02OK" } else { b"\0\x02NO" };
    stream.write_all(word)
}

/// Lines about the connection; then the length of service, kind, user and password, and those. The
/// user's Maildir is made with the answer.
fn authdaemond(stream: UnixStream, home: &Path) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while !line.starts_with("AUTH ") {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Ok(());
        }
    }
    let mut said = vec![0; line.trim_end()["AUTH ".len()..].parse().unwrap()];
    stream.read_exact(&mut said)?;
    let said = String::from_utf8(said).unwrap();
    let said: Vec<&str> = said.lines().collect();
    if said[3] != PASSWORD {
        return stream.get_mut().write_all(b"FAIL\n");
    }
    let (user, maildir) = (said[2], home.join(said[2]));
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(maildir.join(part))?;
    }
    own("mail:mail", &maildir);
    let owner = fs::metadata(home)?;
    let (uid, gid) = {
        use std::os::unix::fs::MetadataExt;
        (owner.uid(), owner.gid())
    };
    let maildir = maildir.display();
    let answer = format!(
        "UID={uid}\nGID={gid}\nHOME={maildir}\nADDRESS={user}\nNAME={user}\nMAILDIR={maildir}\nOPTIONS=\n.\n"
    );
    stream.get_mut().write_all(answer.as_bytes())
}
