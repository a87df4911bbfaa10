//! One round: everything after a position, in the order of its UIDs.
//!
//! Three kinds of command, none of them for a single mail: which UIDs there are; sizes, dates and
//! recipients of a window of them; the contents of a batch that is bounded in number and in bytes.

use std::collections::BTreeMap;

use chrono::Utc;
use tokio::sync::mpsc;

use super::Job;
use super::answer::{Answer, Fetched};
use super::names::uid_set;
use super::session::{Expected, Session};
use super::trouble::Trouble;
use crate::domain::Timestamp;
use crate::domain::place::{Place, Position};
use crate::mail::inbox::refusals::Verdict;
use crate::mail::inbox::settings::BEGINNING;
use crate::mail::inbox::{Addressees, Arrived, InboxError, Reached, Sieve, Step};
use crate::mail::read::recipients;

/// Mails whose sizes and recipients are asked for at once.
const WINDOW: usize = 500;
/// Mails whose contents are asked for at once.
const BATCH: usize = 100;
/// Bytes asked for at once.
const BATCH_BYTES: u64 = 8 * 1024 * 1024;
/// As much of the recipients' fields is read; a mail can have a header of megabytes.
const HEADER_BYTES: u64 = 64 * 1024;
/// The length of an answer that holds numbers and a date alone.
const LINE: u64 = 256;

const STEP: Step = Step::Reading;

/// One look into the folder.
pub(super) struct Round<'a> {
    pub(super) session: &'a mut Session,
    pub(super) job: &'a Job,
    pub(super) sieve: &'a Sieve,
    pub(super) trouble: &'a mut Trouble,
    pub(super) out: &'a mpsc::Sender<Arrived>,
    pub(super) reached: Reached,
}

/// What is known of a mail before its content is asked for.
#[derive(Debug, Clone, Copy)]
struct Known {
    uid: u32,
    size: u64,
    arrived_at: Timestamp,
    recipient: Recipient,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recipient {
    Project,
    SomebodyElse,
}

impl Round<'_> {
    /// Sends on every mail after `seen`.
    pub(super) async fn take(mut self, seen: Position) -> Result<Reached, InboxError> {
        let uid_validity = self.session.uid_validity;
        self.trouble.of(uid_validity);
        // With another UIDVALIDITY all old UIDs are void: everything is looked at again, and the
        // store knows by its content what it had already.
        let before = if seen.uid_validity == uid_validity { seen.uid } else { 0 };
        self.session.news = false;
        let uids = match before.checked_add(1) {
            Some(first) => self.list(first).await?,
            None => Vec::new(),
        };
        let mut rest = uids.as_slice();
        while let Some(first) = rest.first() {
            let window = if self.trouble.is_alone(*first) { 1 } else { WINDOW };
            let (window, behind) = rest.split_at_checked(window).unwrap_or((rest, &[]));
            self.window(window).await?;
            rest = behind;
        }
        let uid = uids.last().copied().unwrap_or(before);
        self.reached.position = Some(Position { uid_validity, uid });
        Ok(self.reached)
    }

    /// The UIDs from `first` on, ascending.
    async fn list(&mut self, first: u32) -> Result<Vec<u32>, InboxError> {
        if self.session.exists == 0 {
            self.session.run(STEP, "NOOP").await?;
        }
        if self.session.exists == 0 {
            // `n:*` has no meaning in an empty folder, and some servers call it an error.
            return Ok(Vec::new());
        }
        self.uids_of(&format!("{first}:*"), u64::from(self.session.exists), |uid| {
            // `*` is the highest UID there is, and a range may stand the other way round: a server
            // with nothing new names its last mail (RFC 9051 section 9, `seq-range`).
            uid >= first
        })
        .await
    }

    /// Those mails of a set that exist. FETCH rather than SEARCH: an answer each can be parsed as
    /// it comes in, where the one line of a SEARCH would be parsed again with every packet.
    async fn uids_of(
        &mut self,
        set: &str,
        count: u64,
        counts: impl Fn(u32) -> bool,
    ) -> Result<Vec<u32>, InboxError> {
        let expected = Expected { bytes: count.saturating_mul(LINE), largest: LINE };
        let command = self.session.begin(STEP, &format!("UID FETCH {set} (UID)"), expected).await?;
        let mut uids = Vec::new();
        while let Some(answer) = self.session.next(&command).await? {
            if let Answer::Mail(Fetched { uid: Some(uid), .. }) = answer
                && counts(uid)
            {
                uids.push(uid);
            }
        }
        uids.sort_unstable();
        uids.dedup();
        Ok(uids)
    }

