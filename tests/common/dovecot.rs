//! A Dovecot of the test's own: IMAP (plain, STARTTLS, TLS), LMTP, and SASL for Postfix.
//!
//! Every user exists, and has the password [`PASSWORD`]. Everything lies in one temporary folder.

use std::fs;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use embargod::domain::secret::Secret;
use embargod::mail::inbox::Source;
use embargod::mail::tls::{Security, Server as Address};

use super::certificates::{self, Certificates};
use super::process::{self, Server};
use super::{eventually, loopback, smtp};

/// Everybody's password.
pub const PASSWORD: &str = r#"correct"horse\battery"#;

/// A running Dovecot.
#[derive(Debug)]
pub struct Dovecot {
    // Stopped before its folder is removed.
    _server: Server,
    folder: tempfile::TempDir,
    /// The address it listens on, for which it has a certificate.
    pub address: IpAddr,
    /// Another address it listens on, for which it has none.
    pub other_address: IpAddr,
    /// The port for IMAP, plain or with STARTTLS.
    pub imap: u16,
    /// The port for IMAP with TLS.
    pub imaps: u16,
    /// The port that takes mail by LMTP.
    lmtp: u16,
    /// Its certificate, and the authority that signed it.
    pub certificates: Certificates,
}

impl Dovecot {
    /// Starts a Dovecot and waits until it answers.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("dovecot-").tempdir().unwrap();
        let path = folder.path();
        // Its parts run as users of their own.
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        let (address, other_address) = (loopback::own_address(), loopback::own_address());
        let certificates = certificates::for_server(path, address);
        let [imap, imaps, lmtp] = [(); 3].map(|()| loopback::free_port(address));
        let users = Users::of_this_machine();
        let mails = path.join("mail");
        fs::create_dir(&mails).unwrap();
        users.own(&mails);

        let config = path.join("dovecot.conf");
        let listen = format!("{address} {other_address}");
        let ports = [imap, imaps, lmtp];
        fs::write(&config, configuration(path, &listen, ports, &certificates, &users)).unwrap();
        let mut server = Server::start(Command::new("dovecot").arg("-F").arg("-c").arg(&config));
        eventually("Dovecot to listen", || {
            server.assert_alive(|| log_of(path));
            let ready = path.join("run/lmtp").exists()
                && TcpStream::connect((address, imap)).is_ok()
                && TcpStream::connect((address, imaps)).is_ok();
            ready.then_some(())
        });
        Self { _server: server, folder, address, other_address, imap, imaps, lmtp, certificates }
    }

    /// The socket that takes mail by LMTP.
    pub fn lmtp(&self) -> PathBuf {
        self.folder.path().join("run/lmtp")
    }

    /// The same by TCP.
    pub fn lmtp_socket(&self) -> SocketAddr {
        SocketAddr::new(self.address, self.lmtp)
    }

    /// The socket that answers for Postfix's SASL.
    pub fn sasl(&self) -> PathBuf {
        self.folder.path().join("run/auth-client")
    }

    /// Puts a mail into a user's INBOX.
    pub fn deliver(&self, user: &str, raw: &[u8]) {
        smtp::deliver(&self.lmtp(), user, raw);
    }

    /// A user's Maildir.
    pub fn maildir(&self, user: &str) -> PathBuf {
        self.folder.path().join("mail").join(user)
    }

    /// The mails in a user's INBOX as they lie on disk (their lines end in LF), the oldest first.
    pub fn mails(&self, user: &str) -> Vec<Vec<u8>> {
        files(&self.maildir(user)).into_iter().map(|path| fs::read(path).unwrap()).collect()
    }

    /// Mail that nobody's mail client has seen: not \Seen, and still \Recent.
    pub fn untouched(&self, user: &str) -> usize {
        files_in(&self.maildir(user).join("new")).len()
    }

    /// Runs `doveadm` on this server.
    pub fn doveadm(&self, arguments: &[&str]) -> String {
        let config = self.folder.path().join("dovecot.conf");
        let output =
            Command::new("doveadm").arg("-c").arg(config).args(arguments).output().unwrap();
        assert!(
            output.status.success(),
            "doveadm {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// How to reach the server.
    pub fn server(&self, security: Security) -> Address {
        let port = if security == Security::Tls { self.imaps } else { self.imap };
        let ca = Some(self.certificates.ca.clone());
        Address { security, host: self.address.to_string(), port, ca }
    }

    /// A user's INBOX as the configuration would name it.
    pub fn inbox(&self, security: Security, user: &str) -> Source {
        Source::Imap {
            server: self.server(security),
            user: user.to_owned(),
            password: Secret::new(PASSWORD.to_owned()),
            folder: "INBOX".to_owned(),
        }
    }

    /// Where IMAP is spoken without TLS from the first byte.
    pub fn imap_socket(&self) -> SocketAddr {
        SocketAddr::new(self.address, self.imap)
    }

    /// The server's log.
    pub fn log(&self) -> String {
        log_of(self.folder.path())
    }
}

/// Puts many mails into a Maildir of a server's at once, which finds them at its first look: their UIDs
/// follow their order.
pub fn lay(maildir: &Path, mails: impl IntoIterator<Item = String>) {
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(maildir.join(part)).unwrap();
    }
    for (n, mail) in mails.into_iter().enumerate() {
        let name = format!("{:010}.M1P1.test", 1_790_000_000 + n);
        fs::write(maildir.join("new").join(name), mail).unwrap();
    }
    let owner = fs::metadata(maildir.parent().unwrap()).unwrap().uid().to_string();
    let chowned = Command::new("chown").arg("-R").arg(owner).arg(maildir).status();
    assert!(chowned.unwrap().success());
}

fn log_of(folder: &Path) -> String {
    fs::read_to_string(folder.join("log")).unwrap_or_default()
}

/// The files of a Maildir, the oldest first.
fn files(maildir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        ["new", "cur"].iter().flat_map(|part| files_in(&maildir.join(part))).collect();
    files.sort_by_key(|path| path.metadata().and_then(|data| data.modified()).ok());
    files
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default()
}

/// Under which users Dovecot runs.
struct Users {
    login: String,
    internal: String,
    mail: String,
    mail_group: String,
}

impl Users {
    fn of_this_machine() -> Self {
        if process::is_root() {
            let name = |name: &str| name.to_owned();
            let (login, internal) = (name("dovenull"), name("dovecot"));
            return Self { login, internal, mail: name("mail"), mail_group: name("mail") };
        }
        let (own, group) = (process::id("-un"), process::id("-gn"));
        Self { login: own.clone(), internal: own.clone(), mail: own, mail_group: group }
    }

    fn own(&self, path: &Path) {
        let owner = format!("{}:{}", self.mail, self.mail_group);
        assert!(Command::new("chown").arg(owner).arg(path).status().unwrap().success());
    }
}

fn configuration(
    folder: &Path,
    listen: &str,
    [imap, imaps, lmtp]: [u16; 3],
    certificates: &Certificates,
    users: &Users,
) -> String {
    let folder = folder.display();
    let Users { login, internal, mail, mail_group } = users;
    let (certificate, key) = (certificates.certificate.display(), certificates.key.display());
    format!(
        r#"
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = {listen}
protocols = imap lmtp
default_login_user = {login}
default_internal_user = {internal}
mail_uid = {mail}
mail_gid = {mail_group}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 100
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login
postmaster_address = postmaster@example.org
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={mail} gid={mail_group} home={folder}/mail/%u allow_all_users=yes
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0666
  }}
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service auth {{
  unix_listener auth-client {{
    mode = 0666
  }}
}}
service stats {{
  chroot =
}}
"#
    )
}
