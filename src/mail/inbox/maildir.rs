//! A Maildir on this machine: files below `new` and `cur`, each a mail.
//!
//! Promises: no file is renamed, touched or removed; a mail is known by the part of its file name
//! before `:2,`, which stays the same when a mail client moves the file and flags it.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::refusals::{Refusals, Verdict};
use super::settings::BEGINNING;
use super::{Addressees, Arrived, InboxError, InboxSettings, Reached, Sieve, Wake};
use crate::domain::pace::until_next;
use crate::domain::place::Place;

/// As much of a header is looked at for its recipients.
const HEADER_BYTES: u64 = 64 * 1024;
/// A folder's time can be this coarse: a file that comes in right after a look may leave it as it
/// was.
const COARSE: Duration = Duration::from_secs(2);

/// A Maildir on this machine.
#[derive(Debug)]
pub struct MaildirInbox {
    job: Job,
    poll: Duration,
    /// Mails for somebody else, so that they are not opened again.
    left_alone: HashSet<String>,
    /// Mails whose files could not be read so far, and for how long that is tried.
    refused: Refusals<String>,
    patience: Duration,
    /// What the folders looked like when they were last read.
    looked_at: Option<Look>,
}

/// What to read, and how.
#[derive(Debug, Clone)]
struct Job {
    path: PathBuf,
    /// The folder as every place of it is named.
    folder: String,
    addressees: Addressees,
    message_bytes: u64,
}

/// The times of `new` and `cur`, and when they were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    new: SystemTime,
    cur: SystemTime,
    at: SystemTime,
}

/// A mail's file.
#[derive(Debug, Clone)]
struct Found {
    name: String,
    path: PathBuf,
    modified: SystemTime,
    size: u64,
}

/// What became of a mail's file.
enum Opened {
    Mail(Arrived),
    ForSomebodyElse,
    /// It cannot be read, which says nothing of the other files.
    Refused(io::Error),
    /// Moved or removed since the folder was listed.
    Moved,
}

impl MaildirInbox {
    pub(super) async fn open(
        path: &Path,
        settings: &InboxSettings,
        patience: Duration,
    ) -> Result<Self, InboxError> {
        let job = Job {
            path: path.to_owned(),
            folder: settings.folder(),
            addressees: settings.addressees.clone(),
            message_bytes: settings.message_bytes,
        };
        let looking = job.clone();
        blocking(path, move || looking.list(&HashSet::new())).await?;
        let poll = settings.poll;
        let (left_alone, refused) = (HashSet::new(), Refusals::default());
        Ok(Self { job, poll, left_alone, refused, patience, looked_at: None })
    }

    pub(super) async fn take_waiting(
        &mut self,
        known: &HashSet<String>,
        sieve: &Sieve,
        out: &mpsc::Sender<Arrived>,
    ) -> Result<Reached, InboxError> {
        let skip: HashSet<String> = known.union(&self.left_alone).cloned().collect();
        let job = self.job.clone();
        let (look, found) = blocking(&self.job.path, move || {
            let look = job.look()?;
            Ok((look, job.list(&skip)?))
        })
        .await?;
        let there: HashSet<&str> = found.iter().map(|found| &*found.name).collect();
        self.refused.only(|name| there.contains(&**name));
        let mut reached = Reached::default();
        let mut moved = false;
        for found in found.iter().filter(|found| sieve.is_recent(found.modified.into())) {
            if sieve.known.contains(&self.job.place(found)) {
                reached.known = reached.known.saturating_add(1);
                continue;
            }
            let (job, file) = (self.job.clone(), found.clone());
            let opened = blocking(&self.job.path, move || Ok(job.read(&file))).await?;
            let arrived = match opened {
                Opened::Mail(arrived) => {
                    self.refused.settled(&found.name);
                    Some(arrived)
                }
                Opened::Refused(error) => self.refused(found, &error),
                Opened::ForSomebodyElse => {
                    self.left_alone.insert(found.name.clone());
                    reached.left_alone = reached.left_alone.saturating_add(1);
                    None
                }
                Opened::Moved => {
                    moved = true;
                    None
                }
            };
            if let Some(arrived) = arrived {
                out.send(arrived).await.map_err(|_| InboxError::Stopped)?;
                reached.taken = reached.taken.saturating_add(1);
            }
        }
        self.looked_at = if moved { None } else { Some(look) };
        Ok(reached)
    }

    /// A file that cannot be read is passed over and tried again at every look; the mail that still
    /// cannot be read after a while is sent on without its content, so that a person learns of it.
    fn refused(&mut self, found: &Found, error: &io::Error) -> Option<Arrived> {
        let path = found.path.display();
        if !self.refused.knows(&found.name) {
            tracing::warn!(
                "{path} cannot be read and is passed over for now: {error}; give it to the user embargod runs as"
            );
        }
        if self.refused.ask(found.name.clone(), self.patience) == Verdict::Ask {
            return None;
        }
        Some(Arrived {
            place: self.job.place(found),
            arrived_at: DateTime::<Utc>::from(found.modified),
            size: found.size,
            raw: Vec::new(),
            withheld: Some(format!("the file {path} cannot be read: {error}")),
        })
    }

