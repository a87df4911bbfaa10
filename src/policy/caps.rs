//! How many mails are written by themselves: answers to one address, to one domain, to those whom one
//! network writes for, and in all; notices to one maintainer.
//!
//! Whoever forges a sender makes the project's server write to a stranger, and a reply costs the
//! forger nothing. So each answer takes a token out of a bucket of each scope, and where one of them
//! is empty the mail is taken in all the same and nobody is written to: a person sees it in the
//! digest. Nor does an answer go out by itself to mail that lay for long: a new store that meets years
//! of mail must not write to everybody who ever wrote. Buckets fill evenly over a day; they are kept in the store, so that a restart does not
//! fill them.
//!
//! Promises: over any time, no more answers go out of a bucket than it holds, and what a day fills
//! in, for each day begun; an answer takes from every bucket or from none.

use core::net::IpAddr;

use chrono::TimeDelta;

use crate::domain::Timestamp;
use crate::domain::address::Address;
use crate::domain::allowance::{Bucket, BucketId, Scope};
use crate::domain::authenticity::{Authenticity, CheckedBy, Verdict};
use crate::domain::mail::Mail;
use crate::policy::relay::{self, Answer, Relay};

/// Parts of a token that are counted: a whole day fills a bucket without rounding it away.
const PARTS: i64 = 86_400;

/// Mails a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// To one address.
    pub address: u32,
    /// To one domain.
    pub domain: u32,
    /// To mail of one network.
    pub network: u32,
    /// In all.
    pub all: u32,
    /// Notices to one maintainer, of mail whose sender is proven, and as many of other mail.
    pub notices: u32,
    /// How long ago a mail may have arrived that is answered.
    pub within: TimeDelta,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            address: 20,
            domain: 1000,
            network: 1000,
            all: 3000,
            notices: 40,
            within: TimeDelta::days(14),
        }
    }
}

impl Caps {
    fn of(&self, scope: Scope) -> u32 {
        match scope {
            Scope::Address => self.address,
            Scope::Domain => self.domain,
            Scope::Network => self.network,
            Scope::All => self.all,
            Scope::Notices => self.notices,
        }
    }
}

/// The buckets that an answer to a mail takes from: those of its author, and of the finder whom a
/// relay's mail names where the finder is answered.
pub fn charged(mail: &Mail, relays: &[Relay], client: Option<IpAddr>) -> Vec<BucketId> {
    let finder = relay::of(mail, relays)
        .filter(|relay| relay.answer == Answer::Finder)
        .and_then(|relay| relay::finder(mail, relay));
    let answered = mail.author().into_iter().chain(&finder);
    let mut ids: Vec<BucketId> =
        answered.flat_map(|mailbox| buckets_of(&mailbox.address, client)).collect();
    ids.sort();
    ids.dedup();
    ids
}

fn buckets_of(recipient: &Address, client: Option<IpAddr>) -> Vec<BucketId> {
    let id = |scope, name: &str| BucketId { scope, name: name.to_owned() };
    let mut ids = vec![
        id(Scope::All, ""),
        id(Scope::Domain, recipient.domain()),
        id(Scope::Address, recipient.as_str()),
    ];
    ids.extend(client.map(|client| id(Scope::Network, &network(client))));
    ids
}

/// The network that an address belongs to: what one owner usually has.
fn network(client: IpAddr) -> String {
    match client.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

/// Whether an answer may go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leave {
    /// It may; the buckets as they are after it.
    Granted(Vec<Bucket>),
    /// Not now: this bucket is empty.
    Refused(BucketId),
}

/// Why a bucket lets no answer out, in words.
pub fn reached(BucketId { scope, name }: &BucketId) -> String {
    match scope {
        Scope::All => "the cap on answers a day is reached".to_owned(),
        Scope::Address | Scope::Domain => format!("the cap on answers a day to {name} is reached"),
        Scope::Network => format!("the cap on answers a day to mail from {name} is reached"),
        Scope::Notices => format!("the cap on notices a day to {name} is reached"),
    }
}

