//! Verifying OpenPGP signatures with the program `gpgv`.
//!
//! A library for it costs 1.6 MB of program and a second set of cryptography with an RSA that has an
//! open advisory; `gpgv` is on every Debian, does nothing but verify against one keyring, and is what
//! Git and apt rest on. It gets files in a folder of its own, no shell, no home and no agent, and its
//! word is taken from its status lines alone (GnuPG's doc/DETAILS), never from its exit status alone.
//!
//! Promises: [`Verifier::verify`] ends within [`DEADLINE`]; whatever is not plainly one or more good
//! signatures of current keys of the keyring, and no other, is an error that says why.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::domain::address::Address;
use crate::domain::authenticity::Unsigned;
use crate::domain::mail::Mail;
use crate::mail::read::Signed;

/// The program, in the path of the daemon.
const PROGRAM: &str = "gpgv";

/// How long one mail may take it.
const DEADLINE: Duration = Duration::from_secs(10);

/// Programs at the same time: forged mail must not become a hundred of them.
const AT_ONCE: usize = 2;

/// Status lines of a few signatures are a few kilobytes.
const MOST_STATUS: u64 = 256 * 1024;

/// Whose signature is known by which keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keyring(Vec<(Address, PublicKeys)>);

/// Public keys of one person, as OpenPGP packets without armour.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKeys(Vec<u8>);

impl std::fmt::Debug for PublicKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKeys({} octets)", self.0.len())
    }
}

/// Why a file holds no public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoKey {
    /// It is armoured, and the armour is broken.
    #[error("its armour cannot be read")]
    Armour,
    /// It holds a secret key.
    #[error("holds a secret key, which belongs nowhere but with its owner")]
    Secret,
    /// It holds something else.
    #[error("is no OpenPGP public key")]
    Other,
}

impl PublicKeys {
    /// Reads what `gpg --export`, with `--armor` or without, writes.
    ///
    /// # Errors
    /// [`NoKey`].
    pub fn read(bytes: &[u8]) -> Result<Self, NoKey> {
        let text = bytes.trim_ascii_start();
        if text.starts_with(b"-----BEGIN PGP PRIVATE KEY BLOCK") {
            return Err(NoKey::Secret);
        }
        let packets = match text.starts_with(b"-----BEGIN PGP PUBLIC KEY BLOCK-----") {
            true => unarmoured(&String::from_utf8_lossy(text)).ok_or(NoKey::Armour)?,
            false => bytes.to_vec(),
        };
        // The tag of the first packet, in the old form of a header or in the new one (RFC 9580
        // section 4.2).
        match packets.first().map(|first| (first & 0xc0, first & 0x3f, (first & 0x3c) >> 2)) {
            Some((0xc0, 6, _) | (0x80, _, 6)) => Ok(Self(packets)),
            Some((0xc0, 5, _) | (0x80, _, 5)) => Err(NoKey::Secret),
            _ => Err(NoKey::Other),
        }
    }
}

/// The packets of one armoured block (RFC 9580 section 6.2), whose checksum says nothing that the
/// signatures in it do not.
fn unarmoured(text: &str) -> Option<Vec<u8>> {
    let (_, body) = text.split_once("\n")?;
    let (body, after) = body.split_once("-----END PGP PUBLIC KEY BLOCK-----")?;
    if after.contains("-----BEGIN") {
        return None;
    }
    let lines = body.lines().map(str::trim).skip_while(|line| line.contains(": "));
    let data: String = lines.filter(|line| !line.starts_with('=')).collect();
    data_encoding::BASE64.decode(data.as_bytes()).ok()
}

impl Keyring {
    /// Adds the keys of whoever writes from an address.
    pub fn add(&mut self, owner: Address, keys: PublicKeys) {
        self.0.push((owner, keys));
    }

    /// Whether nobody's signature is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a signature of this person would be known.
    pub fn knows(&self, owner: &Address) -> bool {
        self.keys_of(owner).is_some()
    }

    fn keys_of(&self, owner: &Address) -> Option<&PublicKeys> {
        self.0.iter().find(|(known, _)| known == owner).map(|(_, keys)| keys)
    }
}

