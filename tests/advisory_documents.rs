//! The documents of an advisory, checked by the validators and schemas that their ecosystems ship.
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
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::advisory::{Story, complete, draft, facts, publisher};
use embargod::domain::advisory::Advisory as Stated;
use embargod::domain::event::Change;
use embargod::domain::line::Repair;
use embargod::policy::advisory::ecosystem::{Ecosystem, Numbering};
use embargod::policy::advisory::range::{Versions, read};
use embargod::policy::advisory::{Advisory, Format, Publisher};
use serde_json::{Value, json};

/// Where `tests/run` puts the validators.
fn validators() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("validators");
    assert!(folder.join("installed").exists(), "no validators in {}", folder.display());
    folder
}

fn output(command: &mut Command, input: &str) -> Value {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What a validator finds wrong with each of some documents.
fn wrong(kind: &str, documents: &[Value]) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validators");
    let validators = validators();
    let mut command = match kind {
        "csaf" => {
            let mut node = Command::new("node");
            node.arg(scripts.join("csaf.mjs")).arg(&validators);
            node
        }
        _ => {
            let mut python = Command::new(validators.join("python/bin/python"));
            python.arg(scripts.join("records.py")).arg(kind);
            python
        }
    };
    for (n, document) in documents.iter().enumerate() {
        let path = folder.path().join(format!("{n}.json"));
        fs::write(&path, document.to_string()).unwrap();
        command.arg(path);
    }
    serde_json::from_value(output(&mut command, "")).unwrap()
}

fn document(advisory: &Advisory, format: Format) -> Value {
    serde_json::from_str(&advisory.document(format).unwrap()).unwrap()
}

fn python() -> Publisher {
    Publisher { ecosystem: Some(Ecosystem::new("PyPI", None).unwrap()), ..publisher() }
}

fn server() -> Publisher {
    Publisher {
        ecosystem: None,
        package: Some("Sample".to_owned()),
        packages: vec![],
        policy: None,
        ..publisher()
    }
}

/// Cases that can be published, each with something that the others lack.
fn whole() -> Vec<Advisory> {
    let lines = [("1.x", Repair::Missing), ("2.x", Repair::NotAffected)];
    let small = |affected: &[&str], fix: &str, publisher: &Publisher| {
        Story::begins()
            .confirmed(affected, &lines)
            .released("1.x", fix)
            .described(facts())
            .then(Change::Disclosed)
            .advisory(publisher)
    };
    let only = |vector: &str| {
        let stated = Stated {
            cvss: vec![vector.to_owned()],
            // One whose name is not known here.
            cwe: Some("CWE-1357".to_owned()),
            ..facts()
        };
        Story::begins()
            .confirmed(&["1.2.3", "<= 1.4.1"], &lines)
            .released("1.x", "1.5.0")
            .then(Change::Exploited { known_since: common::advisory::beginning() })
            .described(stated)
            .then(Change::Disclosed)
            .advisory(&publisher())
    };
    let renamed = Stated { title: Some("Path traversal".to_owned()), ..Stated::default() };
    let whole = vec![
        complete().advisory(&publisher()),
        complete().credited("Ines Second").described(renamed).advisory(&publisher()),
        small(&["<2"], "1.0.1", &publisher()),
        small(&["sample-router <2.1.3", "1.x"], "1.4.2", &publisher()),
        small(&[">= 1.0, < 1.4.post2", "== 0.9"], "1.4.post2", &python()),
        small(&["< 1.4.2"], "1.4.2", &server()),
        only("CVSS:3.0/AV:L/AC:H/PR:H/UI:R/S:C/C:L/I:L/A:H/E:P/RL:O"),
        only("CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N/E:U"),
    ];
    for advisory in &whole {
        assert_eq!(advisory.missing(Format::Cve), [], "{:?}", advisory.packages);
    }
    whole
}

/// Cases of which something is missing.
fn drafts() -> Vec<Advisory> {
    vec![
        Story::begins().advisory(&publisher()),
        Story::begins().advisory(&server()),
        draft().advisory(&publisher()),
        Advisory { disclosed_at: None, ..complete().advisory(&publisher()) },
        Advisory { cve: None, weaknesses: vec![], ..complete().advisory(&publisher()) },
    ]
}

fn documents(advisories: &[Advisory], format: Format) -> Vec<Value> {
    advisories.iter().map(|advisory| document(advisory, format)).collect()
}

fn nothing_wrong(kind: &str, documents: &[Value]) {
    for (document, wrong) in documents.iter().zip(wrong(kind, documents)) {
        assert_eq!(wrong, Vec::<String>::new(), "{document:#}");
    }
}

/// Each change makes a valid document invalid; what the validator says of it has these words.
fn found_out(kind: &str, document: &Value, changes: &[(&str, Value, &str)]) {
    let broken: Vec<Value> = changes
        .iter()
        .map(|(pointer, value, _)| {
            let mut broken = document.clone();
            *broken.pointer_mut(pointer).unwrap() = value.clone();
            broken
        })
        .collect();
    for ((pointer, _, words), wrong) in changes.iter().zip(wrong(kind, &broken)) {
        assert!(wrong.iter().any(|wrong| wrong.contains(words)), "{pointer}: {wrong:?}");
    }
}

