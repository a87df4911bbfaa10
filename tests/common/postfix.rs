//! A Postfix of the test's own, which delivers into the test's own Dovecot.
//!
//! Everybody at `example.org`, `example.net`, `lab.example` and `home.example` has a mailbox there, but
//! for [`REFUSED`], [`DEFERRED`] and [`BOUNCED`]. For senders at the last two domains it vouches with
//! an `Authentication-Results` of `mail.example.org`. No mail leaves the machine.

use std::fs;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use embargod::mail::tls::{Security, Server as Address};

use super::certificates::{self, Certificates};
use super::dovecot::Dovecot;
use super::process::{self, Server};
use super::{eventually, loopback, smtp};

/// Postfix refuses this recipient for good (550).
pub const REFUSED: &str = "refused@example.net";
/// Postfix refuses this recipient for now (450).
pub const DEFERRED: &str = "deferred@example.net";
/// Postfix takes mail for this recipient, and then sends a bounce.
pub const BOUNCED: &str = "bounced@example.net";
/// Who hears of every bounce, besides its addressee.
pub const POSTMASTER: &str = "postmaster@example.net";

const VOUCHED: &str = "Authentication-Results: mail.example.org; dmarc=pass header.from=";

/// A running Postfix.
#[derive(Debug)]
pub struct Postfix {
    // Stopped before its folder is removed.
    _server: Server,
    folder: tempfile::TempDir,
    /// The address it listens on, for which it has a certificate.
    pub address: IpAddr,
    /// The port without TLS.
    pub plain: u16,
    /// The port that wants STARTTLS.
    pub starttls: u16,
    /// The port with TLS from the first byte.
    pub tls: u16,
    /// Its certificate, and the authority that signed it.
    pub certificates: Certificates,
}

impl Postfix {
    /// Starts a Postfix and waits until it answers.
    pub fn start(dovecot: &Dovecot) -> Self {
        assert!(process::is_root(), "Postfix starts as root only: run ./tests/run as root");
        let folder = tempfile::Builder::new().prefix("postfix-").tempdir().unwrap();
        let path = folder.path();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        let config = path.join("config");
        for part in ["config", "queue", "data"] {
            fs::create_dir(path.join(part)).unwrap();
        }
        let chowned = Command::new("chown").arg("postfix").arg(path.join("data")).status();
        assert!(chowned.unwrap().success());

        let address = loopback::own_address();
        let [plain, starttls, tls] = [(); 3].map(|()| loopback::free_port(address));
        let certificates = certificates::for_server(path, address);
        fs::write(config.join("main.cf"), main_cf(path, &certificates, dovecot)).unwrap();
        fs::write(config.join("master.cf"), master_cf(address, plain, starttls, tls)).unwrap();
        // `start-fg` makes the queue's folders before it becomes the master process.
        let mut start = Command::new("postfix");
        start.arg("-c").arg(&config).arg("start-fg");
        let mut server = Server::start_by_script(&mut start, path.join("queue/pid/master.pid"));
        eventually("Postfix to listen", || {
            server.assert_alive(|| log_of(path));
            let ready = [plain, starttls, tls]
                .into_iter()
                .all(|port| TcpStream::connect((address, port)).is_ok());
            ready.then_some(())
        });
        Self { _server: server, folder, address, plain, starttls, tls, certificates }
    }

    /// Submits a mail as anybody's mail client would.
    pub fn submit(&self, sender: &str, recipients: &[&str], raw: &[u8]) {
        smtp::submit(SocketAddr::new(self.address, self.plain), sender, recipients, raw);
    }

    /// How to reach the server.
    pub fn server(&self, security: Security) -> Address {
        let port = match security {
            Security::Tls => self.tls,
            Security::StartTls => self.starttls,
            Security::Plain => self.plain,
        };
        let ca = Some(self.certificates.ca.clone());
        Address { security, host: self.address.to_string(), port, ca }
    }

    /// The server's log.
    pub fn log(&self) -> String {
        log_of(self.folder.path())
    }
}

fn log_of(folder: &Path) -> String {
    fs::read_to_string(folder.join("log")).unwrap_or_default()
}

fn main_cf(folder: &Path, certificates: &Certificates, dovecot: &Dovecot) -> String {
    let (certificate, key) = (certificates.certificate.display(), certificates.key.display());
    let (lmtp, sasl) = (dovecot.lmtp(), dovecot.sasl());
    let (lmtp, sasl) = (lmtp.display(), sasl.display());
    let folder = folder.display();
    format!(
        "
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mail.example.org
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = all
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
disable_dns_lookups = yes
virtual_mailbox_domains = example.org, example.net, lab.example, home.example
virtual_transport = lmtp:unix:{lmtp}
transport_maps = inline:{{ {{ {BOUNCED} = bouncing: }} }}
default_transport = error:5.7.1 no mail leaves the tests
relay_transport = error:5.7.1 no mail leaves the tests
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
  check_recipient_access inline:{{
    {{ {REFUSED} = 550 5.1.1 nobody of that name }}
    {{ {DEFERRED} = 450 4.2.0 come back later }} }}
  permit_mynetworks, reject
smtpd_data_restrictions = check_sender_access inline:{{
    {{ lab.example = PREPEND {VOUCHED}lab.example }}
    {{ home.example = PREPEND {VOUCHED}home.example }} }}
notify_classes = bounce, 2bounce
bounce_notice_recipient = {POSTMASTER}
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_loglevel = 0
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {sasl}
smtpd_error_sleep_time = 0
smtpd_client_connection_count_limit = 0
in_flow_delay = 0
message_size_limit = 104857600
mailbox_size_limit = 0
biff = no
"
    )
}

// `bouncing` ends with EX_NOUSER of sysexits(3): Postfix has taken the mail then, and must bounce it.
fn master_cf(address: IpAddr, plain: u16, starttls: u16, tls: u16) -> String {
    format!(
        "
{address}:{plain} inet n - n - - smtpd
{address}:{starttls} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
{address}:{tls} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
bouncing unix - n n - - pipe user=nobody argv=/bin/sh -c {{exit 67}}
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"
    )
}
