//! The order in which an archive is taken in: thread by thread, each from its beginning.
//!
//! Promises: total and pure; every mail once; a mail never comes before one that it answers, unless
//! their dates say so; the same archive gives the same order.

use std::collections::HashMap;

use chrono::TimeDelta;

use crate::domain::Timestamp;
use crate::domain::mail::MessageId;

/// Before this there was no mail with a date that means anything: 1 January 1980.
const FIRST: i64 = 315_532_800;

/// Servers give a mail up before it has been on its way for so many days.
const LONGEST_WAY: i64 = 7;

/// What the order rests on: the head of one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// When it arrived.
    pub at: Timestamp,
    /// Its own Message-ID.
    pub id: Option<MessageId>,
    /// The Message-IDs of its thread.
    pub thread: Vec<MessageId>,
}

/// One mail in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Which one of the heads.
    pub index: usize,
    /// Where it stands in its thread.
    pub stand: Stand,
}

/// Where a mail stands in its thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// Others of the thread follow.
    Within,
    /// It is the last, and nobody has written for so long that the thread is over.
    Last,
    /// It is the last, and the thread may go on.
    Latest,
}

/// When a mail arrived: when the last server took it; or its own date, where it has no other or was
/// handed on to an archive long after; or the time of its file. None of them counts that no mail can
/// have.
pub fn arrival(
    received: Option<Timestamp>,
    date: Option<Timestamp>,
    file: Option<Timestamp>,
    now: Timestamp,
) -> Timestamp {
    let sound = |at: &Timestamp| at.timestamp() >= FIRST && *at <= now;
    let (received, date) = (received.filter(sound), date.filter(sound));
    let on_its_way =
        received.zip(date).map(|(received, date)| received.signed_duration_since(date));
    let first = match on_its_way {
        Some(time) if time > TimeDelta::days(LONGEST_WAY) => date,
        _ => received.or(date),
    };
    first.or(file.filter(sound)).unwrap_or(now)
}

/// The order of an archive; `is_over` says it of a thread by its last mail's time.
pub fn plan(heads: &[Head], is_over: impl Fn(Timestamp) -> bool) -> Vec<Step> {
    let mut threads: HashMap<usize, Vec<usize>> = HashMap::new();
    for (index, thread) in threads_of(heads).into_iter().enumerate() {
        threads.entry(thread).or_default().push(index);
    }
    let at = |index: &usize| heads.get(*index).map(|head| head.at);
    let mut threads: Vec<Vec<usize>> = threads.into_values().collect();
    for thread in &mut threads {
        // An answer within the same second names more mails than the one that it answers.
        let names = |index: &usize| heads.get(*index).map(|head| head.thread.len());
        thread.sort_by_key(|index| (at(index), names(index), *index));
    }
    threads.sort_by_key(|thread| thread.first().map(|first| (at(first), *first)));
    let mut steps = Vec::with_capacity(heads.len());
    for thread in threads {
        let is_over = thread.last().and_then(at).is_some_and(&is_over);
        let last = if is_over { Stand::Last } else { Stand::Latest };
        steps.extend(thread.iter().map(|index| Step { index: *index, stand: Stand::Within }));
        if let Some(step) = steps.last_mut() {
            step.stand = last;
        }
    }
    steps
}

/// The thread of each mail, by the number of one mail of it: mails that share a Message-ID, their own
/// or one they answer, stand in one.
fn threads_of(heads: &[Head]) -> Vec<usize> {
    let mut parents: Vec<usize> = (0..heads.len()).collect();
    let mut first_with: HashMap<&MessageId, usize> = HashMap::new();
    for (index, head) in heads.iter().enumerate() {
        for id in head.id.iter().chain(&head.thread) {
            let other = *first_with.entry(id).or_insert(index);
            let (a, b) = (root(&mut parents, index), root(&mut parents, other));
            if let Some(parent) = parents.get_mut(a.max(b)) {
                *parent = a.min(b);
            }
        }
    }
    (0..heads.len()).map(|index| root(&mut parents, index)).collect()
}

