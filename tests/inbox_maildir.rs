//! A Maildir as an inbox.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use embargod::domain::place::Place;
use embargod::mail::inbox::{
    Addressees, Arrived, Inbox, InboxSettings, Patience, Reached, Seen, Source, Step, Unaddressed,
    Wake,
};
use tokio::sync::mpsc;

struct Maildir(tempfile::TempDir);

impl Maildir {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for part in ["new", "cur", "tmp"] {
            fs::create_dir(folder.path().join(part)).unwrap();
        }
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Puts a mail into a file, that many minutes after the first of all.
    fn put(&self, file: &str, minutes: u64, to: &str) -> PathBuf {
        let path = self.path().join(file);
        fs::write(&path, format!("To: {to}\nSubject: {minutes}\n\nIt breaks.\n")).unwrap();
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + minutes * 60);
        fs::File::open(&path).unwrap().set_modified(modified).unwrap();
        path
    }

    /// Makes the folders look as if nothing had come in for long.
    fn settle(&self) {
        for part in ["new", "cur"] {
            let folder = fs::File::open(self.path().join(part)).unwrap();
            folder.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
        }
    }

    fn settings(&self) -> InboxSettings {
        InboxSettings {
            source: Source::Maildir(self.path().to_owned()),
            addressees: Addressees::Everybody,
            poll: Duration::from_millis(10),
            message_bytes: 100_000,
        }
    }

    async fn open(&self) -> Inbox {
        Inbox::open(&self.settings()).await.unwrap()
    }
}

async fn take(inbox: &mut Inbox, known: &[&str]) -> (Vec<Arrived>, Reached) {
    let (out, mut mails) = mpsc::channel(100);
    let known: HashSet<String> = known.iter().map(|name| (*name).to_owned()).collect();
    let reached = inbox.take_waiting(&Seen::Names(known), &out).await.unwrap();
    drop(out);
    let mut came = Vec::new();
    while let Some(mail) = mails.recv().await {
        came.push(mail);
    }
    (came, reached)
}

fn name(mail: &Arrived) -> &str {
    match &mail.place {
        Place::Maildir { name, .. } | Place::Archive { name } => name,
        Place::Imap { .. } => panic!("not from IMAP"),
    }
}

fn names(mails: &[Arrived]) -> Vec<&str> {
    mails.iter().map(name).collect()
}

const TEAM: &str = "security@example.org";

#[tokio::test]
async fn new_and_seen_mail_comes_by_its_age_and_its_lasting_name() {
    let maildir = Maildir::new();
    maildir.put("cur/b.host:2,S", 2, TEAM);
    maildir.put("new/c.host", 1, TEAM);
    maildir.put("cur/a.host:2,", 3, TEAM);
    maildir.put("tmp/unfinished.host", 0, TEAM);
    maildir.put("cur/.hidden", 0, TEAM);
    fs::create_dir(maildir.path().join("new/folder")).unwrap();
    let mut inbox = maildir.open().await;
    let (mails, reached) = take(&mut inbox, &[]).await;
    assert_eq!(names(&mails), ["c.host", "b.host", "a.host"]);
    assert_eq!(mails[0].arrived_at.timestamp(), 1_700_000_060);
    assert_eq!(u64::try_from(mails[0].raw.len()).unwrap(), mails[0].size);
    assert_eq!((reached.position, reached.taken), (None, 3));
}

#[tokio::test]
async fn known_mail_is_not_taken_again_even_if_a_client_has_flagged_it() {
    let maildir = Maildir::new();
    let path = maildir.put("new/a.host", 1, TEAM);
    let mut inbox = maildir.open().await;
    take(&mut inbox, &[]).await;
    fs::rename(path, maildir.path().join("cur/a.host:2,RS")).unwrap();
    maildir.put("new/b.host", 2, TEAM);
    let (mails, _) = take(&mut inbox, &["a.host"]).await;
    assert_eq!(names(&mails), ["b.host"]);
}

#[tokio::test]
async fn no_file_is_moved_or_touched() {
    let maildir = Maildir::new();
    let path = maildir.put("new/a.host", 1, TEAM);
    let before = (fs::read(&path).unwrap(), path.metadata().unwrap().modified().unwrap());
    let mut inbox = maildir.open().await;
    take(&mut inbox, &[]).await;
    let after = (fs::read(&path).unwrap(), path.metadata().unwrap().modified().unwrap());
    assert_eq!(before, after);
    assert_eq!(fs::read_dir(maildir.path().join("new")).unwrap().count(), 1);
    assert_eq!(fs::read_dir(maildir.path().join("cur")).unwrap().count(), 0);
}