#[test]
#[ignore = "needs a CSAF validator: run ./tests/run"]
fn csaf_documents_and_drafts_pass_the_schema_and_every_mandatory_test() {
    nothing_wrong("csaf", &documents(&whole(), Format::Csaf));
    nothing_wrong("csaf", &documents(&drafts(), Format::Csaf));
    found_out(
        "csaf",
        &document(&complete().advisory(&publisher()), Format::Csaf),
        &[
            ("/document/publisher/namespace", json!("example"), "must match format"),
            ("/document/tracking/version", json!("0"), "6_1_1"),
            ("/vulnerabilities/0/cwe/name", json!("Path traversal"), "does not match the weakness"),
            ("/vulnerabilities/0/product_status/fixed/0", json!("CSAFPID-9999"), "6_1_1"),
            ("/vulnerabilities/0/scores/0/cvss_v3/baseScore", json!(9.9), "6_1_9"),
        ],
    );
}

#[test]
#[ignore = "needs a CVE schema: run ./tests/run"]
fn cve_records_match_the_schema_and_drafts_do_not() {
    nothing_wrong("cve", &documents(&whole(), Format::Cve));
    // A draft differs from a record that could be submitted in its state, and may lack facts.
    let finished = Advisory { disclosed_at: None, ..complete().advisory(&publisher()) };
    let draft = document(&finished, Format::Cve);
    nothing_wrong("cna", std::slice::from_ref(&draft));
    let refused = &wrong("cve", std::slice::from_ref(&draft))[0];
    assert!(!refused.is_empty());
    let mut published = draft;
    published["cveMetadata"]["state"] = json!("PUBLISHED");
    nothing_wrong("cve", &[published]);
    found_out(
        "cna",
        &document(&complete().advisory(&publisher()), Format::Cve),
        &[
            ("/containers/cna/affected/0/versions/0/status", json!("vulnerable"), "vulnerable"),
            ("/containers/cna/references", json!([]), "[]"),
            ("/containers/cna/metrics/0", json!({"format": "CVSS"}), "is not valid"),
            ("/containers/cna/providerMetadata/orgId", json!("us"), "does not match"),
        ],
    );
}

#[test]
#[ignore = "needs the OSV schema: run ./tests/run"]
fn osv_records_and_drafts_with_a_number_match_the_schema() {
    nothing_wrong("osv", &documents(&whole(), Format::Osv));
    let numbered: Vec<Advisory> = drafts()
        .into_iter()
        .map(|d| Advisory { cve: Some("CVE-2026-1".to_owned()), ..d })
        .collect();
    nothing_wrong("osv", &documents(&numbered, Format::Osv));
    // Without one it is in no known database.
    let unnumbered = Advisory { cve: None, ..complete().advisory(&publisher()) };
    let refused = &wrong("osv", &[document(&unnumbered, Format::Osv)])[0];
    assert!(refused[0].contains("$.id"), "{refused:?}");
    found_out(
        "osv",
        &document(&complete().advisory(&publisher()), Format::Osv),
        &[
            ("/modified", json!("yesterday"), "$.modified"),
            ("/affected/0/package/ecosystem", json!("NPM"), "NPM"),
            ("/affected/0/ranges/0/events", json!([{"fixed": "4.3.3"}]), "$.affected[0].ranges[0]"),
            ("/severity/0/score", json!("8.7"), "8.7"),
        ],
    );
}

#[test]
#[ignore = "needs npm's own reading of ranges: run ./tests/run"]
fn ranges_hold_the_releases_that_npm_says() {
    let ranges = [
        "*",
        "4",
        "v4.2",
        "4.2.x",
        "4.x",
        "=4.2.1",
        ">=4 <4.3.3",
        ">= 4   <4.3.3",
        "<=4.2",
        "<=4.2.1",
        ">4.2",
        ">4.2.1",
        "<4.2",
        "^4.2.1",
        "^0.2.3",
        "^0.0.3",
        "~4.2",
        "~4",
        "4.1 - 4.2",
        "4.1.2 - 4",
        "1 - 2.1.0",
        "<1.0.0||>=4.1.1 <4.2",
        "^4.1 || ~0.2.2",
        ">=4 <=4.2.2 >4.0.1",
        "x",
        "<0.0.1",
    ];
    let versions: Vec<String> = [0, 1, 4, 5]
        .into_iter()
        .flat_map(|a| (0..4).flat_map(move |b| (0..4).map(move |c| format!("{a}.{b}.{c}"))))
        .collect();
    let pairs: Vec<(&str, &String)> =
        ranges.iter().flat_map(|range| versions.iter().map(move |v| (*range, v))).collect();
    let mut node = Command::new("node");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validators/ranges.mjs");
    node.arg(script).arg(validators());
    let npm: Vec<bool> =
        serde_json::from_value(output(&mut node, &json!(pairs).to_string())).unwrap();
    assert!(npm.contains(&true) && npm.contains(&false));
    for ((range, version), npm) in pairs.into_iter().zip(npm) {
        let Ok(Versions::Ordered(spans)) = read(Numbering::Npm, &[range]) else {
            panic!("{range} is not read");
        };
        let version = version.parse().unwrap();
        assert_eq!(spans.iter().any(|span| span.holds(&version)), npm, "{version} in {range}");
    }
}
