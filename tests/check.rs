//! `embargod check`, `man` and `completions`, as a person runs them.

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
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// What a command said and how it ended.
struct Ended {
    status: i32,
    out: String,
    err: String,
}

fn embargod(arguments: &[&str], folder: &Path) -> Ended {
    with(arguments, folder, &[])
}

fn with(arguments: &[&str], folder: &Path, environment: &[(&str, &str)]) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_embargod"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("EMBARGOD_CONFIG")
        .env_remove("CREDENTIALS_DIRECTORY")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    Ended {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A project whose mail is in Maildirs.
fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(folder.path().join("inbox").join(part)).unwrap();
    }
    let configuration = r#"
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
    fs::write(folder.path().join("daemon.toml"), configuration).unwrap();
    folder
}

fn change(folder: &Path, from: &str, to: &str) {
    let file = folder.join("daemon.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(from));
    fs::write(&file, text.replace(from, to)).unwrap();
}

/// The line of one part.
fn line<'a>(ended: &'a Ended, part: &str) -> &'a str {
    let of_part = |line: &&str| line.split_whitespace().nth(1) == Some(part);
    ended.out.lines().find(of_part).unwrap_or_else(|| panic!("no {part} in: {}", ended.out))
}

#[test]
fn the_reference_configuration_passes_offline() {
    let ended = embargod(&["check", "--offline"], Path::new(env!("CARGO_MANIFEST_DIR")));
    assert_eq!(ended.status, 0, "{}{}", ended.out, ended.err);
    assert!(line(&ended, "inbox").starts_with("skipped"));
    assert_eq!(ended.err, "");
}

#[test]
fn a_sound_project_passes_and_nothing_is_left_behind() {
    let folder = project();
    let ended = embargod(&["check"], folder.path());
    assert_eq!(ended.status, 0, "{}{}", ended.out, ended.err);
    assert_eq!(ended.out.lines().count(), 6);
    assert!(ended.out.lines().all(|line| line.starts_with("ok ")), "{}", ended.out);
    assert!(!folder.path().join("embargod.db").exists());
    let left = fs::read_dir(folder.path()).unwrap();
    let mut left: Vec<String> =
        left.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    // The outbox Maildir is made where there is none: mail has to go somewhere.
    assert_eq!(left, ["daemon.toml", "inbox", "outbox"]);
}

#[test]
fn a_server_that_is_away_is_named_with_the_step_and_the_rest_is_tried_all_the_same() {
    let folder = project();
    // A port that was free a moment ago, and where nobody listens.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    change(folder.path(), "maildir:outbox", &format!("smtp://127.0.0.1:{port}"));
    let ended = embargod(&["check"], folder.path());
    assert_eq!(ended.status, 75, "{}{}", ended.out, ended.err);
    let outbox = line(&ended, "outbox");
    assert!(outbox.starts_with("FAILED") && outbox.contains("TCP"), "{outbox}");
    assert!(outbox.contains("check the port"), "no remedy in: {outbox}");
    assert!(line(&ended, "inbox").starts_with("ok"));
    assert_eq!(ended.err, "embargod: 1 of 6 parts failed: outbox; try again later\n");
}

#[test]
fn offline_no_server_is_asked() {
    let folder = project();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    change(folder.path(), "maildir:outbox", &format!("smtp://127.0.0.1:{port}"));
    let ended = embargod(&["check", "--offline"], folder.path());
    assert_eq!(ended.status, 0, "{}{}", ended.out, ended.err);
    assert!(line(&ended, "outbox").starts_with("skipped"));
    assert!(listener.accept().is_err(), "somebody connected");
}

#[test]
fn a_wrong_key_ends_with_2_and_one_line() {
    let folder = project();
    change(folder.path(), "handle", "handel");
    let ended = embargod(&["check"], folder.path());
    assert_eq!((ended.status, ended.out.as_str()), (2, ""));
    let told = "embargod: daemon.toml:10:1: maintainers.handel: there is no such key in [maintainers]: \
                did you mean \"handle\"?; allowed: \"handle\", \"name\", ";
    assert!(ended.err.starts_with(told) && ended.err.lines().count() == 1, "{}", ended.err);
}

#[test]
fn a_broken_template_ends_with_2_and_is_named_with_its_line() {
    let folder = project();
    let templates = folder.path().join("templates");
    fs::create_dir(&templates).unwrap();
    fs::write(templates.join("acknowledgement.txt"), "Subject: {{ case }}\n\n{{ no_such_fact }}\n")
        .unwrap();
    change(
        folder.path(),
        "[[maintainers]]",
        "[templates]\nfolder = \"templates\"\n[[maintainers]]",
    );
    let ended = embargod(&["check"], folder.path());
    assert_eq!(ended.status, 2, "{}{}", ended.out, ended.err);
    let found = line(&ended, "templates");
    assert!(found.starts_with("FAILED") && found.contains("acknowledgement.txt"), "{found}");
    assert!(ended.err.contains("acknowledgement.txt"), "{}", ended.err);
}

