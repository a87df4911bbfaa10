//! The table of hostile mails, `fixtures/hostile/table.toml`: all of them through the whole daemon at
//! once, then a look at everything that goes out and everything that a person is shown.
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

use common::local::{Local, id};
use serde::Deserialize;
use serde_json::Value;

const REPORT: &str = "parseCount() of sample 4.2.1 reads past its buffer when the header X-Count is 7; the\n\
                      process ends with a fault. To reproduce: send `GET / HTTP/1.1` with `X-Count: 7`. An\n\
                      attacker who reaches the server stops it.";

const CONFIG: &str = r#"
[authentication]
by = "server"
server = "mx.example.org"
fields = 1
[limits]
message_bytes = "2 MiB"
notices_per_person = 1000
answers_per_domain = 5000
[[maintainers]]
handle = "grace"
name = "Grace Hopper"
address = "grace@private.example"
"#;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    mail: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    must_not: String,
    #[serde(default)]
    head: String,
    body: Option<String>,
    fill: Option<Fill>,
    #[serde(default)]
    never: Vec<String>,
    kind: Option<String>,
    answered: Option<String>,
    sender: Option<String>,
    doubt: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fill {
    text: String,
    times: usize,
}

impl Row {
    /// Who wrote it, where the row does not say.
    fn author(n: usize) -> String {
        format!("row{n}@hostile.example")
    }

    fn bytes(&self, n: usize) -> Vec<u8> {
        let has = |name: &str| {
            self.head.lines().any(|line| line.to_lowercase().starts_with(&name.to_lowercase()))
        };
        let mut head = String::new();
        for (name, value) in [
            ("From:", format!("Row <{}>", Self::author(n))),
            ("To:", "security@example.org".to_owned()),
            ("Subject:", format!("crash {n}")),
            ("Message-ID:", format!("<{n}@hostile.example>")),
            ("Date:", "Mon, 23 Nov 2026 09:00:00 +0000".to_owned()),
        ] {
            if !has(name) {
                head.push_str(&format!("{name} {value}\n"));
            }
        }
        // What a receiving server adds stands first.
        let by_server = ["Authentication-Results:", "Return-Path:"];
        let (first, then) = match by_server.iter().any(|name| self.head.starts_with(name)) {
            true => (self.head.as_str(), head.as_str()),
            false => (head.as_str(), self.head.as_str()),
        };
        let whole = format!("{first}{then}\n{}\n", self.body.as_deref().unwrap_or(REPORT));
        let fill = self.fill.as_ref().map_or(String::new(), |fill| fill.text.repeat(fill.times));
        // Numbers in the text keep one row's report from being another's said again.
        let report = format!("{REPORT} ({n} of many.)");
        let year = id(1)[4..8].to_owned();
        whole
            .replace("@FILL@", &fill)
            .replace("@REPORT@", &report)
            .replace(REPORT, &report)
            .replace("@YEAR@", &year)
            .into_bytes()
    }
}

fn table() -> Vec<Row> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/hostile/table.toml");
    let table: Table = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(table.mail.len() >= 60, "{} rows", table.mail.len());
    table.mail
}

/// A project into which the table came, behind a report of somebody good.
fn attacked(more: &str) -> (Local, Vec<Row>) {
    let rows = table();
    let mut local = Local::new(&format!("{CONFIG}{more}"));
    let good = format!(
        "From: first@good.example\nTo: security@example.org\nSubject: good\n\
         Message-ID: <first@good.example>\nDate: Mon, 23 Nov 2026 09:00:00 +0000\n\n{REPORT}\n"
    );
    local.arrives(good.as_bytes());
    for (n, row) in rows.iter().enumerate() {
        local.arrives(&row.bytes(n));
    }
    local.once();
    (local, rows)
}

/// What may stand in the header of a mail of ours.
const FIELDS: [&str; 13] = [
    "From",
    "To",
    "Cc",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
];

/// What no mail of ours may be, whoever it is for.
fn assert_sound(mail: &str) {
    assert!(mail.is_ascii() && !mail.contains(['\r', '\0', '\u{1b}']), "{mail}");
    assert!(mail.lines().all(|line| line.len() <= 998), "{mail}");
    let (header, _) = mail.split_once("\n\n").unwrap();
    let mut seen = Vec::new();
    for line in header.lines().filter(|line| !line.starts_with([' ', '\t'])) {
        let (name, _) = line.split_once(':').unwrap_or_else(|| panic!("no field: {line}"));
        assert!(!seen.contains(&name), "{name} stands twice: {mail}");
        let known = FIELDS.contains(&name) || name == "Content-Transfer-Encoding";
        assert!(known, "a field {name}: {mail}");
        seen.push(name);
    }
    assert!(mail.starts_with("From: \"Sample security\" <security@example.org>\n"), "{mail}");
    assert!(!mail.contains("\nCc:"), "somebody was added: {mail}");
}

/// What no text that a person is shown may have.
fn assert_harmless(what: &str, text: &str) {
    for c in text.chars() {
        let hidden = matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
        assert!(c == '\n' || !(c.is_control() || hidden), "{c:?} in {what}:\n{text}");
    }
}

fn is_to_a_maintainer(mail: &str) -> bool {
    mail.contains(".notice.")
}

