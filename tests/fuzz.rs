//! What strangers and servers send, damaged at random: the harness of the fuzz targets (`fuzz/`) over
//! their seeds and over mutants of them.
//!
//! `PROPTEST_CASES` says how many mutants each target meets. A mutant that breaks a promise is made
//! small, and belongs into `fuzz/seeds` under the name of its symptom.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

#[path = "../fuzz/src/lib.rs"]
mod harness;

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// A seed is not longer: a mutant takes its time.
const LARGEST: u64 = 64 * 1024;

/// What is done to a seed, at a place of it.
#[derive(Debug, Clone)]
enum Edit {
    Put(Vec<u8>),
    Drop(usize),
    Repeat(usize, usize),
    /// The same bytes of another seed.
    Splice(usize, usize),
}

fn edit() -> impl Strategy<Value = (prop::sample::Index, Edit)> {
    let words: &[&[u8]] = &[
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b"\xc3",
        b"!",
        b"\"",
        b"\\",
        b"(",
        b")",
        b"{",
        b"}",
        b"{9999}\r\n",
        b"--",
        b"=",
        b"=?utf-8?q?",
        b"?=",
        b"[",
        b"]",
        b"<",
        b">",
        b";",
        b"@",
        b"4294967296",
        b"18446744073709551616",
        b"-1",
        b"\xe2\x80\xae",
        b"\xf0\x9f\x94\x92",
        b"boundary=",
        b"charset=utf-7",
        b"* 1 FETCH (",
        b"A0004 OK\r\n",
        b"9999-12-31",
    ];
    let put = prop_oneof![
        prop::sample::select(words).prop_map(<[u8]>::to_vec),
        prop::collection::vec(any::<u8>(), 1..6),
    ];
    let edit = prop_oneof![
        4 => put.prop_map(Edit::Put),
        2 => (1_usize..200).prop_map(Edit::Drop),
        1 => (1_usize..40, 2_usize..300).prop_map(|(length, times)| Edit::Repeat(length, times)),
        2 => (any::<usize>(), 1_usize..2000).prop_map(|(seed, length)| Edit::Splice(seed, length)),
    ];
    (any::<prop::sample::Index>(), edit)
}

fn mutated(
    seeds: &[Vec<u8>],
    seed: prop::sample::Index,
    edits: &[(prop::sample::Index, Edit)],
) -> Vec<u8> {
    let mut bytes = seed.get(seeds).clone();
    for (place, edit) in edits {
        let at = place.index(bytes.len() + 1);
        let end = |length: usize| (at + length).min(bytes.len());
        match edit {
            Edit::Put(put) => drop(bytes.splice(at..at, put.iter().copied())),
            Edit::Drop(length) => drop(bytes.drain(at..end(*length))),
            Edit::Repeat(length, times) => {
                let again = bytes[at..end(*length)].repeat(*times);
                bytes.splice(at..at, again);
            }
            Edit::Splice(other, length) => {
                let other = &seeds[other % seeds.len()];
                let from = place.index(other.len() + 1);
                let to = (from + length).min(other.len());
                bytes.splice(at..at, other[from..to].iter().copied());
            }
        }
    }
    bytes
}

/// Every file below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    if !folder.exists() {
        return vec![];
    }
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}

fn meets(target: fn(&[u8]), folders: &[&str]) {
    let mut files: Vec<PathBuf> =
        folders.iter().flat_map(|folder| below(Path::new(folder))).collect();
    files.retain(|file| file.metadata().unwrap().len() <= LARGEST);
    files.sort();
    let seeds: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    assert!(seeds.len() >= 3, "{folders:?} have few seeds");
    for (seed, file) in seeds.iter().zip(&files) {
        println!("{}", file.display());
        target(seed);
    }
    let mutants = (any::<prop::sample::Index>(), prop::collection::vec(edit(), 1..8));
    let config = Config { failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&mutants, |(seed, edits)| {
            target(&mutated(&seeds, seed, &edits));
            Ok(())
        })
        .unwrap();
}

#[test]
fn any_mail_is_one_decision_and_no_machine_is_answered() {
    meets(harness::mail::meet, &["fixtures/mail", "fixtures/commands", "fuzz/seeds/mail"]);
}

#[test]
fn any_answer_of_a_maintainer_is_read_and_nothing_slips_out() {
    meets(harness::orders::meet, &["fuzz/seeds/orders"]);
}

#[test]
fn no_field_of_a_stranger_passes_for_the_servers_word() {
    meets(harness::authentication_results::meet, &["fuzz/seeds/authentication_results"]);
}

#[test]
fn any_notice_of_a_server_is_a_notice() {
    meets(harness::delivery_status::meet, &["fuzz/seeds/delivery_status"]);
}

#[test]
fn any_configuration_is_settings_or_an_error_that_can_be_read() {
    meets(harness::configuration::meet, &["fixtures/config", "fuzz/seeds/configuration"]);
}

#[test]
fn an_imap_server_may_say_anything() {
    meets(harness::imap::meet, &["fuzz/seeds/imap"]);
}
