//! What a careful maintainer would notice, told as stories. The threat model has a file of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

use std::sync::LazyLock;

use embargod::domain::suggestion::{Fact, Suggestion, SuggestionKind};
use embargod::policy::scope::Exclusion;
use embargod::policy::scope::Scope;
use embargod::policy::suggest::duplicate::KnownReport;
use embargod::policy::suggest::fingerprint::Fingerprint;
use embargod::policy::suggest::report::Report;
use embargod::policy::suggest::threat::ThreatModel;
use embargod::policy::suggest::{MOST_SUGGESTIONS, SuggestInput, Suggestions, suggest};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Set {
    report: Vec<Labelled>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Labelled {
    symptom: String,
    #[serde(default)]
    subject: String,
    text: String,
    #[serde(default)]
    expect: String,
    #[serde(default)]
    missing: Vec<String>,
}

fn reports(toml: &str) -> Vec<Labelled> {
    toml::from_str::<Set>(toml).unwrap().report
}

fn scope() -> Scope {
    #[derive(Deserialize)]
    struct Policy {
        scope: Scope,
    }
    toml::from_str::<Policy>(include_str!("../daemon.toml")).unwrap().scope
}

fn threat_model() -> ThreatModel {
    #[derive(Deserialize)]
    struct Policy {
        exclusions: Vec<Exclusion>,
    }
    let policy: Policy = toml::from_str(include_str!("../daemon.toml")).unwrap();
    ThreatModel::new(&policy.exclusions)
}

static SCOPE: LazyLock<Scope> = LazyLock::new(scope);
static THREAT_MODEL: LazyLock<ThreatModel> = LazyLock::new(threat_model);

fn noticed_among(subject: &str, text: &str, known: &[KnownReport]) -> Suggestions {
    suggest(&SuggestInput {
        report: &Report::new(subject, text),
        substance: text,
        scope: &SCOPE,
        threat_model: &THREAT_MODEL,
        known,
    })
}

fn noticed(subject: &str, text: &str) -> Suggestions {
    noticed_among(subject, text, &[])
}

fn of_kind(noticed: &Suggestions, kind: SuggestionKind) -> Vec<&Suggestion> {
    noticed.suggestions.iter().filter(|s| s.kind == kind).collect()
}

#[test]
fn a_complete_report_in_any_of_ten_languages_is_asked_nothing() {
    let mut failed = Vec::new();
    for report in reports(include_str!("../fixtures/facts/languages.toml")) {
        let noticed = noticed("", &report.text);
        if !noticed.questions.is_empty() {
            failed.push(format!("{}: {:#?}", report.symptom, noticed.facts));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a_report_is_asked_for_just_the_facts_it_lacks() {
    let mut failed = Vec::new();
    for report in reports(include_str!("../fixtures/facts/missing.toml")) {
        let noticed = noticed("", &report.text);
        let missing: Vec<String> = noticed
            .facts
            .missing()
            .map(|fact| serde_json::to_value(fact).unwrap().as_str().unwrap().to_owned())
            .collect();
        if missing != report.missing {
            failed.push(format!("{}: {missing:?} {:#?}", report.symptom, noticed.facts));
        }
        assert_eq!(noticed.questions.len(), missing.len());
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a_fact_is_shown_with_its_place() {
    let noticed = noticed("", "Hello,\n\nAffected version: 4.18.2\n");
    let why = &of_kind(&noticed, SuggestionKind::MissingFacts)[0].why;
    insta::assert_snapshot!(why, @"not found: steps or proof of concept, impact, component; affected version in line 3: “Affected version: 4.18.2”");
}

#[test]
fn a_question_has_nothing_of_the_reporter() {
    let one = noticed("anything", "xyzzy plugh");
    let other = noticed("something", "lorem ipsum dolor");
    assert_eq!(one.questions, other.questions);
    assert_eq!(one.questions.len(), 4);
    assert!(one.questions.iter().all(|q| q.ends_with('?') || q.ends_with('.')));
}

/// The reports of a set whose package came out wrong.
fn wrong_packages(toml: &str) -> (usize, Vec<String>) {
    let reports = reports(toml);
    let wrong = |report: &Labelled| {
        let noticed = noticed(&report.subject, &report.text);
        let third = of_kind(&noticed, SuggestionKind::ThirdParty);
        let name = third.first().and_then(|s| s.id.as_deref()).unwrap_or("none").to_owned();
        (name != report.expect)
            .then(|| format!("{}: expected {}, got {name}", report.symptom, report.expect))
    };
    (reports.len(), reports.iter().filter_map(wrong).collect())
}

#[test]
fn a_report_about_somebody_elses_package_is_told_from_one_that_uses_it() {
    let (_, wrong) = wrong_packages(include_str!("../fixtures/scope/reports.toml"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn strangers_name_packages_in_words_of_their_own() {
    let (all, wrong) = wrong_packages(include_str!("../fixtures/scope/strangers.toml"));
    println!("packages: {} of {all} right; wrong: {wrong:#?}", all - wrong.len());
    assert!(wrong.len() * 10 <= all, "{}", wrong.join("\n"));
}

#[test]
fn a_vector_is_checked_and_scored_and_a_weakness_named() {
    let noticed = noticed(
        "",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H (9.8), CWE-1321.\n\
         Or by 4.0: CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N\n\
         Not: CVSS:3.1/AV:N/AC:L/PR:X/UI:N/S:U/C:H/I:H/A:H, CWE-99999\n\
         Bare: AV:N/AC:H/PR:N/UI:R/S:C/C:L/I:L/A:N",
    );
    let gists: Vec<&str> = of_kind(&noticed, SuggestionKind::Severity)
        .into_iter()
        .chain(of_kind(&noticed, SuggestionKind::Weakness))
        .map(|s| s.gist.as_str())
        .collect();
    insta::assert_snapshot!(gists.join("\n"), @r"
    CVSS 3.1 base score 9.8 (critical)
    CVSS 4.0 score 9.3 (critical, CVSS-B)
    a CVSS vector that cannot be scored
    CVSS 3.1 base score 4.7 (medium), taken for version 3.1 as it names none
    CWE-1321: prototype pollution
    CWE-99999, whose name is not known here
    ");
}

#[test]
fn a_step_behind_a_label_or_a_number_is_a_step() {
    for told in [
        "Steps: curl http://x/?u=javascript:alert(1)",
        "Steps:\n1. curl http://x/?u=javascript:alert(1)",
        "PoC: `curl -i https://app.example/login`",
        "Steps: GET /?u=javascript:alert(1)",
        "To see it, visit http://victim:3000/?u=javascript:alert(1)",
    ] {
        let noticed = noticed("x", &format!("There is a hole in the redirect.\n\n{told}\n"));
        assert!(!noticed.facts.missing().any(|fact| fact == Fact::Steps), "{told}");
    }
    for elsewhere in [
        "Steps: https://drive.google.com/file/d/1x/view?usp=sharing",
        "PoC: see https://youtu.be/x, visit https://gist.github.com/a/b",
        "Steps: on request",
    ] {
        let noticed = noticed("x", &format!("There is a hole in the redirect.\n\n{elsewhere}\n"));
        assert!(noticed.facts.missing().any(|fact| fact == Fact::Steps), "{elsewhere}");
    }
}

#[test]
fn numbered_headings_are_several_reports_and_numbered_steps_are_one() {
    let several = noticed(
        "Findings",
        "## Vulnerability 1: open redirect\nres.redirect …\n\n## Vulnerability 2: XSS\nres.send …\n",
    );
    assert_eq!(of_kind(&several, SuggestionKind::Split).len(), 1);
    let chinese = noticed("", "漏洞一：重定向\n……\n漏洞二：跨站脚本\n……");
    assert_eq!(of_kind(&chinese, SuggestionKind::Split).len(), 1);
    let titles = noticed(
        "",
        "Title: redirect\nSteps to reproduce:\nGET / HTTP/1.1\n\nTitle: crash\nSteps to reproduce:\nGET /a HTTP/1.1",
    );
    assert_eq!(of_kind(&titles, SuggestionKind::Split).len(), 1);
    for one in [
        "Steps:\n1. start\n2. send\n3. see\n",
        "Issue 1 was fixed in 4.17.\nIssue 2 was fixed in 4.18, this is another.",
        "Vulnerability 1: the only one",
        "Title: redirect\nSummary: a redirect\nSteps to reproduce:\n…\n",
    ] {
        assert!(of_kind(&noticed("", one), SuggestionKind::Split).is_empty(), "{one}");
    }
}

const REPORT: &str = "res.redirect in Express 4.19.1 does not normalise a backslash in the \
    location header, so that a browser leaves the site. The encoder in lib/response.js:914 calls \
    encodeUrl(), and the check in parseTarget() is done before it. GET /?next=%5c%5cexample.org \
    shows it: the answer redirects to another host. See CVE-2024-29041 for an older variant.";
const REWORDED: &str = "Hello! I would like to tell you of an open redirect. When a path with two \
    backslashes is given, encodeUrl() keeps them (lib/response.js:914). parseTarget() looked at it \
    too early. It is not what you fixed under CVE-2024-29041.";
const UNRELATED: &str = "The memory store of express-session never removes expired sessions when \
    touch() is called from two requests at once. After a day the process has 4 GB. See \
    session/memory.js:120 and the function getSession().";

#[test]
fn a_near_duplicate_is_found_by_its_words_or_by_its_identifiers() {
    let known = |number: u32, text: &str| KnownReport {
        case: format!("EMB-2026-{number:04}").parse().unwrap(),
        fingerprint: Fingerprint::of(text),
    };
    let cases = [known(1, UNRELATED), known(2, REPORT)];
    let edited = REPORT.replace("4.19.1", "4.19.0").replace("shows it", "demonstrates it");
    for text in [edited.as_str(), REWORDED] {
        let noticed = noticed_among("", text, &cases);
        let found = of_kind(&noticed, SuggestionKind::Duplicate);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0].id.as_deref(), Some("EMB-2026-0002"));
        let bands = Fingerprint::of(text).bands();
        let shared = cases[1].fingerprint.bands().iter().filter(|b| bands.contains(b)).count();
        assert!(shared > 0, "a look-up by bands would have missed it");
    }
    let reworded = noticed_among("", REWORDED, &cases);
    insta::assert_snapshot!(of_kind(&reworded, SuggestionKind::Duplicate)[0].why, @"resembles EMB-2026-0002 (score 0.76): both have `CVE-2024-29041`, `lib/response.js:914`, `parseTarget`");
    assert!(
        of_kind(&noticed_among("", UNRELATED, &cases[1..]), SuggestionKind::Duplicate).is_empty()
    );
}

#[test]
fn a_fingerprint_is_the_same_in_every_release() {
    let bytes = Fingerprint::of(REPORT).to_bytes();
    let sum = bytes.iter().fold(0_u64, |sum, b| sum.wrapping_mul(31).wrapping_add(u64::from(*b)));
    // Stored fingerprints stop matching when this changes: raise fingerprint::VERSION then.
    insta::assert_snapshot!(format!("{} bytes, {sum}", bytes.len()), @"309 bytes, 14207645091637833212");
}

#[test]
fn a_gist_has_no_word_of_the_report() {
    let noticed = noticed(
        "Prototype pollution",
        "Package: secretpackage-xyz\nnpm i secretpackage-xyz\nAn attacker with shell access to the server, codename zanzibar, wins.",
    );
    assert!(noticed.suggestions.len() >= 2);
    for suggestion in &noticed.suggestions {
        assert!(
            !suggestion.gist.contains("zanzibar") && !suggestion.gist.contains("secretpackage")
        );
    }
}

#[test]
fn suggestions_are_json_as_the_interface_names_them() {
    let noticed = noticed("", "An attacker with shell access to the server edits files.");
    let json = serde_json::to_value(&noticed.suggestions).unwrap();
    let first = json[0].as_object().unwrap();
    assert_eq!(first["kind"], "out-of-scope");
    assert_eq!(first["id"], "trusted-operator");
    assert!(first["why"].as_str().unwrap().contains("shell access to the server"));
}

/// Text of the words that the rules look for, in any order, and of anything else.
fn any_text() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "npm i ",
        "require('",
        "@",
        "pkg:npm/",
        "CVSS:3.1/AV:N/",
        "CVSS:4.0/AV:N/AC:L",
        "CWE-",
        "CVE-2024-1",
        "\n",
        "```\n",
        "> ",
        "GET /",
        "1.",
        "2)",
        "vulnerability 1:",
        "lib/a.js:1",
        "lib/a.js:L",
        "node_modules/",
        "/lib/",
        "https://github.com/a/",
        "package/",
        "@a/",
        "版本",
        "漏洞二",
        "４.１７",
        "Версия",
        "\u{0}",
        "İ",
        "ß",
        "ﬁ",
        "\u{1F600}",
        "4.17.1",
        "malicious",
        "package",
        "eval",
        "req.query",
        ":",
        "：",
        "'",
        "\"",
    ]);
    prop::collection::vec(prop_oneof![words.prop_map(str::to_owned), any::<String>()], 0..60)
        .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_looked_at_without_harm_and_the_answer_is_bounded(subject in any_text(), text in any_text()) {
        let known = [KnownReport { case: "EMB-2026-0001".parse().unwrap(), fingerprint: Fingerprint::of(&text) }];
        let noticed = noticed_among(&subject, &text, &known);
        prop_assert!(noticed.suggestions.len() <= MOST_SUGGESTIONS);
        for suggestion in &noticed.suggestions {
            prop_assert!(suggestion.why.len() < 8_000, "{}", suggestion.why.len());
            prop_assert!(!suggestion.why.chars().any(|c| c == '\n'));
        }
        let bytes = noticed.fingerprint.to_bytes();
        prop_assert!(bytes.len() <= 646);
        prop_assert_eq!(Fingerprint::from_bytes(&bytes), Some(noticed.fingerprint.clone()));
        prop_assert!(noticed.fingerprint.bands().len() <= 40);
        let same = noticed.fingerprint.similarity(&noticed.fingerprint).score;
        prop_assert!((0.0..=1.0).contains(&same));
    }

    #[test]
    fn any_bytes_are_read_back_as_a_fingerprint_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..800)) {
        let _ = Fingerprint::from_bytes(&bytes);
    }
}

#[test]
fn a_text_twice_as_long_takes_no_more_than_its_beginning_does() {
    // The cost is bounded by report::MOST_TEXT: what comes after it changes nothing.
    let long = "GET /a HTTP/1.1 malicious package v1.2.3 lodash@1 ".repeat(8_000);
    let longer = long.repeat(4);
    assert_eq!(noticed("", &long), noticed("", &longer));
}
