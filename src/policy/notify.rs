//! What maintainers are told at once, and who of them.
//!
//! The rules: of a report its handler is told once it is in, of what comes into a case later, and of a
//! mail of ours that came back, its handler and whoever follows the case. Absent people are passed
//! over, and the lead stands in where nobody remains. Nobody is told of what they wrote themselves.
//! A flood ends at a cap, one for mail whose sender is proven and one for all other, so that forged
//! mail takes no notice from a genuine one; the digest has everything anyhow.
//!
//! All notices about a case to one person have one subject and name one mail that never was as the
//! root of their thread, which is how mail clients put them together.

mod letter;

use chrono_tz::Tz;

use crate::domain::Timestamp;
use crate::domain::address::Address;
use crate::domain::allowance::{Bucket, BucketId, Scope};
use crate::domain::authenticity::{Authenticity, Verdict};
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::letter::{Answered, Letter};
use crate::domain::mail::{Mail, MessageId};
use crate::domain::notice::{Enclosed, News};
use crate::domain::people::{Maintainer, Project};
use crate::policy::caps::{self, Depth, Leave};
use crate::policy::handler;
use crate::policy::rules::Rules;

/// `[notices]`: what maintainers are told at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notices {
    /// Of a new report.
    pub new: bool,
    /// Of mail into a case.
    pub follow_up: bool,
    /// Of a mail of ours that did not reach the reporter.
    pub undelivered: bool,
    /// How much of a mail its notice has.
    pub content: Content,
    /// The zone in which times are shown to people who have none of their own.
    pub zone: Tz,
}

impl Default for Notices {
    fn default() -> Self {
        let content = Content::Subject;
        Self { new: true, follow_up: true, undelivered: true, content, zone: Tz::UTC }
    }
}

/// How much of a mail its notice has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Content {
    /// The case's subject.
    #[default]
    Subject,
    /// What the mail says and who wrote it too.
    Text,
    /// And its files.
    Files,
}

/// What somebody is told of.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The case after it.
    pub case: &'a Case,
    /// What happened.
    pub news: News,
    /// Why a mail of ours did not arrive.
    pub why: Option<&'a str>,
    /// The mail that it happened by.
    pub mail: &'a Mail,
    /// Whether that came from whom it says.
    pub authenticity: &'a Authenticity,
    /// Its files.
    pub files: &'a [Enclosed],
    /// Whether the reporter is answered by itself.
    pub answer: bool,
    /// The buckets as the store knows them.
    pub buckets: &'a [Bucket],
    /// Now.
    pub now: Timestamp,
}

/// The buckets that the notices of a mail may take from.
pub fn buckets(maintainers: &[Maintainer]) -> Vec<BucketId> {
    let verdicts = [Verdict::Authenticated, Verdict::Unproven];
    let of = |person: &Maintainer| verdicts.map(|verdict| bucket(&person.handle, verdict));
    maintainers.iter().flat_map(of).collect()
}

fn bucket(handle: &str, verdict: Verdict) -> BucketId {
    let whose = match verdict {
        Verdict::Authenticated => "proven",
        Verdict::Unproven | Verdict::Disowned => "unproven",
    };
    // A handle has no space in it.
    BucketId { scope: Scope::Notices, name: format!("{handle} {whose}") }
}

/// The letters, and the buckets as they leave them.
pub fn tell(told: &Told<'_>, rules: &Rules) -> (Vec<Letter>, Vec<Bucket>) {
    let wanted = match told.news {
        News::New => rules.notices.new,
        News::FollowUp => rules.notices.follow_up,
        News::Undelivered => rules.notices.undelivered,
    };
    if !wanted {
        return (vec![], vec![]);
    }
    let mut letters = Vec::new();
    let mut left = Vec::new();
    for reader in readers(told, &rules.maintainers) {
        let id = bucket(&reader.handle, told.authenticity.verdict);
        let taken = caps::take(vec![id], told.buckets, &rules.caps, Depth::Whole, told.now);
        if let Leave::Granted(buckets) = taken {
            letters.push(letter::of(told, reader, &buckets, rules));
            left.extend(buckets);
        }
    }
    (letters, left)
}

/// Who is told.
fn readers<'a>(told: &Told<'_>, maintainers: &'a [Maintainer]) -> Vec<&'a Maintainer> {
    let concerned = |person: &&Maintainer| {
        let handles = told.case.handler.as_deref() == Some(&person.handle);
        let follows = told.news != News::New && told.case.followers.contains(&person.handle);
        handles || follows
    };
    let here = |person: &&Maintainer| person.absence_at(told.now).is_none();
    let mut readers: Vec<&Maintainer> = maintainers.iter().filter(concerned).filter(here).collect();
    if readers.is_empty() {
        readers.extend(handler::lead(maintainers));
    }
    let author = told.mail.author().map(|author| &author.address);
    let own = told.news == News::FollowUp;
    readers.retain(|person| !own || author != Some(&person.address));
    readers
}

/// Whom a mail names as its readers, besides the project and its author.
pub fn others<'a>(mail: &'a Mail, rules: &'a Rules) -> impl Iterator<Item = &'a Address> {
    let author = mail.author().map(|author| &author.address);
    let own = std::iter::once(&rules.project.address).chain(&rules.bounces);
    let maintainers = rules.maintainers.iter().map(|person| &person.address);
    let known: Vec<&Address> = own.chain(maintainers).chain(author).collect();
    mail.readers.iter().filter(move |address| !known.contains(address))
}

/// What every mail about a case to one maintainer answers: a mail that never was.
pub fn thread(case: CaseId, handle: &str, project: &Project) -> Answered {
    let reader: String = handle.chars().filter(char::is_ascii_alphanumeric).collect();
    let root = format!("{case}.thread.for-{reader}@{}", project.address.domain());
    Answered { message_id: MessageId(root), references: vec![] }
}
