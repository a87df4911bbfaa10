//! A Maildir on this machine: files below `new` and `cur`, each a mail.
//!
//! Promises: no file is renamed, touched or removed; a mail is known by the part of its file name
//! before `:2,`, which stays the same when a mail client moves the file and flags it.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::{Arrived, InboxError, InboxSettings, Reached, Wake};
use crate::domain::address::Address;
use crate::domain::place::Place;
use crate::mail::read::recipients;

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
    /// What the folders looked like when they were last read.
    looked_at: Option<Look>,
}

/// What to read, and how.
#[derive(Debug, Clone)]
struct Job {
    path: PathBuf,
    /// The folder as every place of it is named.
    folder: String,
    only_to: Vec<Address>,
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
#[derive(Debug)]
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
    /// Moved or removed since the folder was listed.
    Moved,
}

impl MaildirInbox {
    pub(super) async fn open(path: &Path, settings: &InboxSettings) -> Result<Self, InboxError> {
        let job = Job {
            path: path.to_owned(),
            folder: settings.folder(),
            only_to: settings.only_to.clone(),
            message_bytes: settings.message_bytes,
        };
        let looking = job.clone();
        blocking(path, move || looking.list(&HashSet::new())).await?;
        let poll = settings.poll;
        Ok(Self { job, poll, left_alone: HashSet::new(), looked_at: None })
    }

    pub(super) async fn take_waiting(
        &mut self,
        known: &HashSet<String>,
        out: &mpsc::Sender<Arrived>,
    ) -> Result<Reached, InboxError> {
        let skip: HashSet<String> = known.union(&self.left_alone).cloned().collect();
        let job = self.job.clone();
        let (look, found) = blocking(&self.job.path, move || {
            let look = job.look()?;
            Ok((look, job.list(&skip)?))
        })
        .await?;
        let mut reached = Reached::default();
        let mut moved = false;
        for found in found {
            let (job, name) = (self.job.clone(), found.name.clone());
            match blocking(&self.job.path, move || job.read(&found)).await? {
                Opened::Mail(arrived) => {
                    out.send(arrived).await.map_err(|_| InboxError::Stopped)?;
                    reached.taken = reached.taken.saturating_add(1);
                }
                Opened::ForSomebodyElse => {
                    self.left_alone.insert(name);
                    reached.left_alone = reached.left_alone.saturating_add(1);
                }
                Opened::Moved => moved = true,
            }
        }
        self.looked_at = if moved { None } else { Some(look) };
        Ok(reached)
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
            sleep(left().min(self.poll)).await;
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
                let file_name = entry.file_name().to_string_lossy().into_owned();
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

    fn read(&self, found: &Found) -> Result<Opened, InboxError> {
        let wrong = |e| failed(&found.path, e);
        let Some(mut file) = present(File::open(&found.path)).map_err(wrong)? else {
            return Ok(Opened::Moved);
        };
        let mut raw = Vec::new();
        file.by_ref().take(HEADER_BYTES).read_to_end(&mut raw).map_err(wrong)?;
        if !recipients::is_for(&self.only_to, &raw) {
            return Ok(Opened::ForSomebodyElse);
        }
        let rest = self.message_bytes.saturating_sub(HEADER_BYTES);
        file.take(rest).read_to_end(&mut raw).map_err(wrong)?;
        raw.truncate(usize::try_from(self.message_bytes).unwrap_or(usize::MAX));
        let place = Place::Maildir { folder: self.folder.clone(), name: found.name.clone() };
        let got = u64::try_from(raw.len()).unwrap_or(u64::MAX);
        Ok(Opened::Mail(Arrived {
            place,
            arrived_at: DateTime::<Utc>::from(found.modified),
            size: found.size.max(got),
            raw,
        }))
    }
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
