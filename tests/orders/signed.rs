//! Orders that are believed for their signature: nobody else answers for where they come from.

use std::fmt::Write as _;

use crate::signer::Signer;
use crate::stage::{PROVEN, Stage};

const ADA: &str = "Ada Lovelace <ada@example.org>";

/// A stage whose maintainers have keys, and the keys.
struct Signed {
    stage: Stage,
    ada: Signer,
    grace: Signer,
}

impl Signed {
    fn set() -> Self {
        Self::of(Signer::new("ada@example.org"))
    }

    fn of(ada: Signer) -> Self {
        let grace = Signer::new("grace@example.org");
        let config = format!(
            "[commands]\nkey_file = \"commands-key\"\n[notices]\nsend = [\"new\"]\n\
             [[maintainers]]\nhandle = \"ada\"\nname = \"Ada Lovelace\"\naddress = \"ada@example.org\"\nlead = true\npgp_key_file = {:?}\n\
             [[maintainers]]\nhandle = \"grace\"\nname = \"Grace Hopper\"\naddress = \"grace@example.org\"\npgp_key_file = {:?}\n",
            ada.key_file(&["--armor"]),
            grace.key_file(&[]),
        );
        Self { stage: Stage::with(&config), ada, grace }
    }

    fn answer(&self, text: &str) -> String {
        self.stage.answer(ADA, "", text)
    }

    /// What protects a mail's place in its thread within what is signed, as Thunderbird does.
    fn protected(&self) -> String {
        format!(
            "From: {ADA}\nTo: security@example.org\nSubject: Re: crash\nIn-Reply-To: <{}>\n",
            self.stage.id()
        )
    }

    fn handler(&self) -> String {
        self.stage.case().handler.unwrap_or_default()
    }
}

/// An answer without what it quotes.
fn unquoted(answer: &str) -> String {
    let (own, _) = answer.split_once("\nOn ").unwrap();
    format!("{own}\n")
}

