//! `daemon.toml`: what is accepted, what is refused, and in which words.

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
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use embargod::config::{SECTIONS, Secrets, Settings, Shape, locate};
use embargod::domain::mode::Mode;
use embargod::domain::outgoing::{Hold, Purpose};
use embargod::mail::inbox::{Addressees, Source, Unaddressed};
use embargod::mail::outbox::Transport;
use embargod::mail::tls::Security;
use embargod::policy::schedule::WhenEmpty;
use proptest::prelude::*;
use tempfile::TempDir;

/// The smallest configuration that is whole.
const SMALLEST: &str = r#"
[project]
name = "Express"
address = "security@example.org"

[inbox]
server = "maildir:inbox"

[outbox]
server = "maildir:outbox"

[[maintainers]]
handle = "ada"
name = "Ada Lovelace"
address = "ada@example.org"
"#;

/// A file of holidays.
const HOLIDAYS: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//office//EN\r\n\
    BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Constitution Day\r\nDTSTART;VALUE=DATE:20201206\r\n\
    RRULE:FREQ=YEARLY\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:Founders' Day\r\nDTSTART;VALUE=DATE:20261208\r\n\
    DTEND;VALUE=DATE:20261210\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// A folder with what a configuration may name: an inbox, passwords, a template folder.
fn surroundings() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("inbox")).unwrap();
    fs::create_dir(at("templates")).unwrap();
    fs::write(at("not-a-certificate.pem"), "no certificate here\n").unwrap();
    fs::write(at("holidays.ics"), HOLIDAYS).unwrap();
    for (name, content, mode) in [
        ("imap-password", "correct horse\n", 0o600),
        ("smtp-password", "battery staple\r\n", 0o400),
        ("empty-password", "\n", 0o600),
        ("open-password", "correct horse\n", 0o640),
        ("commands-key", "0123456789abcdef0123456789abcdef\n", 0o600),
        ("two-line-password", "correct\nhorse\n", 0o600),
    ] {
        fs::write(at(name), content).unwrap();
        fs::set_permissions(at(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    folder
}

fn load_text(text: &str, secrets: Secrets) -> Result<Settings, String> {
    let folder = surroundings();
    let file = folder.path().join("daemon.toml");
    fs::write(&file, text).unwrap();
    Settings::load_with(&file, secrets, None)
        .map_err(|error| error.to_string().replace(folder.path().to_str().unwrap(), "DIR"))
}

fn load(text: &str) -> Result<Settings, String> {
    load_text(text, Secrets::Required)
}

fn addresses(addressees: &Addressees) -> Vec<String> {
    match addressees {
        Addressees::Everybody => vec![],
        Addressees::Only { addresses, .. } => {
            addresses.iter().map(|address| address.as_str().to_owned()).collect()
        }
    }
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/config");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_fixture_is_refused_in_one_line_that_names_place_key_and_remedy() {
    assert!(fixtures().len() > 50, "the fixtures are not where this test looks for them");
    let mut answers = String::new();
    for file in fixtures() {
        let symptom = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let error = match load(&fs::read_to_string(&file).unwrap()) {
            Err(error) => error,
            Ok(_) => panic!("{symptom}.toml is accepted"),
        };
        assert!(!error.contains('\n'), "{symptom}: more than a line: {error}");
        assert!(error.starts_with("DIR/daemon.toml"), "{symptom}: names no file: {error}");
        assert!(!error.contains("hunter2"), "{symptom}: shows a secret: {error}");
        answers.push_str(&format!("{symptom}\n    {error}\n"));
    }
    insta::assert_snapshot!("refused", answers);
}

#[test]
fn the_reference_configuration_loads_without_its_passwords() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("daemon.toml");
    let settings = Settings::load_with(&file, Secrets::Skip, None).unwrap();
    assert_eq!(settings.maintainers.len(), 2);
    assert_eq!(settings.exclusions.len(), 8);
    assert!(settings.scope.packages.iter().any(|package| package == "path-to-regexp"));
    let error = Settings::load_with(&file, Secrets::Required, None).unwrap_err();
    assert!(error.to_string().contains("smtp-password cannot be read"), "{error}");
}

#[test]
fn the_reference_configuration_shows_every_key_and_shows_its_default() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("daemon.toml")).unwrap();
    for section in SECTIONS {
        let header = match section.shape {
            Shape::Once => format!("[{}]", section.name),
            Shape::Repeated => format!("[[{}]]", section.name),
        };
        let start = text
            .find(&format!("\n{header}"))
            .or_else(|| text.find(&format!("\n# {header}")))
            .unwrap_or_else(|| panic!("{header} is not shown"));
        let rest = &text[start + header.len()..];
        let shown = &rest[..rest.find("\n[").or(rest.find("\n# [")).unwrap_or(rest.len())];
        for key in section.keys {
            let is_key = |line: &str| {
                let line = line.trim_start_matches('#').trim_start();
                line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
            };
            assert!(shown.lines().any(is_key), "{header} does not show {key}");
        }
    }
    // Taking the comment marks away changes nothing: what is shown behind them is the default.
    let optional =
        |line: &str| line.starts_with("# ") && line.contains(" = ") && !line.contains("example");
    let spelt_out: String = text
        .lines()
        .map(|line| if optional(line) { &line[2..] } else { line })
        .map(|line| format!("{line}\n"))
        .collect();
    assert_ne!(spelt_out, text);
    let plain = load_text(&text, Secrets::Skip).unwrap();
    let spelt_out = load_text(&spelt_out, Secrets::Skip).unwrap();
    let shown = |settings: &Settings| {
        let mut comparable = settings.clone();
        comparable.file = PathBuf::new();
        comparable.store = PathBuf::new();
        format!("{comparable:#?}")
    };
    assert_eq!(shown(&plain), shown(&spelt_out));
}

