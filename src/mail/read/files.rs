//! The files of a mail, decoded.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::body::{file_name, role};
use super::{decode, parts, without_bare_cr};
use crate::domain::mail::PartRole;

/// A file beside a mail's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The name that the mail gives it, without folders; empty where it has none.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// The files of a mail, in the order in which
/// [`Mail::files`](crate::domain::mail::Mail::files) names them. Total: what cannot be read has none.
pub fn files(raw: &[u8]) -> Vec<File> {
    // As in `read`: the parser promises not to panic and has.
    catch_unwind(AssertUnwindSafe(|| match without_bare_cr(raw) {
        Some(lines) => decoded(&lines),
        None => decoded(raw),
    }))
    .unwrap_or_default()
}

fn decoded(raw: &[u8]) -> Vec<File> {
    let mut ignored = |_| {};
    let tree = parts::walk(raw, &mut ignored);
    let mut seen_text = false;
    let mut files = Vec::new();
    for leaf in &tree.leaves {
        match role(&tree, leaf, seen_text) {
            PartRole::Body => seen_text = true,
            PartRole::Attachment | PartRole::Inline => {
                let bytes = tree.bytes(raw, leaf);
                files.push(File {
                    name: leaf.content.name.as_deref().and_then(file_name).unwrap_or_default(),
                    bytes: decode::bytes(bytes, leaf.content.transfer, &mut ignored).into_owned(),
                });
            }
            PartRole::Wrapping => {}
        }
    }
    files
}
