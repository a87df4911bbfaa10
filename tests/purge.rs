//! What is personal is erased when it is old enough, wholly, and nothing else is.
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

use std::ffi::OsString;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{TimeDelta, Utc};
use common::local::Local;
use embargod::cli::carry_out;
use embargod::daemon::clock::Clock;
use embargod::domain::Timestamp;
use embargod::steps::STAND_STILL;
use rusqlite::Connection;
use rusqlite::types::Value as SqlValue;
use serde_json::Value;

const AGES: &str = "[retention]\nfixed = \"365d\"\nwithdrawn = \"365d\"\nduplicate = \"365d\"\n\
                    spam = \"800d\"\nmachine-mail = \"90d\"\nset-aside = \"90d\"\njunk = \"30d\"\n\
                    [[release_lines]]\nname = \"5.x\"\n\
                    [notices]\ncontent = \"text\"\n";

/// What must be gone: words of each place from which something may be kept.
const PERSONAL: [&str; 22] = [
    "Quendolyn",
    "Xeroxiades",
    "quendolyn@privat.example",
    "privat.example",
    "Zyzzyva",
    "flibbertigibbet",
    "caf=C3=A9-witz",
    "geheimnis-datei",
    "Z2VoZWltZXIgSW5oYWx0",
    "kommilitone@freunde.example",
    "Widdershins",
    "Answer-Kerfuffle",
    "Note-Snollygoster",
    "Audit-Lollygag",
    "Title-Taradiddle",
    "Credit-Bumfuzzle",
    "Refusal-Cattywampus",
    "vacation-gobbledygook",
    "newsletter-malarkey",
    "junkmail-collywobbles",
    "Handover-Brouhaha",
    "first-id-4711",
];

/// A project whose mail came two years ago.
struct Past {
    project: Local,
    clock: Clock,
}

impl Past {
    fn new() -> Self {
        Self::with(AGES)
    }

    fn with(config: &str) -> Self {
        let project = Local::new(config);
        let past = Self { project, clock: Clock::wound(Utc::now() - TimeDelta::days(730)) };
        past.run("run --once");
        past
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A mail arrives now, by the clock of the past.
    fn arrives(&mut self, mail: &str) {
        let path = self.project.arrives(mail.as_bytes());
        let at = SystemTime::UNIX_EPOCH
            + Duration::from_secs(self.now().timestamp().try_into().unwrap());
        fs::File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
        self.run("run --once");
    }

    /// Carries a command out, by the clock of the past.
    fn run(&self, line: &str) -> String {
        let config = self.project.path("daemon.toml");
        let words = shell(line);
        let start = ["embargod".into(), "--config".into(), config.into_os_string()];
        let words = start.into_iter().chain(words.into_iter().map(OsString::from));
        let mut out = Vec::new();
        let ended = carry_out(words, &self.clock, &mut out);
        if let Err(error) = &ended {
            // The daemon, which ran in this process, tells of panics without their words.
            eprintln!("{line}: {error}");
        }
        ended.unwrap();
        String::from_utf8(out).unwrap()
    }

    fn later(&self, days: i64) {
        self.clock.set(self.now() + TimeDelta::days(days));
    }

    /// The number of its n-th case.
    fn case(&self, n: u32) -> String {
        format!("EMB-{}-{n:04}", self.now().format("%Y"))
    }

    fn store(&self) -> Connection {
        Connection::open(self.project.path("embargod.db")).unwrap()
    }

    /// All bytes of the store's files. Another process reads them: where one closes a file, POSIX
    /// takes away all locks that it has on it, those of its connections to the store too.
    fn bytes(&self) -> Vec<u8> {
        let files = ["", "-wal", "-shm"].map(|end| self.project.path(&format!("embargod.db{end}")));
        let files = files.iter().filter(|file| file.exists());
        Command::new("cat").args(files).output().unwrap().stdout
    }

    /// Every row of every table, as text.
    fn rows(&self) -> String {
        let store = self.store();
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let mut tables = store.prepare(sql).unwrap();
        let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let mut text = String::new();
        for table in tables.map(Result::unwrap) {
            let mut rows = store.prepare(&format!("SELECT * FROM {table}")).unwrap();
            let columns = rows.column_count();
            let mut rows = rows.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let values: Vec<SqlValue> = (0..columns).map(|n| row.get(n).unwrap()).collect();
                text.push_str(&format!("{table} {values:?}\n"));
            }
        }
        text
    }

