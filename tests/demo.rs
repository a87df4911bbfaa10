//! The first thing a new user tries.
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
use std::path::Path;
use std::process::{Command, Output};

fn demo(within: &Path, arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_embargod");
    Command::new(program).current_dir(within).arg("demo").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_demo_shows_what_became_of_each_mail_and_its_commands_work_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let shown = demo(folder.path(), &[]);
    assert!(shown.status.success(), "{}", text(&shown.stderr));
    assert_eq!(text(&shown.stderr), "");
    let shown = text(&shown.stdout);
    for outcome in [
        "body.whole",
        "body.only-links",
        "body.only-attachments",
        "body.empty",
        "body.encrypted",
        "auto-reply",
        "bounce",
        "bulk",
        "spam",
        "follow-up",
        "malformed",
        "respond in",
    ] {
        assert!(shown.contains(outcome), "no {outcome} in\n{shown}");
    }
    assert!(shown.contains("embargod-demo/outbox/new"));
    let sent = fs::read_dir(folder.path().join("embargod-demo/outbox/new")).unwrap();
    let names: Vec<_> = sent.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let notices = names.iter().filter(|name| name.contains(".notice.")).count();
    assert_eq!(names.len() - notices, 7, "one answer for each of seven submissions");
    assert!(notices > 0, "nobody was told");
    let commands: Vec<&str> = shown
        .lines()
        .filter(|line| line.starts_with("  ") && line.contains(" --config "))
        .collect();
    assert_eq!(commands.len(), 3, "{shown}");
    for command in commands {
        let output =
            Command::new("sh").current_dir(folder.path()).args(["-c", command]).output().unwrap();
        assert!(output.status.success(), "{command}: {}", text(&output.stderr));
        assert!(!output.stdout.is_empty(), "{command} printed nothing");
    }
}

#[test]
fn a_folder_in_use_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("mine")).unwrap();
    fs::write(folder.path().join("mine/thesis.txt"), "precious").unwrap();
    let refused = demo(folder.path(), &["mine"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("mine is not empty"), "{}", text(&refused.stderr));
    assert_eq!(fs::read_dir(folder.path().join("mine")).unwrap().count(), 1);
}

#[test]
fn the_readme_names_only_commands_that_there_are() {
    let readme = include_str!("../README.md");
    let program = env!("CARGO_BIN_EXE_embargod");
    let mut named = 0;
    for line in readme.lines().filter_map(|line| line.strip_prefix("| `")) {
        let words = line.split(['`', ' ', '[', ',']).next().unwrap();
        if ["run", "demo", "check", "screen", "case", "digest", "completions"].contains(&words) {
            let help = Command::new(program).args([words, "--help"]).output().unwrap();
            assert!(help.status.success(), "{words}");
            named += 1;
        }
    }
    assert!(named >= 7, "{named} rows of commands in the README");
}
