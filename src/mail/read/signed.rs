//! What of a mail is signed with OpenPGP, and by which octets: a `multipart/signed` (RFC 3156) or one
//! clear-signed text (RFC 9580 section 7).
//!
//! Promises: what is handed to be verified is what is read afterwards, and nothing beside it: text
//! around a signed part or block is in neither. Total, and bounded by [`LARGEST`].

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::body::role;
use super::content_type::Content;
use super::parts::{self, Container, Tree};
use super::{decode, read};
use crate::domain::mail::{Mail, PartRole};

/// No text that a person writes, with its quotation, is larger; what is beyond is not verified.
const LARGEST: usize = 4 * 1024 * 1024;

/// A signature alone is a few hundred octets for each of its signers.
const LARGEST_SIGNATURE: usize = 64 * 1024;

const BEGIN: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const END: &str = "-----END PGP SIGNATURE-----";

/// What is signed, still to be verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed {
    /// A MIME part with the signature beside it.
    Part {
        /// The part with its header, with the line ends that were signed.
        octets: Vec<u8>,
        /// The signature, armoured.
        signature: Vec<u8>,
    },
    /// A text within its signature.
    Text {
        /// The block from its first line to its last.
        block: Vec<u8>,
        /// The character set of the text in it.
        charset: String,
    },
}

impl Signed {
    /// What of a mail is signed; `None` where nothing is, or it is not plain what.
    pub fn find(raw: &[u8]) -> Option<Self> {
        // As in `read`: the parser promises not to panic and has.
        catch_unwind(AssertUnwindSafe(|| {
            let tree = parts::walk(raw, &mut |_| {});
            let is_signed =
                |container: &&Container| container.content.media_type == "multipart/signed";
            match tree.containers.iter().find(is_signed) {
                Some(container) => part(raw, container),
                None => text(raw, &tree),
            }
        }))
        .ok()
        .flatten()
    }

    /// Reads what was signed as a mail of its own. `verified` is the text that the signature of a
    /// [`Signed::Text`] covers, as whoever verified it handed it out.
    pub fn content(&self, verified: &[u8]) -> Mail {
        let raw = match self {
            Self::Part { octets, .. } => octets.clone(),
            Self::Text { charset, .. } => {
                let header = format!(
                    "Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
                );
                [header.as_bytes(), verified].concat()
            }
        };
        read(&raw, u64::try_from(raw.len()).unwrap_or(u64::MAX))
    }
}

/// The two parts of a multipart/signed.
fn part(raw: &[u8], container: &Container) -> Option<Signed> {
    let boundary = container.content.boundary.as_deref()?.trim_ascii_end().as_bytes();
    let mut marks: Vec<(usize, usize)> = Vec::new();
    let mut at = container.body;
    for line in raw.get(at..)?.split_inclusive(|&byte| byte == b'\n') {
        let next = at.saturating_add(line.len());
        let rest = line.strip_prefix(b"--").and_then(|rest| rest.strip_prefix(boundary));
        match rest.map(<[u8]>::trim_ascii_end) {
            Some(b"") => marks.push((at, next)),
            Some(b"--") => {
                marks.push((at, next));
                break;
            }
            _ => {}
        }
        at = next;
    }
    // RFC 1847 section 2.1: exactly two parts. With more of them, programs differ in what they show.
    let [(_, first), (end_of_first, second), (end, _)] = marks.as_slice() else { return None };
    let octets = wire_lines(without_line_end(raw.get(*first..*end_of_first)?));
    let tree = parts::walk(raw.get(*second..*end)?, &mut |_| {});
    let [leaf] = tree.leaves.as_slice() else { return None };
    if leaf.content.media_type != "application/pgp-signature" || octets.len() > LARGEST {
        return None;
    }
    let encoded = tree.bytes(raw.get(*second..*end)?, leaf);
    let signature = decode::bytes(encoded, leaf.content.transfer, &mut |_| {}).into_owned();
    (signature.len() <= LARGEST_SIGNATURE).then_some(Signed::Part { octets, signature })
}

/// The one clear-signed block in the text of a mail.
fn text(raw: &[u8], tree: &Tree) -> Option<Signed> {
    let mut seen_text = false;
    let mut blocks = Vec::new();
    for leaf in &tree.leaves {
        let is_body = role(tree, leaf, seen_text) == PartRole::Body;
        seen_text |= is_body;
        if !is_body || leaf.content.media_type != "text/plain" {
            continue;
        }
        let bytes = decode::bytes(tree.bytes(raw, leaf), leaf.content.transfer, &mut |_| {});
        blocks.extend(block(&bytes).map(|block| (block, charset(&leaf.content))));
        // A second one makes it unclear which of them is meant.
        if count(&bytes, BEGIN) > 1 || blocks.len() > 1 {
            return None;
        }
    }
    let (block, charset) = blocks.pop()?;
    (block.len() <= LARGEST).then_some(Signed::Text { block, charset })
}

