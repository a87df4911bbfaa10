//! Conversations through Postfix and Dovecot, with everybody's answers as their mail programs make
//! them: what is read at the end is the mail that was delivered.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

#[path = "../common/mod.rs"]
mod common;
mod programs;

use common::eventually;
use common::postfix::{BOUNCED, POSTMASTER};
use common::project::{PROJECT, Project, Setup, field};
use embargod::mail::read::read;
use programs::{Person, Program, TRACES};
use serde_json::Value;

/// Who answers for the project. Their addresses are nobody else's business.
const MAINTAINERS: [(&str, Person); 4] = [
    ("ada", person("Ada Lovelace", "ada@home.example", Program::Gmail)),
    ("grace", person("Grace Hopper", "grace@home.example", Program::Outlook)),
    ("radia", person("Radia Perlman", "radia@home.example", Program::AppleMail)),
    ("emmy", person("Emmy Noether", "emmy@home.example", Program::Thunderbird)),
];

const REPORTERS: [Person; 5] = [
    person("Rae", "rae@lab.example", Program::Outlook),
    person("Kim", "kim@lab.example", Program::AppleMail),
    person("Max", "max@lab.example", Program::OutlookInGerman),
    person("Uma", "uma@lab.example", Program::Gmail),
    person("Tom", "tom@lab.example", Program::Thunderbird),
];

/// Whom a reporter puts into Cc.
const FRIEND: &str = "lee@lab.example";

const fn person(name: &'static str, address: &'static str, program: Program) -> Person {
    Person { name, address, program }
}

fn project() -> Project {
    let people = MAINTAINERS.map(|(handle, Person { name, address, .. })| {
        format!(
            "[[maintainers]]\nhandle = \"{handle}\"\nname = \"{name}\"\naddress = \"{address}\"\n"
        )
    });
    let more = format!(
        "{}[handlers]\nassign = \"rotation\"\n[commands]\nkey_file = \"commands-key\"\n\
         reply_to = \"security+{{token}}@example.org\"\n\
         [authentication]\nby = \"server\"\nserver = \"mail.example.org\"\n\
         [digest]\nwhen_empty = \"skip\"\n",
        people.concat()
    );
    let project = Project::new(&Setup { more: &more, ..Setup::default() });
    project.secret("commands-key", "a key of the tests that has 32 octets and more\n");
    project
}

/// One case, and the mail that went back and forth in it.
struct Talk<'a> {
    project: &'a Project,
    reporter: Person,
    handler: Person,
    follower: Person,
    case: String,
    written: usize,
    /// What lay in the mailboxes of the handler and the follower before.
    before: [usize; 2],
    /// Everything that the reporter, the handler and the follower wrote and got, in that order.
    threads: [Vec<String>; 3],
}

const REPORTER: usize = 0;
const HANDLER: usize = 1;
const FOLLOWER: usize = 2;

impl<'a> Talk<'a> {
    fn begins(project: &'a Project, n: usize) -> Self {
        let reporter = REPORTERS[n];
        let ((_, handler), (handle, follower)) = (MAINTAINERS[n % 4], MAINTAINERS[(n + 1) % 4]);
        let before = [handler, follower].map(|who| project.mailbox(who.address).len());
        let mut talk = Self {
            project,
            reporter,
            handler,
            follower,
            case: String::new(),
            written: n * 100,
            before,
            threads: Default::default(),
        };
        let text = format!(
            "Hello,\n\nsample 4.2.{n} accepts a cookie that the client made up: sid{n} is kept after\n\
             the login in lib/session{n}.js. An attacker who can set a cookie for the victim is\n\
             logged in as the victim. Affected are 4.0.0 to 4.2.{n}.\n\nTo reproduce: send\n\
             `Cookie: sid{n}=abc` with the login request, then use it from another machine.\n\n{}",
            reporter.name
        );
        let report = reporter.writes(PROJECT, "Session fixation", &text, talk.written);
        talk.sends(REPORTER, report);
        let acknowledgement = talk.gets(REPORTER);
        let subject = field(&acknowledgement, "Subject").unwrap();
        talk.case = subject.split(['[', ']']).nth(1).unwrap().to_owned();
        project.embargod(&["case", "follow", &talk.case, "--as", handle]);
        talk
    }