#[test]
fn every_key_that_is_known_is_read() {
    for section in SECTIONS {
        let header = match section.shape {
            Shape::Once => format!("[{}]", section.name),
            Shape::Repeated => format!("[[{}]]", section.name),
        };
        for key in section.keys {
            let others = others_needed(section.name, key);
            let text = format!(
                "{header}\n{others}{key} = 1979-05-27T07:32:00\n{}",
                rest_needed(section.name)
            );
            let error = load(&text).unwrap_err();
            let path = format!("{}.{key}", section.name);
            assert!(
                error.contains(&path) && error.contains("is a date"),
                "{path} is known, but nonsense in it gives: {error}"
            );
        }
    }
}

/// The keys that a section cannot do without, apart from one.
fn others_needed(section: &str, but: &str) -> String {
    let needed: &[(&str, &str)] = match section {
        "project" => &[("name", "\"Express\""), ("address", "\"security@example.org\"")],
        "inbox" => &[("server", "\"maildir:inbox\"")],
        "outbox" => &[("server", "\"maildir:outbox\"")],
        "maintainers" => {
            &[("handle", "\"ada\""), ("name", "\"Ada\""), ("address", "\"ada@example.org\"")]
        }
        "exclusions" => &[("id", "\"a\""), ("title", "\"A\"")],
        "relays" => &[("sender", "\"@example.org\"")],
        "commands" => &[("key_file", "\"commands-key\"")],
        "closed_season" => &[("from", "2026-12-24"), ("until", "2027-01-06")],
        "release_lines" => &[("name", "\"5.x\"")],
        "embargo_lists" => &[("name", "\"a\""), ("max", "\"14d\"")],
        _ => &[],
    };
    let lines = needed.iter().filter(|(key, _)| *key != but);
    lines.map(|(key, value)| format!("{key} = {value}\n")).collect()
}

/// The sections that a configuration cannot do without, apart from one.
fn rest_needed(but: &str) -> String {
    let sections = ["[project]", "[inbox]", "[outbox]", "[[maintainers]]"];
    sections
        .into_iter()
        .map(|header| (header, header.trim_matches(['[', ']'])))
        .filter(|(_, name)| *name != but)
        .map(|(header, name)| format!("{header}\n{}", others_needed(name, "")))
        .collect()
}

