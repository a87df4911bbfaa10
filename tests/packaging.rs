//! The systemd units: hardened as far as promised, and in a syntax that systemd understands.

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
use std::path::PathBuf;
use std::process::Command;

/// Each unit, and the name that `systemd-analyze` gives it.
const SERVICES: [(&str, &str); 4] = [
    ("embargod.service", "embargod.service"),
    ("embargod@.service", "embargod@i.service"),
    ("embargod-status.service", "embargod-status.service"),
    ("embargod-status@.service", "embargod-status@i.service"),
];

/// What starts the check of the daemon.
const TIMERS: [&str; 2] = ["embargod-status.timer", "embargod-status@.timer"];

/// The most that a unit may be exposed to, of 10.
const EXPOSURE: f64 = 2.0;

fn path(unit: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("packaging").join(unit)
}

/// Everything that `systemd-analyze` says.
fn analyze(arguments: &[&str], unit: &str) -> String {
    let output = Command::new("systemd-analyze")
        .args(arguments)
        .arg(path(unit))
        .env("SYSTEMD_COLORS", "0")
        .output()
        .expect("systemd-analyze is part of the package systemd");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
#[ignore = "needs systemd-analyze: run ./tests/run"]
fn the_units_are_exposed_to_next_to_nothing() {
    for (unit, name) in SERVICES {
        let told = analyze(&["security", "--offline=true", "--no-pager"], unit);
        let mark = format!("Overall exposure level for {name}: ");
        let (_, rest) = told.split_once(&mark).unwrap_or_else(|| panic!("no exposure in: {told}"));
        let exposure: f64 = rest.split_whitespace().next().unwrap().parse().unwrap();
        println!("{unit}: exposure {exposure}");
        assert!(exposure <= EXPOSURE, "{unit} is exposed to {exposure} of 10:\n{told}");
    }
}

#[test]
#[ignore = "needs systemd-analyze: run ./tests/run"]
fn systemd_understands_every_line_of_the_units() {
    for unit in SERVICES.map(|(unit, _)| unit).into_iter().chain(TIMERS) {
        let told = analyze(&["verify", "--man=no"], unit);
        // Not installed here: the one complaint that is none.
        let complaints = told.lines().filter(|line| !line.contains("is not executable"));
        assert_eq!(complaints.collect::<Vec<_>>(), Vec::<&str>::new(), "{unit}");
    }
}

/// The settings of a unit, without comments.
fn settings(unit: &str) -> Vec<String> {
    let text = fs::read_to_string(path(unit)).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn a_template_differs_from_its_unit_in_its_instance_alone() {
    for unit in ["embargod.service", "embargod-status.service", "embargod-status.timer"] {
        let template: Vec<String> = settings(&unit.replace('.', "@."))
            .into_iter()
            .map(|line| line.replace(" for %i", "").replace("/%i", ""))
            .collect();
        assert_eq!(settings(unit), template, "{unit}");
    }
}

#[test]
fn the_check_connects_to_nobody_and_knows_no_password() {
    let settings = settings("embargod-status.service");
    for promised in ["PrivateNetwork=yes", "IPAddressDeny=any", "Type=oneshot", "User=embargod"] {
        assert!(settings.iter().any(|line| line == promised), "it lacks {promised}");
    }
    assert!(!settings.iter().any(|line| line.starts_with("LoadCredential")));
}

#[test]
fn the_units_keep_the_promises_of_the_daemon() {
    for unit in ["embargod.service", "embargod@.service"] {
        let settings = settings(unit);
        for promised in [
            "Type=notify",
            "WatchdogSec=5min",
            "Restart=on-failure",
            "RestartPreventExitStatus=2",
            "TimeoutStopSec=20s",
            "User=embargod",
            "ProtectSystem=strict",
            "MemoryDenyWriteExecute=yes",
            "UMask=0077",
        ] {
            assert!(settings.iter().any(|line| line == promised), "{unit} lacks {promised}");
        }
    }
}

/// What deny.toml forbids, seen without cargo-deny: it would show at run time only.
#[test]
fn there_is_one_of_each_crate_that_must_be_single() {
    let lock = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).unwrap();
    let times = |name: &str| lock.matches(&format!("name = \"{name}\"\n")).count();
    for single in ["ring", "rustls", "libsqlite3-sys", "tokio"] {
        assert_eq!(times(single), 1, "{single}");
    }
    for banned in ["aws-lc-rs", "aws-lc-sys", "openssl", "openssl-sys", "native-tls", "async-std"] {
        assert_eq!(times(banned), 0, "{banned}");
        let deny = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/deny.toml")).unwrap();
        assert!(deny.contains(&format!("crate = \"{banned}\"")), "deny.toml allows {banned}");
    }
}
