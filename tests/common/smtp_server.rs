//! The SMTP server of a test: Postfix, or what `EMBARGOD_SMTP` names: `opensmtpd`, `exim`.
//!
//! All of them deliver into the test's Dovecot, refuse [`REFUSED`](super::postfix::REFUSED) for good and
//! [`DEFERRED`](super::postfix::DEFERRED) for now.

use std::fs;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use embargod::mail::tls::{Security, Server as Address};

use super::dovecot::Dovecot;
use super::postfix::{DEFERRED, Postfix, REFUSED};
use super::process::Server;
use super::{eventually, loopback, unpacked};

/// A running server.
pub enum SmtpServer {
    Postfix(Postfix),
    Other(Other),
}

/// One of the others.
pub struct Other {
    // Stopped before its folder is removed.
    _server: Server,
    _folder: tempfile::TempDir,
    socket: SocketAddr,
}

impl SmtpServer {
    /// Starts the server that is asked for.
    pub fn start(dovecot: &Dovecot) -> Self {
        match std::env::var("EMBARGOD_SMTP").as_deref() {
            Err(_) | Ok("postfix") => Self::Postfix(Postfix::start(dovecot)),
            Ok("opensmtpd") => Self::Other(Other::started("opensmtpd", dovecot, opensmtpd)),
            Ok("exim") => Self::Other(Other::started("exim4-daemon-light", dovecot, exim)),
            Ok(other) => panic!("EMBARGOD_SMTP={other}: no such server"),
        }
    }

    /// How to reach it without TLS.
    pub fn plain(&self) -> Address {
        match self {
            Self::Postfix(postfix) => postfix.server(Security::Plain),
            Self::Other(other) => Address {
                security: Security::Plain,
                host: other.socket.ip().to_string(),
                port: other.socket.port(),
                ca: None,
            },
        }
    }
}

impl Other {
    /// Starts a server by what writes its files and says how it is started.
    fn started(
        package: &str,
        dovecot: &Dovecot,
        set_up: fn(&Path, SocketAddr, SocketAddr) -> String,
    ) -> Self {
        let folder = tempfile::Builder::new().prefix("smtp-").tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let address: IpAddr = loopback::own_address();
        let socket = SocketAddr::new(address, loopback::free_port(address));
        let script = set_up(folder.path(), socket, dovecot.lmtp_socket());
        let mut server = unpacked::start(package, &script);
        eventually(&format!("{package} to listen"), || {
            server.assert_alive(String::new);
            TcpStream::connect(socket).ok()
        });
        Self { _server: server, _folder: folder, socket }
    }
}

/// OpenSMTPD, whose spool and socket have fixed places.
fn opensmtpd(folder: &Path, socket: SocketAddr, lmtp: SocketAddr) -> String {
    let (address, port) = (socket.ip(), socket.port());
    let config = folder.join("smtpd.conf");
    fs::write(
        &config,
        format!(
            "table refused {{ \"{REFUSED}\" }}\ntable deferred {{ \"{DEFERRED}\" }}\n\
             filter \"refused\" phase rcpt-to match rcpt-to <refused> reject \"550 nobody of that name\"\n\
             filter \"deferred\" phase rcpt-to match rcpt-to <deferred> reject \"450 come back later\"\n\
             listen on {address} port {port} hostname mail.example.org \
             filter {{ \"refused\", \"deferred\" }}\n\
             action \"in\" relay host \"lmtp://{lmtp}\"\nmatch from any for any action \"in\"\n"
        ),
    )
    .unwrap();
    format!(
        "mount -t tmpfs tmpfs /run\nmount -t tmpfs tmpfs /var/spool\nmkdir -m 711 /var/spool/smtpd\n\
         exec /usr/sbin/smtpd -d -f {}",
        config.display()
    )
}

/// Exim: it answers 451 where Postfix and OpenSMTPD are told to answer 450.
fn exim(folder: &Path, socket: SocketAddr, lmtp: SocketAddr) -> String {
    for part in ["spool", "log"] {
        fs::create_dir(folder.join(part)).unwrap();
    }
    // But for its configuration, which it takes only from root.
    let owned = Command::new("chown").arg("-R").arg("913:913").arg(folder).status();
    assert!(owned.unwrap().success());
    let path = folder.display();
    fs::write(
        folder.join("exim.conf"),
        format!(
            "primary_hostname = mail.example.org\nexim_user = Debian-exim\nexim_group = Debian-exim\n\
             spool_directory = {path}/spool\nlog_file_path = {path}/log/%slog\n\
             pid_file_path = {path}/pid\nkeep_environment =\nlocal_interfaces = {}\n\
             daemon_smtp_ports = {}\ntls_advertise_hosts =\nhost_lookup =\n\
             rfc1413_query_timeout = 0s\nacl_smtp_rcpt = recipient\nacl_smtp_data = accept\n\
             begin acl\nrecipient:\n  deny recipients = {REFUSED}\n    message = nobody of that name\n  \
             defer recipients = {DEFERRED}\n    message = come back later\n  accept\n\
             begin routers\nall:\n  driver = manualroute\n  domains = *\n  route_list = * {}\n  \
             self = send\n  transport = lmtp\n\
             begin transports\nlmtp:\n  driver = smtp\n  protocol = lmtp\n  port = {}\n  \
             allow_localhost\nbegin retry\n* * F,1h,1m\n",
            socket.ip(),
            socket.port(),
            lmtp.ip(),
            lmtp.port(),
        ),
    )
    .unwrap();
    format!("exec /usr/sbin/exim4 -C {path}/exim.conf -bdf -q1m")
}
