//! Years of history come in: cases with their threads, everything once, and not one mail goes out.
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
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use common::eventually;
use common::local::{Local, id};
use common::process::Server;
use serde_json::Value;

const REPORT: &str = "Sample 4.2.0 loops for ever on the path /a//b. Start the example server and \
                      request it once: one core is busy until the process is killed.";

/// One mail of an archive.
#[derive(Clone)]
struct Old {
    head: String,
    at: DateTime<Utc>,
    body: String,
}

/// A mail from somebody at a time, with the rest of its head.
fn old(at: DateTime<Utc>, from: &str, head: &str, body: &str) -> Old {
    Old { head: format!("From: {from}\n{head}\n"), at, body: body.to_owned() }
}

impl Old {
    fn text(&self) -> String {
        format!("{}Date: {}\n\n{}\n", self.head, self.at.to_rfc2822(), self.body)
    }
}

fn mbox(mails: &[Old]) -> String {
    let mut text = String::new();
    for mail in mails {
        text.push_str(&format!("From someone Mon Nov 23 10:00:00 2026\n{}\n", mail.text()));
    }
    text
}

fn spring() -> DateTime<Utc> {
    "2024-03-01T10:00:00Z".parse().unwrap()
}

/// A thread as a shared mailbox has it, from the report to the last word, beginning at `at`.
fn thread(name: &str, at: DateTime<Utc>) -> Vec<Old> {
    let later = |hours: i64| at + TimeDelta::hours(hours);
    let to = "To: security@example.org";
    let thread =
        format!("In-Reply-To: <{name}.1@finders.example>\nReferences: <{name}.1@finders.example>");
    vec![
        old(
            at,
            "Rae <rae@finders.example>",
            &format!("{to}\nSubject: Loop {name}\nMessage-ID: <{name}.1@finders.example>"),
            REPORT,
        ),
        old(
            later(0),
            "security@example.org",
            &format!(
                "To: rae@finders.example\nSubject: We have your mail\n\
                Message-ID: <{name}.2@example.org>\nAuto-Submitted: auto-replied\n{thread}"
            ),
            "Thank you. A person will answer you.",
        ),
        old(
            later(30),
            "Ada <ada@example.org>",
            &format!(
                "To: Rae <rae@finders.example>\nCc: security@example.org\nSubject: Re: Loop {name}\n\
                Message-ID: <{name}.3@example.org>\n{thread}"
            ),
            "We can see it too and work on a fix.",
        ),
        old(
            later(50),
            "Rae <rae@finders.example>",
            &format!(
                "{to}\nSubject: Re: Loop {name}\nMessage-ID: <{name}.4@finders.example>\n\
                In-Reply-To: <{name}.3@example.org>\n\
                References: <{name}.1@finders.example> <{name}.3@example.org>"
            ),
            "Thank you. Is there a date for the release yet?",
        ),
        old(
            later(51),
            "Ada <ada@example.org>",
            &format!(
                "{to}\nSubject: Re: Loop {name}\nMessage-ID: <{name}.5@example.org>\n\
                In-Reply-To: <{name}.4@finders.example>"
            ),
            "Bob, can you tell? Only to us.",
        ),
    ]
}

