//! Machines that answer every answer, over Postfix and Dovecot: each conversation ends after at most
//! one answer of ours.
//!
//! A round is a mail of a stranger through the whole way: what was on its way before has come by then.
//! After each the machines do their work. So a loop that does not end writes a mail in each round.
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

use std::fmt::Write as _;

use common::eventually;
use common::project::{ADA, Daemon, PROJECT, Project, Setup, field};

const ROUNDS: usize = 6;

/// What a machine makes of its n-th mail: to whom it sends what.
type Doing = dyn Fn(usize, &str) -> (Vec<String>, String);

/// Answers mail, whatever its header says.
struct Machine {
    address: &'static str,
    does: Box<Doing>,
    seen: usize,
}

impl Machine {
    fn at(address: &'static str, does: fn(usize, &str) -> (Vec<String>, String)) -> Self {
        Self { address, does: Box::new(does), seen: 0 }
    }

    /// Works on what came since it last did; whether there was anything.
    fn works(&mut self, project: &Project) -> bool {
        let mails = project.mailbox(self.address);
        let new = &mails[self.seen..];
        for (n, mail) in (self.seen..).zip(new) {
            let (to, answer) = (self.does)(n, mail);
            let to: Vec<&str> = to.iter().map(String::as_str).collect();
            project.postfix.submit(self.address, &to, answer.replace('\n', "\r\n").as_bytes());
        }
        let was_at_work = !new.is_empty();
        self.seen = mails.len();
        was_at_work
    }
}

/// Lets the machines work for all rounds; whether one of them still had something to do in the last.
fn rounds(projects: &[&Project], machines: &mut [Machine]) -> bool {
    let _daemons: Vec<Daemon> = projects.iter().map(|project| project.start()).collect();
    let mut at_work = false;
    for round in 0..ROUNDS {
        for project in projects {
            let stranger = format!("round{round}@example.net");
            let before = project.mailbox(&stranger).len();
            project.submit(&stranger, &report(&stranger, &project.address, 100 + round));
            project.nth(&stranger, before + 1);
        }
        at_work = false;
        for machine in &mut *machines {
            at_work |= machine.works(projects[0]);
        }
    }
    at_work
}

fn report(from: &str, to: &str, n: usize) -> String {
    let host = from.split('@').nth(1).unwrap();
    format!(
        "From: Rae <{from}>\nTo: {to}\nSubject: crash {n}\nMessage-ID: <report{n}@{host}>\n\
         Date: Mon, 23 Nov 2026 09:00:00 +0000\n\n\
         Sample 4.2.1 crashes when the header X-Count is {n}: parseCount() in lib/count.js reads past\n\
         its buffer. Send `GET / HTTP/1.1` with `X-Count: {n}` and the process ends with a segmentation\n\
         fault. An attacker who can reach the server stops it.\n"
    )
}

/// The mails of ours in somebody's mailbox, by what they are.
fn ours(project: &Project, user: &str, what: &str) -> usize {
    let is_ours = |mail: &&String| {
        let id = field(mail, "Message-ID").unwrap();
        id.starts_with("<EMB-") && id.contains(what)
    };
    project.mailbox(user).iter().filter(is_ours).count()
}

/// An answer that has nothing of the mail it answers.
fn bare(machine: &str, mail: &str, n: usize, subject: &str, text: &str) -> (Vec<String>, String) {
    let to = field(mail, "Reply-To").or(field(mail, "From")).unwrap();
    let to = to.rsplit('<').next().unwrap().trim_end_matches('>').to_owned();
    let host = machine.replace('@', ".");
    let answer = format!(
        "From: {machine}\nTo: {to}\nSubject: {subject}\nMessage-ID: <{n}@{host}>\n\
         Date: Mon, 23 Nov 2026 09:00:00 +0000\n\n{text}\n"
    );
    (vec![to], answer)
}

const AWAY: &str = "away@example.net";
const TICKETS: &str = "tickets@example.net";
const DESK: &str = "desk@example.net";
const LIST: &str = "all@example.org";
const MEMBER: &str = "member@example.net";

fn is_away(n: usize, mail: &str) -> (Vec<String>, String) {
    let text = "I am at the sea until Monday and read your mail when I am back.";
    bare(AWAY, mail, n, "Holiday", text)
}

/// A new number for each mail, and nothing of the old.
fn makes_a_ticket(n: usize, mail: &str) -> (Vec<String>, String) {
    let text = format!("Thank you. Your ticket has the number {n}; an agent will look at it.");
    bare(TICKETS, mail, n, &format!("[Ticket#{n}] Your request"), &text)
}

/// The same with our subject, and our mail as a quotation that nothing marks.
fn makes_a_ticket_of_the_mail(n: usize, mail: &str) -> (Vec<String>, String) {
    let (_, said) = mail.split_once("\n\n").unwrap();
    let text = format!("SUP-{n} was filed in our tracker, a colleague takes over.\n\n{said}");
    let subject = field(mail, "Subject").unwrap();
    bare(DESK, mail, n, &format!("[SUP-{n}] {subject}"), &text)
}

