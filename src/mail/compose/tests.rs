//! What leaves: the bytes of each kind of mail, and what no input can make of them.

use crate::domain::outgoing::{Hold, Purpose};
use proptest::prelude::*;

use super::*;
use crate::domain::letter::Answered;

fn project() -> Project {
    Project {
        name: "Express".to_owned(),
        address: "security@example.org".parse().unwrap(),
        policy: Some("https://example.org/SECURITY.md".to_owned()),
    }
}

fn settings() -> ComposerSettings {
    ComposerSettings { project: project(), mode: Mode::Live, bounces: None, templates: None }
}

fn composer() -> Composer {
    Composer::new(settings()).unwrap()
}

fn reporter() -> Mailbox {
    Mailbox::new(Some("Mallory Stranger"), "Finder@Example.net".parse().unwrap())
}

/// The sample letters as answers to a reporter, with names for their snapshots.
fn letters() -> Vec<(&'static str, Letter)> {
    let names = [
        "acknowledgement",
        "acknowledgement-asks-for-facts",
        "acknowledgement-of-encrypted-report",
        "acknowledgement-in-closed-season",
        "acknowledgement-of-a-split",
        "sent-back-link-only",
        "sent-back-attachment-only",
        "sent-back-empty",
        "message-answer",
        "message-question",
        "released",
        "released-under-embargo",
        "disclosure-of-the-least",
        "disclosure",
        "announcement",
        "closing-fixed",
        "closing-out-of-scope",
        "closing-third-party",
        "closing-duplicate",
        "closing-not-a-vulnerability",
        "closing-not-reproducible",
        "closing-withdrawn",
        "closing-spam",
        "closing-no-response",
        "digest",
        "reminder-of-one-clock",
        "reminder-of-many-clocks",
        "notice-of-a-report",
        "notice-of-a-follow-up-with-text",
        "notice-of-a-lost-mail",
        "confirmation-of-commands",
        "confirmation-of-a-refusal",
        "confirmation-of-doubt",
        "confirmation-with-help",
    ];
    let samples = samples::letters(&project());
    assert_eq!(names.len(), samples.len());
    names
        .into_iter()
        .zip(samples)
        .map(|(name, letter)| (name, Letter { to: reporter(), ..letter }))
        .collect()
}

fn lines(mail: &Outgoing) -> String {
    let text = String::from_utf8(mail.bytes.clone()).expect("a mail is ASCII");
    assert_eq!(text.replace("\r\n", "").find(['\r', '\n']), None, "a bare CR or LF in {text:?}");
    assert!(text.is_ascii());
    assert!(text.ends_with("\r\n"));
    text.replace("\r\n", "\n")
}

#[test]
fn each_kind_of_mail_has_the_bytes_that_were_read_and_approved() {
    for (name, letter) in letters() {
        let mail = composer().compose(&letter, samples::at(), "Tok3n").unwrap();
        insta::assert_snapshot!(name, lines(&mail));
    }
}

#[test]
fn the_same_letter_time_and_token_give_the_same_bytes() {
    for (_, letter) in letters() {
        let [once, again] = [(), ()].map(|()| composer().compose(&letter, samples::at(), "Tok3n"));
        assert_eq!(once.unwrap(), again.unwrap());
    }
}

#[test]
fn an_answer_carries_nothing_that_the_reporter_wrote_but_the_address() {
    let is_answer = |(_, letter): &(_, Letter)| letter.content.purpose().is_for_reporter();
    for (_, letter) in letters().into_iter().filter(is_answer) {
        let text = lines(&composer().compose(&letter, samples::at(), "Tok3n").unwrap());
        assert!(text.contains("To: finder@example.net\n"), "{text}");
        assert!(!text.contains("Mallory"), "{text}");
    }
}

#[test]
fn automatic_answers_leave_from_the_null_sender_and_people_from_the_projects_address() {
    for (name, letter) in letters() {
        let mail = composer().compose(&letter, samples::at(), "t").unwrap();
        let automatic = ["acknowledgement", "sent-back", "confirmation"]
            .iter()
            .any(|kind| name.starts_with(kind));
        assert_eq!(mail.envelope_from.is_none(), automatic, "{name}");
    }
    let bounces: Address = "bounces@example.org".parse().unwrap();
    let dedicated = ComposerSettings { bounces: Some(bounces.clone()), ..settings() };
    let composer = Composer::new(dedicated).unwrap();
    for (name, letter) in letters() {
        let mail = composer.compose(&letter, samples::at(), "t").unwrap();
        assert_eq!(mail.envelope_from, Some(bounces.clone()), "{name}");
    }
}

#[test]
fn what_a_person_says_is_not_marked_as_automatic() {
    for (name, letter) in letters() {
        let text = lines(&composer().compose(&letter, samples::at(), "t").unwrap());
        let is_automatic =
            ["acknowledgement", "sent-back", "digest", "reminder", "notice", "confirmation"]
                .iter()
                .any(|kind| name.starts_with(kind));
        assert_eq!(text.contains("\nAuto-Submitted:"), is_automatic, "{name}");
    }
}

#[test]
fn observing_holds_what_reporters_and_the_world_would_get_and_nothing_else() {
    let composer = Composer::new(ComposerSettings { mode: Mode::Observe, ..settings() }).unwrap();
    for (name, letter) in letters() {
        let mail = composer.compose(&letter, samples::at(), "t").unwrap();
        let goes_out = mail.purpose.is_for_reporter() || mail.purpose == Purpose::Announcement;
        assert_eq!(mail.hold == Hold::Observe, goes_out, "{name}");
    }
}