/// How a mail program signs an answer.
type Way = (&'static str, fn(&Signed) -> String);

#[test]
#[ignore = "needs gpg and gpgv: run ./tests/run"]
fn a_signature_stands_for_the_word_of_a_domain() {
    let ways: &[Way] = &[
        ("MIME, with the quotation", |s| s.ada.signs(&s.answer("!assign grace"), "", &[])),
        ("MIME, the thread protected and no quotation", |s| {
            s.ada.signs(&unquoted(&s.answer("!assign grace")), &s.protected(), &[])
        }),
        ("the text", |s| s.ada.clear_signs(&s.answer("!assign grace"))),
        ("MIME, below a list's footer that nobody signed", |s| {
            let mail = s.ada.signs(&s.answer("!assign grace"), "", &[]);
            let mail = mail.replacen("Content-Type: multipart/signed", "Content-Type: multipart/mixed; boundary=\"list\"\n\n--list\nContent-Type: multipart/signed", 1);
            format!("{mail}\n--list\nContent-Type: text/plain\n\n!unassign\n--list--\n")
        }),
        ("a domain that speaks against it", |s| {
            let disowned = "Authentication-Results: mx.example.org; dmarc=fail (p=reject) header.from=example.org";
            s.ada.signs(&s.stage.answer(ADA, disowned, "!assign grace"), "", &[])
        }),
    ];
    for (way, mail) in ways {
        let mut signed = Signed::set();
        let mail = mail(&signed);
        signed.stage.sends(&mail);
        assert_eq!(signed.handler(), "grace", "{way}: {:?}", signed.stage.heard());
        assert!(signed.stage.verdict().contains("command.done"), "{way}");
        assert_eq!(signed.stage.heard().1.len(), 1, "{way}");
        // A second time it is nobody's word.
        signed.stage.runs("case assign EMB-2026-0001 ada");
        signed.stage.sends(&mail.replacen(
            "\nSubject: ",
            "\nMessage-ID: <again@evil.example>\nSubject: ",
            1,
        ));
        assert_eq!(signed.handler(), "ada", "{way}");
        assert!(signed.stage.heard().1.last().unwrap().contains("used already"), "{way}");
    }
}

/// A name, and what is sent that must not be obeyed.
type Attempt = (&'static str, fn(&mut Signed) -> String);

const ATTEMPTS: &[Attempt] = &[
    ("no signature", |s| s.answer("!assign grace")),
    ("changed on its way", |s| {
        s.ada.signs(&s.answer("!assign ada"), "", &[]).replacen("!assign ada", "!assign grace", 1)
    }),
    ("changed on its way, within the text", |s| {
        s.ada.clear_signs(&s.answer("!assign ada")).replacen("!assign ada", "!assign grace", 1)
    }),
    ("another key for the address", |s| {
        let eve = Signer::new("ada@example.org");
        eve.signs(&s.answer("!assign grace"), "", &[])
    }),
    ("another maintainer's key", |s| s.grace.signs(&s.answer("!assign grace"), "", &[])),
    ("another maintainer, with this token", |s| {
        let answer = s.stage.answer("Grace Hopper <grace@example.org>", "", "!assign grace");
        s.grace.signs(&answer, "", &[])
    }),
    ("a key that was revoked", |s| {
        let mail = s.ada.signs(&s.answer("!assign grace"), "", &[]);
        s.ada.revokes();
        s.ada.key_file(&[]);
        s.stage.reads_again();
        mail
    }),
    ("a digest that can be forged", |s| {
        s.ada.signs(
            &s.answer("!assign grace"),
            "",
            &["--digest-algo", "SHA1", "--allow-weak-digest-algos"],
        )
    }),
    ("a command above what is signed", |s| {
        let mail = s.ada.clear_signs(&s.answer(""));
        mail.replacen("-----BEGIN", "!assign grace\n\n-----BEGIN", 1)
    }),
    ("a command below what is signed", |s| {
        format!("{}\n!assign grace\n", s.ada.clear_signs(&s.answer("")))
    }),
    ("a command in a part before the one that is signed", |s| {
        let mail = s.ada.signs(&s.answer(""), "", &[]);
        let mail = mail.replacen("Content-Type: multipart/signed", "Content-Type: multipart/mixed; boundary=\"list\"\n\n--list\n\n!assign grace\n--list\nContent-Type: multipart/signed", 1);
        format!("{mail}\n--list--\n")
    }),
    ("a command before the parts", |s| {
        let mail = s.ada.signs(&s.answer(""), "", &[]);
        mail.replacen("This is an OpenPGP/MIME signed message (RFC 3156)", "!assign grace", 1)
    }),
    ("a third part", |s| {
        let mail = s.ada.signs(&s.answer(""), "", &[]);
        mail.replacen("--sig--", "--sig\nContent-Type: text/plain\n\n!assign grace\n--sig--", 1)
    }),
    ("two texts, both signed", |s| {
        let mail = s.ada.clear_signs(&s.answer("!assign grace"));
        format!("{mail}\n{}", s.ada.block("!disclose\n"))
    }),
    ("nothing signed that says which mail it answers", |s| {
        s.ada.signs(&unquoted(&s.answer("!assign grace")), "", &[])
    }),
    ("an older mail, signed for another token, in the thread of this one", |s| {
        let before = s.stage.id();
        let older = s.ada.signs(&s.answer("!assign grace"), &s.protected(), &[]);
        let help = s.ada.signs(&s.answer("!help"), "", &[]);
        s.stage.sends(&help);
        assert!(s.stage.follows("confirmation."));
        s.stage.heard();
        assert_ne!(before, s.stage.id());
        // Its own header names the new mail, what is signed the old one.
        let (header, signed) = older.split_once("\n\n").unwrap();
        format!("{}\n\n{signed}", header.replace(&before, &s.stage.id()))
    }),
    ("a text that was signed for no mail of ours", |s| {
        let block = s.ada.block("!assign grace\n");
        let (header, _) =
            s.answer("").split_once("\n\n").map(|(h, b)| (h.to_owned(), b.to_owned())).unwrap();
        format!("{header}\n\n{block}")
    }),
];

#[test]
#[ignore = "needs gpg and gpgv: run ./tests/run"]
fn a_signature_that_proves_nothing_changes_nothing() {
    let mut story = String::new();
    for (name, attempt) in ATTEMPTS {
        let mut signed = Signed::set();
        let mail = attempt(&mut signed);
        let before = signed.handler();
        assert_ne!(before, "grace", "{name}");
        signed.stage.sends(&mail);
        assert_eq!(signed.handler(), before, "{name}");
        writeln!(story, "{name}\n    {}", signed.stage.verdict()).unwrap();
        for line in signed.stage.heard().1 {
            let (answer, _) = line.split_once(" / Where you sign").unwrap_or((&line, ""));
            writeln!(story, "    {answer}").unwrap();
        }
    }
    insta::assert_snapshot!("not-signed", story);
}

#[test]
#[ignore = "needs gpg and gpgv: run ./tests/run"]
fn a_key_that_has_expired_signs_nothing() {
    let mut signed = Signed::of(Signer::of_2020("ada@example.org"));
    let then = ["--faked-system-time", "20200101T010000!"];
    let mail = signed.ada.signs(&signed.answer("!assign grace"), "", &then);
    signed.stage.sends(&mail);
    assert_ne!(signed.handler(), "grace");
    assert!(signed.stage.heard().1[0].contains("has expired"));
}

#[test]
#[ignore = "needs gpg and gpgv: run ./tests/run"]
fn what_is_signed_is_shown_on_the_case_and_its_token_never_leaves() {
    let mut signed = Signed::set();
    let token = signed.stage.token();
    let mail =
        signed.ada.signs(&signed.answer(&format!("!reply\nHello.\n    token {token}")), "", &[]);
    signed.stage.sends(&mail);
    let (letters, told) = signed.stage.heard();
    assert_eq!(letters, [] as [String; 0]);
    assert!(told[0].contains("the mail in it that you / answered"), "{told:?}");
    let mail = signed.ada.signs(&signed.answer("!reply\nHello.\n\n-- \nAda"), "", &[]);
    signed.stage.sends(&mail);
    let (letters, _) = signed.stage.heard();
    assert_eq!(letters.len(), 1);
    assert!(!letters[0].contains(&token));
    let shown = signed.stage.runs("mail show 3");
    assert!(shown.contains("openpgp pass"), "{shown}");
}

#[test]
#[ignore = "needs gpg and gpgv: run ./tests/run"]
fn a_proven_sender_needs_no_signature_and_a_signed_text_reads_as_it_was_written() {
    let mut stage = Stage::set();
    let ada = Signer::new("ada@example.org");
    let mail = ada.clear_signs(&stage.answer(ADA, PROVEN, "!reply\n- one\n-- two\n\n-- \nAda"));
    assert!(mail.contains("- -- two"));
    stage.sends(&mail);
    let (letters, _) = stage.heard();
    assert!(letters[0].contains("- one / -- two"), "{letters:?}");
    assert!(!letters[0].contains("Ada"), "{letters:?}");
}