    /// Sends on those mails of a window that are for the project.
    async fn window(&mut self, uids: &[u32]) -> Result<(), InboxError> {
        let (Some(&first), Some(&last)) = (uids.first(), uids.last()) else { return Ok(()) };
        if self.trouble.is_alone(first)
            && self.trouble.ask(first, self.job.patience.refused) == Verdict::GiveUp
        {
            self.give_up(first).await?;
            self.trouble.settled(first);
            return Ok(());
        }
        let known = match self.metadata(uids).await {
            Ok(known) => known,
            Err(error) => {
                self.trouble.failed(last);
                return Err(error);
            }
        };
        let foreign = known.iter().filter(|mail| mail.recipient == Recipient::SomebodyElse).count();
        let foreign = u64::try_from(foreign).unwrap_or(u64::MAX);
        self.reached.left_alone = self.reached.left_alone.saturating_add(foreign);

        let ours: Vec<Known> = known
            .into_iter()
            .filter(|mail| mail.recipient == Recipient::Project)
            .filter(|mail| self.sieve.is_recent(mail.arrived_at))
            .collect();
        let (known, ours): (Vec<Known>, Vec<Known>) =
            ours.into_iter().partition(|mail| self.sieve.known.contains(&self.place(mail.uid)));
        let known = u64::try_from(known.len()).unwrap_or(u64::MAX);
        self.reached.known = self.reached.known.saturating_add(known);
        let mut rest = ours.as_slice();
        while !rest.is_empty() {
            let (batch, behind) = self.next_batch(rest);
            if let Err(error) = self.contents(batch).await {
                if !matches!(error, InboxError::Stopped) {
                    self.trouble.failed(batch.last().map_or(last, |mail| mail.uid));
                }
                return Err(error);
            }
            rest = behind;
        }
        self.trouble.settled(first);
        Ok(())
    }

    /// Sizes, dates and recipients of mails.
    async fn metadata(&mut self, uids: &[u32]) -> Result<Vec<Known>, InboxError> {
        let everything = self.job.addressees == Addressees::Everybody;
        let (fields, each) = if everything {
            (String::new(), LINE)
        } else {
            let names = recipients::FIELDS.join(" ");
            let fields = format!(" BODY.PEEK[HEADER.FIELDS ({names})]<0.{HEADER_BYTES}>");
            (fields, HEADER_BYTES.saturating_add(2 * LINE))
        };
        let count = u64::try_from(uids.len()).unwrap_or(u64::MAX);
        let expected = Expected { bytes: count.saturating_mul(each), largest: each };
        let set = uid_set(uids.iter().copied());
        let line = format!("UID FETCH {set} (UID RFC822.SIZE INTERNALDATE{fields})");
        let command = self.session.begin(STEP, &line, expected).await?;
        let mut known = BTreeMap::new();
        while let Some(answer) = self.session.next(&command).await? {
            let Answer::Mail(fetched) = answer else { continue };
            let (Some(uid), Some(size)) = (fetched.uid, fetched.size) else { continue };
            let recipient = match &fetched.header {
                _ if everything => Recipient::Project,
                Some(header) if self.job.addressees.take(header) => Recipient::Project,
                Some(_) => Recipient::SomebodyElse,
                None => continue,
            };
            let arrived_at = fetched.arrived_at.unwrap_or_else(Utc::now);
            known.insert(uid, Known { uid, size, arrived_at, recipient });
        }
        self.only_gone(uids.iter().copied().filter(|uid| !known.contains_key(uid))).await?;
        Ok(uids.iter().filter_map(|uid| known.remove(uid)).collect())
    }

    /// Makes sure that mails without an answer are gone, as far as the server knows.
    async fn only_gone(&mut self, missing: impl Iterator<Item = u32>) -> Result<(), InboxError> {
        let missing: Vec<u32> = missing.collect();
        if missing.is_empty() {
            return Ok(());
        }
        let count = u64::try_from(missing.len()).unwrap_or(u64::MAX);
        let set = uid_set(missing.iter().copied());
        // Only after the server has told of what was expunged (RFC 9051 section 5.5: not within a
        // FETCH) is what it still lists truly there.
        self.session.run(STEP, "NOOP").await?;
        let there = self.uids_of(&set, count, |uid| missing.binary_search(&uid).is_ok()).await?;
        there.first().map_or(Ok(()), |uid| Err(InboxError::Withheld { uid: *uid }))
    }