    fn who(&self, whose: usize) -> Person {
        [self.reporter, self.handler, self.follower][whose]
    }

    fn sends(&mut self, whose: usize, mail: String) {
        self.project.submit(self.who(whose).address, &mail);
        self.threads[whose].push(mail);
        self.written += 1;
    }

    /// Answers the last mail that came.
    fn answers(&mut self, whose: usize, text: &str, more: &str) {
        let last = self.got(whose).pop().unwrap();
        let mail = self.who(whose).answers(&last, text, self.written, more);
        self.sends(whose, mail);
    }

    /// The mails that came, not those that were written.
    fn got(&self, whose: usize) -> Vec<String> {
        let ours = |mail: &&String| field(mail, "From").unwrap().contains(PROJECT);
        self.threads[whose].iter().filter(ours).cloned().collect()
    }

    /// Waits for the next mail.
    fn gets(&mut self, whose: usize) -> String {
        let before = if whose == REPORTER { 0 } else { self.before[whose - 1] };
        let n = before + self.got(whose).len() + 1;
        let mail = self.project.nth(self.who(whose).address, n);
        self.threads[whose].push(mail.clone());
        mail
    }

    fn shown(&self) -> Value {
        self.project.json(&["case", "show", &self.case, "--json"])
    }
}

/// The mail's text, as its reader sees it, without what stands below a signature's mark.
fn text(mail: &str) -> String {
    let text = read(mail.as_bytes(), mail.len() as u64).text.text;
    text.split("\n-- \n").next().unwrap().trim().to_owned()
}

/// Panics if a mail has anything of a maintainer's that is not meant for its reader.
fn betrays_nobody(mail: &str) {
    let said = mail.to_lowercase();
    let seen = read(mail.as_bytes(), mail.len() as u64).text.text.to_lowercase();
    for trace in
        TRACES.iter().chain(&["home.example", ".for-", "embargod, for", ".notice.", "!reply"])
    {
        assert!(!said.contains(trace) && !seen.contains(trace), "{trace} is in it:\n{mail}");
    }
    for (_, person) in MAINTAINERS {
        assert!(!said.contains(&person.name.to_lowercase()), "{} is in it:\n{mail}", person.name);
    }
}

#[test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
fn a_conversation_holds_together_in_every_mail_program_and_betrays_nobody() {
    let project = project();
    let daemon = project.start();
    for n in 0..REPORTERS.len() {
        converse(&project, n);
    }
    daemon.stop();
}

