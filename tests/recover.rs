//! A store that is damaged: what can be read of it is a store again.
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

use common::local::{Local, id};
use rusqlite::Connection;
use serde_json::Value;

const PAGE: usize = 4096;

fn report(n: usize) -> String {
    format!(
        "From: Rae <rae{n}@finder{n}.example>\nTo: security@example.org\nSubject: crash {n}\n\
         Message-ID: <{n}@finder.example>\n\n\
         Sample 4.2.1 crashes when the header X-Count is {n}: parseCount() in lib/count{n}.js reads past\n\
         its buffer. Send `GET / HTTP/1.1` with `X-Count: {n}` and the process ends with a segmentation\n\
         fault. An attacker who can reach the server stops it.\n"
    )
}

/// A project with so many cases, all answered, one closed; its store is one file.
fn worked(cases: usize) -> Local {
    let mut local = Local::new("[digest]\nwhen_empty = \"skip\"\n");
    for n in 1..=cases {
        local.arrives(report(n).as_bytes());
    }
    local.once();
    local.embargod(&["case", "close", &id(2), "--as", "withdrawn"]);
    local.once();
    let c = Connection::open(local.path("embargod.db")).unwrap();
    c.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    local
}

/// Overwrites a page of the store.
fn damage(local: &Local, page: usize) {
    let mut bytes = fs::read(local.path("embargod.db")).unwrap();
    bytes[page * PAGE..(page + 1) * PAGE].fill(0xA5);
    fs::write(local.path("embargod.db"), bytes).unwrap();
}

/// The pages of a table or index that hold its rows, in the order of the rows.
fn leaves(local: &Local, table: &str) -> Vec<usize> {
    let c = Connection::open(local.path("embargod.db")).unwrap();
    let root: u32 = c
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [table], |row| row.get(0))
        .unwrap();
    let bytes = fs::read(local.path("embargod.db")).unwrap();
    let mut leaves = Vec::new();
    walk(&bytes, root as usize - 1, &mut leaves);
    leaves
}

/// Follows a b-tree (section 1.6 of SQLite's file format) down to its leaves.
fn walk(bytes: &[u8], page: usize, leaves: &mut Vec<usize>) {
    let at = page * PAGE + if page == 0 { 100 } else { 0 };
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    if bytes[at] == 0x0D || bytes[at] == 0x0A {
        return leaves.push(page);
    }
    let cells = usize::from(u16::from_be_bytes([bytes[at + 3], bytes[at + 4]]));
    for cell in 0..cells {
        let pointer = at + 12 + 2 * cell;
        let offset = usize::from(u16::from_be_bytes([bytes[pointer], bytes[pointer + 1]]));
        walk(bytes, number(page * PAGE + offset) - 1, leaves);
    }
    walk(bytes, number(at + 8) - 1, leaves);
}

/// Recovers the store, and puts the new one in its place. Returns what was told.
fn recovered(local: &Local, status: i32) -> Value {
    let new = local.path("new.db");
    let before = fs::read(local.path("embargod.db")).unwrap();
    let output = local.command(&["recover", new.to_str().unwrap(), "--json"]).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{errors}");
    assert_eq!(
        fs::read(local.path("embargod.db")).unwrap(),
        before,
        "the damaged store was changed"
    );
    for companion in ["embargod.db-wal", "embargod.db-shm"] {
        let _ = fs::remove_file(local.path(companion));
    }
    fs::rename(new, local.path("embargod.db")).unwrap();
    local.embargod(&["verify"]);
    serde_json::from_slice(&output.stdout).unwrap()
}

fn cases(local: &Local) -> Vec<Value> {
    local.json(&["case", "list", "--all", "--json"]).as_array().unwrap().clone()
}

fn answers(local: &Local, n: usize) -> usize {
    local.sent_to(&format!("rae{n}@finder{n}.example")).len()
}

#[test]
fn a_store_without_damage_comes_out_as_it_was() {
    let local = worked(3);
    let (before, head) = (cases(&local), local.json(&["verify", "--json"])["head"].clone());
    let told = recovered(&local, 0);
    assert_eq!(told["head"], head, "the chain of events is the same");
    assert_eq!(cases(&local), before);
}

#[test]
fn cases_whose_rows_are_damaged_are_made_of_their_events() {
    let local = worked(12);
    let before = cases(&local);
    for page in leaves(&local, "cases") {
        damage(&local, page);
    }
    local.refused(&["case", "list"]);
    let told = recovered(&local, 0);
    assert_eq!((&told["cases"], &told["lost_cases"]), (&12.into(), &Value::Array(vec![])));
    assert_eq!(cases(&local), before);
    local.once();
    assert!((1..=12).all(|n| answers(&local, n) == if n == 2 { 2 } else { 1 }), "answered twice");
}

#[test]
fn a_mail_whose_case_is_lost_is_set_aside_and_makes_its_case_anew() {
    let local = worked(12);
    let there = cases(&local).len();
    damage(&local, leaves(&local, "events")[1]);
    let told = recovered(&local, 1);
    let lost = told["lost_cases"].as_array().unwrap().len();
    assert!(lost > 0 && lost < there, "{told}");
    assert_eq!(told["set_aside"], lost, "{told}");
    assert!(!told["chained_anew"].is_null(), "{told}");
    assert_eq!(cases(&local).len(), there - lost);
    let aside = local.json(&["mail", "list", "--quarantined", "--json"]);
    assert_eq!(aside.as_array().unwrap().len(), lost);
    local.embargod(&["mail", "retry", "--all"]);
    assert_eq!(cases(&local).len(), there);
    local.once();
    local.embargod(&["verify"]);
    local.embargod(&["backup", local.path("copy.db").to_str().unwrap()]);
}

#[test]
fn a_mail_whose_row_is_lost_comes_back_from_the_inbox_and_no_other_does() {
    let local = worked(12);
    let rows = |local: &Local| local.json(&["mail", "list", "--all", "--json"]);
    let there = rows(&local).as_array().unwrap().len();
    damage(&local, leaves(&local, "incoming")[2]);
    let told = recovered(&local, 1);
    assert!(rows(&local).as_array().unwrap().len() < there, "nothing was lost: {told}");
    local.once();
    assert_eq!(rows(&local).as_array().unwrap().len(), there);
    local.embargod(&["verify"]);
}

#[test]
fn a_mail_whose_bytes_have_rotted_is_told_and_keeps_its_row() {
    let local = worked(3);
    let mut bytes = fs::read(local.path("embargod.db")).unwrap();
    let text = b"Message-ID: <3@finder.example>";
    let at = bytes.windows(text.len()).position(|window| window == text).unwrap();
    bytes[at + 13] ^= 1;
    fs::write(local.path("embargod.db"), bytes).unwrap();
    local.refused(&["verify"]);
    let told = recovered(&local, 1);
    assert_eq!(told["set_aside"], 1, "{told}");
    assert_eq!(cases(&local).len(), 3);
    local.once();
    assert_eq!(answers(&local, 3), 1);
}

#[test]
fn a_file_that_is_there_is_not_written_over() {
    let local = worked(2);
    for (file, why) in [("embargod.db", "the store itself"), ("daemon.toml", "such a file already")]
    {
        let (status, said) = local.refused(&["recover", local.path(file).to_str().unwrap()]);
        assert_eq!(status, 2);
        assert!(said.contains(why), "{said}");
    }
}