/// How far a bucket may be emptied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// To its bottom.
    Whole,
    /// But for a quarter, which a flood of forged mail leaves to mail whose sender is proven.
    ThreeQuarters,
}

impl Depth {
    /// How far an answer to a mail may empty it: where nobody looks at senders, all are alike.
    pub fn of(authenticity: &Authenticity) -> Self {
        match (&authenticity.checked_by, authenticity.verdict) {
            (CheckedBy::Nobody, _) | (_, Verdict::Authenticated) => Self::Whole,
            (_, Verdict::Unproven | Verdict::Disowned) => Self::ThreeQuarters,
        }
    }

    fn bottom(self, cap: u32) -> i64 {
        match self {
            Self::Whole => 0,
            Self::ThreeQuarters => full(cap / 4),
        }
    }
}

/// Takes a token out of each of the buckets `ids`, as far as they are `known`; a bucket that nobody
/// took from before is full.
pub fn take(
    ids: Vec<BucketId>,
    known: &[Bucket],
    caps: &Caps,
    depth: Depth,
    now: Timestamp,
) -> Leave {
    let mut left = vec![];
    for id in ids {
        let cap = caps.of(id.scope);
        let found = known.iter().find(|bucket| bucket.id == id);
        let parts = found.map_or_else(|| full(cap), |bucket| level(bucket, cap, now));
        let bottom = depth.bottom(cap);
        let Some(rest) = parts.checked_sub(PARTS).filter(|rest| *rest >= bottom) else {
            return Leave::Refused(id);
        };
        // A clock that went back must not fill the bucket twice when it comes forward again.
        let at = found.map_or(now, |bucket| bucket.at.max(now));
        left.push(Bucket { id, parts: rest, at });
    }
    Leave::Granted(left)
}

/// Whether a bucket has no token left as it is.
pub fn is_empty(bucket: &Bucket) -> bool {
    bucket.parts < PARTS
}

fn full(cap: u32) -> i64 {
    i64::from(cap).saturating_mul(PARTS)
}

