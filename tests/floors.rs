//! The architecture, held to: imports point downward only, and each crate with a trap is named in
//! one place.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

use std::fs;
use std::path::{Path, PathBuf};

/// From the top down; `mail` and `store` stand side by side.
const FLOORS: [&[&str]; 6] =
    [&["cli"], &["daemon"], &["config"], &["mail", "store"], &["policy"], &["domain"]];

/// A crate and the only paths that may name it.
const CONFINED: [(&str, &[&str]); 9] = [
    ("mail_parser", &["src/mail/read"]),
    ("async_imap", &["src/mail/inbox"]),
    ("lettre", &["src/mail/outbox", "src/mail/compose", "src/mail/wire_address"]),
    ("rusqlite", &["src/store"]),
    ("clap", &["src/cli"]),
    ("ratatui", &["src/cli/board"]),
    ("crossterm", &["src/cli/board"]),
    ("toml", &["src/config", "src/policy"]),
    ("mail_auth", &["src/mail/authenticate"]),
];

/// Crates that reach out of the pure floors.
const IMPURE: [&str; 7] =
    ["tokio", "rusqlite", "async_imap", "lettre", "mail_parser", "std::fs", "std::net"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

fn rank(floor: &str) -> Option<usize> {
    FLOORS.iter().position(|names| names.contains(&floor))
}

/// The floor of a source file, by its first folder or its name.
fn floor_of(path: &Path) -> String {
    let first = path.strip_prefix("src").unwrap().components().next().unwrap();
    first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

/// The code of a file, without comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn names(code: &str, path: &str) -> bool {
    code.match_indices(path).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + path.len()..];
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
            && (after.starts_with("::") || after.starts_with(';'))
    })
}

#[test]
fn imports_point_downward_only() {
    let mut wrong = Vec::new();
    for path in sources(Path::new("src")) {
        let floor = floor_of(&path);
        let Some(own) = rank(&floor) else { continue };
        let code = code(&path);
        for (other_rank, others) in FLOORS.iter().enumerate() {
            for other in *others {
                let sideways = other_rank == own && *other != floor;
                if (other_rank < own || sideways) && names(&code, &format!("crate::{other}")) {
                    wrong.push(format!("{} imports {other}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports that point upward or sideways:\n{}", wrong.join("\n"));
}

#[test]
fn the_pure_floors_name_nothing_that_does_io() {
    let mut wrong = Vec::new();
    for floor in ["src/domain", "src/policy"] {
        for path in sources(Path::new(floor)) {
            let code = code(&path);
            for other in IMPURE.iter().filter(|other| names(&code, other)) {
                wrong.push(format!("{} names {other}", path.display()));
            }
            if code.contains("Utc::now") || code.contains("SystemTime") || code.contains("Instant")
            {
                wrong.push(format!("{} reads a clock", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn crates_with_traps_are_named_in_one_place() {
    let mut wrong = Vec::new();
    for path in sources(Path::new("src")) {
        let code = code(&path);
        for (name, homes) in CONFINED {
            let at_home = homes.iter().any(|home| path.to_str().unwrap().starts_with(home));
            if !at_home && names(&code, name) {
                wrong.push(format!("{} names {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_file_holds_one_idea() {
    let long: Vec<_> = sources(Path::new("src"))
        .into_iter()
        .map(|path| (fs::read_to_string(&path).unwrap().lines().count(), path))
        .filter(|(lines, _)| *lines > 400)
        .collect();
    assert!(long.is_empty(), "files over 400 lines, each perhaps two ideas: {long:?}");
}