#[test]
fn the_smallest_configuration_gets_every_default() {
    let settings = load(SMALLEST).unwrap();
    assert_eq!(settings.mode, Mode::Live);
    assert_eq!(settings.bounces, None);
    assert_eq!(settings.give_up_after, TimeDelta::days(5));
    assert_eq!(settings.limits.message_bytes, 25 * 1024 * 1024);
    assert_eq!(settings.inbox.message_bytes, settings.limits.message_bytes);
    assert_eq!(settings.inbox.poll, Duration::from_secs(60));
    assert_eq!(addresses(&settings.inbox.addressees), ["security@example.org"]);
    assert_eq!(settings.promises, Default::default());
    assert_eq!(settings.digest, Default::default());
    assert_eq!(settings.digest.when_empty, WhenEmpty::Send);
    assert_eq!(settings.templates, None);
    assert!(settings.maintainers[0].lead, "where nobody is named lead, the first is");
}

#[test]
fn promises_are_counted_by_the_calendar_that_each_of_them_names() {
    let text = format!(
        "{SMALLEST}
        [sla]
        respond_within = \"24h\"
        calendar = \"business\"
        disclose_calendar = \"continuous\"
        [calendar]
        hours = [\"08:00-12:00\", \"13:00-17:00\"]
        timezone = \"Europe/Madrid\"
        holidays = [\"12-04\", 2026-12-07]
        holidays_file = \"holidays.ics\"
        pauses = [{{ from = 2026-12-24, until = \"2027-01-06\" }}]
        [closed_season]
        from = \"2026-12-24\"
        until = 2027-01-06
        "
    );
    let promises = load(&text).unwrap().promises;
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    for (start, deadline) in [
        // Thursday, then: every year's 4th, the 7th of this year, the file's 8th and 9th.
        ("2026-12-03T11:00:00Z", "2026-12-10T11:00:00Z"),
        ("2026-12-23T11:00:00Z", "2027-01-07T11:00:00Z"),
        // Within the closed season: from its end at midnight in Madrid, by the calendar.
        ("2026-12-24T11:00:00Z", "2027-01-07T16:00:00Z"),
    ] {
        assert_eq!(promises.respond_by(at(start)), at(deadline), "{start}");
    }
    // Continuous, but its clock does not start before the season's end either.
    assert_eq!(promises.disclose_by(at("2026-12-24T11:00:00Z")), at("2027-04-06T23:00:00Z"));
}

#[test]
fn paths_are_relative_to_the_file_that_names_them() {
    let settings = load(SMALLEST).unwrap();
    let folder = settings.file.parent().unwrap();
    assert_eq!(settings.store, folder.join("embargod.db"));
    match (&settings.inbox.source, &settings.outbox.transport) {
        (Source::Maildir(inbox), Transport::Maildir(outbox)) => {
            assert_eq!((inbox, outbox), (&folder.join("inbox"), &folder.join("outbox")));
        }
        other => panic!("{other:?}"),
    }
    let absolute = SMALLEST.replace("maildir:outbox", "maildir:/srv/outbox");
    match load(&absolute).unwrap().outbox.transport {
        Transport::Maildir(path) => assert_eq!(path, Path::new("/srv/outbox")),
        other => panic!("{other:?}"),
    }
}

/// [`SMALLEST`] with an IMAP server.
fn with_imap(server: &str) -> String {
    SMALLEST.replace(
        "server = \"maildir:inbox\"",
        &format!("server = \"{server}\"\nuser = \"ada\"\npassword_file = \"imap-password\""),
    )
}

#[test]
fn a_server_has_a_protection_a_host_and_a_port() {
    let cases = [
        ("imaps://mail.example.org", Security::Tls, "mail.example.org", 993),
        ("imaps://Mail.Example.org/", Security::Tls, "mail.example.org", 993),
        ("imaps://mail.example.org:443", Security::Tls, "mail.example.org", 443),
        ("imap+starttls://mail.example.org", Security::StartTls, "mail.example.org", 143),
        ("imaps://mail.bücher.example", Security::Tls, "mail.xn--bcher-kva.example", 993),
        ("imaps://[2001:db8::1]:1993", Security::Tls, "2001:db8::1", 1993),
        ("imap://localhost:1143", Security::Plain, "localhost", 1143),
        ("imap://127.3.2.1", Security::Plain, "127.3.2.1", 143),
        ("imap://[::1]", Security::Plain, "::1", 143),
    ];
    for (written, security, host, port) in cases {
        match load(&with_imap(written)).unwrap().inbox.source {
            Source::Imap { server, user, password, folder } => {
                assert_eq!(
                    (server.security, server.host.as_str(), server.port),
                    (security, host, port)
                );
                assert_eq!((user.as_str(), password.expose()), ("ada", "correct horse"));
                assert_eq!(folder, "INBOX");
            }
            other => panic!("{written}: {other:?}"),
        }
    }
}

#[test]
fn an_smtp_server_needs_no_login_and_is_greeted_by_name() {
    let with = |server: &str| {
        load(&SMALLEST.replace("server = \"maildir:outbox\"", server)).unwrap().outbox.transport
    };
    match with("server = \"smtp://127.0.0.1\"") {
        Transport::Smtp { server, login: None, hello } => {
            assert_eq!((server.port, hello.as_str()), (25, "example.org"));
        }
        other => panic!("{other:?}"),
    }
    let keys = "server = \"smtp+starttls://mail.example.org\"\nuser = \"ada\"\n\
                password_file = \"smtp-password\"\nhello = \"mail.example.org\"";
    match with(keys) {
        Transport::Smtp { server, login: Some((user, password)), hello } => {
            assert_eq!(hello, "mail.example.org");
            assert_eq!((server.port, server.security), (587, Security::StartTls));
            assert_eq!((user.as_str(), password.expose()), ("ada", "battery staple"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn changing_the_server_alone_is_enough_to_try_a_maildir() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("daemon.toml")).unwrap();
    let text = text
        .replace("imaps://mail.example.org", "maildir:inbox")
        .replace("smtps://mail.example.org", "maildir:outbox");
    assert!(matches!(load(&text).unwrap().inbox.source, Source::Maildir(_)));
}

#[test]
fn a_credential_of_the_service_manager_comes_before_the_file_beside_the_configuration() {
    let folder = surroundings();
    let credentials = tempfile::tempdir().unwrap();
    let handed_over = credentials.path().join("imap-password");
    fs::write(&handed_over, "from systemd").unwrap();
    fs::set_permissions(&handed_over, fs::Permissions::from_mode(0o440)).unwrap();
    let file = folder.path().join("daemon.toml");
    fs::write(&file, with_imap("imaps://mail.example.org")).unwrap();
    let password = |credentials: Option<PathBuf>| match Settings::load_with(
        &file,
        Secrets::Required,
        credentials,
    )
    .unwrap()
    .inbox
    .source
    {
        Source::Imap { password, .. } => password.expose().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(password(Some(credentials.path().to_owned())), "from systemd");
    assert_eq!(password(Some(folder.path().join("inbox"))), "correct horse");
    assert_eq!(password(None), "correct horse");
}

#[test]
fn a_password_is_in_no_debug_print() {
    let settings = load(&with_imap("imaps://mail.example.org")).unwrap();
    assert!(!format!("{settings:?}").contains("correct horse"));
}

#[test]
fn without_secrets_a_missing_password_is_no_matter_but_an_open_one_is() {
    let missing = with_imap("imaps://mail.example.org").replace("imap-password", "not-there");
    assert!(load_text(&missing, Secrets::Skip).is_ok());
    let open = with_imap("imaps://mail.example.org").replace("imap-password", "open-password");
    let error = load_text(&open, Secrets::Skip).unwrap_err();
    assert!(error.contains("mode 0640"), "{error}");
}

#[test]
fn mail_to_nobody_is_taken_from_the_project_s_mailbox_and_not_from_a_person_s() {
    let unaddressed = |user: &str| {
        let server = format!("imap://localhost\"\nuser = \"{user}\"\npassword_file = \"password");
        let text = SMALLEST.replace("maildir:inbox", &server);
        match load_text(&text, Secrets::Skip).unwrap().inbox.addressees {
            Addressees::Only { unaddressed, .. } => unaddressed,
            Addressees::Everybody => panic!("it has addressees"),
        }
    };
    assert_eq!(unaddressed("Security@example.org"), Unaddressed::Taken);
    assert_eq!(unaddressed("security"), Unaddressed::Taken);
    assert_eq!(unaddressed("ada@example.org"), Unaddressed::LeftAlone);
    assert_eq!(unaddressed("ada"), Unaddressed::LeftAlone);
}

#[test]
fn bounces_join_a_list_of_addressees_and_leave_a_whole_folder_whole() {
    let with = |only_to: &str| {
        let text = SMALLEST
            .replace("maildir:inbox\"", &format!("maildir:inbox\"\n{only_to}"))
            .replace("maildir:outbox\"", "maildir:outbox\"\nbounces = \"Bounces@example.org\"");
        let settings = load(&text).unwrap();
        assert_eq!(settings.bounces.unwrap().as_str(), "bounces@example.org");
        addresses(&settings.inbox.addressees)
    };
    assert_eq!(with("only_to = [\"a@example.org\"]"), ["a@example.org", "bounces@example.org"]);
    assert_eq!(with(""), ["security@example.org", "bounces@example.org"]);
    assert!(with("only_to = []").is_empty());
}

#[test]
fn observing_holds_what_goes_to_reporters_and_nothing_else() {
    let text = SMALLEST.replace("maildir:outbox\"", "maildir:outbox\"\nmode = \"observe\"");
    let mode = load(&text).unwrap().mode;
    assert_eq!(mode.hold(Purpose::Acknowledgement), Hold::Observe);
    assert_eq!(mode.hold(Purpose::SentBack), Hold::Observe);
    assert_eq!(mode.hold(Purpose::Digest), Hold::Send);
    assert_eq!(Mode::Live.hold(Purpose::Acknowledgement), Hold::Send);
}

#[test]
fn a_file_that_is_named_is_taken_even_if_it_is_not_there() {
    let named = Path::new("/nonexistent/daemon.toml");
    assert_eq!(locate(Some(named)).unwrap(), named);
    let error = Settings::load_with(named, Secrets::Skip, None).unwrap_err().to_string();
    assert!(error.starts_with("/nonexistent/daemon.toml: cannot be read: No such file"), "{error}");
}

#[test]
fn a_configuration_that_is_no_text_is_refused_with_the_line_where_it_stops_being_one() {
    let folder = surroundings();
    let file = folder.path().join("daemon.toml");
    fs::write(&file, b"[project]\nname = \"Caf\xe9\"\n").unwrap();
    let error = Settings::load_with(&file, Secrets::Skip, None).unwrap_err();
    assert!(error.to_string().ends_with("daemon.toml:2:12: is not UTF-8 text here"), "{error}");
    let error = Settings::load_with(folder.path(), Secrets::Skip, None).unwrap_err();
    assert!(error.to_string().contains("cannot be read"), "{error}");
    let error = Settings::load_with(Path::new("/dev/zero"), Secrets::Skip, None).unwrap_err();
    assert!(error.to_string().contains("larger than 1 MiB"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = load_text(&text, Secrets::Skip);
    }

    #[test]
    fn no_value_of_any_key_makes_the_reader_panic(
        section in 0..SECTIONS.len(),
        key in any::<prop::sample::Index>(),
        value in prop_oneof![
            "\"(imaps?|smtp|smtps|maildir|sendmail|sqlite)?:?[/@:\\[\\]a-z0-9.%-]{0,20}\"",
            "\"\\PC{0,30}\"",
            "[0-9]{1,3}(ms|s|m|h|d| MiB|kB)?".prop_map(|text| format!("{text:?}")),
            "[-+0-9.e:T]{1,20}",
            Just("[[[[]]]]".to_owned()),
            Just("{ a = { b = [ { c = 1 } ] } }".to_owned()),
        ],
    ) {
        let section = SECTIONS[section];
        let header = match section.shape {
            Shape::Once => format!("[{}]", section.name),
            Shape::Repeated => format!("[[{}]]", section.name),
        };
        let key = section.keys[key.index(section.keys.len())];
        let others = others_needed(section.name, key);
        let text = format!("{header}\n{others}{key} = {value}\n{}", rest_needed(section.name));
        if let Err(error) = load_text(&text, Secrets::Required) {
            prop_assert!(!error.contains('\n'), "{}", error);
        }
    }
}
