//! Every mail under `fixtures/mail`: what is read of it and how it is judged, as snapshots; the
//! folder it stands in says what the judgement must be, whatever the line ends.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use embargod::domain::judgement::{Format, Judgement, Kind};
use embargod::domain::mail::{Encryption, Mail, PartRole};
use embargod::mail::read::read;
use embargod::policy::judge::{Look, Surroundings, judge};
use proptest::prelude::*;

fn surroundings() -> Surroundings {
    Surroundings {
        own: vec!["security@example.org".parse().unwrap()],
        maintainers: vec!["ada@example.org".parse().unwrap()],
        relays: vec![],
        tokens: None,
    }
}

/// All fixtures: the name below `fixtures/mail`, without the extension, and the bytes.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mail");
    let mut folders = vec![root.clone()];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().with_extension("");
            (name.to_str().unwrap().replace('\\', "/"), std::fs::read(&path).unwrap())
        })
        .collect()
}

fn judged(raw: &[u8]) -> (Mail, Judgement) {
    let mail = read(raw, raw.len() as u64);
    let judgement = judge(&Look::at(&mail), &surroundings());
    (mail, judgement)
}

fn with_line_ends(raw: &[u8], end: &str) -> Vec<u8> {
    let lines: Vec<&[u8]> = raw.split(|&byte| byte == b'\n').collect();
    let bare = lines.iter().map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    bare.collect::<Vec<_>>().join(end.as_bytes())
}

/// What is read of a mail, a line a fact.
fn facts(mail: &Mail) -> String {
    let mut out = String::new();
    let people = |list: &[embargod::domain::address::Mailbox]| {
        list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    writeln!(out, "from: {}", people(&mail.from)).unwrap();
    if !mail.reply_to.is_empty() {
        writeln!(out, "reply-to: {}", people(&mail.reply_to)).unwrap();
    }
    writeln!(out, "return-path: {:?}", mail.return_path).unwrap();
    writeln!(out, "subject: {}", mail.subject).unwrap();
    writeln!(out, "date: {:?}", mail.date).unwrap();
    writeln!(out, "message-id: {:?}", mail.message_id.as_ref().map(|id| &id.0)).unwrap();
    if !mail.in_reply_to.is_empty() || !mail.references.is_empty() {
        writeln!(out, "answers: {:?} {:?}", mail.in_reply_to, mail.references).unwrap();
    }
    for part in &mail.parts {
        writeln!(out, "part: {} {:?} {:?}", part.media_type, part.role, part.name).unwrap();
    }
    if let Some(report) = &mail.delivery_report {
        writeln!(out, "delivery: {report:?}").unwrap();
    }
    for link in &mail.text.links {
        writeln!(out, "link: {} ({})", link.url, link.anchor).unwrap();
    }
    writeln!(out, "encryption: {:?}, defects: {:?}", mail.encryption, mail.defects).unwrap();
    writeln!(out, "own text:\n{}", Look::at(mail).own_text()).unwrap();
    out
}

#[test]
fn every_fixture_is_read_and_judged_as_its_snapshot_says() {
    let fixtures = fixtures();
    assert!(fixtures.len() >= 60, "only {} fixtures were found", fixtures.len());
    for (name, raw) in fixtures {
        let (mail, judgement) = judged(&with_line_ends(&raw, "\n"));
        let mut text = format!("{:?} {:?}\n", judgement.kind, judgement.format);
        for reason in &judgement.reasons {
            writeln!(text, "{}: {}", reason.rule, reason.detail).unwrap();
        }
        text.push('\n');
        text.push_str(&facts(&mail));
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name.replace('/', "__"), text);
        });
    }
}

#[test]
fn the_folder_of_a_fixture_says_what_it_is_whatever_its_line_ends() {
    for (name, raw) in fixtures() {
        let mut verdicts = Vec::new();
        // The last is how Macs wrote lines before 2001; of a body that counts on them little is left
        // to compare, so that only the common kinds are read so.
        for end in ["\n", "\r\n", "\r"] {
            if end == "\r" && name.starts_with("hostile") {
                continue;
            }
            let (_, judgement) = judged(&with_line_ends(&raw, end));
            let Judgement { kind, format, reasons } = &judgement;
            let folder = name.split('/').next().unwrap();
            let right = match folder {
                "report" | "human" => *kind == Kind::Submission && *format == Some(Format::Whole),
                "sent-back" => {
                    let wanted = match name.split('/').nth(1).unwrap() {
                        "attachment" => Format::AttachmentOnly,
                        "link" => Format::LinkOnly,
                        _ => Format::Empty,
                    };
                    *kind == Kind::Submission && *format == Some(wanted)
                }
                "reply" => matches!(kind, Kind::Submission | Kind::FollowUp),
                "pgp" => *format == Some(Format::Encrypted),
                "bounce" => *kind == Kind::Bounce,
                "auto-reply" => *kind == Kind::AutoReply,
                "bulk" => *kind == Kind::Bulk,
                "spam" => *kind == Kind::Spam,
                "malformed" => *kind == Kind::Malformed,
                "command" => *kind == Kind::Command,
                "own" => *kind == Kind::Own,
                "hostile" => true,
                other => panic!("no expectation for fixtures in {other}"),
            };
            assert!(right, "{name} with {end:?}: {kind:?} {format:?} {reasons:?}");
            verdicts.push((*kind, *format));
        }
        assert!(verdicts.iter().all(|verdict| *verdict == verdicts[0]), "{name}: {verdicts:?}");
    }
}