/// Verifies signatures.
#[derive(Debug, Clone)]
pub struct Verifier {
    keys: Keyring,
    turns: Arc<Semaphore>,
}

impl Verifier {
    /// One that knows these keys.
    pub fn new(keys: Keyring) -> Self {
        Self { keys, turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Whose signatures it knows.
    pub fn keys(&self) -> &Keyring {
        &self.keys
    }

    /// The mail that stands in what the owner of an address signed of a mail: its text and its fields,
    /// and nothing of what is around it.
    ///
    /// # Errors
    /// [`Unsigned`]: why it is not known to be theirs.
    pub async fn verify(&self, raw: &[u8], owner: &Address) -> Result<Mail, Unsigned> {
        let keys = self.keys.keys_of(owner).ok_or(Unsigned::NoKey)?;
        let signed = Signed::find(raw).ok_or(Unsigned::NothingSigned)?;
        let _turn = self.turns.acquire().await.map_err(|_| Unsigned::Unverified)?;
        match timeout(DEADLINE, run(&signed, keys)).await {
            Ok(Ok((status, verified))) => judge(&status).map(|()| signed.content(&verified)),
            Ok(Err(error)) => {
                tracing::error!("{PROGRAM}: {error}; a signed command cannot be verified");
                Err(Unsigned::Unverified)
            }
            Err(_) => Err(Unsigned::Unverified),
        }
    }
}

/// Whether the program is there: its first line about itself.
///
/// # Errors
/// Why it cannot be run.
pub async fn version() -> std::io::Result<String> {
    let output = Command::new(PROGRAM).arg("--version").kill_on_drop(true).output();
    let output = timeout(DEADLINE, output).await??;
    Ok(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned())
}

/// Runs the program: its status lines, and the text of a clear-signed block.
async fn run(signed: &Signed, keys: &PublicKeys) -> std::io::Result<(String, Vec<u8>)> {
    let folder = tempfile::Builder::new().prefix("embargod-").tempdir()?;
    let at = |name: &str| folder.path().join(name);
    tokio::fs::write(at("keys"), &keys.0).await?;
    let mut command = Command::new(PROGRAM);
    command.args(["--status-fd", "1", "--homedir"]).arg(folder.path()).arg("--keyring");
    command.arg(at("keys"));
    match signed {
        Signed::Part { octets, signature } => {
            tokio::fs::write(at("signature"), signature).await?;
            tokio::fs::write(at("part"), octets).await?;
            command.arg("--").arg(at("signature")).arg(at("part"));
        }
        Signed::Text { block, .. } => {
            tokio::fs::write(at("block"), block).await?;
            command.arg("--output").arg(at("text")).arg("--").arg(at("block"));
        }
    }
    let spawned = command
        .current_dir(folder.path())
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let mut child = spawned?;
    let mut status = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(MOST_STATUS).read_to_end(&mut status).await?;
    }
    let exit = child.wait().await?;
    let mut status = String::from_utf8_lossy(&status).into_owned();
    if !exit.success() {
        status.push_str(FAILED);
    }
    let text = match signed {
        Signed::Part { .. } => vec![],
        // There is none where nothing was verified.
        Signed::Text { .. } => tokio::fs::read(at("text")).await.unwrap_or_default(),
    };
    Ok((status, text))
}

/// A status line of our own, for an exit status other than 0.
const FAILED: &str = "\n[GNUPG:] FAILURE exit\n";

/// Digest algorithms that a signature may rest on (RFC 9580 section 9.5): SHA-2 and SHA-3.
const SOUND: [&str; 6] = ["8", "9", "10", "11", "12", "14"];

/// What the status lines come to.
fn judge(status: &str) -> Result<(), Unsigned> {
    let lines = status.lines().filter_map(|line| line.strip_prefix("[GNUPG:] "));
    let mut good = 0_usize;
    let mut valid = 0_usize;
    let mut trouble = None;
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        let why = match words.as_slice() {
            ["GOODSIG", ..] => {
                good = good.saturating_add(1);
                continue;
            }
            ["VALIDSIG", _, _, _, _, _, _, _, digest, class, ..] => {
                valid = valid.saturating_add(1);
                match (SOUND.contains(digest), *class) {
                    (true, "00" | "01") => continue,
                    (false, _) => Unsigned::Weak,
                    (true, _) => Unsigned::Bad,
                }
            }
            ["BADSIG", ..] => Unsigned::Bad,
            ["EXPSIG", ..] => Unsigned::SignatureExpired,
            ["EXPKEYSIG", ..] => Unsigned::KeyExpired,
            ["REVKEYSIG", ..] => Unsigned::KeyRevoked,
            ["ERRSIG", _, _, _, _, _, "9", ..] => Unsigned::UnknownKey,
            ["ERRSIG", ..] => Unsigned::Unverified,
            ["NODATA" | "UNEXPECTED", ..] => Unsigned::NothingSigned,
            // Follows on one of those above, which says more.
            ["FAILURE", ..] => {
                trouble = trouble.or(Some(Unsigned::Unverified));
                continue;
            }
            _ => continue,
        };
        trouble = Some(match trouble {
            None | Some(Unsigned::Unverified) => why,
            Some(first) => first,
        });
    }
    match trouble {
        Some(why) => Err(why),
        None if good > 0 && good == valid => Ok(()),
        None => Err(Unsigned::NothingSigned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 0123 Ada [GNUPG:] BADSIG\n\
        [GNUPG:] VALIDSIG F00 2026-11-25 1795424400 0 4 0 22 10 01 F00\n";

    #[test]
    fn only_good_signatures_and_nothing_else_are_good() {
        assert_eq!(judge(GOOD), Ok(()));
        for (status, why) in [
            ("", Unsigned::NothingSigned),
            ("GOODSIG 0123 Ada", Unsigned::NothingSigned),
            ("[GNUPG:] GOODSIG 0123 Ada", Unsigned::NothingSigned),
            ("[GNUPG:] NODATA 4", Unsigned::NothingSigned),
            ("[GNUPG:] ERRSIG 01 22 10 00 179 9 F00", Unsigned::UnknownKey),
            ("[GNUPG:] ERRSIG 01 22 10 00 179 4 F00", Unsigned::Unverified),
        ] {
            assert_eq!(judge(status), Err(why), "{status}");
        }
        for (more, why) in [
            ("BADSIG 0123 Ada", Unsigned::Bad),
            ("EXPKEYSIG 0123 Ada", Unsigned::KeyExpired),
            ("REVKEYSIG 0123 Ada", Unsigned::KeyRevoked),
            ("EXPSIG 0123 Ada", Unsigned::SignatureExpired),
            ("FAILURE gpgv 1", Unsigned::Unverified),
            ("VALIDSIG F00 2026-11-25 1 0 4 0 22 2 00 F00", Unsigned::Weak),
            ("VALIDSIG F00 2026-11-25 1 0 4 0 22 10 10 F00", Unsigned::Bad),
        ] {
            assert_eq!(judge(&format!("{GOOD}[GNUPG:] {more}\n")), Err(why), "{more}");
        }
    }

    #[test]
    fn a_secret_key_and_what_is_no_key_are_refused() {
        assert_eq!(PublicKeys::read(b"\x98\x33"), Ok(PublicKeys(vec![0x98, 0x33])));
        assert_eq!(PublicKeys::read(b"\xc6\x33"), Ok(PublicKeys(vec![0xc6, 0x33])));
        let armoured = "-----BEGIN PGP PUBLIC KEY BLOCK-----\r\nComment: hers\r\n\r\nmDM=\r\n=abcd\r\n-----END PGP PUBLIC KEY BLOCK-----\r\n";
        assert_eq!(PublicKeys::read(armoured.as_bytes()), Ok(PublicKeys(vec![0x98, 0x33])));
        assert_eq!(
            PublicKeys::read(format!("{armoured}{armoured}").as_bytes()),
            Err(NoKey::Armour)
        );
        assert_eq!(PublicKeys::read(b"\x94\x33"), Err(NoKey::Secret));
        assert_eq!(
            PublicKeys::read(b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n"),
            Err(NoKey::Secret)
        );
        assert_eq!(PublicKeys::read(b"ssh-ed25519 AAAA"), Err(NoKey::Other));
        assert_eq!(PublicKeys::read(b""), Err(NoKey::Other));
    }
}