/// The octets from the first line of a block to its last.
fn block(bytes: &[u8]) -> Option<Vec<u8>> {
    let lines = || bytes.split_inclusive(|&byte| byte == b'\n');
    let is = |line: &[u8], mark: &str| line.trim_ascii_end() == mark.as_bytes();
    let first = lines().position(|line| is(line, BEGIN))?;
    let length = lines().skip(first).position(|line| is(line, END))?;
    Some(lines().skip(first).take(length.saturating_add(1)).flatten().copied().collect())
}

fn count(bytes: &[u8], mark: &str) -> usize {
    let lines = bytes.split(|&byte| byte == b'\n');
    lines.filter(|line| line.trim_ascii_end() == mark.as_bytes()).count()
}

/// A character set's name as it may stand in a header field.
fn charset(content: &Content) -> String {
    let named = content.charset.as_deref().unwrap_or("utf-8");
    named.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.:".contains(*c)).collect()
}

/// The line end before a boundary belongs to the boundary (RFC 2046 section 5.1.1).
fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

/// The line ends of the wire, over which a part is signed (RFC 3156 section 5).
fn wire_lines(bytes: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(bytes.len().saturating_add(bytes.len() / 32));
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(text) => {
                wire.extend_from_slice(text.strip_suffix(b"\r").unwrap_or(text));
                wire.extend_from_slice(b"\r\n");
            }
            None => wire.extend_from_slice(line),
        }
    }
    wire
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PART: &str = "From: ada@example.org\nMIME-Version: 1.0\n\
        Content-Type: multipart/signed; micalg=pgp-sha512; protocol=\"application/pgp-signature\"; boundary=b\n\n\
        This is not signed.\n--b\nContent-Type: text/plain\n\n!assign grace\n\n--b\n\
        Content-Type: application/pgp-signature; name=signature.asc\n\n-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n--b--\nNor is this.\n";

    #[test]
    fn the_signed_part_is_taken_with_its_header_and_nothing_around_it() {
        let signed = Signed::find(PART.as_bytes()).unwrap();
        let Signed::Part { octets, signature } = &signed else { panic!("{signed:?}") };
        assert_eq!(
            String::from_utf8_lossy(octets),
            "Content-Type: text/plain\r\n\r\n!assign grace\r\n"
        );
        assert!(signature.starts_with(b"-----BEGIN PGP SIGNATURE-----"));
        assert_eq!(signed.content(b"").text.text.trim(), "!assign grace");
        let on_the_wire = Signed::find(PART.replace('\n', "\r\n").as_bytes()).unwrap();
        assert!(matches!(on_the_wire, Signed::Part { octets: same, .. } if same == *octets));
    }

    #[test]
    fn what_is_not_plain_is_not_signed() {
        for (what, raw) in [
            ("three parts", PART.replace("--b--", "--b\n\n!disclose\n--b--")),
            (
                "one part",
                PART.replace("--b\nContent-Type: application", "Content-Type: application"),
            ),
            ("S/MIME", PART.replace("application/pgp-signature;", "application/pkcs7-signature;")),
            ("no end", PART.replace("--b--", "")),
        ] {
            assert_eq!(Signed::find(raw.as_bytes()), None, "{what}");
        }
    }

    #[test]
    fn one_block_is_taken_and_of_two_neither() {
        let block = format!(
            "{BEGIN}\nHash: SHA512\n\n!assign grace\n{}\n\nx\n{END}\n",
            "-----BEGIN PGP SIGNATURE-----"
        );
        let mail = format!(
            "From: a@b.example\nContent-Type: text/plain; charset=latin1\n\n!before\n{block}!after\n"
        );
        let signed = Signed::find(mail.as_bytes()).unwrap();
        let expected =
            Signed::Text { block: block.clone().into_bytes(), charset: "latin1".to_owned() };
        assert_eq!(signed, expected);
        assert_eq!(signed.content(b"!assign gr\xe4ce\n").text.text.trim(), "!assign gräce");
        assert_eq!(Signed::find(format!("{mail}{block}").as_bytes()), None);
    }

    proptest! {
        #[test]
        fn any_mail_is_looked_at(raw in "(From: a\n|--b\n|--b--\n|Content-Type: multipart/signed; boundary=b\n|Content-Type: application/pgp-signature\n|\n|-----BEGIN PGP SIGNED MESSAGE-----\n|-----END PGP SIGNATURE-----\n|\\PC{0,20}){0,30}") {
            if let Some(signed) = Signed::find(raw.as_bytes()) {
                let _ = signed.content(b"x");
            }
        }
    }
}
