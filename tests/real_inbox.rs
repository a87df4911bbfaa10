//! The inbox against a real server: Dovecot, or what `EMBARGOD_IMAP` names. What is about TLS, refused
//! logins and Dovecot's own commands stays with Dovecot.

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

use std::time::Duration;

use common::dovecot::{Dovecot, PASSWORD};
use common::imap_server::ImapServer;
use common::mail;
use embargod::domain::place::{Place, Position};
use embargod::domain::secret::Secret;
use embargod::mail::inbox::{
    Addressees, Arrived, Inbox, InboxSettings, Reached, Seen, Source, Step, Unaddressed, Wake,
};
use embargod::mail::tls::{self, Security};
use tokio::sync::mpsc;

const USER: &str = "security@example.org";
const LONG: Duration = Duration::from_secs(150);

fn settings(source: Source) -> InboxSettings {
    InboxSettings {
        source,
        addressees: Addressees::Everybody,
        poll: Duration::from_secs(1),
        message_bytes: 25 * 1024 * 1024,
    }
}

fn inbox(server: &ImapServer) -> InboxSettings {
    settings(server.inbox(USER))
}

fn numbered(number: u32) -> Vec<u8> {
    mail("ada@example.net", USER, &format!("report {number}"), "It breaks.")
}

/// Takes all that waits, through a channel that holds one mail.
async fn take(inbox: &mut Inbox, seen: Position) -> (Vec<Arrived>, Reached) {
    let (out, mut mails) = mpsc::channel(1);
    let collecting = tokio::spawn(async move {
        let mut came = Vec::new();
        while let Some(mail) = mails.recv().await {
            came.push(mail);
        }
        came
    });
    let reached = inbox.take_waiting(&Seen::Position(seen), &out).await.unwrap();
    drop(out);
    (collecting.await.unwrap(), reached)
}

fn uids(mails: &[Arrived]) -> Vec<u32> {
    let uid = |mail: &Arrived| match mail.place {
        Place::Imap { uid, .. } => uid,
        Place::Maildir { .. } | Place::Archive { .. } => panic!("from no server"),
    };
    mails.iter().map(uid).collect()
}

fn contains(mail: &Arrived, text: &str) -> bool {
    String::from_utf8_lossy(&mail.raw).contains(text)
}

#[tokio::test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
async fn mail_comes_over_tls_starttls_and_plain_loopback_alike() {
    let dovecot = Dovecot::start();
    dovecot.deliver(USER, &numbered(1));
    dovecot.deliver(USER, &numbered(2));
    for security in [Security::Tls, Security::StartTls, Security::Plain] {
        let mut inbox = Inbox::open(&settings(dovecot.inbox(security, USER))).await.unwrap();
        let (mails, reached) = take(&mut inbox, Position::default()).await;
        assert_eq!(uids(&mails), [1, 2], "{security:?}");
        assert!(contains(&mails[0], "Subject: report 1\r\n"));
        assert_eq!(u64::try_from(mails[0].raw.len()).unwrap(), mails[0].size);
        let position = reached.position.unwrap();
        assert_eq!(position.uid, 2);

        let (mails, again) = take(&mut inbox, position).await;
        assert!(mails.is_empty());
        assert_eq!(again.position, Some(position));
    }
}

#[tokio::test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
async fn reading_leaves_every_mail_unseen_and_recent() {
    let server = ImapServer::start();
    for number in 1..=3 {
        server.deliver(USER, &numbered(number));
    }
    server.assert_untouched(USER, 3);
    let mut inbox = Inbox::open(&inbox(&server)).await.unwrap();
    let (mails, _) = take(&mut inbox, Position::default()).await;
    assert_eq!(mails.len(), 3);
    inbox.wait(Duration::from_millis(100)).await.unwrap();
    server.assert_untouched(USER, 3);
}

#[tokio::test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
async fn idle_wakes_when_mail_comes_in() {
    let server = ImapServer::start();
    let mut inbox = Inbox::open(&inbox(&server)).await.unwrap();
    let (_, reached) = take(&mut inbox, Position::default()).await;
    let mut session = server.session(USER);
    let sending = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        session.append("INBOX", &numbered(1));
    });
    assert_eq!(inbox.wait(LONG).await.unwrap(), Wake::News);
    sending.join().unwrap();
    let (mails, _) = take(&mut inbox, reached.position.unwrap()).await;
    assert_eq!(uids(&mails), [1]);
}

#[tokio::test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
async fn mail_that_came_in_before_idle_began_is_not_waited_for() {
    let server = ImapServer::start();
    let mut inbox = Inbox::open(&inbox(&server)).await.unwrap();
    take(&mut inbox, Position::default()).await;
    server.deliver(USER, &numbered(1));
    assert_eq!(inbox.wait(LONG).await.unwrap(), Wake::News);
}