    /// As many mails as are asked for at once: a mail beyond the limit by itself, others together.
    fn next_batch<'m>(&self, mails: &'m [Known]) -> (&'m [Known], &'m [Known]) {
        let mut bytes: u64 = 0;
        let fitting = mails
            .iter()
            .take(BATCH)
            .take_while(|mail| {
                bytes = bytes.saturating_add(mail.size);
                bytes <= BATCH_BYTES && mail.size <= self.job.message_bytes
            })
            .count();
        mails.split_at_checked(fitting.max(1)).unwrap_or((mails, &[]))
    }

    /// Sends on the contents of mails, in their order.
    async fn contents(&mut self, batch: &[Known]) -> Result<(), InboxError> {
        let part = self.part(batch);
        let (section, expected) = match part {
            Part::Whole => {
                let bytes = batch.iter().map(|mail| mail.size.saturating_add(LINE));
                let largest = batch.iter().map(|mail| mail.size).max().unwrap_or_default();
                (String::new(), Expected { bytes: bytes.sum(), largest })
            }
            Part::Beginning(bytes) => (format!("<0.{bytes}>"), Expected { bytes, largest: bytes }),
        };
        let set = uid_set(batch.iter().map(|mail| mail.uid));
        let line = format!("UID FETCH {set} (UID BODY.PEEK[]{section})");
        let command = self.session.begin(STEP, &line, expected).await?;
        // Nothing obliges a server to answer in order.
        let mut early = BTreeMap::new();
        let mut rest = batch.iter().peekable();
        while let Some(answer) = self.session.next(&command).await? {
            let Answer::Mail(Fetched { uid: Some(uid), body: Some(body), .. }) = answer else {
                continue;
            };
            let sized = batch.iter().find(|mail| mail.uid == uid).map(|mail| mail.size);
            // An empty answer for a mail that is not empty is none.
            if sized.is_some_and(|size| size == 0 || !body.is_empty()) {
                early.insert(uid, body);
            }
            while let Some(mail) = rest.peek()
                && let Some(body) = early.remove(&mail.uid)
            {
                self.send(mail, body, part).await?;
                rest.next();
            }
        }
        let rest: Vec<&Known> = rest.collect();
        let missing = rest.iter().map(|mail| mail.uid).filter(|uid| !early.contains_key(uid));
        self.only_gone(missing).await?;
        for mail in rest {
            if let Some(body) = early.remove(&mail.uid) {
                self.send(mail, body, part).await?;
            }
        }
        Ok(())
    }

    /// How much of each mail to ask for.
    fn part(&self, batch: &[Known]) -> Part {
        let limit = self.job.message_bytes;
        match batch {
            [mail] if mail.size > limit => Part::Beginning(limit.min(BEGINNING)),
            // A mail that makes trouble may be larger than its server thinks.
            [mail] if self.trouble.is_alone(mail.uid) => Part::Beginning(limit),
            _ => Part::Whole,
        }
    }

    async fn send(&mut self, mail: &Known, raw: Vec<u8>, part: Part) -> Result<(), InboxError> {
        let got = u64::try_from(raw.len()).unwrap_or(u64::MAX);
        let size = match part {
            Part::Beginning(asked) if got >= asked => mail.size.max(got),
            // All of it is here. Some servers only guess the size beforehand.
            Part::Beginning(_) | Part::Whole => got,
        };
        let place = self.place(mail.uid);
        let arrived_at = mail.arrived_at;
        self.send_on(Arrived { place, arrived_at, size, raw, withheld: None }).await
    }

    /// Sends on a mail without its content.
    async fn give_up(&mut self, uid: u32) -> Result<(), InboxError> {
        tracing::warn!(
            uid,
            "the IMAP server does not hand this mail out; it is recorded without its content"
        );
        self.send_on(Arrived {
            place: self.place(uid),
            arrived_at: Utc::now(),
            size: 0,
            raw: Vec::new(),
            withheld: Some(format!("the IMAP server does not hand out the mail with UID {uid}")),
        })
        .await
    }

    fn place(&self, uid: u32) -> Place {
        let folder = self.job.folder.clone();
        Place::Imap { folder, uid_validity: self.session.uid_validity, uid }
    }

    async fn send_on(&mut self, arrived: Arrived) -> Result<(), InboxError> {
        self.out.send(arrived).await.map_err(|_| InboxError::Stopped)?;
        self.reached.taken = self.reached.taken.saturating_add(1);
        Ok(())
    }
}

/// How much of a mail is asked for.
#[derive(Debug, Clone, Copy)]
enum Part {
    Whole,
    /// Its first bytes.
    Beginning(u64),
}