/// A list that sends everything on to the project and to a member, under its own name, with its own
/// Message-ID and without any field that it does not know.
fn passes_on(n: usize, mail: &str) -> (Vec<String>, String) {
    let (_, said) = mail.split_once("\n\n").unwrap();
    let author = field(mail, "From").unwrap().replace(['<', '>', '"', '@'], " ");
    let mut passed = format!("From: \"{author} via all\" <{LIST}>\nTo: {LIST}\n");
    for name in ["Subject", "Date", "Content-Type", "Content-Transfer-Encoding", "In-Reply-To"] {
        if let Some(value) = field(mail, name) {
            let tag = if name == "Subject" { "[all] " } else { "" };
            writeln!(passed, "{name}: {tag}{value}").unwrap();
        }
    }
    write!(
        passed,
        "Message-ID: <{n}.list@example.org>\nList-Id: <all.example.org>\nList-Post: <mailto:{LIST}>\n\
         Precedence: list\n\n{said}\n_______________\nall mailing list\n"
    )
    .unwrap();
    (vec![PROJECT.to_owned(), MEMBER.to_owned()], passed)
}

#[test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
fn vacation_responders_and_ticket_systems_that_ignore_every_header_get_one_answer() {
    let project = Project::new(&Setup::default());
    let mut machines = [
        Machine::at(AWAY, is_away),
        Machine::at(TICKETS, makes_a_ticket),
        Machine::at(DESK, makes_a_ticket_of_the_mail),
    ];
    // A person reports, and leaves it to the machine to answer our answer.
    for (n, Machine { address, .. }) in machines.iter().enumerate() {
        project.submit(address, &report(address, PROJECT, n));
    }
    assert!(!rounds(&[&project], &mut machines), "there is still mail on its way");
    for Machine { address, .. } in &machines {
        let to_the_machine = ours(&project, address, "") - 1;
        assert!(to_the_machine <= 1, "{address} got {to_the_machine} answers");
    }
}

#[test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
fn two_instances_that_write_to_each_other_answer_once_each() {
    let one = Project::new(&Setup::default());
    let other_address = "security@lab.example";
    let other = one.beside(&Setup {
        address: other_address,
        only_to: &[other_address],
        user: other_address,
        ..Setup::default()
    });
    // So that no case of one has the number of the other's.
    let stranger = "early@example.net";
    other.submit(stranger, &report(stranger, other_address, 0));
    eventually("the first mail", || (other.mailbox(other_address).len() == 1).then_some(()));
    other.embargod(&["run", "--once"]);
    one.submit(other_address, &report(other_address, PROJECT, 1));
    other.submit(PROJECT, &report(PROJECT, other_address, 2));
    rounds(&[&one, &other], &mut []);
    for (reader, writer) in [(&one, &other), (&other, &one)] {
        let from = format!("<{}>", writer.address);
        let answers = reader.mailbox(&reader.address);
        let answers = answers.iter().filter(|mail| {
            field(mail, "From").unwrap().contains(&from)
                && field(mail, "Message-ID").unwrap().starts_with("<EMB-")
        });
        assert_eq!(answers.count(), 1, "from {}", writer.address);
    }
}

#[test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
fn an_instance_behind_a_list_that_it_is_subscribed_to_answers_nothing_of_the_list() {
    // Every notice goes to the list, and so comes back.
    let more = ADA.replace("ada@example.org", LIST);
    let project = Project::new(&Setup { only_to: &[], more: &more, ..Setup::default() });
    project.submit("rae@example.net", &report("rae@example.net", PROJECT, 1));
    let to_the_list = report("kim@example.net", LIST, 2);
    project.postfix.submit(
        "kim@example.net",
        &[LIST],
        to_the_list.replace('\n', "\r\n").as_bytes(),
    );
    // The mails of the rounds make notices themselves.
    rounds(&[&project], &mut [Machine::at(LIST, passes_on)]);
    assert_eq!(ours(&project, "rae@example.net", ""), 1);
    assert_eq!(ours(&project, "kim@example.net", ""), 0);
    let cases = project.json(&["case", "list", "--json"]).as_array().unwrap().len();
    assert_eq!(cases, 1 + ROUNDS);
    assert_eq!(ours(&project, LIST, ".notice."), cases);
    assert_eq!(ours(&project, LIST, ""), cases, "something but notices went to the list");
}

#[test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
fn a_maintainers_machine_that_answers_every_notice_gets_one_confirmation() {
    for does in [is_away, makes_a_ticket] {
        let reader = "ada@home.example";
        let more = format!(
            "{}[commands]\nkey_file = \"commands-key\"\nreply_to = \"security+{{token}}@example.org\"\n\
             [authentication]\nby = \"server\"\nserver = \"mail.example.org\"\n",
            ADA.replace("ada@example.org", reader)
        );
        let project = Project::new(&Setup { more: &more, ..Setup::default() });
        project.secret("commands-key", "a key of the tests that has 32 octets and more\n");
        // Each round makes a notice, and the machine takes it for something to answer.
        let answers = move |n: usize, mail: &str| {
            let (to, answer) = does(n, mail);
            let from = answer.lines().next().unwrap().to_owned();
            (to, answer.replacen(&from, &format!("From: Ada <{reader}>"), 1))
        };
        rounds(&[&project], &mut [Machine { address: reader, does: Box::new(answers), seen: 0 }]);
        assert_eq!(ours(&project, reader, ".confirmation."), 1);
    }
}