fn write(project: &Local, name: &str, text: &str) -> String {
    let path = project.path(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn import(project: &Local, paths: &[&str]) -> Value {
    project.json(&[&["import", "--json"], paths].concat())
}

fn cases(project: &Local) -> Vec<Value> {
    project.json(&["case", "list", "--all", "--json"]).as_array().unwrap().clone()
}

/// What the events of a case are called, in their order, without what depends on the day.
fn course(case: &Value) -> Vec<String> {
    let events = case["events"].as_array().unwrap();
    let line = |event: &Value| match event["kind"].as_str().unwrap() {
        "imported" => "imported".to_owned(),
        kind => {
            format!("{} {} {kind}", event["at"].as_str().unwrap(), event["actor"].as_str().unwrap())
        }
    };
    events.iter().map(line).collect()
}

#[test]
fn a_thread_of_an_archive_becomes_a_case_with_the_times_of_its_mails() {
    let project = Local::new("");
    let path = write(&project, "old.mbox", &mbox(&thread("a", spring())));
    let told = import(&project, &[&path]);
    assert_eq!(
        [&told["mails"], &told["cases"], &told["replies"], &told["follow_ups"]],
        [5, 1, 2, 2]
    );

    let case = project.json(&["case", "show", "EMB-2024-0001", "--json"]);
    assert_eq!(case["received_at"], "2024-03-01T10:00:00Z");
    assert_eq!(case["acknowledged_at"], "2024-03-01T10:00:00Z");
    assert_eq!(case["responded_at"], "2024-03-02T16:00:00Z");
    assert_eq!(case["handler"], "ada");
    assert_eq!((&case["state"], &case["disposition"]), (&"closed".into(), &Value::Null));
    assert!(case["imported_at"].is_string());
    assert_eq!(
        course(&case),
        [
            "2024-03-01T10:00:00Z reporter opened",
            "imported",
            "2024-03-01T10:00:00Z policy noticed",
            "2024-03-01T10:00:00Z policy acknowledged",
            "2024-03-02T16:00:00Z ada assigned",
            "2024-03-02T16:00:00Z ada responded",
            "2024-03-03T12:00:00Z reporter follow-up",
            "2024-03-03T13:00:00Z reporter follow-up",
            "2024-03-03T13:00:00Z policy archived",
        ]
    );
    let messages = case["messages"].as_array().unwrap();
    let ways: Vec<&str> = messages.iter().map(|m| m["direction"].as_str().unwrap()).collect();
    assert_eq!(ways, ["in", "out", "out", "in", "in"]);
    project.embargod(&["verify"]);
}

#[test]
fn nothing_goes_out_and_no_clock_runs_because_of_an_import() {
    let project = Local::new("");
    let recently = Utc::now() - TimeDelta::days(20);
    let mails = [thread("old", spring()), thread("new", recently)[..1].to_vec()].concat();
    let path = write(&project, "old.mbox", &mbox(&mails));
    import(&project, &[&path]);
    project.once();
    assert!(fs::read_dir(project.path("out/new")).unwrap().next().is_none(), "a mail went out");

    let open = project.json(&["case", "list", "--json"]);
    let [case] = open.as_array().unwrap().as_slice() else { panic!("{open}") };
    assert_eq!((&case["subject"], &case["state"]), (&"Loop new".into(), &"received".into()));
    for clock in ["acknowledge_by", "respond_by", "next_update_by"] {
        assert_eq!(case[clock], Value::Null, "{clock}");
    }
    let digest = project.prints(&["digest"]);
    assert!(digest.contains("Loop new") && !digest.contains("Loop old"), "{digest}");
    assert!(!digest.to_lowercase().contains("overdue"), "{digest}");
}

#[test]
fn an_archive_gives_the_same_cases_in_whatever_order_it_lies() {
    let in_order = Local::new("");
    let path = write(&in_order, "a.mbox", &mbox(&thread("a", spring())));
    import(&in_order, &[&path]);
    let reversed = Local::new("");
    let mut mails = thread("a", spring());
    mails.reverse();
    let folder: Vec<String> = mails
        .iter()
        .enumerate()
        .map(|(n, mail)| write(&reversed, &format!("old/{n}.eml"), &mail.text()))
        .collect();
    assert_eq!(folder.len(), 5);
    let told = import(&reversed, &[reversed.path("old").to_str().unwrap()]);
    assert_eq!(told["mails"], 5);
    let show =
        |project: &Local| course(&project.json(&["case", "show", "EMB-2024-0001", "--json"]));
    assert_eq!(show(&in_order), show(&reversed));
}

#[test]
fn what_is_imported_again_is_here_already() {
    let project = Local::new("");
    let path = write(&project, "old.mbox", &mbox(&thread("a", spring())));
    import(&project, &[&path]);
    let before = project.json(&["case", "show", "EMB-2024-0001", "--json"]);
    let told = import(&project, &[&path]);
    assert_eq!([&told["already_here"], &told["duplicates"], &told["cases"]], [3, 2, 0]);
    // The same mails from another place: other line ends, and no mbox around them.
    let folder = project.path("copy");
    for (n, mail) in thread("a", spring()).iter().enumerate() {
        write(&project, &format!("copy/{n}.eml"), &mail.text().replace('\n', "\r\n"));
    }
    let told = import(&project, &[folder.to_str().unwrap()]);
    assert_eq!([&told["duplicates"], &told["cases"], &told["follow_ups"]], [5, 0, 0]);
    let after = project.json(&["case", "show", "EMB-2024-0001", "--json"]);
    assert_eq!(course(&before), course(&after));
    project.embargod(&["verify"]);
}

#[test]
fn an_import_that_was_killed_goes_on_and_everything_is_there_once() {
    let mails: Vec<Old> = (0..60)
        .flat_map(|n| thread(&format!("t{n}"), spring() + TimeDelta::hours(n * 7)))
        .collect();
    let whole = Local::new("");
    let path = write(&whole, "old.mbox", &mbox(&mails));
    import(&whole, &[&path]);

    let killed = Local::new("");
    let path = write(&killed, "old.mbox", &mbox(&mails));
    let mut running = killed.command(&["import", &path]).spawn().unwrap();
    eventually("the first commits", || {
        let store = rusqlite::Connection::open(killed.path("embargod.db")).ok()?;
        let count =
            store.query_row("SELECT count(*) FROM incoming", [], |row| row.get::<_, i64>(0));
        (count.ok()? > 0).then_some(())
    });
    running.kill().unwrap();
    running.wait().unwrap();
    import(&killed, &[&path]);

    let courses = |project: &Local| -> Vec<Vec<String>> {
        cases(project)
            .iter()
            .map(|case| {
                course(&project.json(&["case", "show", case["id"].as_str().unwrap(), "--json"]))
            })
            .collect()
    };
    assert_eq!(courses(&killed), courses(&whole));
    killed.embargod(&["verify"]);
}

#[test]
fn a_report_imported_after_what_was_said_of_it_is_where_its_case_begins() {
    let project = Local::new("");
    let mails = thread("a", spring());
    let sent = write(&project, "sent.mbox", &mbox(&mails[2..3]));
    let told = import(&project, &[&sent]);
    assert_eq!([&told["replies"], &told["cases"]], [1, 0]);
    let answer = project.json(&["case", "show", "EMB-2024-0001", "--json"]);
    assert_eq!(answer["reporter"]["address"], "rae@finders.example");

    let inbox = write(&project, "inbox.mbox", &mbox(&[mails[0].clone(), mails[3].clone()]));
    let told = import(&project, &[&inbox]);
    assert_eq!([&told["cases"], &told["follow_ups"]], [0, 2]);
    let case = project.json(&["case", "show", "EMB-2024-0001", "--json"]);
    assert_eq!(case["received_at"], "2024-03-01T10:00:00Z");
    assert_eq!(case["subject"], "Loop a");
    assert_eq!(case["reporter"]["name"], "Rae");
    assert_eq!(case["responded_at"], "2024-03-02T16:00:00Z");
    assert!(case["facts"].is_object(), "the report was not looked at");
    assert_eq!(cases(&project).len(), 1);
    project.embargod(&["verify"]);
}

#[test]
fn two_answers_to_a_mail_that_nobody_has_stand_in_one_case() {
    let project = Local::new("");
    let answer = |n: i64| {
        old(
            spring() + TimeDelta::days(n),
            "Rae <rae@finders.example>",
            &format!(
                "To: security@example.org\nSubject: Re: Loop\n\
                Message-ID: <{n}@finders.example>\nReferences: <lost@finders.example>"
            ),
            REPORT,
        )
    };
    for n in [1, 2] {
        let path = write(&project, &format!("{n}.eml"), &answer(n).text());
        import(&project, &[&path]);
    }
    assert_eq!(cases(&project).len(), 1);
}

#[test]
fn a_mail_that_arrives_later_finds_its_imported_case() {
    let mut project = Local::new("[notices]\nsend = []\n");
    let path = write(&project, "old.mbox", &mbox(&thread("a", spring())));
    import(&project, &[&path]);
    let answer = old(
        Utc::now(),
        "Rae <rae@finders.example>",
        "To: security@example.org\nSubject: Re: Loop a\nMessage-ID: <a.6@finders.example>\n\
         In-Reply-To: <a.3@example.org>\nReferences: <a.1@finders.example> <a.3@example.org>",
        "It is back in 4.3.0: the same path loops again.",
    );
    project.arrives(answer.text().as_bytes());
    project.once();
    let case = project.json(&["case", "show", "EMB-2024-0001", "--json"]);
    assert_eq!(case["messages"].as_array().unwrap().len(), 6);
    assert_eq!(cases(&project).len(), 1);
    let digest = project.prints(&["digest"]);
    assert!(digest.contains("EMB-2024-0001"), "nobody hears of it: {digest}");
}

#[test]
fn a_case_of_today_takes_in_what_an_archive_has_of_it() {
    let mut project = Local::new("");
    let at = Utc::now() - TimeDelta::minutes(5);
    let mails = thread("a", at);
    project.arrives(mails[0].text().as_bytes());
    project.once();
    let aside = old(
        at + TimeDelta::minutes(1),
        "Rae <rae@finders.example>",
        "To: ada@example.org\nSubject: Loop a\nMessage-ID: <a.7@finders.example>\n\
         In-Reply-To: <a.1@finders.example>",
        "Only to you: here is how I found it.",
    );
    let path = write(&project, "ada.mbox", &mbox(&[mails[0].clone(), aside]));
    let told = import(&project, &[&path]);
    assert_eq!([&told["duplicates"], &told["follow_ups"], &told["cases"]], [1, 1, 0]);
    let case = project.json(&["case", "show", &id(1), "--json"]);
    assert_eq!((&case["state"], &case["imported_at"]), (&"acknowledged".into(), &Value::Null));
    project.embargod(&["verify"]);
}

#[test]
fn machines_mail_is_recorded_and_what_cannot_be_read_is_named() {
    let project = Local::new("");
    let mut mails = thread("a", spring());
    let list = "To: security@example.org\nSubject: Digest\nMessage-ID: <l@lists.example>\n\
                List-Id: <news.lists.example>\nList-Unsubscribe: <mailto:x@lists.example>";
    mails.push(old(spring(), "News <news@lists.example>", list, "News of the week."));
    mails.push(old(
        spring() + TimeDelta::hours(31),
        "Rae <rae@finders.example>",
        "To: ada@example.org\nSubject: Out of office\nMessage-ID: <v@finders.example>\n\
         Auto-Submitted: auto-replied\nIn-Reply-To: <a.3@example.org>",
        "Back on Monday.",
    ));
    write(&project, "old/a.mbox", &mbox(&mails));
    write(&project, "old/empty.eml", "");
    fs::write(project.path("old/noise.eml"), [0xff_u8; 400]).unwrap();
    let folder = project.path("old");
    let output = project
        .command(&["import", "--json", folder.to_str().unwrap(), "/nowhere/at/all"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["recorded"]["bulk"], 1);
    assert_eq!(told["recorded"]["auto-reply"], 1);
    assert_eq!(told["recorded"]["malformed"], 1);
    let unreadable: Vec<String> = told["unreadable"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mail| format!("{} {}", mail["why"].as_str().unwrap(), mail["kept"]))
        .collect();
    for (name, kept) in
        [("/nowhere/at/all", "false"), ("empty.eml", "false"), ("noise.eml", "true")]
    {
        let found = unreadable.iter().find(|line| line.contains(name));
        assert!(found.is_some_and(|line| line.ends_with(kept)), "{name}: {unreadable:?}");
    }
    assert_eq!(told["cases"], 1, "the rest went on");
    let case = project.json(&["case", "show", "EMB-2024-0001", "--json"]);
    assert!(course(&case).iter().any(|event| event.ends_with("machine-mail")));
    project.embargod(&["verify"]);
}

#[test]
fn a_dry_run_says_what_an_import_would_do_and_writes_nothing() {
    let project = Local::new("");
    let path = write(&project, "old.mbox", &mbox(&thread("a", spring())));
    let words = project.prints(&["import", "--dry-run", &path]);
    assert!(words.contains("dry run"), "{words}");
    let files = |project: &Local| -> Vec<PathBuf> {
        fs::read_dir(project.path("")).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    assert!(files(&project).iter().all(|file| !file.to_str().unwrap().contains("embargod.db")));

    let mut told = import(&project, &["--dry-run", &path]);
    told["dry_run"] = false.into();
    assert_eq!(told, import(&project, &[&path]));
    let again = import(&project, &["--dry-run", &path]);
    assert_eq!(again["already_here"], 3, "a dry run knows what is here");
}

#[test]
fn an_import_goes_on_beside_the_daemon_and_neither_holds_up_the_other() {
    let mut project = Local::new("");
    project.once();
    let daemon = Server::start(&mut project.command(&["run"]));
    let mails: Vec<Old> = (0..80)
        .flat_map(|n| thread(&format!("t{n}"), spring() + TimeDelta::hours(n * 7)))
        .collect();
    let path = write(&project, "old.mbox", &mbox(&mails));
    let mut running = project.command(&["import", &path]).spawn().unwrap();
    project.arrives(thread("live", Utc::now())[0].text().as_bytes());
    assert!(running.wait().unwrap().success());
    eventually("the acknowledgement", || {
        (!project.sent_to("rae@finders.example").is_empty()).then_some(())
    });
    drop(daemon);
    assert_eq!(cases(&project).len(), 81);
    project.embargod(&["verify"]);
}

#[test]
fn the_figures_of_the_past_are_there_once_it_is_imported() {
    let project = Local::new("");
    let path = write(&project, "old.mbox", &mbox(&thread("a", spring())));
    import(&project, &[&path]);
    let march = ["stats", "--json", "--from", "2024-03-01", "--to", "2024-03-31"];
    let figures = project.json(&march);
    assert_eq!(figures["respond"]["median_seconds"], 30 * 3600);
    assert_eq!(figures["acknowledge"]["given"], 1);
    assert_eq!(figures["closed"][0]["disposition"], Value::Null);
}