#[tokio::test]
async fn what_is_no_mail_does_not_stop_the_mails_behind_it() {
    let maildir = Maildir::new();
    fs::create_dir(maildir.path().join("new/a.folder")).unwrap();
    std::os::unix::fs::symlink("/nonexistent", maildir.path().join("new/b.broken")).unwrap();
    std::os::unix::fs::symlink("c.loop", maildir.path().join("new/c.loop")).unwrap();
    std::os::unix::net::UnixListener::bind(maildir.path().join("new/d.socket")).unwrap();
    maildir.put("new/e.host", 1, TEAM);
    let mut inbox = maildir.open().await;
    let (mails, _) = take(&mut inbox, &[]).await;
    assert_eq!(names(&mails), ["e.host"]);
    // None of it counts as news, or the daemon would look again and again.
    maildir.settle();
    take(&mut inbox, &["e.host"]).await;
    assert_eq!(inbox.wait(Duration::from_millis(50)).await.unwrap(), Wake::Quiet);
}

/// Takes mail while the file that is to be read last turns into something that gives no bytes, even
/// to root.
async fn take_while_the_last_breaks(maildir: &Maildir, inbox: &mut Inbox) -> Vec<Arrived> {
    let (out, mut mails) = mpsc::channel(1);
    let seen = Seen::Names(HashSet::new());
    let take = async {
        let out = out;
        inbox.take_waiting(&seen, &out).await.unwrap();
    };
    let receive = async {
        // One of the four is here, the next one waits in the channel, the third before it.
        let mut came = vec![mails.recv().await.unwrap()];
        let last = maildir.path().join("new/d.host");
        if last.is_file() {
            fs::remove_file(&last).unwrap();
            fs::create_dir(&last).unwrap();
        }
        while let Some(mail) = mails.recv().await {
            came.push(mail);
        }
        came
    };
    tokio::join!(take, receive).1
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_passed_over_and_after_a_while_recorded_without_content() {
    let maildir = Maildir::new();
    let patience = Patience { refused: Duration::ZERO, ..Patience::default() };
    let mut inbox = Inbox::open_with(&maildir.settings(), patience).await.unwrap();
    for round in 1..=4 {
        for (minutes, file) in ["a", "b", "c", "e"].into_iter().enumerate() {
            maildir.put(&format!("new/{file}.host"), minutes as u64, TEAM);
        }
        let last = maildir.path().join("new/d.host");
        if last.is_dir() {
            fs::remove_dir(&last).unwrap();
        }
        maildir.put("new/d.host", 3, TEAM);
        let mails = take_while_the_last_breaks(&maildir, &mut inbox).await;
        if round < 4 {
            assert_eq!(names(&mails), ["a.host", "b.host", "c.host", "e.host"], "round {round}");
        } else {
            assert_eq!(names(&mails), ["a.host", "b.host", "c.host", "d.host", "e.host"]);
            assert!(mails[3].raw.is_empty());
            assert!(mails[3].withheld.as_ref().unwrap().contains("d.host cannot be read"));
        }
    }
}

#[tokio::test]
async fn a_file_that_can_be_read_again_comes_whole() {
    let maildir = Maildir::new();
    let mut inbox = maildir.open().await;
    for (minutes, file) in ["a", "b", "c", "d"].into_iter().enumerate() {
        maildir.put(&format!("new/{file}.host"), minutes as u64, TEAM);
    }
    assert_eq!(take_while_the_last_breaks(&maildir, &mut inbox).await.len(), 3);
    fs::remove_dir(maildir.path().join("new/d.host")).unwrap();
    maildir.put("new/d.host", 3, TEAM);
    let (mails, _) = take(&mut inbox, &["a.host", "b.host", "c.host"]).await;
    assert_eq!(names(&mails), ["d.host"]);
    assert_eq!(mails[0].withheld, None);
}

#[tokio::test]
async fn names_that_are_no_utf8_are_told_apart() {
    use std::os::unix::ffi::OsStrExt;
    let maildir = Maildir::new();
    for byte in [0xE4, 0xF6] {
        let name = [b"1.M", &[byte][..], b".host"].concat();
        let path = maildir.path().join("new").join(std::ffi::OsStr::from_bytes(&name));
        fs::write(path, [b"To: x@example.org\n\n", &[byte][..]].concat()).unwrap();
    }
    let mut inbox = maildir.open().await;
    assert_eq!(take(&mut inbox, &[]).await.0.len(), 2);
}

#[tokio::test]
async fn mail_to_nobody_is_taken_where_the_mailbox_is_the_project_s() {
    let maildir = Maildir::new();
    maildir.put("new/private.host", 1, "ada@example.org");
    fs::write(maildir.path().join("new/empty.host"), "").unwrap();
    fs::write(maildir.path().join("new/hidden.host"), "To: undisclosed-recipients:;\n\nx\n")
        .unwrap();
    for (unaddressed, expected) in
        [(Unaddressed::Taken, vec!["empty.host", "hidden.host"]), (Unaddressed::LeftAlone, vec![])]
    {
        let mut settings = maildir.settings();
        settings.addressees =
            Addressees::Only { addresses: vec![TEAM.parse().unwrap()], unaddressed };
        let mut inbox = Inbox::open(&settings).await.unwrap();
        let (mails, _) = take(&mut inbox, &[]).await;
        let mut taken = names(&mails);
        taken.sort();
        assert_eq!(taken, expected);
    }
}

#[tokio::test]
async fn mail_for_somebody_else_is_left_alone() {
    let maildir = Maildir::new();
    maildir.put("new/private.host", 1, "ada@example.org");
    maildir.put("new/ours.host", 2, "Team <Security@example.org>");
    let mut settings = maildir.settings();
    settings.addressees = Addressees::Only {
        addresses: vec![TEAM.parse().unwrap()],
        unaddressed: Unaddressed::LeftAlone,
    };
    let mut inbox = Inbox::open(&settings).await.unwrap();
    let (mails, reached) = take(&mut inbox, &[]).await;
    assert_eq!(names(&mails), ["ours.host"]);
    assert_eq!((reached.taken, reached.left_alone), (1, 1));
    let (mails, reached) = take(&mut inbox, &["ours.host"]).await;
    assert!(mails.is_empty());
    assert_eq!(reached.left_alone, 0, "it was opened again");
}

#[tokio::test]
async fn a_mail_over_the_limit_is_read_only_at_its_beginning() {
    let maildir = Maildir::new();
    let text = "To: x@example.org\n\n".to_owned() + &"x".repeat(100_000);
    fs::write(maildir.path().join("new/a.host"), text).unwrap();
    for limit in [100, 90_000] {
        let mut settings = maildir.settings();
        settings.message_bytes = limit;
        let mut inbox = Inbox::open(&settings).await.unwrap();
        let (mails, _) = take(&mut inbox, &[]).await;
        assert_eq!((mails[0].size, mails[0].raw.len() as u64), (100_019, limit));
    }
}

#[tokio::test]
async fn waiting_ends_when_a_file_comes_in() {
    let maildir = Maildir::new();
    maildir.settle();
    let mut inbox = maildir.open().await;
    take(&mut inbox, &[]).await;
    assert_eq!(inbox.wait(Duration::from_millis(50)).await.unwrap(), Wake::Quiet);
    let (wake, _) = tokio::join!(inbox.wait(Duration::from_secs(60)), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        maildir.put("new/a.host", 1, TEAM);
    });
    assert_eq!(wake.unwrap(), Wake::News);
}

#[tokio::test]
async fn a_folder_that_changed_a_moment_ago_is_looked_at_again() {
    let maildir = Maildir::new();
    let mut inbox = maildir.open().await;
    take(&mut inbox, &[]).await;
    // Its time may not tell of a file that came in right after the look.
    assert_eq!(inbox.wait(Duration::from_millis(50)).await.unwrap(), Wake::News);
}

#[tokio::test]
async fn a_folder_that_is_no_maildir_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Maildir::new().settings();
    settings.source = Source::Maildir(folder.path().to_owned());
    let error = Inbox::open(&settings).await.unwrap_err();
    assert_eq!(error.step(), Step::Folder);
    assert!(error.to_string().contains("`new` and `cur`"), "{error}");
}