/// The mail that stands for a thread; the way to it is made shorter as it is walked.
fn root(parents: &mut [usize], mut index: usize) -> usize {
    while let Some(parent) = parents.get(index).copied().filter(|parent| *parent != index) {
        let above = parents.get(parent).copied().unwrap_or(parent);
        if let Some(shorter) = parents.get_mut(index) {
            *shorter = above;
        }
        index = parent;
    }
    index
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utc(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
    }

    fn head(at: i64, id: &str, thread: &[&str]) -> Head {
        let id_of = |id: &&str| MessageId((*id).to_owned());
        let own = Some(&id).filter(|id| !id.is_empty()).map(id_of);
        Head { at: utc(at), id: own, thread: thread.iter().map(id_of).collect() }
    }

    fn order(heads: &[Head]) -> Vec<(usize, Stand)> {
        let steps = plan(heads, |last| last < utc(900));
        steps.iter().map(|step| (step.index, step.stand)).collect()
    }

    #[test]
    fn a_thread_comes_together_and_in_order_however_it_lies_in_the_archive() {
        let heads = [
            head(30, "answer", &["question", "report"]),
            head(5, "other", &[]),
            head(10, "question", &["report"]),
            head(10, "report", &[]),
        ];
        let expected = [(1, Stand::Last), (3, Stand::Within), (2, Stand::Within), (0, Stand::Last)];
        assert_eq!(order(&heads), expected);
    }

    #[test]
    fn answers_to_a_mail_that_is_not_in_the_archive_are_one_thread() {
        let heads = [head(10, "a", &["lost"]), head(15, "x", &[]), head(20, "b", &["lost"])];
        assert_eq!(order(&heads), [(0, Stand::Within), (2, Stand::Last), (1, Stand::Last)]);
    }

    #[test]
    fn mails_without_any_message_id_are_threads_of_their_own() {
        assert_eq!(
            order(&[head(2, "", &[]), head(1, "", &[])]),
            [(1, Stand::Last), (0, Stand::Last)]
        );
    }

    #[test]
    fn a_thread_with_a_young_mail_is_not_over() {
        let heads = [head(10, "report", &[]), head(950, "answer", &["report"])];
        assert_eq!(order(&heads), [(0, Stand::Within), (1, Stand::Latest)]);
    }

    #[test]
    fn a_mail_arrived_when_the_last_server_took_it_if_that_can_be() {
        let (then, now) = (utc(0), utc(1000));
        let (epoch, late) = (Some(Timestamp::UNIX_EPOCH), Some(utc(2000)));
        let week_later = Some(then + TimeDelta::days(8));
        let later = then + TimeDelta::days(100);
        assert_eq!(arrival(Some(utc(7)), Some(utc(5)), late, now), utc(7));
        assert_eq!(
            arrival(week_later, Some(then), None, later),
            then,
            "it was put into an archive"
        );
        assert_eq!(arrival(None, Some(utc(5)), None, now), utc(5));
        assert_eq!(arrival(late, epoch, Some(utc(3)), now), utc(3));
        assert_eq!(arrival(None, late, epoch, now), now);
    }

    proptest! {
        #[test]
        fn every_mail_comes_once_and_each_thread_in_one_piece(
            mails in prop::collection::vec((0..1000_i64, 0..30_u8, prop::collection::vec(0..30_u8, 0..3)), 0..40),
        ) {
            let name = |n: &u8| MessageId(n.to_string());
            let heads: Vec<Head> = mails.iter()
                .map(|(at, id, thread)| Head {
                    at: utc(*at),
                    id: Some(name(id)),
                    thread: thread.iter().map(name).collect(),
                })
                .collect();
            let steps = plan(&heads, |last| last < utc(900));
            let mut indexes: Vec<usize> = steps.iter().map(|step| step.index).collect();
            indexes.sort_unstable();
            prop_assert_eq!(indexes, (0..heads.len()).collect::<Vec<_>>());
            let threads = threads_of(&heads);
            let mut ended = std::collections::HashSet::new();
            for (n, step) in steps.iter().enumerate() {
                let thread = threads[step.index];
                prop_assert!(!ended.contains(&thread), "a thread goes on after its last mail");
                if step.stand == Stand::Within {
                    prop_assert_eq!(threads[steps[n + 1].index], thread);
                    prop_assert!(heads[step.index].at <= heads[steps[n + 1].index].at);
                } else {
                    ended.insert(thread);
                }
            }
            for (a, one) in heads.iter().enumerate() {
                for (b, two) in heads.iter().enumerate() {
                    if one.thread.contains(two.id.as_ref().unwrap()) {
                        prop_assert_eq!(threads[a], threads[b]);
                    }
                }
            }
        }
    }
}
