//! The certificates to trust.

use std::path::Path;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::error::ConnectError;

/// A TLS configuration that trusts the system's certificates and those of the file `ca`.
///
/// Blocks on files. Read anew for each connection, so that a renewed bundle needs no restart:
/// a connection is kept for hours.
pub(super) fn client_config(ca: Option<&Path>) -> Result<Arc<ClientConfig>, ConnectError> {
    let mut roots = RootCertStore::empty();
    // A bundle may hold certificates that webpki cannot use; the others serve.
    let _ = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca {
        add_file(&mut roots, path)?;
    }
    if roots.is_empty() {
        return Err(ConnectError::NoTrust);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        // Only a provider without a cipher for TLS 1.2 and 1.3 fails here; ring has them.
        .map_err(|_| ConnectError::NoTrust)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Adds every certificate of a PEM file.
fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), ConnectError> {
    let wrong = |problem: &dyn ToString| ConnectError::CaFile {
        path: path.to_owned(),
        problem: problem.to_string(),
    };
    let certificates = CertificateDer::pem_file_iter(path).map_err(|e| wrong(&e))?;
    let mut found: u32 = 0;
    for certificate in certificates {
        roots.add(certificate.map_err(|e| wrong(&e))?).map_err(|e| wrong(&e))?;
        found = found.saturating_add(1);
    }
    if found == 0 { Err(wrong(&"holds no certificate")) } else { Ok(()) }
}