fn converse(project: &Project, n: usize) {
    let mut talk = Talk::begins(project, n);
    assert!(talk.gets(HANDLER).contains("A new report is in."));

    // The handler answers the notice with orders and with words for the reporter.
    talk.answers(
        HANDLER,
        "!confirm >=4.0 <4.2.9\n!reply\nHello,\n\nthank you, we see it too. A fix comes this month.\n\nThe team",
        "",
    );
    let answer = talk.gets(REPORTER);
    assert_eq!(
        text(&answer),
        "Hello,\n\nthank you, we see it too. A fix comes this month.\n\nThe team",
        "{answer}"
    );
    assert_eq!(field(&answer, "Return-Path").as_deref(), Some("<security+bounces@example.org>"));
    let confirmation = talk.gets(HANDLER);
    assert!(confirmation.contains("Done: 2 commands."), "{confirmation}");

    // The reporter answers, with somebody in Cc; handler and follower hear of it.
    talk.answers(REPORTER, "5.0.0-beta has it too.", &format!("Cc: Lee <{FRIEND}>\n"));
    let [told, _] = [talk.gets(HANDLER), talk.gets(FOLLOWER)];
    assert!(told.contains("The reporter wrote.") && told.contains(FRIEND), "{told}");

    // The follower asks back, in answer to the notice.
    talk.answers(FOLLOWER, "!ask Which browser was that?", "");
    assert_eq!(text(&talk.gets(REPORTER)), "Which browser was that?");
    assert!(talk.gets(FOLLOWER).contains("Done."));
    // The mail may be in the mailbox before its delivery is in the store.
    eventually("the answer to be awaited", || {
        (!talk.shown()["awaiting_since"].is_null()).then_some(())
    });

    talk.answers(REPORTER, "Any: it is the server that takes the cookie.", "");
    talk.gets(FOLLOWER);
    talk.gets(HANDLER);
    assert!(talk.shown()["awaiting_since"].is_null());

    // A word among maintainers, and then one more to the reporter and whom they asked to add.
    // In other words in each case: a note that its author wrote before, word for word, is not confirmed.
    let word = ["first", "second", "third", "fourth", "fifth"][n];
    talk.answers(HANDLER, &format!("So in the {word} case, too; do not tell anybody yet."), "");
    assert!(talk.gets(HANDLER).contains("Done."));
    talk.answers(HANDLER, &format!("!add-cc {FRIEND}\n!reply It is fixed on a branch."), "");
    let last = talk.gets(REPORTER);
    assert_eq!(text(&last), "It is fixed on a branch.");
    assert!(talk.gets(HANDLER).contains(FRIEND));
    let copy = project.nth(FRIEND, n + 1);
    assert_eq!(field(&copy, "Message-ID"), field(&last, "Message-ID"));
    betrays_nobody(&copy);

    for mail in talk.got(REPORTER) {
        betrays_nobody(&mail);
        assert!(!mail.contains("do not tell anybody"), "{mail}");
    }
    for (whose, thread) in talk.threads.iter().enumerate() {
        let program = talk.who(whose).program;
        let held = match whose {
            // The subjects of letters to a reporter tell what each is, so that the thread rests on
            // Message-IDs alone.
            REPORTER => programs::linked(thread),
            _ => program.is_one_thread(thread),
        };
        held.unwrap_or_else(|why| panic!("{program:?}: {why}"));
    }
    let case = talk.shown();
    assert_eq!(case["affected"], serde_json::json!([">=4.0 <4.2.9"]));
    assert_eq!((&case["state"], &case["cc"][0]), (&"confirmed".into(), &FRIEND.into()));
    let counted = |direction: &str| {
        case["messages"].as_array().unwrap().iter().filter(|m| m["direction"] == direction).count()
    };
    assert_eq!(counted("in"), 7, "{case}");
    let strangers = project.mailbox(talk.reporter.address).len();
    assert_eq!(strangers, 4, "the reporter got something else");
}

#[test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
fn a_bounce_of_a_mail_to_the_reporter_betrays_nobody_and_is_told() {
    let project = project();
    let daemon = project.start();
    let (_, ada) = MAINTAINERS[0];
    let reporter = person("Nobody", BOUNCED, Program::Gmail);
    let text = "sample 4.2.1 reads past its buffer in lib/parse.js on `GET /%00`; it stops at once.\n\
                Send that request to any server that runs it, and the process ends with a fault.";
    project.submit(BOUNCED, &reporter.writes(PROJECT, "crash", text, 1));
    // The acknowledgement comes back, and so does what the handler answers to the notice of it.
    let notices = eventually("two notices", || {
        Some(project.mailbox(ada.address)).filter(|mails| mails.len() == 2)
    });
    let lost = notices.iter().find(|mail| mail.contains("did not reach the reporter")).unwrap();
    project.submit(ada.address, &ada.answers(lost, "!reply\nHello,\n\nplease try again.", 2, ""));
    eventually("a notice of the second bounce", || {
        let mails = project.mailbox(ada.address);
        let lost = mails.iter().filter(|mail| mail.contains("did not reach the reporter"));
        (lost.count() == 2 && mails.len() == 4).then_some(())
    });
    // What the reporter's side sees of it, and what comes back to the project.
    let seen = eventually("the postmaster's copies", || {
        Some(project.mailbox(POSTMASTER)).filter(|mails| mails.len() == 2)
    });
    let inbox = project.mailbox(PROJECT);
    let bounces: Vec<&String> =
        inbox.iter().filter(|mail| mail.contains("message/delivery-status")).collect();
    assert_eq!(bounces.len(), 2);
    for mail in seen.iter().chain(bounces) {
        assert!(mail.contains("EMB-"), "{mail}");
        betrays_nobody(mail);
    }
    assert_eq!(project.mailbox(BOUNCED), Vec::<String>::new());
    let case = &project.json(&["case", "list", "--json"])[0];
    assert_eq!(case["state"], "received", "what came back keeps no promise");
    daemon.stop();
}
