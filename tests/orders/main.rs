//! Orders by mail through the real daemon: what mail programs make of them, and every way in which
//! one is not obeyed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs,
    dead_code
)]

#[path = "../scenarios/post.rs"]
mod post;
#[path = "../scenarios/script.rs"]
mod script;
mod signed;
mod signer;
mod stage;
#[path = "../scenarios/world.rs"]
mod world;

use std::fmt::Write as _;
use std::path::Path;

use embargod::domain::judgement::Kind;
use embargod::mail::read::read;
use embargod::policy::capability::Places;
use embargod::policy::command::{self, Wish};
use embargod::policy::judge::{Look, Surroundings, judge, said};
use embargod::policy::verbs::Request;

use stage::{PROVEN, Stage};

#[test]
fn every_mail_program_gives_the_same_orders() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/commands");
    let project = "security@example.org".parse().unwrap();
    let surroundings = Surroundings {
        own: vec!["security@example.org".parse().unwrap()],
        maintainers: vec!["ada@example.org".parse().unwrap()],
        tokens: Some(Places { project, reply_to: None }),
        ..Surroundings::default()
    };
    let mut programs = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let raw = std::fs::read(&path).unwrap();
        let mail = read(&raw, raw.len() as u64);
        let judgement = judge(&Look::at(&mail), &surroundings);
        assert_eq!(judgement.kind, Kind::Command, "{name}: {judgement:?}");
        let commands = command::read(&said(&mail), chrono_tz::UTC);
        let commands = commands.unwrap_or_else(|error| panic!("{name}: {error}"));
        let wishes: Vec<&Wish> = commands.iter().map(|command| &command.wish).collect();
        let [
            Wish::Do(Request::Assign { handler, note: None }),
            Wish::Do(Request::Confirm { affected, .. }),
            Wish::Do(Request::Reply { text }),
        ] = wishes.as_slice()
        else {
            panic!("{name}: {commands:#?}")
        };
        assert_eq!(handler, "grace", "{name}");
        assert_eq!(affected, &[">=4.0 <4.21.2"], "{name}");
        assert_eq!(text, "Hello Rae,\n\nwe see it too. A fix comes this month.\n\nAda", "{name}");
        assert!(commands.iter().all(|command| command.cases.len() == 1), "{name}");
        programs += 1;
    }
    assert!(programs >= 8);
}

