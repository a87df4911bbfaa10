//! How well the sample threat model finds what it excludes, and leaves alone what it does not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

use embargod::policy::scope::Exclusion;
use embargod::policy::suggest::report::Report;
use embargod::policy::suggest::threat::ThreatModel;
use serde::Deserialize;

#[derive(Deserialize)]
struct Policy {
    exclusions: Vec<Exclusion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Labelled {
    symptom: String,
    expect: String,
    text: String,
}

#[derive(Deserialize)]
struct Set {
    report: Vec<Labelled>,
}

fn policy() -> Vec<Exclusion> {
    let policy: Policy = toml::from_str(include_str!("../daemon.toml")).unwrap();
    policy.exclusions
}

fn reports(toml: &str) -> Vec<Labelled> {
    toml::from_str::<Set>(toml).unwrap().report
}

/// What was counted over one set.
#[derive(Debug, Default)]
struct Score {
    /// Suggested the clause that was meant.
    right: u32,
    /// Suggested a clause where another one or none was meant.
    wrong: u32,
    /// Did not suggest the clause that was meant.
    missed: u32,
}

impl Score {
    fn precision(&self) -> f64 {
        f64::from(self.right) / f64::from(self.right + self.wrong)
    }

    fn recall(&self) -> f64 {
        f64::from(self.right) / f64::from(self.right + self.missed)
    }
}

fn measure(name: &str, toml: &str) -> Score {
    let model = ThreatModel::new(&policy());
    let mut score = Score::default();
    let (mut excluded, mut near) = (0, 0);
    for report in reports(toml) {
        let found = model.suggestions(&Report::new("", &report.text));
        let ids: Vec<&str> = found.iter().filter_map(|s| s.id.as_deref()).collect();
        if report.expect == "none" {
            near += 1;
        } else {
            excluded += 1;
        }
        let right = ids.iter().filter(|id| **id == report.expect).count() as u32;
        score.right += right;
        score.wrong += ids.len() as u32 - right;
        if report.expect != "none" && right == 0 {
            score.missed += 1;
        }
        if right != ids.len() as u32 || (report.expect != "none" && right == 0) {
            println!(
                "  {name}: {:<55} is {:<20} got {}",
                report.symptom,
                report.expect,
                ids.join(" ")
            );
            for suggestion in &found {
                println!("      {}", suggestion.why);
            }
        }
    }
    println!(
        "{name}: {excluded} excluded, {near} near misses: precision {:.3}, recall {:.3} ({score:?})",
        score.precision(),
        score.recall()
    );
    score
}

#[test]
fn the_threat_model_keeps_its_bar_on_the_reports_it_was_written_by() {
    let score = measure("tuning", include_str!("../fixtures/threat/tuning.toml"));
    assert!(score.precision() >= 0.95, "precision {:.3}", score.precision());
    assert!(score.recall() >= 0.95, "recall {:.3}", score.recall());
}

#[test]
fn every_shared_word_that_the_sample_policy_names_is_there() {
    let words: toml::Table =
        toml::from_str(include_str!("../src/policy/suggest/threat.toml")).unwrap();
    let known = words["words"].as_table().unwrap();
    for exclusion in policy() {
        let slots = exclusion.evidence.iter().chain(&exclusion.unless).flatten();
        for alternative in slots.chain(&exclusion.terms).flat_map(|slot| slot.split('|')) {
            if let Some(name) = alternative.trim_start_matches('+').strip_prefix('@') {
                assert!(known.contains_key(name), "{}: @{name}", exclusion.id);
            }
        }
    }
}

#[test]
fn the_threat_model_understands_strangers() {
    let score = measure("strangers", include_str!("../fixtures/threat/strangers.toml"));
    println!("strangers, before the shared words: precision 1.000, recall 0.312");
    assert!(score.precision() >= 0.95, "precision {:.3}", score.precision());
    assert!(score.recall() >= 0.9, "recall {:.3}", score.recall());
}

#[test]
fn the_threat_model_keeps_its_bar_on_the_reports_held_out() {
    let score = measure("held out", include_str!("../fixtures/threat/held-out.toml"));
    assert!(score.precision() >= 0.9, "precision {:.3}", score.precision());
    assert!(score.recall() >= 0.7, "recall {:.3}", score.recall());
}