#[test]
fn a_store_that_others_can_read_or_that_is_none_fails_with_the_remedy() {
    let folder = project();
    let store = folder.path().join("embargod.db");
    fs::write(&store, "this is no database, and it is long enough to be taken for one\n").unwrap();
    fs::set_permissions(&store, fs::Permissions::from_mode(0o644)).unwrap();
    let ended = embargod(&["check"], folder.path());
    assert_eq!(ended.status, 1, "{}{}", ended.out, ended.err);
    let said = line(&ended, "store");
    assert!(
        said.contains("(mode 0644); run chmod 600 /") && said.ends_with("/embargod.db"),
        "{said}"
    );
    fs::set_permissions(&store, fs::Permissions::from_mode(0o600)).unwrap();
    let ended = embargod(&["check"], folder.path());
    assert_eq!(ended.status, 1, "{}{}", ended.out, ended.err);
    assert!(line(&ended, "store").contains("backup"), "{}", ended.out);
}

#[test]
fn the_findings_as_json_are_one_document() {
    let folder = project();
    let ended = embargod(&["check", "--json"], folder.path());
    let document: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let parts: Vec<&str> =
        document.as_array().unwrap().iter().map(|entry| entry["part"].as_str().unwrap()).collect();
    assert_eq!(parts, ["configuration", "templates", "store", "clock", "inbox", "outbox"]);
    change(folder.path(), "handle", "handel");
    let ended = embargod(&["check", "--json"], folder.path());
    let document: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((ended.status, &document[0]["status"]), (2, &"FAILED".into()));
}

#[test]
fn the_manual_page_tells_of_every_command_and_of_shared_options_once() {
    let ended = embargod(&["man"], Path::new("/"));
    assert_eq!(ended.status, 0, "{}", ended.err);
    for command in ["run", "demo", "check", "screen", "case list", "case show", "digest"] {
        assert!(ended.out.contains(&format!(".SS \"embargod {command}\"")), "no {command}");
    }
    assert_eq!(ended.out.matches(r"\fB\-\-config\fR \fI<FILE>").count(), 1, "{}", ended.out);
    assert_eq!(ended.out.matches("(see a summary").count(), 1, "{}", ended.out);
    assert!(ended.out.contains(".SH FILES"));
}

#[test]
fn there_are_completions_for_the_usual_shells() {
    for shell in ["bash", "zsh", "fish"] {
        let ended = embargod(&["completions", shell], Path::new("/"));
        assert_eq!(ended.status, 0, "{}", ended.err);
        assert!(ended.out.contains("embargod") && ended.out.contains("screen"), "{shell}");
    }
    assert_eq!(embargod(&["completions", "csh"], Path::new("/")).status, 2);
}

#[test]
fn commands_by_mail_that_could_never_be_believed_are_found() {
    let folder = project();
    let key = folder.path().join("commands-key");
    let made = embargod(&["token", "key", key.to_str().unwrap()], folder.path());
    assert_eq!(made.status, 0, "{}", made.err);
    let more = "address = \"ada@example.org\"\n[commands]\nkey_file = \"commands-key\"\n";
    change(folder.path(), "address = \"ada@example.org\"", more);
    let ended = embargod(&["check"], folder.path());
    assert_eq!(ended.status, 2, "{}{}", ended.out, ended.err);
    assert!(line(&ended, "commands").contains("set by in [authentication]"), "{}", ended.out);
    let proven = "[commands]\nreply_to = \"security+{token}@example.org\"\n\
                  [authentication]\nby = \"server\"\nserver = \"mx.example.org\"\n[commands_]";
    change(folder.path(), "[commands]", proven);
    change(folder.path(), "[authentication]", "key_file = \"commands-key\"\n[authentication]");
    change(folder.path(), "[commands_]\nkey_file = \"commands-key\"\n", "");
    let ended = embargod(&["check"], folder.path());
    assert_eq!(ended.status, 0, "{}{}", ended.out, ended.err);
    assert!(line(&ended, "commands").contains("336 h, answers to security@example.org"));
    assert!(
        line(&embargod(&["check", "--offline"], folder.path()), "commands").starts_with("skipped")
    );
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let ended = embargod(&["check"], folder.path());
    assert!(ended.status == 2 && ended.err.contains("chmod 600"), "{}", ended.err);
}

#[test]
#[ignore = "needs gpgv: run ./tests/run"]
fn whoever_has_commands_signed_is_told_whether_signatures_can_be_verified() {
    let folder = project();
    let key = folder.path().join("commands-key");
    embargod(&["token", "key", key.to_str().unwrap()], folder.path());
    fs::write(folder.path().join("ada.pgp"), b"\x98\x33").unwrap();
    let more = "address = \"ada@example.org\"\npgp_key_file = \"ada.pgp\"\n[commands]\nkey_file = \"commands-key\"\n";
    change(folder.path(), "address = \"ada@example.org\"", more);
    let ended = embargod(&["check"], folder.path());
    assert_eq!(ended.status, 0, "{}{}", ended.out, ended.err);
    assert!(line(&ended, "commands").contains("verified by gpgv"), "{}", ended.out);
    let nowhere = [("PATH", "/nonexistent")];
    let ended = with(&["check"], folder.path(), &nowhere);
    assert_eq!(ended.status, 1, "{}{}", ended.out, ended.err);
    assert!(line(&ended, "commands").contains("install the package gpgv"), "{}", ended.out);
}
