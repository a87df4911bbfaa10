//! Tokens in maintainers' mail, through the real program: their key, what grants them, taking them
//! back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use common::local::Local;

#[test]
fn a_key_is_made_once_for_its_owner_alone() {
    let project = Local::new("");
    let file = project.path("commands-key");
    let said = project.prints(&["token", "key", file.to_str().unwrap()]);
    assert!(said.contains("name it in [commands] key_file"), "{said}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o7777, 0o600);
    let key = fs::read_to_string(&file).unwrap();
    assert_eq!(key.trim_end().len(), 64);
    let (status, error) = project.refused(&["token", "key", file.to_str().unwrap()]);
    assert!(status == 1 && error.contains("never replaced"), "{error}");
    assert_eq!(fs::read_to_string(&file).unwrap(), key);
    let printed = project.prints(&["token", "key", "-"]);
    assert!(printed.trim_end().len() == 64 && printed != key);
}

#[test]
fn what_is_taken_back_has_to_be_named() {
    let project = Local::new("");
    project.once();
    assert_eq!(project.json(&["token", "list", "--json"]), serde_json::json!([]));
    for wrong in [&["token", "revoke"][..], &["token", "revoke", "nonsense"]] {
        assert_eq!(project.refused(wrong).0, 2, "{wrong:?}");
    }
    assert!(project.prints(&["token", "revoke", "--all"]).contains("0 tokens"));
}