/// What is in a bucket now: what was in it, and what has run in since, `cap` tokens a day.
fn level(bucket: &Bucket, cap: u32, now: Timestamp) -> i64 {
    let seconds = now.signed_duration_since(bucket.at).num_seconds().max(0);
    bucket.parts.saturating_add(seconds.saturating_mul(i64::from(cap))).min(full(cap))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn start() -> Timestamp {
        chrono::DateTime::from_timestamp(1_795_424_400, 0).unwrap()
    }

    /// Asks for answers one after another, as the store would keep the buckets.
    fn granted(asked: &[(TimeDelta, &str, &str)], caps: &Caps) -> Vec<bool> {
        let mut kept: BTreeMap<BucketId, Bucket> = BTreeMap::new();
        let ask = |(after, to, client): &(TimeDelta, &str, &str)| {
            let ids = buckets_of(&to.parse().unwrap(), client.parse().ok());
            let known: Vec<Bucket> = kept.values().cloned().collect();
            match take(ids, &known, caps, Depth::Whole, start() + *after) {
                Leave::Granted(left) => {
                    kept.extend(left.into_iter().map(|bucket| (bucket.id.clone(), bucket)));
                    true
                }
                Leave::Refused(_) => false,
            }
        };
        asked.iter().map(ask).collect()
    }

    const CAPS: Caps =
        Caps { address: 2, domain: 3, network: 4, all: 5, notices: 6, within: TimeDelta::days(14) };

    #[test]
    fn each_scope_has_its_own_end() {
        let now = TimeDelta::zero();
        let to_one = [(now, "a@x.example", ""); 3];
        assert_eq!(granted(&to_one, &CAPS), [true, true, false]);
        let to_a_domain: Vec<_> = ["a@x.example", "b@x.example", "c@x.example", "d@x.example"]
            .map(|to| (now, to, ""))
            .into();
        assert_eq!(granted(&to_a_domain, &CAPS), [true, true, true, false]);
        let of_a_network: Vec<_> =
            ["a@a.example", "a@b.example", "a@c.example", "a@d.example", "a@e.example"]
                .iter()
                .enumerate()
                .map(|(n, to)| (now, *to, ["192.0.2.1", "192.0.2.200"][n % 2]))
                .collect();
        assert_eq!(granted(&of_a_network, &CAPS), [true, true, true, true, false]);
        let in_all: Vec<_> = [
            "a@a.example",
            "a@b.example",
            "a@c.example",
            "a@d.example",
            "a@e.example",
            "a@f.example",
        ]
        .map(|to| (now, to, ""))
        .into();
        assert_eq!(granted(&in_all, &CAPS), [true, true, true, true, true, false]);
    }

    #[test]
    fn a_bucket_fills_evenly_over_a_day() {
        let hours = |h| TimeDelta::hours(h);
        let asked = [0, 0, 1, 11, 12, 13, 24].map(|h| (hours(h), "a@x.example", ""));
        assert_eq!(granted(&asked, &CAPS), [true, true, false, false, true, false, true]);
    }

    #[test]
    fn a_refused_answer_takes_nothing_from_the_other_buckets() {
        let now = TimeDelta::zero();
        let mut asked = vec![(now, "a@x.example", ""); 9];
        asked.push((now, "b@x.example", ""));
        asked.push((now, "b@y.example", ""));
        let granted = granted(&asked, &CAPS);
        assert_eq!(granted.iter().filter(|g| **g).count(), 4);
        assert!(granted[9] && granted[10]);
    }

    #[test]
    fn a_flood_of_unproven_mail_leaves_a_quarter_to_proven_mail() {
        let caps = Caps { address: 100, domain: 100, all: 8, ..CAPS };
        let mut kept = vec![];
        let mut answered = |depth| {
            let ids = buckets_of(&"a@x.example".parse().unwrap(), None);
            let mut granted = 0;
            while let Leave::Granted(left) = take(ids.clone(), &kept, &caps, depth, start()) {
                kept = left;
                granted += 1;
            }
            granted
        };
        assert_eq!([Depth::ThreeQuarters, Depth::Whole].map(&mut answered), [6, 2]);
    }

    #[test]
    fn a_clock_that_jumps_back_fills_nothing_twice() {
        let asked = [0, 0, -48, 0, -48, 0].map(|h| (TimeDelta::hours(h), "a@x.example", ""));
        assert_eq!(granted(&asked, &CAPS), [true, true, false, false, false, false]);
    }

    proptest! {
        #[test]
        fn no_time_sees_more_answers_than_a_full_bucket_and_what_ran_in(
            steps in prop::collection::vec((0i64..40_000, 0usize..3, 0usize..3), 1..200)
        ) {
            let mut at = TimeDelta::zero();
            let mut asked = vec![];
            for (seconds, to, domain) in &steps {
                at += TimeDelta::seconds(*seconds);
                let to = [["a@x.example", "b@x.example", "c@x.example"],
                    ["a@y.example", "b@y.example", "c@y.example"],
                    ["a@z.example", "b@z.example", "c@z.example"]][*domain][*to];
                asked.push((at, to, ""));
            }
            let granted = granted(&asked, &CAPS);
            for (n, (begin, ..)) in asked.iter().enumerate() {
                for (m, (end, ..)) in asked.iter().enumerate().skip(n) {
                    let out = (n..=m).filter(|i| granted[*i]).count() as i64;
                    let most = 5 + (*end - *begin).num_seconds() * 5 / 86_400 + 1;
                    prop_assert!(out <= most, "{out} answers in {}", *end - *begin);
                }
            }
        }
    }
}
