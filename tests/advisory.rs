//! The advisory of a case as the four documents it is published as.
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

use common::advisory::{Story, beginning, complete, draft, facts, publisher};
use embargod::domain::advisory::Advisory as Facts;
use embargod::domain::event::Change;
use embargod::domain::line::Repair;
use embargod::policy::advisory::missing::Missing;
use embargod::policy::advisory::{Advisory, Format, Publisher, Status};
use serde_json::{Value, json};

fn json_of(advisory: &Advisory, format: Format) -> Value {
    let text = advisory.document(format).unwrap();
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

fn snapshot(name: &str, advisory: &Advisory) {
    for format in Format::ALL {
        let text = advisory.document(format).unwrap();
        let ours = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
        let text = text.replace(&ours, "\"version\": \"OURS\"");
        insta::assert_snapshot!(format!("{name}-{}", format.name()), text);
    }
}

#[test]
fn a_case_with_a_late_fix_and_a_line_given_up_is_published_whole() {
    let advisory = complete().advisory(&publisher());
    for format in Format::ALL {
        assert_eq!(advisory.missing(format), [], "{format:?}");
    }
    snapshot("complete", &advisory);
}

#[test]
fn a_case_of_which_little_is_known_gives_drafts_that_say_what_they_lack() {
    let advisory = draft().advisory(&publisher());
    snapshot("draft", &advisory);
}

/// Without a title, a range, anything.
#[test]
fn a_case_of_which_nothing_is_stated_gives_drafts_too() {
    let advisory = Story::begins().advisory(&publisher());
    for format in Format::ALL {
        assert_eq!(advisory.status(format), Status::Draft);
        let text = json_of(&advisory, format).to_string();
        assert!(!text.contains("URGENT"), "the reporter's subject is in {format:?}: {text}");
        assert!(!text.contains("Rae"), "the reporter's name is in {format:?}: {text}");
    }
}

#[test]
fn each_format_marks_a_draft_by_its_own_means() {
    let complete = complete().advisory(&publisher());
    let early = Advisory { disclosed_at: None, ..complete.clone() };
    let marks = |advisory: &Advisory| {
        let page = advisory.document(Format::Markdown).unwrap();
        let osv = json_of(advisory, Format::Osv);
        let csaf = json_of(advisory, Format::Csaf);
        json!({
            "md": page.lines().next(),
            "osv": [osv["published"], osv["withdrawn"]],
            "cve": json_of(advisory, Format::Cve)["cveMetadata"]["state"],
            "csaf": [
                csaf["document"]["tracking"]["status"],
                csaf["document"]["tracking"]["version"],
                csaf["document"]["distribution"]["tlp"]["label"],
            ],
        })
    };
    let disclosed = complete.disclosed_at.unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let now = early.made_at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let title = "Path traversal in static file serving";
    assert_eq!(
        marks(&complete),
        json!({
            "md": format!("# {title}"), "osv": [disclosed, null], "cve": "PUBLISHED",
            "csaf": ["final", "1", "WHITE"],
        })
    );
    assert_eq!(
        marks(&early),
        json!({
            "md": format!("# DRAFT, not for publication: {title}"), "osv": [null, now],
            "cve": "RESERVED", "csaf": ["draft", "0", "AMBER"],
        })
    );
}

#[test]
fn a_change_after_the_disclosure_is_a_revision() {
    let facts = |title: &str| Facts { title: Some(title.to_owned()), ..Facts::default() };
    let story = complete()
        .described(facts("Path traversal in static()"))
        .credited("Ines Second")
        .credited("Ines Second")
        .described(facts("Path traversal in static()"))
        .then(Change::Exploited { known_since: beginning() });
    let advisory = story.advisory(&publisher());
    let tracking = json_of(&advisory, Format::Csaf)["document"]["tracking"].clone();
    let history: Vec<String> = tracking["revision_history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|revision| format!("{} {}", revision["number"], revision["summary"]).replace('"', ""))
        .collect();
    let expected =
        ["1 Disclosed", "2 Description changed", "3 Credit added", "4 Known to be exploited"];
    assert_eq!(history, expected);
    assert_eq!(tracking["version"], "4");
    let last = tracking["revision_history"][3]["date"].clone();
    assert_eq!(tracking["current_release_date"], last);
    assert_ne!(tracking["initial_release_date"], last);
    assert_eq!(json_of(&advisory, Format::Osv)["modified"], last);
    let page = advisory.document(Format::Markdown).unwrap();
    assert!(page.contains("advisory revised: credit added"), "{page}");
    // A draft is a draft, whatever there was before.
    let draft = Advisory { title: None, ..advisory };
    let tracking = json_of(&draft, Format::Csaf)["document"]["tracking"].clone();
    assert_eq!((&tracking["version"], &tracking["status"]), (&json!("0"), &json!("draft")));
}

/// What each format lacks, in words.
fn lacks(advisory: &Advisory, format: Format) -> Vec<String> {
    advisory.missing(format).iter().map(Missing::words).collect()
}

#[test]
fn what_is_stated_wrongly_is_named_and_not_published() {
    let mut wrong = facts();
    wrong.cvss = vec!["AV:N/AC:L".to_owned()];
    wrong.cwe = Some("traversal".to_owned());
    wrong.cve = Some("CVE-2026-x".to_owned());
    wrong.references = vec!["javascript:alert(1)".to_owned(), "see the commit".to_owned()];
    let story = Story::begins()
        .confirmed(&["lodash < 4", "everything before 5"], &[("5.x", Repair::Missing)])
        .released("5.x", "5.1.0")
        .described(wrong)
        .then(Change::Disclosed);
    let advisory = story.advisory(&publisher());
    insta::assert_snapshot!("stated-wrongly", lacks(&advisory, Format::Cve).join("\n"));
    for format in Format::ALL {
        let text = json_of(&advisory, format).to_string();
        assert!(!text.contains("javascript:alert(1)>"), "{text}");
    }
    assert_eq!(advisory.references, Vec::<String>::new());
}

/// The affected versions of a case that was confirmed with `affected`, in words, and what conflicts.
fn versions(
    affected: &[&str],
    releases: &[(&str, &str)],
    publisher: &Publisher,
) -> (String, Vec<String>) {
    let lines: Vec<_> = releases.iter().map(|(line, _)| (*line, Repair::Missing)).collect();
    let mut story = Story::begins().confirmed(affected, &lines);
    for (line, version) in releases {
        if !version.is_empty() {
            story = story.released(line, version);
        }
    }
    let advisory = story.described(facts()).advisory(publisher);
    let words: Vec<String> = advisory
        .packages
        .iter()
        .flat_map(|p| p.words.iter().map(move |words| format!("{} {words}", p.name)))
        .collect();
    let unfit = advisory.unfit.iter().map(|unfit| unfit.words()).collect();
    (words.join(" | "), unfit)
}

#[test]
fn a_fix_ends_the_affected_versions_of_its_own_line_and_no_others() {
    let sample = publisher();
    let spans = |affected: &[&str], releases: &[(&str, &str)]| {
        let (spans, unfit) = versions(affected, releases, &sample);
        assert_eq!(unfit, Vec::<String>::new(), "{affected:?} {releases:?}");
        spans
    };
    // Nothing is fixed yet.
    assert_eq!(spans(&[">=4.0"], &[("4.x", "")]), "sample >= 4.0.0");
    // One line, stated with its end or without.
    assert_eq!(spans(&["4.x"], &[("4.x", "4.3.3")]), "sample >= 4.0.0, < 4.3.3");
    assert_eq!(spans(&[">=4 <4.3.3"], &[("4.x", "4.3.3")]), "sample >= 4.0.0, < 4.3.3");
    // A stated end stays where it is: whether there is a sound version before the fix is not known.
    assert_eq!(spans(&[">=4, <=4.3.1"], &[("4.x", "4.3.3")]), "sample >= 4.0.0, <= 4.3.1");
    // Two lines in one stretch.
    assert_eq!(
        spans(&[">=4.0.0"], &[("4.x", "4.3.3"), ("5.x", "5.1.0")]),
        "sample >= 4.0.0, < 4.3.3 | sample >= 5.0.0, < 5.1.0"
    );
    assert_eq!(
        spans(&["4.x", "5.x"], &[("4.x", ""), ("5.x", "5.1.0")]),
        "sample >= 4.0.0, < 5.1.0"
    );
    // The newer line first, and a line that stays open between them.
    assert_eq!(
        spans(&["3 - 5"], &[("5.x", "5.1.0"), ("4.x", ""), ("3.x", "3.9.9")]),
        "sample >= 3.0.0, < 3.9.9 | sample >= 4.0.0, < 5.1.0"
    );
    // What comes after the newest line has its fix, but not what is stated apart from it.
    assert_eq!(spans(&["*"], &[("4.x", "4.3.3"), ("3.x", "")]), "sample < 4.3.3");
    assert_eq!(
        spans(&["4.x", "5.0.0-beta.1"], &[("4.x", "4.3.3")]),
        "sample >= 4.0.0, < 4.3.3 | sample 5.0.0-beta.1"
    );
    // Another package has numbers of its own, which the lines say nothing about.
    assert_eq!(
        spans(&["sample-router@>=2 <2.1.3", "4.x"], &[("4.x", "4.3.3")]),
        "sample-router >= 2.0.0, < 2.1.3 | sample >= 4.0.0, < 4.3.3"
    );
    assert_eq!(
        spans(&["sample-router >=2 <2.1.3"], &[("4.x", "4.3.3")]),
        "sample-router >= 2.0.0, < 2.1.3"
    );
    assert_eq!(spans(&["*"], &[("4.x", "")]), "sample all versions");
    assert_eq!(spans(&["4.2.1"], &[("4.x", "")]), "sample 4.2.1");
}

#[test]
fn statements_that_do_not_fit_together_are_named() {
    let sample = publisher();
    let conflict = |affected: &[&str], releases: &[(&str, &str)]| {
        let (_, unfit) = versions(affected, releases, &sample);
        assert_eq!(unfit.len(), 1, "{affected:?} {releases:?}: {unfit:?}");
        unfit[0].clone()
    };
    let told = conflict(&[">=4 <4.3.0"], &[("4.x", "4.3.3")]);
    assert!(told.contains("end before 4.3.0, but the fix is 4.3.3"), "{told}");
    let told = conflict(&["5.x"], &[("5.x", "5.1.0"), ("4.x", "4.3.3")]);
    assert!(told.contains("4.x has a fix and no affected version before it"), "{told}");
    let told = conflict(&[">=4"], &[("LTS", "4.3.3")]);
    assert!(told.contains("end with the fix of LTS"), "{told}");
    let told = conflict(&[">=4"], &[("4.x", "four")]);
    assert!(told.contains("\"four\", the fix of 4.x, is no semantic version"), "{told}");
    let story = Story::begins().confirmed(&[">=4"], &[("4.x", Repair::NotAffected)]);
    let told = story.advisory(&sample).unfit[0].words();
    assert!(told.contains("4.x is said not to be affected, but >= 4.0.0, < 5.0.0 is"), "{told}");
}

#[test]
fn where_the_order_of_versions_is_not_known_ranges_are_taken_as_they_are_stated() {
    let mut python = publisher();
    python.ecosystem = Some("PyPI")
        .map(|name| embargod::policy::advisory::ecosystem::Ecosystem::new(name, None).unwrap());
    let (spans, unfit) = versions(&[">= 1.0, < 1.0.post2"], &[("1.x", "1.0.post2")], &python);
    assert_eq!((spans.as_str(), unfit.len()), ("sample >= 1.0, < 1.0.post2", 0));
    let (spans, unfit) = versions(&["<= 1.0.post1"], &[("1.x", "1.0.post2")], &python);
    assert_eq!((spans.as_str(), unfit.len()), ("sample <= 1.0.post1", 0));
    let (_, unfit) = versions(&[">= 1.0"], &[("1.x", "1.0.post2")], &python);
    assert!(unfit[0].contains("end with the fix of 1.x"), "{unfit:?}");
    let (_, unfit) = versions(&["> 1.0"], &[("1.x", "")], &python);
    assert!(unfit[0].contains("begin it with >="), "{unfit:?}");
    let (_, unfit) = versions(&["~= 1.4"], &[("1.x", "")], &python);
    assert!(unfit[0].contains("is not read as a range"), "{unfit:?}");
}

#[test]
fn a_project_without_packages_still_has_pages_and_csaf_but_no_osv() {
    let server = Publisher {
        ecosystem: None,
        package: Some("Sample".to_owned()),
        packages: vec![],
        ..publisher()
    };
    let lines = [("2.4", Repair::Missing)];
    let advisory = Story::begins()
        .confirmed(&[">= 2.4.0, < 2.4.60"], &lines)
        .released("2.4", "2.4.60")
        .described(facts())
        .then(Change::Disclosed)
        .advisory(&server);
    assert_eq!(lacks(&advisory, Format::Csaf), Vec::<String>::new());
    assert_eq!(lacks(&advisory, Format::Cve), Vec::<String>::new());
    assert!(lacks(&advisory, Format::Osv)[0].contains("set ecosystem under [project]"));
    let csaf = json_of(&advisory, Format::Csaf).to_string();
    assert!(csaf.contains("\">= 2.4.0, < 2.4.60\""), "{csaf}");
}

#[test]
fn names_cannot_change_the_page_around_them() {
    let advisory = complete()
        .credited("# 1. <b>x</b> | `code` ![](https://example.com/x.png)\n\n# Heading")
        .credited("1. first\u{202e}")
        .advisory(&publisher());
    let page = advisory.document(Format::Markdown).unwrap();
    let credit = page.split("## Credit\n\n").nth(1).unwrap().split("\n\n").next().unwrap();
    assert_eq!(credit.lines().count(), 4, "{credit}");
    assert!(
        credit.contains(
            "- \\# 1. \\<b\\>x\\</b\\> \\| \\`code\\` !\\[\\](https://example.com/x.png) # Heading"
        ),
        "{credit}"
    );
    assert!(credit.ends_with("- 1\\. first"), "{credit}");
}