#[test]
fn lines_of_text_stay_short_whatever_the_project_is_called() {
    let name = "The Extraordinarily Long-Winded Project for Things of Every Kind".to_owned();
    let project = Project { name, ..project() };
    let composer =
        Composer::new(ComposerSettings { project: project.clone(), ..settings() }).unwrap();
    for letter in samples::letters(&project) {
        // What a person quotes or indents like code stays as it is.
        let kept = |line: &&str| line.starts_with('>') || line.starts_with("    ");
        let is_a_persons = matches!(letter.content, Content::Message(_));
        let text = composer.words(&letter.content).unwrap().text;
        for line in text.lines().filter(|line| !(is_a_persons && kept(line))) {
            assert!(line.chars().count() <= 78, "{line}");
        }
    }
}

fn with_templates(files: &[(&str, &str)]) -> Result<(), ComposeError> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let templates = Some(folder.path().to_owned());
    Composer::new(ComposerSettings { templates, ..settings() })?.check()
}

#[test]
fn the_embedded_templates_pass_their_own_check() {
    composer().check().unwrap();
}

#[test]
fn a_projects_own_template_replaces_the_embedded_one() {
    with_templates(&[("sent-back.txt", "Subject: {{ case }} again\r\n\r\nPlease.\r\n")]).unwrap();
}

#[test]
fn a_template_that_cannot_be_used_is_named_with_file_and_line() {
    let complaint = |name, text| with_templates(&[(name, text)]).unwrap_err().to_string();

    let broken = complaint("sent-back.txt", "Subject: {{ case }}\n\n{% if policy %}\nno end\n");
    assert!(broken.contains("sent-back.txt:") && broken.contains("syntax error"), "{broken}");

    let unknown = complaint("sent-back.txt", "Subject: {{ case }}\n\nDear {{ reporter }},\n");
    assert!(unknown.contains("sent-back.txt:3: undefined value"), "{unknown}");
    assert!(unknown.contains("`reporter`"), "{unknown}");

    let headless = complaint("sent-back.txt", "Dear reporter,\n\nno.\n");
    assert!(headless.contains("sent-back.txt:1:") && headless.contains("Subject:"), "{headless}");

    let lost = complaint("sent-back.txt", "Subject: your mail\n\nPlease.\n");
    assert!(lost.contains("{{ case }}"), "{lost}");

    let misspelt = complaint("acknowledgment.txt", "Subject: x\n\ny\n");
    assert!(misspelt.contains("acknowledgment.txt") && misspelt.contains("acknowledgement.txt"));
}

#[test]
fn a_name_of_several_lines_is_written_on_one() {
    for (_, letter) in letters() {
        let to = Mailbox { name: Some("!\n\u{fffc}".to_owned()), ..letter.to.clone() };
        let mail = composer().compose(&Letter { to, ..letter }, samples::at(), "Tok3n").unwrap();
        assert_eq!(fields(&lines(&mail)).iter().filter(|field| *field == "To").count(), 1);
    }
}

#[test]
fn a_token_that_could_break_a_header_is_refused() {
    for token in ["", "a b", "a@b", "a\r\nb", "ä", &"a".repeat(41)] {
        let (_, letter) = letters().swap_remove(0);
        assert!(matches!(
            composer().compose(&letter, samples::at(), token),
            Err(ComposeError::Token(_))
        ));
    }
}

/// The names of a mail's header fields; a field that was smuggled in would be among them.
fn fields(text: &str) -> Vec<String> {
    let head = text.split("\n\n").next().unwrap();
    let starts = head.lines().filter(|line| !line.starts_with([' ', '\t']));
    starts.map(|line| line.split(':').next().unwrap().to_owned()).collect()
}

const FIELDS: [&str; 12] = [
    "From",
    "Subject",
    "Date",
    "Message-ID",
    "To",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_name_subject_or_id_can_add_a_field_or_break_a_line(
        name in "(\\PC|[\r\n\t\0<>@,\":; ]){0,120}",
        local in "[^@<>\\s\\pC]{1,30}",
        domain in "[^@<>\\s\\pC]{1,30}",
        ids in prop::collection::vec("([!-~]|[\r\n \u{e4}]){0,40}@[!-~]{1,40}|[a-z]{1,950}@x", 0..30),
        // On one line: the configuration sees to that.
        project_name in "(\\PC|[\t\0<>@,\":;]){0,120}",
        seconds in any::<i64>(),
    ) {
        let project = Project { name: project_name, ..project() };
        let composer = Composer::new(ComposerSettings { project: project.clone(), ..settings() }).unwrap();
        let now = chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default();
        let Ok(address) = format!("{local}@{domain}").parse() else { return Ok(()) };
        let to = Mailbox { name: Some(name), address };
        let mut ids = ids.into_iter().map(MessageId);
        let answers = ids.next().map(|message_id| Answered { message_id, references: ids.collect() });
        for letter in samples::letters(&project) {
            let letter = Letter { to: to.clone(), answers: answers.clone(), ..letter };
            let text = lines(&composer.compose(&letter, now, "Tok3n").unwrap());
            let fields = fields(&text);
            prop_assert!(fields.iter().all(|field| FIELDS.contains(&field.as_str())), "{fields:?}");
            let mut once = fields.clone();
            once.sort();
            once.dedup();
            prop_assert_eq!(once.len(), fields.len(), "a field stands twice");
            prop_assert!(text.lines().all(|line| line.len() <= 998));
        }
    }
}
