//! How long a look-up of near-duplicates takes over 100,000 stored reports, the way the store does
//! it: bands in an indexed table, the best candidates' fingerprints read and compared.
//!
//! `cargo bench --bench duplicates` prints the times of 200 look-ups; it fails only where a planted
//! duplicate is not found.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

use std::time::{Duration, Instant};

use embargod::policy::suggest::duplicate::{KnownReport, WORTH_A_LOOK, suggestions};
use embargod::policy::suggest::fingerprint::Fingerprint;
use rusqlite::{Connection, params};

const REPORTS: u64 = 100_000;
/// As many candidates as are compared: those that share the most bands.
const CANDIDATES: usize = 50;

/// A small generator: the bench needs no randomness, only variety.
struct Variety(u64);

impl Variety {
    fn next(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// A made report: a template that thousands share, words drawn as in a language (few common, many
/// rare ones), and a few identifiers of which some are popular.
fn report(number: u64) -> String {
    let mut variety = Variety(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut text =
        String::from("Summary\nI would like to report a security issue in your project.\n");
    for _ in 0..120 {
        let common = variety.next(3) > 0;
        let word = if common { variety.next(300) } else { variety.next(20_000) };
        text.push_str(&format!("w{word} "));
    }
    text.push_str(
        "\nSteps to reproduce\nPlease see the request below and let me know what you think.\n",
    );
    for _ in 0..4 {
        let file = variety.next(60);
        match variety.next(4) {
            0 => text.push_str(&format!("lib/part{file}.js:{} ", variety.next(900))),
            1 => text.push_str(&format!("lib/part{file}.js ")),
            2 => text.push_str(&format!("res.method{}() ", variety.next(200))),
            _ => text.push_str(&format!("parseThing{}() ", variety.next(3_000))),
        }
    }
    if variety.next(5) == 0 {
        text.push_str(&format!("CVE-2024-{} ", 1_000 + variety.next(9_000)));
    }
    text
}

fn main() {
    let store = Connection::open_in_memory().unwrap();
    store
        .execute_batch(
            "CREATE TABLE fingerprints (report INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
             CREATE TABLE bands (band INTEGER NOT NULL, report INTEGER NOT NULL,
                                 PRIMARY KEY (band, report)) STRICT, WITHOUT ROWID;
             BEGIN",
        )
        .unwrap();
    let made = Instant::now();
    {
        let mut keep = store.prepare("INSERT INTO fingerprints VALUES (?1, ?2)").unwrap();
        let mut band = store.prepare("INSERT INTO bands VALUES (?1, ?2)").unwrap();
        for number in 0..REPORTS {
            let fingerprint = Fingerprint::of(&report(number));
            keep.execute(params![number as i64, fingerprint.to_bytes()]).unwrap();
            for value in fingerprint.bands() {
                band.execute(params![value as i64, number as i64]).unwrap();
            }
        }
    }
    store.execute_batch("COMMIT").unwrap();
    println!("{REPORTS} reports made and stored in {:?}", made.elapsed());

    let mut times: Vec<Duration> = Vec::new();
    let (mut found, mut candidates) = (0, 0);
    for round in 0..200_u64 {
        let original = round * 487 % REPORTS;
        let changed = report(original).replace("w1 ", "another ").replace("w2 ", "words ");
        let began = Instant::now();
        let fingerprint = Fingerprint::of(&changed);
        let known = look_up(&store, &fingerprint);
        let suggested = suggestions(&changed, &fingerprint, &known);
        times.push(began.elapsed());
        candidates += known.len();
        let case = format!("EMB-2026-{:04}", original + 1);
        found += usize::from(suggested.iter().any(|s| s.id.as_deref() == Some(case.as_str())));
    }
    times.sort_unstable();
    println!(
        "200 look-ups: median {:?}, 99 % {:?}, slowest {:?}; {} candidates each; {found} of 200 found (score {WORTH_A_LOOK} and up)",
        times[100],
        times[197],
        times[199],
        candidates / 200
    );
    assert!(found >= 198, "planted duplicates were missed: {found} of 200 found");
}

fn look_up(store: &Connection, fingerprint: &Fingerprint) -> Vec<KnownReport> {
    let bands: Vec<String> = fingerprint.bands().iter().map(|b| (*b as i64).to_string()).collect();
    let sql = format!(
        "SELECT f.report, f.bytes FROM (SELECT report, count(*) AS shared FROM bands
         WHERE band IN ({}) GROUP BY report ORDER BY shared DESC LIMIT {CANDIDATES}) AS c
         JOIN fingerprints AS f ON f.report = c.report",
        bands.join(",")
    );
    let mut query = store.prepare(&sql).unwrap();
    let rows =
        query.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))).unwrap();
    rows.map(|row| {
        let (number, bytes) = row.unwrap();
        KnownReport {
            case: format!("EMB-2026-{:04}", number + 1).parse().unwrap(),
            fingerprint: Fingerprint::from_bytes(&bytes).unwrap(),
        }
    })
    .collect()
}