    /// Which of the personal words can be found in the store's files, in any form.
    fn traces(&self) -> Vec<String> {
        let bytes = latin(&self.bytes());
        let mut found = Vec::new();
        for word in PERSONAL {
            for form in forms(word) {
                if bytes.contains(&latin(&form)) {
                    found.push(format!("{word} as {}", String::from_utf8_lossy(&form)));
                }
            }
        }
        found
    }
}

/// Bytes as a text that has a character for each: the standard library finds texts fast.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// Splits a command line at spaces that are not within quotes.
fn shell(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    let words = parts.flat_map(|(n, part)| match n % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

/// A word as it is, in UTF-16, and in the three ways in which Base64 can have it.
fn forms(word: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![word.as_bytes().to_vec(), word.to_lowercase().into_bytes()];
    forms.push(word.encode_utf16().flat_map(u16::to_le_bytes).collect());
    for shift in 0..3 {
        let coded = STANDARD.encode([&vec![b'.'; shift], word.as_bytes()].concat());
        // Without the ends, which depend on what stands beside it.
        forms.push(coded.as_bytes()[4.min(shift * 4)..coded.len() - 4].to_vec());
    }
    forms.sort();
    forms.dedup();
    forms
}

const REPORT: &str = "From: Quendolyn Xeroxiades <quendolyn@privat.example>\n\
    To: security@example.org\nCc: kommilitone@freunde.example\n\
    Subject: Zyzzyva overflow in the router\nMessage-ID: <first-id-4711@privat.example>\n\
    MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n\
    --b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n\
    The router of sample 5.2.0 loops for ever on the path /flibbertigibbet//b. Request it once and\n\
    one core is busy until the process is killed. An attacker stops the server with caf=C3=A9-witz.\n\
    Steps: 1. start sample 5.2.0. 2. GET /flibbertigibbet//b.\n\
    --b\nContent-Type: application/octet-stream; name=geheimnis-datei.bin\n\
    Content-Disposition: attachment; filename=geheimnis-datei.bin\n\
    Content-Transfer-Encoding: base64\n\nZ2VoZWltZXIgSW5oYWx0IGRlciBEYXRlaQ==\n--b--\n";

fn report(from: &str, subject: &str) -> String {
    format!(
        "From: {from}\nTo: security@example.org\nSubject: {subject}\nMessage-ID: <{}@{from}>\n\n\
         The parser of sample 5.1.0 takes a body of any length: send {subject} of 2 GiB and the process\n\
         dies. An attacker stops the server. Steps: 1. start it. 2. send the body.\n",
        subject.replace(' ', "-")
    )
}

/// A whole life of a report, of which each place keeps a word; and mail in no case.
fn worked() -> Past {
    let mut past = Past::new();
    past.arrives(REPORT);
    let case = past.case(1);
    for line in [
        "case assign ID ada --note 'Handover-Brouhaha, you know it best'",
        "case reply ID -m 'Answer-Kerfuffle: thank you, Quendolyn, we see it too.'",
        "run --once",
        "case add-cc ID kommilitone@freunde.example",
        "case note ID 'Note-Snollygoster, says Quendolyn'",
        "case confirm ID --affected '< 5.3.0'",
        "case audit ID 'Audit-Lollygag'",
        "case fix ID 5.x --none 'Refusal-Cattywampus'",
        "case describe ID --title 'Title-Taradiddle' --cve CVE-2024-12345",
        "case credit ID 'Credit-Bumfuzzle'",
    ] {
        past.run(&line.replace("ID", &case));
    }
    past.arrives(
        "From: Quendolyn Xeroxiades <quendolyn@privat.example>\nTo: security@example.org\n\
         Subject: Re: Zyzzyva overflow\nMessage-ID: <second@privat.example>\n\
         In-Reply-To: <first-id-4711@privat.example>\n\nWiddershins: it is worse than I thought.\n",
    );
    past.arrives(
        "From: kommilitone@freunde.example\nTo: security@example.org\nSubject: away\n\
         Auto-Submitted: auto-replied\nMessage-ID: <away@freunde.example>\n\nvacation-gobbledygook\n",
    );
    past.arrives(
        "From: news@lists.example\nTo: security@example.org\nSubject: newsletter-malarkey\n\
         List-Id: <news.lists.example>\nPrecedence: bulk\nMessage-ID: <n@lists.example>\n\nNews.\n",
    );
    past.arrives(
        "From: sales@junk.example\nTo: security@example.org\nSubject: junkmail-collywobbles\n\
         X-Spam-Flag: YES\nMessage-ID: <j@junk.example>\n\nBuy.\n",
    );
    past.later(1);
    past.run("run --once");
    past.run(&format!("case close {case} --as fixed -m 'Answer-Kerfuffle: it is over.'"));
    past.run("run --once");
    past.later(1);
    past.run("run --once");
    past
}

#[test]
fn a_purge_leaves_no_word_of_anybody_in_the_stores_files() {
    let past = worked();
    // A second connection keeps the log and its index on the disk, as a daemon at work does.
    let beside = past.store();
    beside.query_row("SELECT count(*) FROM cases", [], |_| Ok(())).unwrap();
    let before = past.traces();
    for word in PERSONAL {
        assert!(before.iter().any(|trace| trace.starts_with(word)), "{word} was never there");
    }
    past.project.embargod(&["purge", "--yes"]);
    assert!(past.project.path("embargod.db-wal").exists());
    assert_eq!(past.traces(), Vec::<String>::new());
    assert_eq!(past.project.json(&["verify", "--json"])["sound"], true);
}

#[test]
fn the_figures_the_number_the_dates_and_the_end_stay() {
    let past = worked();
    let case = past.case(1);
    let stats = ["stats", "--from", "2020-01-01", "--json"];
    let figures = past.project.json(&stats);
    let before = past.project.json(&["case", "show", &case, "--json"]);
    assert!(figures.to_string().contains("fixed"), "{figures}");
    past.project.embargod(&["purge", "--yes"]);
    assert_eq!(past.project.json(&stats), figures);
    let after = past.project.json(&["case", "show", &case, "--json"]);
    for key in [
        "id",
        "state",
        "disposition",
        "handler",
        "received_at",
        "acknowledge_by",
        "acknowledged_at",
        "respond_by",
        "responded_at",
        "responded_by_word",
        "closed_at",
        "affected",
    ] {
        assert_eq!(after[key], before[key], "{key}");
        assert!(!after[key].is_null(), "{key}");
    }
    assert_eq!(after["advisory"], serde_json::json!({"cve": "CVE-2024-12345"}));
    assert!(after["reporter"].is_null() && !after["purged_at"].is_null(), "{after}");
    let events: Vec<&Value> = after["events"].as_array().unwrap().iter().collect();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["kind"], "purged");
    assert!(past.project.prints(&["case", "list", "--all"]).contains("purged"));
}

#[test]
fn without_yes_nothing_changes_and_a_table_says_what_would() {
    let past = worked();
    let rows = past.rows();
    let shown = past.project.prints(&["purge"]);
    for words in [
        "Would be erased",
        &past.case(1),
        "fixed",
        "older than 365 days",
        "machine-mail",
        "set-aside",
        "junk",
        "older than 30 days",
        "Nothing was changed",
        "backups",
    ] {
        assert!(shown.contains(words), "{words} is missing:\n{shown}");
    }
    let json = past.project.json(&["purge", "--json"]);
    assert_eq!(json["erased"], false);
    assert_eq!(json["cases"][0]["id"], past.case(1));
    assert_eq!(json["cases"][0]["age_days"], 365);
    assert!(past.rows() == rows, "a dry run has written to the store");
    let done = past.project.json(&["purge", "--yes", "--json"]);
    assert_eq!(done["erased"], true);
    assert_eq!(done["cases"], json["cases"]);
    // Once more: nothing is left to do.
    let again = past.project.prints(&["purge", "--yes"]);
    assert!(again.contains("Nothing is older"), "{again}");
}

#[test]
fn everything_is_kept_where_no_age_is_set() {
    let mut past = Past::with("");
    past.arrives(&report("rae@example.net", "a-long-body"));
    past.run(&format!("case close {} --as withdrawn", past.case(1)));
    past.run("run --once");
    let shown = past.project.prints(&["purge", "--yes"]);
    assert!(shown.contains("Everything is kept"), "{shown}");
    let case = past.project.json(&["case", "show", &past.case(1), "--json"]);
    assert_eq!(case["reporter"]["address"], "rae@example.net");
}

#[test]
fn what_somebody_may_still_need_is_kept_and_the_reason_is_said() {
    let mut past = Past::new();
    for n in 1..=8 {
        // Only reports of one reporter can be merged.
        let reporter = if n == 4 { 3 } else { n };
        past.arrives(&report(&format!("r{reporter}@example.net"), &format!("kind-{n}-of-body")));
    }
    let id: Vec<String> = (0..=8).map(|n| past.case(n)).collect();
    past.run(&format!("case reply {} -m 'Thank you.'", id[1]));
    past.run("run --once");
    let embargo = (Utc::now() + TimeDelta::days(30)).format("%Y-%m-%dT18:00Z");
    for line in [
        format!("case embargo {} '{embargo}'", id[1]),
        format!("case close {} --as withdrawn", id[1]),
        format!(
            "case exploited {} --known-since '{}'",
            id[2],
            past.now().format("%Y-%m-%dT%H:%MZ")
        ),
        format!("case close {} --as withdrawn", id[2]),
        format!("case merge {} {}", id[3], id[4]),
        format!("case link {} {}", id[5], id[6]),
        format!("case close {} --as withdrawn", id[5]),
        format!("case close {} --as withdrawn", id[7]),
        format!("case close {} --as spam", id[8]),
        "run --once".to_owned(),
    ] {
        past.run(&line);
    }
    let json = past.project.json(&["purge", "--yes", "--json"]);
    let erased: Vec<&str> =
        json["cases"].as_array().unwrap().iter().map(|case| case["id"].as_str().unwrap()).collect();
    assert_eq!(erased, [id[7].as_str()]);
    let kept: Vec<(&str, &str)> = json["kept"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| (case["id"].as_str().unwrap(), case["reason"].as_str().unwrap()))
        .collect();
    let [one, two, three, five] = [1, 2, 3, 5].map(|n| id[n].as_str());
    assert_eq!(kept, [(one, "embargo"), (two, "report-owed"), (three, "merged"), (five, "linked")]);
    assert_eq!(json["open"], 2);
    let shown = past.project.prints(&["purge"]);
    for words in ["under embargo until", "to the authorities", "which is kept", "2 open cases"] {
        assert!(shown.contains(words), "{words} is missing:\n{shown}");
    }
    for (n, kept) in [(1, true), (4, true), (7, false), (8, true)] {
        let case = past.project.json(&["case", "show", &id[n], "--json"]);
        assert_eq!(case["reporter"].is_object(), kept, "case {n}");
    }
    past.project.embargod(&["verify"]);
    // The other case of the merge ends too: then both go.
    past.run(&format!("case close {} --as withdrawn", id[4]));
    past.run("run --once");
    let json = past.project.json(&["purge", "--yes", "--json"]);
    assert_eq!(json["cases"].as_array().unwrap().len(), 2, "{json}");
    past.project.embargod(&["verify"]);
}

#[test]
fn who_writes_to_a_purged_case_opens_a_new_one() {
    let mut past = worked();
    let case = past.case(1);
    let letter = past.project.sent_to("quendolyn@privat.example").remove(0);
    let id = letter.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap().to_owned();
    past.project.embargod(&["purge", "--yes"]);
    past.arrives(&format!(
        "From: Quendolyn <quendolyn@privat.example>\nTo: security@example.org\n\
         Subject: Re: [{case}] Zyzzyva overflow\nMessage-ID: <third@privat.example>\n\
         In-Reply-To: {id}\nReferences: <first-id-4711@privat.example> {id}\n\n\
         Is it mended? The router of sample 5.2.0 still loops on /a//b, and an attacker stops it.\n"
    ));
    let new = past.project.json(&["case", "list", "--json"]);
    assert_eq!(new.as_array().unwrap().len(), 1, "{new}");
    assert_eq!(new[0]["id"], past.case(2));
    let file = past.project.json(&["case", "show", &past.case(2), "--json"]);
    assert_eq!(file["earlier"], serde_json::json!([]));
    assert_eq!(
        past.project.json(&["case", "show", &case, "--json"])["events"].as_array().unwrap().len(),
        1
    );
    // A bounce of an old letter finds nothing either, and a mail that is seen again is known.
    past.arrives(&format!(
        "From: MAILER-DAEMON@privat.example\nTo: security@example.org\nSubject: failed\n\
         Message-ID: <dsn@privat.example>\nIn-Reply-To: {id}\nContent-Type: multipart/report; \
         report-type=delivery-status; boundary=b\n\n--b\n\nIt failed.\n--b\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; privat.example\n\n\
         Final-Recipient: rfc822; quendolyn@privat.example\nAction: failed\nStatus: 5.1.1\n\n--b\n\
         Content-Type: message/rfc822-headers\n\nMessage-ID: {id}\n\n--b--\n"
    ));
    past.arrives(REPORT);
    assert_eq!(past.project.json(&["case", "list", "--json"]).as_array().unwrap().len(), 1);
    past.project.embargod(&["verify"]);
}

#[test]
fn nothing_is_done_with_what_was_purged() {
    let past = worked();
    past.project.embargod(&["purge", "--yes"]);
    let case = past.case(1);
    for verb in [
        &["case", "reopen", &case, "--reason", "why"][..],
        &["case", "reply", &case, "-m", "hello"],
        &["case", "note", &case, "a word"],
    ] {
        let (status, said) = past.project.refused(verb);
        assert!(status == 1 && said.contains("was purged"), "{verb:?}: {said}");
    }
    let mails = past.project.json(&["mail", "list", "--all", "--json"]);
    for mail in mails.as_array().unwrap() {
        let number = mail["number"].to_string();
        assert!(!mail["purged_at"].is_null() && !mail["reasons"][0]["rule"].is_null(), "{mail}");
        assert!(past.project.prints(&["mail", "show", &number]).contains("purged"));
        let (status, said) = past.project.refused(&["mail", "accept", &number]);
        assert!(status == 1 && said.contains("was purged"), "{said}");
    }
    past.project.embargod(&["digest", "--all"]);
    past.project.once();
}

#[test]
fn tampering_is_caught_in_a_purged_case_and_beside_it() {
    let mut past = worked();
    past.arrives(&report("rae@example.net", "a-long-body"));
    past.project.embargod(&["purge", "--yes"]);
    let found = |sql: &str| {
        let copy = past.project.path("copy.db");
        past.project.embargod(&["backup", "--force", copy.to_str().unwrap()]);
        let changed = Connection::open(&copy).unwrap().execute(sql, []).unwrap();
        assert!(changed > 0, "{sql} changed nothing");
        let output = past.project.command(&["verify", copy.to_str().unwrap()]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{sql} was not found");
        String::from_utf8(output.stdout).unwrap()
    };
    let purged = "purged_at IS NOT NULL";
    let changed = found(&format!("UPDATE cases SET disposition = 'spam' WHERE {purged}"));
    assert!(changed.contains("disposition"), "{changed}");
    let erased = found(
        "UPDATE events SET change = NULL, salt = NULL
         WHERE case_key = (SELECT max(key) FROM cases) AND kind = 'opened'",
    );
    assert!(erased.contains("no purge says so"), "{erased}");
    let written =
        found(&format!("UPDATE incoming SET subject = 'x' WHERE {purged} AND number = 1"));
    assert!(written.contains("not all of it"), "{written}");
    let back =
        found("UPDATE outbox SET bytes = x'00' WHERE case_key = (SELECT min(key) FROM cases)");
    assert!(back.contains("still has outgoing mail"), "{back}");
    let last = found("UPDATE events SET change = NULL, salt = NULL WHERE kind = 'purged'");
    assert!(last.contains("no purge says so"), "{last}");
}

#[test]
fn a_purge_that_is_killed_is_nothing_or_is_made_good() {
    for (step, is_erased) in [
        ("store.committing", false),
        ("store.committed", true),
        ("purge.erased", true),
        ("clear.overwritten", true),
        ("clear.written-anew", true),
        ("clear.cleared", true),
    ] {
        let past = worked();
        let mut command = past.project.command(&["purge", "--yes"]);
        command.env(STAND_STILL, format!("{step}:1"));
        let mut killed = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let errors = killed.stderr.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(errors), &mut line).unwrap();
        assert!(line.contains(step), "{step}: {line}");
        killed.kill().unwrap();
        killed.wait().unwrap();
        past.project.embargod(&["verify"]);
        let case = past.project.json(&["case", "show", &past.case(1), "--json"]);
        assert_eq!(case["reporter"].is_null(), is_erased, "{step}");
        assert_eq!(past.project.json(&["purge", "--json"])["unfinished"], is_erased, "{step}");
        past.project.embargod(&["purge", "--yes"]);
        assert_eq!(past.traces(), Vec::<String>::new(), "{step}");
        let rest = past.project.json(&["purge", "--json"]);
        assert_eq!((&rest["unfinished"], &rest["cases"]), (&false.into(), &serde_json::json!([])));
        past.project.embargod(&["verify"]);
    }
}

#[test]
fn a_daemon_at_work_goes_on_while_a_purge_clears_the_store() {
    let mut past = worked();
    let mut daemon = past.project.command(&["run"]).stderr(Stdio::null()).spawn().unwrap();
    common::eventually("the daemon to be at work", || {
        past.project.command(&["status"]).output().unwrap().status.success().then_some(())
    });
    past.project.embargod(&["purge", "--yes"]);
    assert_eq!(past.traces(), Vec::<String>::new());
    past.project.arrives(report("rae@example.net", "a-long-body").as_bytes());
    common::eventually("a report to be taken in", || {
        let cases = past.project.json(&["case", "list", "--json"]);
        (cases.as_array().unwrap().len() == 1).then_some(())
    });
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    past.project.embargod(&["verify"]);
}

#[test]
fn a_record_to_publish_has_no_word_of_anybody() {
    let mut past = worked();
    let export = |past: &Past, n| {
        let case = past.case(n);
        let page = past.project.prints(&["case", "export", &case, "--redacted"]);
        let json = past.project.json(&["case", "export", &case, "--redacted", "--json"]);
        (page, json)
    };
    let private = |page: &str, json: &Value| {
        let all = format!("{page}{json}");
        for word in PERSONAL.iter().chain(&["ada", "kommilitone", "CVE-2024-12345", "5.3.0"]) {
            assert!(!all.contains(word), "{word} is told:\n{all}");
        }
    };
    // It was confirmed and never disclosed: nothing is told of the problem.
    let (page, json) = export(&past, 1);
    private(&page, &json);
    for words in ["fixed", "acknowledged", "Promises", "a person's answer went out"] {
        assert!(page.contains(words), "{words} is missing:\n{page}");
    }
    assert!(json["disclosed"].is_null() && json["promises"][0]["kept"] == true, "{json}");
    // What was purged has its dates, and what was open or secret has no record.
    past.project.embargod(&["purge", "--yes"]);
    let (page, json) = export(&past, 1);
    private(&page, &json);
    past.arrives(&report("rae@example.net", "a-long-body"));
    let refused =
        |past: &Past| past.project.refused(&["case", "export", &past.case(2), "--redacted"]);
    let (status, said) = refused(&past);
    assert!(status == 1 && said.contains("only a closed case"), "{said}");
    let until = (Utc::now() + TimeDelta::days(30)).format("%Y-%m-%dT18:00Z");
    past.run(&format!("case embargo {} '{until}'", past.case(2)));
    past.run(&format!("case close {} --as withdrawn", past.case(2)));
    let (status, said) = refused(&past);
    assert!(status == 1 && said.contains("under embargo until"), "{said}");
    let (status, said) = past.project.refused(&["case", "export", &past.case(1)]);
    assert!(status == 2 && said.contains("--redacted"), "{said}");
}

#[test]
fn a_record_calls_no_promise_missed_whose_time_is_not_over() {
    let mut local = Local::new("");
    local.arrives(report("rae@example.net", "a-long-body").as_bytes());
    local.once();
    let case = common::local::id(1);
    local.embargod(&["case", "close", &case, "--as", "withdrawn"]);
    let promises = |local: &Local| {
        let record = local.json(&["case", "export", &case, "--redacted", "--json"]);
        let promises = record["promises"].as_array().unwrap().clone();
        promises.iter().map(|promise| (promise["what"].clone(), promise["kept"].clone())).collect()
    };
    let kept: Vec<(Value, Value)> = promises(&local);
    assert_eq!(kept, [("acknowledgement".into(), true.into())]);
    local.once();
    let kept = promises(&local);
    assert_eq!(kept.len(), 2, "the closing letter is the answer");
    assert!(kept.iter().all(|(_, kept)| kept == true), "{kept:?}");
}

#[test]
fn a_record_of_a_disclosed_case_has_versions_number_and_agreed_credits() {
    let mut past = Past::new();
    past.arrives(REPORT);
    for line in [
        "case reply ID -m 'Answer-Kerfuffle'",
        "run --once",
        "case confirm ID --affected '< 5.3.0'",
        "case fix ID 5.x",
        "case release ID 5.x 5.3.0",
        "case describe ID --title 'Loop in the *router*' --summary 'It loops.' --cve CVE-2024-12345",
        "case credit ID 'Rae Finder'",
        "case note ID 'Note-Snollygoster'",
        "case disclose ID",
        "case close ID --as fixed",
        "run --once",
    ] {
        past.run(&line.replace("ID", &past.case(1)));
    }
    let page = past.project.prints(&["case", "export", &past.case(1), "--redacted"]);
    for words in
        ["Loop in the \\*router\\*", "CVE-2024-12345", "\\< 5.3.0", "5.x (5.3.0)", "Rae Finder"]
    {
        assert!(page.contains(words), "{words} is missing:\n{page}");
    }
    for word in ["Quendolyn", "privat", "Zyzzyva", "Kerfuffle", "Snollygoster", "ada"] {
        assert!(!page.contains(word), "{word} is told:\n{page}");
    }
}