    pub(super) async fn wait(&mut self, limit: Duration) -> Result<Wake, InboxError> {
        let until = Instant::now().checked_add(limit);
        let left = || until.map_or(Duration::ZERO, |until| until.duration_since(Instant::now()));
        loop {
            let job = self.job.clone();
            let now = blocking(&self.job.path, move || job.look()).await?;
            let Some(then) = self.looked_at else { return Ok(Wake::News) };
            if !then.shows_the_same_as(now) {
                return Ok(Wake::News);
            }
            if !then.is_settled() {
                sleep(COARSE.min(left())).await;
                return Ok(Wake::News);
            }
            if left().is_zero() {
                return Ok(Wake::Quiet);
            }
            let since =
                SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            sleep(left().min(until_next(self.poll, since))).await;
        }
    }
}

impl Look {
    fn shows_the_same_as(self, other: Self) -> bool {
        (self.new, self.cur) == (other.new, other.cur)
    }

    /// Whether a file that came in after the look would have changed the folders' times.
    fn is_settled(self) -> bool {
        [self.new, self.cur]
            .into_iter()
            .all(|time| self.at.duration_since(time).is_ok_and(|age| age > COARSE))
    }
}

impl Job {
    fn look(&self) -> Result<Look, InboxError> {
        let at = SystemTime::now();
        let time = |part: &str| {
            let path = self.path.join(part);
            fs::metadata(&path).and_then(|data| data.modified()).map_err(|e| failed(&path, e))
        };
        Ok(Look { new: time("new")?, cur: time("cur")?, at })
    }

    /// The mails that are not to be skipped, the oldest first.
    fn list(&self, skip: &HashSet<String>) -> Result<Vec<Found>, InboxError> {
        let mut found = BTreeMap::new();
        // A file moves from `new` to `cur`: read in this order it is seen in one of them at least.
        for part in ["new", "cur"] {
            let folder = self.path.join(part);
            for entry in fs::read_dir(&folder).map_err(|e| failed(&folder, e))? {
                let entry = entry.map_err(|e| failed(&folder, e))?;
                let file_name = plain(&entry.file_name());
                let name = file_name.split_once(':').map_or(&*file_name, |(unique, _)| unique);
                if file_name.starts_with('.') || skip.contains(name) {
                    continue;
                }
                let Some(data) = present(entry.metadata()).map_err(|e| failed(&folder, e))? else {
                    continue;
                };
                if !data.is_file() {
                    continue;
                }
                let modified = data.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                let (name, path, size) = (name.to_owned(), entry.path(), data.len());
                found.insert(name.clone(), Found { name, path, modified, size });
            }
        }
        let mut found: Vec<Found> = found.into_values().collect();
        found.sort_by(|a, b| (a.modified, &a.name).cmp(&(b.modified, &b.name)));
        Ok(found)
    }

    fn read(&self, found: &Found) -> Opened {
        match self.open(found) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Opened::Moved,
            Err(error) => Opened::Refused(error),
        }
    }

    fn open(&self, found: &Found) -> io::Result<Opened> {
        let mut file = File::open(&found.path)?;
        let mut raw = Vec::new();
        file.by_ref().take(HEADER_BYTES).read_to_end(&mut raw)?;
        if !self.addressees.take(&raw) {
            return Ok(Opened::ForSomebodyElse);
        }
        let wanted = match found.size > self.message_bytes {
            true => self.message_bytes.min(BEGINNING),
            false => self.message_bytes,
        };
        file.take(wanted.saturating_sub(HEADER_BYTES)).read_to_end(&mut raw)?;
        raw.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
        let got = u64::try_from(raw.len()).unwrap_or(u64::MAX);
        Ok(Opened::Mail(Arrived {
            place: self.place(found),
            arrived_at: DateTime::<Utc>::from(found.modified),
            size: found.size.max(got),
            raw,
            withheld: None,
        }))
    }

    fn place(&self, found: &Found) -> Place {
        Place::Maildir { folder: self.folder.clone(), name: found.name.clone() }
    }
}

/// A file name as text. Two names that are no UTF-8 stay two.
fn plain(name: &OsStr) -> String {
    name.to_str()
        .map_or_else(|| name.as_encoded_bytes().escape_ascii().to_string(), ToOwned::to_owned)
}

/// A result whose file may be gone.
fn present<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn failed(path: &Path, source: io::Error) -> InboxError {
    InboxError::Maildir { path: path.to_owned(), source }
}

/// Runs what blocks on files where it may block.
async fn blocking<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce() -> Result<T, InboxError> + Send + 'static,
) -> Result<T, InboxError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(gone) => Err(failed(path, io::Error::other(gone))),
    }
}
