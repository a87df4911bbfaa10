//! The power is lost, at every moment of a run of the real daemon.
//!
//! One run is traced to the last write and sync. Then, for each moment at which something was synced
//! or sent, the store is put together as a disk would give it back, all of what was not synced gone
//! or some of it. It has to open, to be sound, and to know every mail that had been sent by then.

mod disk;
mod trace;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use embargod::store::Store;
use rusqlite::Connection;

use crate::mails::{PROJECT, nth};
use disk::{Disk, Loss};
use trace::{CALLS, Op};

/// Chances tried at each moment besides losing everything.
const CHANCES: u64 = 2;

/// A project in a folder, with Maildirs on both sides.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for part in ["in/cur", "in/new", "in/tmp", "out/cur", "out/new", "out/tmp"] {
            fs::create_dir_all(folder.path().join(part)).unwrap();
        }
        let config = format!(
            "[project]\nname = \"Sample\"\naddress = \"{PROJECT}\"\n\
             [inbox]\nserver = \"maildir:in\"\nonly_to = []\n[outbox]\nserver = \"maildir:out\"\n\
             [[maintainers]]\nhandle = \"ada\"\nname = \"Ada\"\naddress = \"ada@example.org\"\n"
        );
        fs::write(folder.path().join("daemon.toml"), config).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn arrives(&self, n: usize) {
        let mut mail = nth(n).raw;
        // So much mail that SQLite brings its log home more than once.
        if n % 3 == 2 {
            for line in 0..9000 {
                mail.extend(format!("{line:08} more of the same, and no end of it\r\n").bytes());
            }
        }
        fs::write(self.path("in/new").join(format!("{n:06}.M1P1.host")), mail).unwrap();
    }

    fn once(&self, mut command: Command) {
        let output = command
            .arg("--config")
            .arg(self.path("daemon.toml"))
            .args(["run", "--once"])
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
    }

    /// The mails that are out, by their files' names.
    fn sent(&self) -> BTreeMap<String, Vec<u8>> {
        let files = fs::read_dir(self.path("out/new")).unwrap().map(|entry| entry.unwrap());
        let mail = |file: fs::DirEntry| {
            (file.file_name().to_str().unwrap().to_owned(), fs::read(file.path()).unwrap())
        };
        files.map(mail).collect()
    }
}

fn embargod() -> Command {
    Command::new(env!("CARGO_BIN_EXE_embargod"))
}

/// The mails that a store has written, in the line ends of files.
fn written(store: &Path) -> BTreeSet<Vec<u8>> {
    let c = Connection::open(store).unwrap();
    let mut statement = c.prepare("SELECT bytes FROM outbox").unwrap();
    let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    rows.map(|bytes| bytes.unwrap().into_iter().filter(|b| *b != b'\r').collect()).collect()
}

/// Traces one run that takes in so many mails.
fn traced(place: &Place, mails: usize) -> Vec<Op> {
    for n in 0..mails {
        place.arrives(n);
    }
    let trace = place.path("trace");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-xx", "-s", "10000000", "-e", &format!("trace={CALLS}"), "-o"]);
    command.arg(&trace).arg(embargod().get_program());
    place.once(command);
    trace::read(&fs::read_to_string(trace).unwrap())
}

#[test]
#[ignore = "needs what ./tests/run installs"]
fn a_store_whose_power_is_lost_at_any_moment_knows_every_mail_that_was_sent() {
    let place = Place::new();
    let mails = 24;
    let ops = traced(&place, mails);
    let store = place.path("embargod.db");
    let sent = place.sent();
    let brought_home = |op: &&Op| matches!(op, Op::Write { path, .. } if *path == store);
    assert!(ops.iter().filter(brought_home).count() > 100, "the log was never brought home");

    let mut disk = Disk::default();
    let (mut looks, mut restarts) = (0, 0);
    for (moment, op) in ops.iter().enumerate() {
        let is_of_it = matches!(op, Op::Sync { .. } | Op::Rename { .. } | Op::Unlink(_));
        if is_of_it {
            for chance in 0..CHANCES {
                let loss = Loss::Some(moment as u64 * CHANCES + chance);
                look(&disk, loss, &store, &sent);
                looks += 1;
            }
        }
        disk.does(op);
        if is_of_it {
            let found = look(&disk, Loss::All, &store, &sent);
            looks += 1;
            // A whole run takes longer than a look.
            if looks % 50 < 3 {
                goes_on(&found, &disk, mails, &place);
                restarts += 1;
            }
        }
    }
    assert_eq!(disk.renamed.len(), sent.len());
    println!("power lost at {looks} moments of a run, {restarts} times gone on from");
}

/// Opens what a loss of power leaves, and looks at it.
fn look(
    disk: &Disk,
    loss: Loss,
    store: &Path,
    sent: &BTreeMap<String, Vec<u8>>,
) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    disk.power_is_lost(loss, store, folder.path());
    let found = folder.path().join("embargod.db");
    // A daemon looks at what it finds in this way, and makes what is not there.
    drop(Store::open(&found).unwrap_or_else(|error| panic!("{loss:?}: {error}")));
    let report = Store::verify(&found, &mut |_, _| {}).unwrap();
    assert!(report.is_sound(), "{loss:?}: {report:?}");
    let written = written(&found);
    for path in &disk.renamed {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(written.contains(&sent[name]), "{loss:?}: {name} was sent and is forgotten");
    }
    folder
}

/// The daemon goes on from there: in the end every mail is taken in and answered once.
fn goes_on(found: &tempfile::TempDir, disk: &Disk, mails: usize, before: &Place) {
    let place = Place::new();
    for file in fs::read_dir(found.path()).unwrap().map(|entry| entry.unwrap()) {
        fs::copy(file.path(), place.path(file.file_name().to_str().unwrap())).unwrap();
    }
    for n in 0..mails {
        place.arrives(n);
    }
    for path in &disk.renamed {
        let name = path.file_name().unwrap().to_str().unwrap();
        fs::copy(before.path("out/new").join(name), place.path("out/new").join(name)).unwrap();
    }
    place.once(embargod());
    let c = Connection::open(place.path("embargod.db")).unwrap();
    let rows: i64 = c.query_row("SELECT count(*) FROM incoming", [], |row| row.get(0)).unwrap();
    assert_eq!(usize::try_from(rows), Ok(mails));
    let out: BTreeSet<Vec<u8>> = place.sent().into_values().collect();
    assert!(out == written(&place.path("embargod.db")), "what is sent is not what is written");
}
