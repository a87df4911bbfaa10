//! People with OpenPGP keys of their own, made by `gpg` in a folder of its own, and what their mail
//! programs make of an answer.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A key ring with secret keys.
pub struct Signer {
    home: tempfile::TempDir,
}

impl Signer {
    /// Somebody with a key for `address`.
    pub fn new(address: &str) -> Self {
        Self::with(address, &["never"], &[])
    }

    /// Somebody whose key was good for a day in the year 2020.
    pub fn of_2020(address: &str) -> Self {
        Self::with(address, &["1d"], &["--faked-system-time", "20200101T000000!"])
    }

    fn with(address: &str, expires: &[&str], more: &[&str]) -> Self {
        let home = tempfile::Builder::new().prefix("gpg").tempdir().unwrap();
        let signer = Self { home };
        let make = ["--passphrase", "", "--quick-gen-key", address, "ed25519", "sign"];
        signer.gpg(&[more, &make, expires].concat(), b"");
        signer
    }

    fn gpg(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let mut child = Command::new("gpg")
            .args(["--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback", "--homedir"])
            .arg(self.home.path())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("gpg is part of the package gnupg");
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "gpg {arguments:?}: {told}");
        output.stdout
    }

    /// The public key in a file, as `gpg --export` writes it.
    pub fn key_file(&self, more: &[&str]) -> PathBuf {
        let path = self.home.path().join("public-key");
        fs::write(&path, self.gpg(&[more, &["--export"]].concat(), b"")).unwrap();
        path
    }

    /// Takes the key back, by the certificate that was made with it.
    pub fn revokes(&self) {
        let folder = self.home.path().join("openpgp-revocs.d");
        let file = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
        // It is kept where nobody imports it by accident.
        let certificate = fs::read_to_string(file).unwrap().replace(":-----BEGIN", "-----BEGIN");
        self.gpg(&["--import"], certificate.as_bytes());
    }

    /// An answer as a mail program signs it with MIME (RFC 3156): a header within the part, if it
    /// protects one.
    pub fn signs(&self, answer: &str, protected: &str, more: &[&str]) -> String {
        let (header, body) = answer.split_once("\n\n").unwrap();
        let part = format!("Content-Type: text/plain; charset=utf-8\n{protected}\n{body}");
        let wire = part.replace('\n', "\r\n");
        let detach = [more, &["--armor", "--detach-sign"]].concat();
        let signature = String::from_utf8(self.gpg(&detach, wire.as_bytes())).unwrap();
        format!(
            "{header}\nMIME-Version: 1.0\nContent-Type: multipart/signed; micalg=pgp-sha512; \
             protocol=\"application/pgp-signature\"; boundary=\"sig\"\n\n\
             This is an OpenPGP/MIME signed message (RFC 3156)\n--sig\n{part}\n--sig\n\
             Content-Type: application/pgp-signature; name=\"signature.asc\"\n\n{signature}\n--sig--\n"
        )
    }

    /// An answer as a mail program signs its text.
    pub fn clear_signs(&self, answer: &str) -> String {
        let (header, body) = answer.split_once("\n\n").unwrap();
        format!("{header}\n\n{}", self.block(body))
    }

    /// A text within its signature.
    pub fn block(&self, text: &str) -> String {
        String::from_utf8(self.gpg(&["--clear-sign"], text.as_bytes())).unwrap()
    }
}

impl Drop for Signer {
    fn drop(&mut self) {
        // The agent would go by itself, some time after its folder.
        let _ = Command::new("gpgconf")
            .arg("--homedir")
            .arg(self.home.path())
            .args(["--kill", "gpg-agent"])
            .status();
    }
}