#[tokio::test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
async fn an_empty_folder_has_nothing_and_waits_quietly() {
    let server = ImapServer::start();
    let mut inbox = Inbox::open(&inbox(&server)).await.unwrap();
    let (mails, reached) = take(&mut inbox, Position::default()).await;
    assert!(mails.is_empty());
    assert_eq!(reached.position.unwrap().uid, 0);
    assert_eq!(inbox.wait(Duration::from_millis(50)).await.unwrap(), Wake::Quiet);
}

#[tokio::test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
async fn mail_for_somebody_else_is_left_alone_and_never_read() {
    let server = ImapServer::start();
    let own_inbox = "ada@example.org";
    server.deliver(own_inbox, &mail("bob@example.net", own_inbox, "private", "dinner?"));
    server.deliver(own_inbox, &mail("eve@example.net", "Team <SECURITY@example.org>", "one", "x"));
    server.deliver(own_inbox, &mail("eve@example.net", "other@example.org", "private", "y"));
    let mut settings = settings(server.inbox(own_inbox));
    settings.addressees = Addressees::Only {
        addresses: vec![USER.parse().unwrap()],
        unaddressed: Unaddressed::LeftAlone,
    };
    let mut inbox = Inbox::open(&settings).await.unwrap();
    let (mails, reached) = take(&mut inbox, Position::default()).await;
    assert_eq!(uids(&mails), [2]);
    assert!(contains(&mails[0], "Subject: one"));
    assert_eq!((reached.taken, reached.left_alone), (1, 2));
    // Looked at once, and passed for good.
    assert_eq!(reached.position.unwrap().uid, 3);
    server.assert_untouched(own_inbox, 3);
}

#[tokio::test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
async fn a_folder_with_another_uidvalidity_is_read_from_its_beginning() {
    let server = ImapServer::start();
    let name = server.folder("Reports");
    let mut source = server.inbox(USER);
    if let Source::Imap { folder, .. } = &mut source {
        folder.clone_from(&name);
    }
    let settings = settings(source);
    let mut other = server.session(USER);
    other.run(&format!("CREATE {name}"));
    other.append(&name, &numbered(1));
    let mut inbox = Inbox::open(&settings).await.unwrap();
    let (_, reached) = take(&mut inbox, Position::default()).await;
    let before = reached.position.unwrap();
    drop(inbox);

    // A folder of the same name is another folder. Servers number them by the second.
    std::thread::sleep(Duration::from_millis(1100));
    other.run(&format!("DELETE {name}"));
    other.run(&format!("CREATE {name}"));
    other.append(&name, &numbered(2));
    let mut inbox = Inbox::open(&settings).await.unwrap();
    let (mails, reached) = take(&mut inbox, before).await;
    assert_eq!(mails.len(), 1);
    assert!(contains(&mails[0], "Subject: report 2\r\n"));
    assert_ne!(reached.position.unwrap().uid_validity, before.uid_validity);
}

#[tokio::test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
async fn a_mail_over_the_limit_is_read_only_at_its_beginning() {
    let server = ImapServer::start();
    let long = format!("It breaks.\r\n{}", "0123456789abcdef\r\n".repeat(20_000));
    server.deliver(USER, &mail("ada@example.net", USER, "long", &long));
    server.deliver(USER, &numbered(2));
    let mut settings = inbox(&server);
    settings.message_bytes = 10_000;
    let mut inbox = Inbox::open(&settings).await.unwrap();
    let (mails, _) = take(&mut inbox, Position::default()).await;
    assert_eq!(uids(&mails), [1, 2]);
    assert_eq!(mails[0].raw.len(), 10_000);
    assert!(mails[0].size > 360_000, "{}", mails[0].size);
    assert!(contains(&mails[0], "It breaks.\r\n"));
    assert!(contains(&mails[1], "Subject: report 2\r\n"));
}