#[test]
fn a_bounce_names_the_mail_of_ours_and_the_address_that_failed() {
    for (name, original) in [
        ("postfix-rfc3464", "EMB-2026-0007.ack.k3v9@example.org"),
        ("original-enclosed-in-base64", "EMB-2026-0009.answer.zz@example.org"),
    ] {
        let all = fixtures();
        let (_, raw) = all.iter().find(|(found, _)| found.ends_with(name)).unwrap();
        let mail = judged(raw).0;
        assert_eq!(mail.enclosed.unwrap().0, original);
        let report = mail.delivery_report.unwrap();
        assert_eq!(report.envelope_id.as_deref(), Some("emb-42"));
        assert_eq!(report.recipients[0].recipient.as_ref().unwrap().as_str(), "grace@example.net");
        assert_eq!(report.recipients[0].action, "failed");
    }
}

#[test]
fn a_signed_mail_is_not_encrypted_and_a_signature_is_no_attachment() {
    for name in ["report/pgp-mime-signed", "report/smime-signed", "report/clear-signed"] {
        let all = fixtures();
        let (_, raw) = all.iter().find(|(found, _)| found == name).unwrap();
        let mail = judged(raw).0;
        assert_eq!(mail.encryption, None, "{name}");
        assert!(mail.parts.iter().all(|part| part.role != PartRole::Attachment), "{name}");
    }
    let all = fixtures();
    let (_, raw) = all.iter().find(|(found, _)| found == "pgp/smime-enveloped").unwrap();
    assert_eq!(judged(raw).0.encryption, Some(Encryption::Smime));
}

#[test]
fn what_a_stranger_wrote_cannot_turn_the_direction_of_a_line() {
    let all = fixtures();
    let (_, raw) = all.iter().find(|(found, _)| found.ends_with("folders-and-overrides")).unwrap();
    let (mail, judgement) = judged(raw);
    let shown = format!("{} {:?} {:?}", mail.from[0], mail.parts[1].name, judgement.reasons);
    assert!(!shown.contains('\u{202e}') && !shown.contains('\u{7}'), "{shown:?}");
    assert!(!mail.parts[1].name.as_ref().unwrap().contains('/'));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_and_judged(raw in proptest::collection::vec(any::<u8>(), 0..4000)) {
        let (_, judgement) = judged(&raw);
        prop_assert!(!judgement.reasons.is_empty());
    }

    #[test]
    fn any_mail_in_pieces_is_read_and_judged(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("From: a@example.net\n"), Just("Subject: =?utf-8?Q?a=ff?=\n"), Just("\n"), Just("\n\n"),
                Just("Content-Type: multipart/mixed; boundary=b\n"), Just("Content-Type: multipart/report; boundary=\"c\"\n"),
                Just("--b\n"), Just("--b--\n"), Just("--c\n"), Just("--c--\n"), Just("Content-Type: message/delivery-status\n"),
                Just("Content-Type: text/html; charset=gb18030\n"), Just("Content-Transfer-Encoding: base64\n"),
                Just("Content-Transfer-Encoding: quoted-printable\n"), Just("<blockquote><a href=http://x.example>"), Just("<pre>"),
                Just("</div>"), Just("> quoted\n"), Just("-- \n"), Just("On 1 Jan 2026, a <a@b.example> wrote:\n"),
                Just("=E4=B8"), Just("5ryP5rSe"), Just("-----BEGIN PGP MESSAGE-----\n"), Just("Final-Recipient: rfc822; a@b.example\n"),
                Just("漏洞"), Just("\u{202e}"), Just("From: x\nSent: y\nTo: z\nSubject: w\n"), Just("```\n"), Just("https://"),
            ],
            0..60,
        )
    ) {
        let raw = pieces.concat();
        let (mail, judgement) = judged(raw.as_bytes());
        prop_assert!(!judgement.reasons.is_empty());
        let sendable = matches!(judgement.kind, Kind::Submission | Kind::FollowUp);
        prop_assert_eq!(judgement.format.is_some(), sendable);
        prop_assert!(mail.text.text.len() <= raw.len() * 4 + 64);
    }

    #[test]
    fn a_report_stays_whole_whatever_stands_around_it(
        greeting in prop_oneof![Just(""), Just("Hello,\n\n"), Just("您好，\n\n"), Just("Sehr geehrte Damen und Herren,\n\n")],
        closing in prop_oneof![Just(""), Just("\nBest regards\nGrace\n"), Just("\n-- \nGrace Hopper\nACME Inc.\n"), Just("\nSent from my iPhone\n")],
        thread in prop_oneof![
            Just(""),
            Just("\nOn 2 Mar 2026, Support <support@example.org> wrote:\n> please write to us\n"),
            Just("\n-----Original Message-----\nFrom: Support\nSent: Monday\nTo: Grace\nSubject: x\n\nplease see the attached file\n"),
        ],
        link in prop_oneof![Just(""), Just("\nVideo: https://youtu.be/abcdefghijk\n")],
    ) {
        let report = "If the Range header holds ten thousand ranges, send() 0.18.0 allocates a buffer for each and the process dies.\n";
        let raw = format!("From: Grace Hopper <grace@example.net>\nSubject: x\n\n{greeting}{report}{link}{closing}{thread}");
        let (_, judgement) = judged(raw.as_bytes());
        prop_assert_eq!(judgement.format, Some(Format::Whole), "{}", raw);
    }
}
