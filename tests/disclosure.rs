//! What is made public, through the real program: drafts, documents, announcements, embargoes.
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

use common::local::{Local, id};
use common::mail;
use serde_json::Value;

const POLICY: &str = r#"
[scope]
packages = ["sample"]
[[release_lines]]
name = "5.x"
[[release_lines]]
name = "4.x"
[disclosure]
folder = "advisories"
announce_to = ["announce@example.org"]
[[embargo_lists]]
name = "The distributions"
max = "14d"
[[embargo_lists]]
name = "The vendors"
max = "5d"
"#;

const TEXT: &str = "sample.static() serves files from outside its root. Affected are sample 4.1.0 to \
                    5.0.3. Request GET /..%5c..%5csecret.txt: the answer is 200 with the file. An \
                    attacker can read any file that the server's user can read.";

/// A project of npm with one report, acknowledged and answered.
fn reported() -> Local {
    let mut project = Local::new(POLICY);
    fs::create_dir(project.path("advisories")).unwrap();
    let file = project.path("daemon.toml");
    let config = fs::read_to_string(&file).unwrap();
    fs::write(&file, config.replace("[inbox]", "ecosystem = \"npm\"\n[inbox]")).unwrap();
    project.arrives(&mail("rae@example.net", "security@example.org", "Path traversal", TEXT));
    project.once();
    case(&project, &["reply", "-m", "We see it too."]);
    project.once();
    project
}

fn case(project: &Local, words: &[&str]) -> String {
    project.prints(&[&["case", words[0], &id(1)], &words[1..]].concat())
}

/// Every fact but what `disclose` itself brings.
fn ready(project: &Local) {
    case(project, &["confirm", "--affected", ">=4.1.0"]);
    for (line, version) in [("5.x", "5.1.0"), ("4.x", "4.3.3")] {
        case(project, &["fix", line]);
        case(project, &["release", line, version]);
    }
    case(
        project,
        &[
            "describe",
            "--title",
            "Path traversal in static()",
            "--summary",
            "It reads files.",
            "--workaround",
            "Refuse a % in a path.",
            "--cvss",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
            "--cvss",
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N",
            "--cwe",
            "CWE-22",
            "--cve",
            "CVE-2026-12345",
            "--reference",
            "https://example.org/commit/abc",
        ],
    );
    case(project, &["credit", "Rae", "Finder"]);
}

#[test]
fn a_disclosure_writes_the_documents_and_tells_the_reporter_and_the_list() {
    let project = reported();
    ready(&project);
    let draft = case(&project, &["advisory"]);
    assert!(draft.starts_with("# DRAFT, not for publication: Path traversal in static()"));
    let told = case(&project, &["disclose"]);
    for word in ["Markdown page", "OSV record", "CSAF document", "complete", "set cna under"] {
        assert!(told.contains(word), "{word}: {told}");
    }
    let read = |name: String| fs::read_to_string(project.path("advisories").join(name)).unwrap();
    let page = read(format!("{}.md", id(1)));
    assert!(page.starts_with("# Path traversal in static()\n"), "{page}");
    assert!(page.contains("| 4.x | `>= 4.1.0, < 4.3.3` | `4.3.3`"), "{page}");
    let osv: Value = serde_json::from_str(&read(format!("{}.osv.json", id(1)))).unwrap();
    assert_eq!(osv["affected"][0]["ranges"][1]["events"][1]["fixed"], "5.1.0");
    assert!(osv["withdrawn"].is_null() && osv["published"].is_string(), "{osv}");
    let csaf: Value =
        serde_json::from_str(&read(format!("{}.json", id(1).to_lowercase()))).unwrap();
    assert_eq!(csaf["document"]["tracking"]["status"], "final");
    let cve: Value = serde_json::from_str(&read(format!("{}.cve.json", id(1)))).unwrap();
    assert_eq!(cve["cveMetadata"]["state"], "RESERVED", "no authority is configured");

    project.once();
    let announced = project.sent_to("announce@example.org").remove(0);
    for fact in [
        "Path traversal in static()",
        "CVE-2026-12345",
        "Fixed in 4.x: 4.3.3",
        "Rae Finder",
        "8.7 high",
        "sample >= 4.1.0, < 4.3.3 or >= 5.0.0, < 5.1.0",
    ] {
        assert!(announced.replace('\n', " ").contains(fact), "{fact}: {announced}");
    }
    assert!(!announced.contains("rae@example.net") && !announced.contains("In-Reply-To"));
    assert!(project.sent_to("rae@example.net").iter().any(|mail| mail.contains(".disclosure.")));
    project.embargod(&["verify"]);
}

#[test]
fn what_is_in_the_way_stops_a_disclosure_before_anything_happens() {
    let project = reported();
    ready(&project);
    let page = project.path("advisories").join(format!("{}.md", id(1)));
    fs::write(&page, "written by hand").unwrap();
    let (status, error) = project.refused(&["case", "disclose", &id(1)]);
    assert!(status == 1 && error.contains("is there and says something else"), "{error}");
    assert_eq!(project.json(&["case", "show", &id(1), "--json"])["state"], "released");
    assert_eq!(fs::read_to_string(&page).unwrap(), "written by hand");
    fs::remove_file(&page).unwrap();
    case(&project, &["disclose"]);
    assert!(page.exists());
}

#[test]
fn drafts_are_for_their_owner_alone_and_replaced_only_when_asked() {
    let project = reported();
    let out = project.path("drafts");
    fs::create_dir(&out).unwrap();
    let out = out.to_str().unwrap();
    let told = case(&project, &["advisory", "--out", out]);
    assert!(told.contains("draft") && told.contains("a title: `embargod case describe"), "{told}");
    let files: Vec<_> = fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 4, "{files:?}");
    for file in &files {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    case(&project, &["describe", "--title", "Path traversal"]);
    let (_, error) = project.refused(&["case", "advisory", &id(1), "--out", out]);
    assert!(error.contains("says something else"), "{error}");
    case(&project, &["advisory", "--out", out, "--replace", "--format", "md"]);
    let page = fs::read_to_string(format!("{out}/{}.md", id(1))).unwrap();
    assert!(page.contains("Path traversal"), "{page}");
    assert_eq!(fs::read_dir(out).unwrap().count(), 4, "no half-written file stays");
}

#[test]
fn one_document_is_printed_and_what_it_lacks_is_said_beside_it() {
    let project = reported();
    let output = project.embargod(&["case", "advisory", &id(1), "--format", "csaf"]);
    let csaf: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(csaf["document"]["tracking"]["status"], "draft");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("the affected versions: `embargod case confirm"), "{errors}");
}

#[test]
fn an_embargo_that_is_longer_than_a_list_keeps_a_secret_is_pointed_out() {
    let project = reported();
    let day = |days| {
        (chrono::Utc::now() + chrono::TimeDelta::days(days)).format("%Y-%m-%dT%H:%MZ").to_string()
    };
    let told = case(&project, &["embargo", &day(30)]);
    assert!(
        told.contains(
            "The distributions keeps a secret for 14 days at most: do not tell it before"
        ),
        "{told}"
    );
    let told = case(&project, &["embargo", &day(10)]);
    assert!(told.contains("The vendors") && !told.contains("The distributions"), "{told}");
    let digest = project.prints(&["digest"]).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(digest.contains("The vendors may be told from"), "{digest}");
    assert!(digest.contains("The distributions may be told now"), "{digest}");
}
