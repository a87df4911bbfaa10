//! What the program is built from, asked of cargo without a network; and the lints that our own code
//! is held to. `cargo deny check` (in `tests/run`) looks at licences, sources and advisories.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The systems that the units in packaging/ are for.
const TARGETS: [&str; 2] = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];

/// Of these there is one, once: two would be two SQLite files, or a panic of rustls at run time.
const SINGLE: [&str; 7] =
    ["ring", "rustls", "tokio-rustls", "rusqlite", "libsqlite3-sys", "tokio", "mail-parser"];

/// Of these there is none. By the beginnings of their names.
const ABSENT: [&str; 15] = [
    "aws-lc",
    "openssl-sys",
    "openssl-src",
    "native-tls",
    "boring",
    "mbedtls",
    "wolfssl",
    "rustls-openssl",
    "rustls-graviola",
    "rustls-rustcrypto",
    "sqlx",
    "sqlite3-s",
    "libsql-",
    "async-std",
    "rsa",
];

/// The native code in the program: all else is Rust.
const NATIVE: [&str; 2] = ["libsqlite3-sys", "ring"];

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .args(["--locked", "--offline"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The crates in the program, each with its versions.
fn crates(target: &str) -> BTreeMap<String, Vec<String>> {
    let tree = cargo(&[
        "tree",
        "--edges",
        "no-dev,no-build",
        "--prefix",
        "none",
        "--no-dedupe",
        "--format",
        "{p}",
        "--target",
        target,
    ]);
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
        let versions = found.entry(name.to_owned()).or_default();
        if !versions.iter().any(|known| known == version) {
            versions.push(version.to_owned());
        }
    }
    assert!(found.len() > 100, "cargo names {} crates", found.len());
    found
}

#[test]
fn the_program_has_one_crypto_provider_one_tls_and_one_sqlite() {
    for target in TARGETS {
        let found = crates(target);
        for name in SINGLE {
            let versions = found.get(name).cloned().unwrap_or_default();
            assert_eq!(versions.len(), 1, "{name} on {target}: {versions:?}");
        }
        let unwanted: Vec<_> =
            found.keys().filter(|name| ABSENT.iter().any(|no| name.starts_with(no))).collect();
        assert!(unwanted.is_empty(), "on {target}: {unwanted:?}");
    }
}

#[test]
fn rustls_has_no_provider_but_ring() {
    for target in TARGETS {
        let features = cargo(&[
            "tree",
            "--edges",
            "no-dev,no-build",
            "--prefix",
            "none",
            "--no-dedupe",
            "--format",
            "{p} {f}",
            "--target",
            target,
        ]);
        let of_rustls = features.lines().find(|line| line.starts_with("rustls v")).unwrap();
        let on: Vec<&str> = of_rustls.split([' ', ',']).collect();
        assert!(on.contains(&"ring"), "{of_rustls}");
        assert!(
            !on.iter().any(|feature| feature.contains("aws") || *feature == "fips"),
            "{of_rustls}"
        );
    }
}

#[test]
fn native_code_is_sqlite_and_ring_alone() {
    for target in TARGETS {
        let metadata = cargo(&["metadata", "--format-version", "1", "--filter-platform", target]);
        let metadata: Value = serde_json::from_str(&metadata).unwrap();
        let mut native: Vec<&str> = metadata["packages"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|package| package["links"].is_string())
            .map(|package| package["name"].as_str().unwrap())
            .collect();
        native.sort_unstable();
        assert_eq!(native, NATIVE, "on {target}");
    }
}

#[test]
fn every_crate_comes_from_the_one_registry() {
    let lock: toml::Table = fs::read_to_string("Cargo.lock").unwrap().parse().unwrap();
    for package in lock["package"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        match package.get("source").and_then(toml::Value::as_str) {
            None => assert_eq!(name, "embargod"),
            Some(source) => {
                assert!(
                    source.starts_with("registry+https://github.com/rust-lang/"),
                    "{name}: {source}"
                );
                assert!(package.get("checksum").is_some(), "{name} has no checksum");
            }
        }
    }
}

/// All Rust files of a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => sources(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

#[test]
fn unsafe_code_is_forbidden_and_what_can_panic_is_denied() {
    let manifest: toml::Table = fs::read_to_string("Cargo.toml").unwrap().parse().unwrap();
    let lints = &manifest["lints"];
    assert_eq!(lints["rust"]["unsafe_code"].as_str(), Some("forbid"));
    for lint in [
        "unwrap_used",
        "expect_used",
        "indexing_slicing",
        "string_slice",
        "arithmetic_side_effects",
        "panic",
    ] {
        assert_eq!(lints["clippy"][lint].as_str(), Some("deny"), "{lint}");
    }
    let fuzz = fs::read_to_string("fuzz/src/lib.rs").unwrap();
    assert!(fuzz.contains("#![forbid(unsafe_code)]"));
}

#[test]
fn no_lint_is_switched_off_without_a_reason() {
    // Those of the whole crate are in lib.rs, for its unit tests alone.
    let lib = fs::read_to_string("src/lib.rs").unwrap();
    assert_eq!(lib.matches("allow(").count(), 1);
    assert!(lib.contains("#![cfg_attr(\n    test,\n    allow("));

    let attribute =
        regex::Regex::new(r"#!?\[(?:cfg_attr\([^\]]*)?(?:allow|expect|warn)\(").unwrap();
    let mut unexplained = Vec::new();
    for path in sources(Path::new("src")).into_iter().filter(|path| !path.ends_with("lib.rs")) {
        let text = fs::read_to_string(&path).unwrap();
        for found in attribute.find_iter(&text) {
            let line = text[found.start()..].lines().next().unwrap();
            if !line.contains("reason = ") && !line.contains("//") {
                unexplained.push(format!("{}: {line}", path.display()));
            }
        }
    }
    assert!(unexplained.is_empty(), "{unexplained:#?}");
}