/// An attempt that must not change anything: its name, and what is sent.
type Attempt = (&'static str, fn(&mut Stage));

const ATTEMPTS: &[Attempt] = &[
    ("nothing proves the sender", |s| s.ada("", "!assign grace")),
    ("another server vouches", |s| {
        s.ada(
            "Authentication-Results: mx.evil.example; dmarc=pass header.from=example.org",
            "!assign grace",
        );
    }),
    ("a word for the sender from below the server's own", |s| {
        let below = "Authentication-Results: mx.example.org; dmarc=fail header.from=example.org\n\
                     Authentication-Results: mx.example.org; dmarc=pass header.from=example.org";
        s.ada(below, "!assign grace");
    }),
    ("the domain disowns it", |s| {
        s.ada(
            "Authentication-Results: mx.example.org; dmarc=fail (p=reject) header.from=example.org",
            "!assign grace",
        );
    }),
    ("another maintainer with this token", |s| {
        s.answers("Grace Hopper <grace@example.org>", PROVEN, "!assign grace");
    }),
    ("the reporter, to whom the mail was passed on, orders", |s| {
        s.answers(
            "Rae <rae@example.net>",
            "Authentication-Results: mx.example.org; dmarc=pass header.from=example.net",
            "!disclose",
        );
    }),
    ("a stranger under the maintainer's name", |s| {
        s.answers(
            "\"Ada Lovelace <ada@example.org>\" <ada@evil.example>",
            "Authentication-Results: mx.example.org; dmarc=pass header.from=evil.example",
            "!assign grace",
        );
    }),
    ("two authors", |s| {
        s.answers("Ada <ada@example.org>, Eve <eve@example.org>", PROVEN, "!assign grace");
    }),
    ("a token that somebody made up", |s| {
        let raw = s.answer("Ada <ada@example.org>", PROVEN, "!assign grace");
        let token = s.token();
        s.sends(&raw.replace(&token, &format!("{}a", &token[..39])));
    }),
    ("no token at all", |s| {
        s.sends(&format!(
            "From: Ada <ada@example.org>\nSubject: hello\n{PROVEN}\n\n!EMB-2026-0001 assign grace\n"
        ));
    }),
    ("a token that ran out", |s| {
        s.days(15);
        s.ada(PROVEN, "!assign grace");
    }),
    ("a token that was taken back", |s| {
        s.runs("token revoke --handle ada");
        s.ada(PROVEN, "!assign grace");
    }),
    ("a token of a maintainer who left", |s| {
        s.leaves("ada");
        s.ada(PROVEN, "!assign grace");
    }),
    ("a token of another key", |s| {
        s.another_key();
        s.ada(PROVEN, "!assign grace");
    }),
    ("a vacation notice", |s| {
        s.ada(&format!("{PROVEN}\nAuto-Submitted: auto-replied"), "!assign grace\n\nI am away.");
    }),
    ("the mail comes back", |s| s.bounces()),
    ("an encrypted answer", |s| {
        let raw = s.answer("Ada <ada@example.org>", &format!("{PROVEN}\nMIME-Version: 1.0\nContent-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b"), "");
        let (header, _) = raw.split_once("\n\n").unwrap();
        s.sends(&format!("{header}\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--b\nContent-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n--b--\n"));
    }),
    ("an encrypted text", |s| {
        s.ada(PROVEN, "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----");
    }),
    ("an encoding that cannot be read", |s| {
        s.ada(&format!("{PROVEN}\nContent-Transfer-Encoding: base64"), "!assign grace %%%");
    }),
    ("another case than that of the mail", |s| s.ada(PROVEN, "!EMB-2026-0002 assign grace")),
    ("a case that is not there", |s| s.ada(PROVEN, "!merge EMB-2026-0077")),
    ("the second of two is not allowed", |s| s.ada(PROVEN, "!assign grace\n!release 4.x 4.1.1")),
    ("a word that is not known", |s| s.ada(PROVEN, "!assign grace\n!asign grace")),
    ("a handle that is not known", |s| s.ada(PROVEN, "!assign mallory")),
    ("commands below a greeting", |s| s.ada(PROVEN, "Hello,\n!assign grace")),
    ("an answer with the maintainer's address", |s| {
        s.ada(PROVEN, "!reply\nCall me, or write to Ada@Example.org.");
    }),
    ("an answer with our own mail in it, not marked as quoted", |s| {
        s.sends(&format!(
            "From: Ada <ada@example.org>\nSubject: re\nIn-Reply-To: <{}>\n{PROVEN}\n\n!reply\nHello\n\n\
             A new report is in.\n\nembargod, for ada. No report's text is in this mail.\n",
            s.id()
        ));
    }),
    ("an answer that goes on below the quotation", |s| {
        let raw = s.answer("Ada <ada@example.org>", PROVEN, "!reply\nYes.");
        s.sends(&format!("{raw}\nAnd no.\n"));
    }),
    ("nothing but a quotation", |s| s.ada(PROVEN, "")),
];

#[test]
fn an_order_that_is_not_obeyed_changes_nothing_and_its_maintainer_hears_of_it() {
    let mut story = String::new();
    for (name, attempt) in ATTEMPTS {
        let mut stage = Stage::set();
        let before = stage.case();
        attempt(&mut stage);
        let after = stage.case();
        assert_eq!(
            (&before.state, &before.handler, before.disclosed_at),
            (&after.state, &after.handler, after.disclosed_at),
            "{name}"
        );
        let (letters, told) = stage.heard();
        assert_eq!(letters, [] as [String; 0], "{name}: the reporter got mail");
        writeln!(story, "{name}\n    {}", stage.verdict()).unwrap();
        for line in stage.news().into_iter().chain(told) {
            writeln!(story, "    {line}").unwrap();
        }
    }
    insta::assert_snapshot!("not-obeyed", story);
}

#[test]
fn what_the_reporter_writes_below_a_mail_that_was_passed_on_to_him_is_his_mail() {
    let mut stage = Stage::set();
    let proven = "Authentication-Results: mx.example.org; dmarc=pass header.from=example.net";
    stage.answers("Rae <rae@example.net>", proven, "It is the same in 5.0, with `X-Count: 9`.");
    assert_eq!(
        stage.news().first().unwrap(),
        "follow-up (reporter): mail from Rae <rae@example.net>"
    );
}

#[test]
fn an_order_is_obeyed_once() {
    let mut stage = Stage::set();
    let raw = stage.answer("Ada <ada@example.org>", PROVEN, "!assign grace");
    let raw = raw.replacen('\n', "\nMessage-ID: <once@example.org>\n", 1);
    stage.sends(&raw);
    assert_eq!(stage.case().handler.as_deref(), Some("grace"));
    assert_eq!(stage.heard().1.len(), 1);
    // The very mail by another way: nobody is bothered.
    stage.sends(&raw.replacen('\n', "\nDelivered-To: security@example.org\n", 1));
    assert_eq!(stage.heard().1.len(), 0);
    assert!(stage.verdict().contains("command.repeated"), "{}", stage.verdict());
    // A new one with the old token: refused, with a mail that can be answered.
    stage.ada(PROVEN, "!unassign");
    assert_eq!(stage.case().handler.as_deref(), Some("grace"));
    assert!(stage.heard().1[0].contains("used already"));
}

#[test]
fn help_and_a_mistake_use_nothing_up() {
    let mut stage = Stage::set();
    stage.ada(PROVEN, "!help");
    stage.ada(PROVEN, "!asign grace");
    stage.ada(PROVEN, "!assign grace");
    assert_eq!(stage.case().handler.as_deref(), Some("grace"));
}

#[test]
fn a_forger_bothers_a_maintainer_only_so_often_and_a_true_order_still_counts() {
    let mut stage = Stage::set();
    for n in 0..60 {
        stage.ada(&format!("Message-ID: <forged-{n}@evil.example>"), "!assign grace");
    }
    let told = stage.heard().1.len();
    assert!((1..=40).contains(&told), "{told} mails");
    stage.ada(PROVEN, "!assign grace");
    assert_eq!(stage.case().handler.as_deref(), Some("grace"));
    assert_eq!(stage.heard().1.len(), 1, "an order that is obeyed is always confirmed");
}

#[test]
fn a_machine_that_answers_confirmations_under_the_maintainers_name_is_not_answered_for_ever() {
    let mut stage = Stage::set();
    let mut rounds = 0;
    while rounds < 100 {
        stage.ada(PROVEN, &format!("Thank you. Your ticket has the number {rounds}."));
        rounds += 1;
        if !stage.follows_the_last() {
            break;
        }
    }
    assert!((1..=45).contains(&rounds), "{rounds} rounds");
}

#[test]
fn a_digest_counts_what_was_not_believed_and_not_what_was_carried_out() {
    let mut stage = Stage::set();
    stage.ada(PROVEN, "!note It is in the parser.");
    assert!(!stage.runs("digest").contains("command"), "{}", stage.runs("digest"));
    stage.ada("", "!assign grace");
    assert!(stage.runs("digest").contains("1 command"), "{}", stage.runs("digest"));
}

#[test]
fn a_digest_is_answered_for_several_cases_and_observing_sends_nothing() {
    let mut stage = Stage::observing();
    stage.reports("A second way", "2");
    stage.days(2);
    assert!(stage.follows("digest."));
    stage.ada(
        PROVEN,
        "!EMB-2026-0001 assign grace\n!EMB-2026-0002 duplicate EMB-2026-0001\n\nThe same code.",
    );
    assert!(stage.follows("confirmation."));
    let (letters, told) = stage.heard();
    assert_eq!(letters, [] as [String; 0]);
    insta::assert_snapshot!("answered-digest", told.last().unwrap());
    let second = stage.case_number(2);
    assert_eq!(second.disposition.map(|d| d.name()), Some("duplicate"));
    assert!(second.unreached.is_some(), "what is held shows on the case");
    // What a digest's command leaves out is asked for.
    stage.ada(PROVEN, "!assign grace");
    let told = stage.heard().1.pop().unwrap().replace(" / ", " ");
    assert!(told.contains("name the one that you mean"), "{told}");
}
