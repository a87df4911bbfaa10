//! Whether a body is encrypted, and how.
//!
//! A signed mail is not: multipart/signed is read like any other. An S/MIME mail that is signed
//! opaquely (`smime-type=signed-data`) is no secret, but its text stands within a structure that is
//! not opened here; it is called [`Encryption::Smime`] because it, too, takes a person's mail
//! program to read and must never be sent back as a mere attachment.

use crate::domain::mail::{Defect, Encryption};

use super::content_type::Content;
use super::decode;
use super::parts::{Kind, Leaf, Tree};

const ARMOUR: &str = "-----BEGIN PGP MESSAGE-----";

/// How the mail is encrypted, if it is.
pub fn find(raw: &[u8], tree: &Tree, text: &str) -> Option<Encryption> {
    let pgp_mime =
        tree.containers.iter().any(|container| {
            container.kind == Kind::Encrypted
                && container.content.media_type == "multipart/encrypted"
        }) || tree.leaves.iter().any(|leaf| leaf.content.media_type == "application/pgp-encrypted");
    if pgp_mime {
        return Some(Encryption::PgpMime);
    }
    if tree.leaves.iter().any(|leaf| is_smime(&leaf.content)) {
        return Some(Encryption::Smime);
    }
    let armoured = text.lines().any(|line| line.trim() == ARMOUR);
    let attached = || tree.leaves.iter().any(|leaf| is_armoured_file(raw, tree, leaf));
    (armoured || attached()).then_some(Encryption::PgpInline)
}

fn is_smime(content: &Content) -> bool {
    let name = content.name.as_deref().unwrap_or_default().to_ascii_lowercase();
    match content.media_type.as_str() {
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
            content.smime_type.as_deref() != Some("certs-only") && !name.ends_with(".p7s")
        }
        "application/octet-stream" => name == "smime.p7m",
        _ => false,
    }
}

/// A file that holds an OpenPGP message: by its name, or by its first line.
fn is_armoured_file(raw: &[u8], tree: &Tree, leaf: &Leaf) -> bool {
    let content = &leaf.content;
    let name = content.name.as_deref().unwrap_or_default().to_ascii_lowercase();
    let start = tree.bytes(raw, leaf);
    let start = start.get(..start.len().min(512)).unwrap_or_default();
    let armour = |start: &[u8]| start.trim_ascii_start().starts_with(ARMOUR.as_bytes());
    let named = [".asc", ".pgp", ".gpg"].iter().any(|end| name.ends_with(end));
    if !named {
        return false;
    }
    let mut ignore = |_: Defect| {};
    // Whole groups of base64 only, or the last cannot be decoded.
    let lines = start.iter().rposition(|&byte| byte == b'\n').unwrap_or(start.len());
    let decoded =
        decode::bytes(start.get(..lines).unwrap_or_default(), content.transfer, &mut ignore);
    armour(&decoded) || (!name.ends_with(".asc") && !decoded.starts_with(b"-----BEGIN PGP"))
}
