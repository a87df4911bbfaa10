//! Thousands of mails from forged senders, and five that are genuine, in the mailbox of a real server.
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

use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::dovecot::{Dovecot, lay};
use common::local::Local;
use common::scripted_smtp::Peer;

const PROJECT: &str = "security@example.org";
const GENUINE: usize = 5;

/// What a fourth of the flood takes of memory, all of it may take this much of in hundredths.
const FLAT: u64 = 130;

/// How many mails come. A build for tests takes in some fifty of them a second, so that ten thousand are
/// left to those who ask for them: `EMBARGOD_FLOOD=10000`.
fn mails() -> usize {
    std::env::var("EMBARGOD_FLOOD").map_or(2000, |mails| mails.parse().unwrap())
}

/// Caps that the flood is far beyond: in all, to a domain, to an address.
fn caps(mails: usize) -> [usize; 3] {
    [mails * 3 / 10, mails / 10, 20]
}

/// Whether the n-th mail of so many is one of the five.
fn is_genuine(n: usize, of: usize) -> bool {
    n % (of / GENUINE) == of / GENUINE - 1
}

fn mail(n: usize, of: usize) -> String {
    let (from, proof) = match n % 10 {
        _ if is_genuine(n, of) => (
            format!("rae{n}@finder.example"),
            "Authentication-Results: mx.example.org; dmarc=pass header.from=finder.example\n",
        ),
        // One victim, one victim's domain, and everybody else.
        0 => ("victim@bank.example".to_owned(), ""),
        1..=4 => (format!("v{n}@bank.example"), ""),
        _ => (format!("v{n}@d{}.example", n % 97), ""),
    };
    format!(
        "{proof}From: Rae <{from}>\nTo: {PROJECT}\nSubject: crash {n}\n\
         Date: Mon, 23 Nov 2026 09:00:00 +0000\nMessage-ID: <{n}@flood.example>\n\n\
         Sample 4.2.1 crashes when the header X-Count is {n}: parseCount() in lib/count{}.js reads past\n\
         its buffer. Send `GET / HTTP/1.1` with `X-Count: {n}` and the process ends with a segmentation\n\
         fault. An attacker who can reach the server stops it.\n",
        n % 1000
    )
}

/// A running daemon.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What became of a flood.
struct Flooded {
    local: Local,
    /// How many mails each address got.
    written: BTreeMap<String, usize>,
    /// The most memory that the daemon had, in KiB.
    peak: u64,
}

/// A flood of so many mails, worked off by the daemon.
fn flood(mails: usize) -> Flooded {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = runtime.block_on(Peer::that(&[]));
    let dovecot = Dovecot::start();
    lay(&dovecot.maildir(PROJECT), (0..mails).map(|n| mail(n, mails)));
    let [in_all, to_a_domain, to_an_address] = caps(mails);
    let more = format!(
        "[authentication]\nby = \"server\"\nserver = \"mx.example.org\"\n[limits]\n\
         answers_per_day = {in_all}\nanswers_per_domain = {to_a_domain}\n\
         answers_per_address = {to_an_address}\n"
    );
    let local = Local::over_imap(dovecot.imap_socket(), PROJECT, &more);
    let config = fs::read_to_string(local.path("daemon.toml")).unwrap();
    let smtp = format!("smtp://127.0.0.1:{}", server.port);
    fs::write(local.path("daemon.toml"), config.replace("maildir:out", &smtp)).unwrap();
    let daemon = Daemon(local.command(&["run"]).stderr(Stdio::null()).spawn().unwrap());
    let mut last = (0, Instant::now());
    loop {
        std::thread::sleep(Duration::from_millis(200));
        let (rows, waiting) = progress(&local);
        if rows == mails && waiting == 0 {
            break;
        }
        let heard = server.heard(|heard| heard.mails.len());
        if rows + heard != last.0 {
            last = (rows + heard, Instant::now());
        }
        assert!(last.1.elapsed() < common::PATIENCE, "{rows} rows, {waiting} mails wait");
    }
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.0.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak = peak.trim().trim_end_matches(" kB").parse().unwrap();
    drop(daemon);
    let mut written = BTreeMap::new();
    server.heard(|heard| {
        for command in &heard.commands {
            if let Some(to) = command.strip_prefix("RCPT TO:<") {
                *written.entry(to.split('>').next().unwrap().to_owned()).or_default() += 1;
            }
        }
    });
    Flooded { local, written, peak }
}

/// Mails with a row, and mails of ours that have not left.
fn progress(local: &Local) -> (usize, usize) {
    let open = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let Ok(c) = rusqlite::Connection::open_with_flags(local.path("embargod.db"), open) else {
        return (0, 0);
    };
    let count = |sql: &str| -> usize {
        let number = c.query_row(sql, [], |row| row.get(0)).unwrap_or(0_i64);
        number.try_into().unwrap()
    };
    (
        count("SELECT count(*) FROM incoming"),
        count("SELECT count(*) FROM outbox WHERE status NOT IN ('sent', 'held')"),
    )
}

#[test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
fn a_flood_of_forged_senders_is_survived_and_buries_no_report() {
    let mails = mails();
    let fourth = flood(mails / 4);
    let began = Instant::now();
    let Flooded { local, written, peak } = flood(mails);
    let took = began.elapsed();
    assert!(peak * 100 < fourth.peak * FLAT, "{} KiB, and then {peak} KiB", fourth.peak);

    let to = |suffix: &str| {
        written.iter().filter(|(to, _)| to.ends_with(suffix)).map(|(_, n)| n).sum::<usize>()
    };
    // The buckets fill while the flood lasts.
    let filled = |cap: usize| cap + cap * took.as_secs() as usize / 86_400 + 1;
    let [in_all, to_a_domain, to_an_address] = caps(mails).map(filled);
    let notices = to("ada@example.org");
    let answers = to("") - notices;
    assert!((1..=in_all).contains(&answers), "{answers} answers");
    assert!((1..=to_a_domain).contains(&to("@bank.example")));
    assert!((1..=to_an_address).contains(&to("victim@bank.example")));

    let genuine: Vec<usize> = (0..mails).filter(|n| is_genuine(*n, mails)).collect();
    assert_eq!(genuine.len(), GENUINE);
    for n in &genuine {
        assert_eq!(to(&format!("rae{n}@finder.example")), 1, "the forged took its answer");
    }
    let cases = local.json(&["case", "list", "--json"]);
    let cases = cases.as_array().unwrap();
    assert_eq!(cases.len(), mails);
    let digest = local.prints(&["digest"]);
    let told: Vec<&str> =
        digest.lines().filter(|line| line.contains("taken in and not answered")).collect();
    assert_eq!(told.len(), 1, "{digest}");
    assert!(told[0].contains(&format!("{} reports", mails - answers)), "{told:?}");

    let mut first: Vec<&str> = digest.lines().filter(|line| line.starts_with("EMB-")).collect();
    first.truncate(GENUINE);
    for n in &genuine {
        let subject = format!("crash {n}");
        let case = cases.iter().find(|case| case["subject"] == subject.as_str()).unwrap();
        let id = case["id"].as_str().unwrap();
        assert!(first.iter().any(|line| line.starts_with(id)), "{id} is not in {first:?}");
    }
}
