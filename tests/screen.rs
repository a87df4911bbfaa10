//! `embargod screen` as people and scripts meet it: which files it reads, in which order, and what
//! it prints.
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
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use embargod::cli::screen::{ScreenArgs, judge_all};
use embargod::policy::judge::Surroundings;
use serde_json::Value;

const REPORT: &str = "From: Grace <grace@example.net>\nSubject: Range\nMessage-ID: <m1@example.net>\n\n\
    If the Range header holds ten thousand ranges, send() 0.18.0 allocates a buffer for each and dies.\n";
const LINK: &str =
    "From: bob@example.net\nSubject: bug\n\nsee https://gist.github.com/0123456789\n";

fn run(paths: &[&Path], json: bool) -> (Vec<Value>, String, anyhow::Result<()>) {
    let args = ScreenArgs { json, paths: paths.iter().map(|path| PathBuf::from(*path)).collect() };
    let mut out = Vec::new();
    let done = judge_all(&args, &Surroundings::default(), 1024 * 1024, &mut out);
    let text = String::from_utf8(out).unwrap();
    let lines = if json {
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    } else {
        Vec::new()
    };
    (lines, text, done)
}

#[test]
fn a_json_line_has_the_keys_of_the_interface() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.eml");
    fs::write(&file, LINK).unwrap();
    let (lines, _, done) = run(&[&file], true);
    done.unwrap();
    let line = &lines[0];
    assert_eq!(line["file"], file.to_str().unwrap());
    assert_eq!(line["kind"], "submission");
    assert_eq!(line["format"], "link-only");
    assert_eq!(line["reasons"][0]["rule"], "body.only-links");
    assert!(line["reasons"][0]["detail"].as_str().unwrap().contains("gist.github.com"));
    assert_eq!(line["from"], "bob@example.net");
    assert_eq!(line["subject"], "bug");
    assert_eq!(line["message_id"], Value::Null);
    let keys: Vec<&String> = line.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["file", "format", "from", "kind", "message_id", "reasons", "subject"]);
}

#[test]
fn a_folder_is_read_in_the_order_of_names_and_a_maildir_by_its_new_and_cur() {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    for part in ["box/new", "box/cur", "box/tmp", "deep/er"] {
        fs::create_dir_all(at(part)).unwrap();
    }
    fs::write(at("b.eml"), REPORT).unwrap();
    fs::write(at("notes.txt"), "no mail").unwrap();
    fs::write(at("deep/er/a.eml"), REPORT).unwrap();
    fs::write(at("box/new/2"), LINK).unwrap();
    fs::write(at("box/cur/1:2,S"), REPORT).unwrap();
    fs::write(at("box/tmp/3"), REPORT).unwrap();
    let (lines, _, done) = run(&[folder.path()], true);
    done.unwrap();
    let names: Vec<String> = lines
        .iter()
        .map(|line| {
            Path::new(line["file"].as_str().unwrap())
                .strip_prefix(folder.path())
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(names, ["b.eml", "box/new/2", "box/cur/1:2,S", "deep/er/a.eml"]);
}

#[test]
fn an_mbox_is_taken_apart_and_its_escapes_undone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("archive");
    let mbox = format!(
        "From grace Mon Mar  2 10:00:00 2026\n{REPORT}\n>From the start the server crashes.\n\nFrom bob Mon Mar  2 11:00:00 2026\n{LINK}"
    );
    fs::write(&file, mbox).unwrap();
    let (lines, _, done) = run(&[&file], true);
    done.unwrap();
    let formats: Vec<&str> = lines.iter().map(|line| line["format"].as_str().unwrap()).collect();
    assert_eq!(formats, ["whole", "link-only"]);
    assert!(lines[1]["file"].as_str().unwrap().ends_with("archive#2"));
    assert_eq!(lines[0]["message_id"], "<m1@example.net>");
}

#[test]
fn a_missing_file_is_an_error_after_the_others_were_judged() {
    let folder = tempfile::tempdir().unwrap();
    let (missing, there) = (folder.path().join("missing.eml"), folder.path().join("there.eml"));
    fs::write(&there, REPORT).unwrap();
    let (lines, _, done) = run(&[&missing, &there], true);
    assert_eq!(lines.len(), 1);
    assert!(done.unwrap_err().to_string().contains("missing.eml"));
}

#[test]
fn a_person_is_told_what_and_why_in_a_few_lines() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.eml");
    fs::write(&file, LINK.replace("bug", "b\u{202e}ug\u{1b}[31m")).unwrap();
    let (_, text, done) = run(&[&file], false);
    done.unwrap();
    assert!(text.contains("submission, link-only: sent back"), "{text}");
    assert!(text.contains("body.only-links: "), "{text}");
    assert!(!text.contains('\u{202e}') && !text.contains('\u{1b}'), "{text:?}");
    assert!(text.lines().count() <= 6, "{text}");
}

#[test]
fn a_mail_over_the_limit_is_read_as_far_as_the_limit_and_never_sent_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.eml");
    fs::write(&file, format!("{LINK}{}", "\n".repeat(2 * 1024 * 1024))).unwrap();
    let (lines, _, done) = run(&[&file], true);
    done.unwrap();
    assert_eq!(lines[0]["format"], "whole");
    assert_eq!(lines[0]["reasons"][1]["rule"], "body.truncated");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.eml");
    fs::write(&file, REPORT).unwrap();
    for json in [true, false] {
        let args = ScreenArgs { json, paths: vec![file.clone()] };
        judge_all(&args, &Surroundings::default(), 1024, &mut Gone).unwrap();
    }
}
