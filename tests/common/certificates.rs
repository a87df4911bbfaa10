//! A certificate authority of the test's own.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// The files of a server's certificate.
#[derive(Debug, Clone)]
pub struct Certificates {
    /// The authority's certificate, for clients to trust.
    pub ca: PathBuf,
    /// The server's certificate.
    pub certificate: PathBuf,
    /// The server's key.
    pub key: PathBuf,
}

/// Makes a certificate for a server at `address`, and the authority that signs it.
pub fn for_server(folder: &Path, address: IpAddr) -> Certificates {
    made(folder, CertificateParams::new(vec![address.to_string()]).unwrap())
}

/// The same, but that its time is over.
pub fn expired(folder: &Path, address: IpAddr) -> Certificates {
    let mut server = CertificateParams::new(vec![address.to_string()]).unwrap();
    server.not_after = rcgen::date_time_ymd(2025, 1, 1);
    made(folder, server)
}

fn made(folder: &Path, server: CertificateParams) -> Certificates {
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();

    let key = KeyPair::generate().unwrap();
    let certificate = server.signed_by(&key, &authority).unwrap();

    let files = Certificates {
        ca: folder.join("ca.pem"),
        certificate: folder.join("server.pem"),
        key: folder.join("server.key"),
    };
    std::fs::write(&files.ca, authority.pem()).unwrap();
    std::fs::write(&files.certificate, certificate.pem()).unwrap();
    std::fs::write(&files.key, key.serialize_pem()).unwrap();
    files
}