#[test]
fn nothing_that_goes_out_or_is_shown_does_what_a_hostile_mail_wants() {
    let (local, rows) = attacked("");
    let sent = local.sent();
    for mail in &sent {
        assert_sound(mail);
        let to_reporter = !is_to_a_maintainer(mail);
        let to = mail.lines().find_map(|line| line.strip_prefix("To: ")).unwrap();
        assert!(!to.contains("victim"), "{mail}");
        // A notice is plain text and shows the subject, whatever that says.
        if to_reporter {
            for (row, never) in rows.iter().flat_map(|row| row.never.iter().map(move |n| (row, n)))
            {
                assert!(!mail.contains(never), "«{}» must not {}: {mail}", row.name, row.must_not);
            }
            let mail = mail.to_lowercase();
            assert!(!mail.contains("victim") && !mail.contains("private.example"), "{mail}");
            assert!(!mail.contains("parsecount") && !mail.contains("crash"), "{mail}");
        }
    }
    // One row a mail, in the order of arrival: none was lost, none became two.
    let listed = local.json(&["mail", "list", "--all", "--json", "--limit", "1000"]);
    let mut mails: Vec<&Value> = listed.as_array().unwrap().iter().collect();
    mails.reverse();
    assert_eq!(mails.len(), rows.len() + 1);
    for (n, row) in rows.iter().enumerate() {
        let (mail, why) = (mails[n + 1], format!("«{}» must not {}", row.name, row.must_not));
        if let Some(kind) = &row.kind {
            assert_eq!(mail["kind"], kind.as_str(), "{why}: {mail}");
        }
        let case = mail["case"].as_str();
        assert_ne!(case, Some(id(1).as_str()), "{why}: it joined somebody's case");
        let show = |case: &str| local.json(&["case", "show", case, "--json"]);
        if let Some(sender) = &row.sender {
            assert_eq!(show(case.unwrap())["sender"], sender.as_str(), "{why}");
        }
        if let Some(doubt) = &row.doubt {
            let case = show(case.unwrap_or_else(|| panic!("{why}: no case")));
            let said = case["doubt"].as_str().unwrap_or_default();
            assert!(said.contains(doubt.as_str()), "{why}: {said}");
        }
        if let Some(answered) = &row.answered {
            let author = Row::author(n);
            let own = if answered == "from" { author.as_str() } else { answered.as_str() };
            let answers = |mail: &&String| match case {
                Some(case) => !is_to_a_maintainer(mail) && mail.contains(case),
                None => false,
            };
            let to: Vec<&str> = sent
                .iter()
                .filter(answers)
                .filter_map(|mail| mail.lines().find_map(|line| line.strip_prefix("To: ")))
                .collect();
            let expected: Vec<&str> = if own.is_empty() { vec![] } else { vec![own] };
            assert_eq!(to, expected, "{why}: answered");
        }
    }
    // The good report is where it was, and nobody's mail did anything to it.
    let good = local.json(&["case", "show", &id(1), "--json"]);
    assert_eq!(good["state"], "acknowledged");
    assert_eq!(good["messages"].as_array().unwrap().len(), 3, "the report, its answer, its notice");
    assert!(good["unreached"].is_null());

    // What people are shown.
    let mut shown = vec![
        ("case list", local.prints(&["case", "list"])),
        ("mail list", local.prints(&["mail", "list", "--all", "--limit", "1000"])),
        ("digest", local.prints(&["digest", "--all"])),
        ("handlers", local.prints(&["handlers"])),
    ];
    for case in local.json(&["case", "list", "--json"]).as_array().unwrap() {
        shown.push(("case show", local.prints(&["case", "show", case["id"].as_str().unwrap()])));
    }
    for n in 1..=rows.len() + 1 {
        shown.push(("mail show", local.prints(&["mail", "show", &n.to_string()])));
    }
    for (what, text) in &shown {
        assert_harmless(what, text);
    }
    let html = local.prints(&["digest", "--html", "--all"]);
    assert_harmless("the HTML of a digest", &html);
    for (row, never) in rows.iter().flat_map(|row| row.never.iter().map(move |n| (row, n))) {
        assert!(!html.contains(never), "«{}» must not {}", row.name, row.must_not);
    }
    // A command that is there to be copied has no word of a stranger in it.
    for (what, text) in shown.iter().filter(|(what, _)| *what != "mail show") {
        for line in text.lines().map(str::trim).filter(|line| line.starts_with("embargod ")) {
            let plain = |c: char| c.is_ascii_alphanumeric() || " -_.".contains(c);
            assert!(line.chars().all(plain), "in {what}: {line}");
        }
    }
    local.embargod(&["verify"]);
    let before = sent.len();
    local.once();
    assert_eq!(local.sent().len(), before, "a second look answered somebody again");
}

#[test]
fn whose_text_goes_to_maintainers_is_quoted_and_whose_files_do_run_nowhere() {
    let (local, _) = attacked("[notices]\ncontent = \"text-and-files\"\n");
    let mut with_files = 0;
    for mail in local.sent() {
        assert_sound(&mail);
        if !is_to_a_maintainer(&mail) {
            continue;
        }
        let types: Vec<&str> =
            mail.lines().filter_map(|line| line.strip_prefix("Content-Type: ")).collect();
        let known = ["text/plain; charset=utf-8", "multipart/mixed;", "application/octet-stream"];
        assert!(types.iter().all(|t| known.iter().any(|k| t.starts_with(k))), "{types:?}");
        for line in mail.lines().filter(|line| line.contains("filename")) {
            with_files += 1;
            let name = line.split("filename=\"").nth(1).unwrap_or_else(|| panic!("{line}"));
            let name = name.trim_end_matches('"');
            assert!(name.ends_with(".attachment"), "{line}");
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)), "{line}");
        }
        // A stranger's line begins with a mark, so that it is neither ours nor a command.
        assert!(!mail.lines().any(|line| line.starts_with('!')), "{mail}");
    }
    assert!(with_files >= 5, "{with_files}");
}