#[tokio::test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
async fn mail_that_arrives_or_vanishes_while_others_are_read_is_neither_lost_nor_in_the_way() {
    let server = ImapServer::start();
    let body = "It breaks, and this is how.\r\n".repeat(4_000);
    for number in 1..=120 {
        let subject = format!("report {number}");
        server.deliver(USER, &mail("ada@example.net", USER, &subject, &body));
    }
    let mut inbox = Inbox::open(&inbox(&server)).await.unwrap();
    let (out, mut mails) = mpsc::channel(1);
    let reading = tokio::spawn(async move {
        let reached = inbox.take_waiting(&Seen::Position(Position::default()), &out).await;
        (inbox, reached.unwrap())
    });
    let mut came = vec![mails.recv().await.unwrap()];
    // The reader stands still: its channel is full. Cyrus lets nobody change the folder then.
    let is_dovecot = matches!(server, ImapServer::Dovecot(_));
    let (done, changed) = std::sync::mpsc::channel();
    let changing = std::thread::spawn(move || {
        server.deliver(USER, &numbered(121));
        let mut other = server.session(USER);
        other.run("SELECT INBOX");
        other.run("UID STORE 118 +FLAGS (\\Deleted)");
        other.run("EXPUNGE");
        done.send(()).unwrap();
        server
    });
    let before = changed.recv_timeout(Duration::from_secs(if is_dovecot { 60 } else { 2 }));
    while let Some(mail) = mails.recv().await {
        came.push(mail);
    }
    let (mut inbox, reached) = reading.await.unwrap();
    let expected: Vec<u32> = (1..=120).filter(|uid| *uid != 118).collect();
    // Where it is gone before it was asked for, it does not come; Courier has read it by then.
    came.retain(|mail| is_dovecot || uids(std::slice::from_ref(mail)) != [118]);
    assert_eq!(uids(&came), expected);
    assert_eq!(reached.position.unwrap().uid, 120);
    let _server = changing.join().unwrap();
    assert!(before.is_ok() || !is_dovecot);

    assert_eq!(inbox.wait(LONG).await.unwrap(), Wake::News);
    let (came, _) = take(&mut inbox, reached.position.unwrap()).await;
    assert_eq!(uids(&came), [121]);
}

#[tokio::test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
async fn a_folder_with_a_name_beyond_ascii_is_found() {
    let server = ImapServer::start();
    let name = server.folder("L&APw-cken &- L&APY-cher");
    server.session(USER).run(&format!("CREATE \"{name}\""));
    let mut source = server.inbox(USER);
    if let Source::Imap { folder, .. } = &mut source {
        *folder = server.folder("Lücken & Löcher");
    }
    Inbox::open(&settings(source)).await.unwrap();
}

#[tokio::test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
async fn what_is_wrong_is_told_by_the_step_that_failed() {
    let dovecot = Dovecot::start();
    let other_address = dovecot.other_address.to_string();
    let closed_port = common::loopback::free_port(dovecot.address);
    type Change = Box<dyn Fn(&mut tls::Server, &mut Secret, &mut String)>;
    let cases: [(Step, &str, Change); 8] = [
        (
            Step::Connect(tls::Step::Name),
            "check the host name",
            Box::new(|server, _, _| server.host = "nowhere.invalid".to_owned()),
        ),
        (
            Step::Connect(tls::Step::Tcp),
            "check the port",
            Box::new(move |server, _, _| server.port = closed_port),
        ),
        (Step::Connect(tls::Step::Tls), "`ca`", Box::new(|server, _, _| server.ca = None)),
        (
            Step::Connect(tls::Step::Tls),
            "as its certificate does",
            Box::new(move |server, _, _| server.host.clone_from(&other_address)),
        ),
        (
            Step::Connect(tls::Step::Tls),
            "STARTTLS",
            Box::new({
                let port = dovecot.imap;
                move |server, _, _| server.port = port
            }),
        ),
        (
            Step::Connect(tls::Step::Trust),
            "no-such-file.pem",
            Box::new(|server, _, _| server.ca = Some("no-such-file.pem".into())),
        ),
        (
            Step::Login,
            "password_file",
            Box::new(|_, password, _| *password = Secret::new("wrong".to_owned())),
        ),
        (Step::Folder, "\"Nowhere\"", Box::new(|_, _, folder| *folder = "Nowhere".to_owned())),
    ];
    for (step, words, change) in cases {
        let mut source = dovecot.inbox(Security::Tls, USER);
        if let Source::Imap { server, password, folder, .. } = &mut source {
            change(server, password, folder);
        }
        let error = Inbox::open(&settings(source)).await.unwrap_err();
        assert_eq!(error.step(), step, "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(!format!("{error} {error:?}").contains(PASSWORD));
    }
}

#[tokio::test]
#[ignore = "needs Dovecot and Postfix: run ./tests/run"]
async fn a_connection_that_the_server_closed_is_made_anew() {
    let dovecot = Dovecot::start();
    let mut inbox = Inbox::open(&settings(dovecot.inbox(Security::Tls, USER))).await.unwrap();
    let (_, reached) = take(&mut inbox, Position::default()).await;
    dovecot.doveadm(&["kick", USER]);
    inbox.wait(LONG).await.unwrap_err();
    dovecot.deliver(USER, &numbered(1));
    let (mails, _) = take(&mut inbox, reached.position.unwrap()).await;
    assert_eq!(uids(&mails), [1]);
}
