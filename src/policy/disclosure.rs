//! How advisories are made public, and which lists may hear of one before that.

use std::path::PathBuf;

use chrono::TimeDelta;

use crate::domain::Timestamp;
use crate::domain::address::Address;
use crate::policy::advisory::Publisher;
use crate::policy::promise::in_words;

/// How a project discloses.
#[derive(Debug, Clone, PartialEq)]
pub struct Disclosure {
    /// Who publishes, and as what.
    pub publisher: Publisher,
    /// Where the documents of an advisory are put; `None` where they are only printed.
    pub folder: Option<PathBuf>,
    /// Who hears of an advisory besides the reporter.
    pub announce_to: Vec<Address>,
    /// Lists that may hear of a vulnerability before it is public.
    pub embargo_lists: Vec<EmbargoList>,
}

/// One of `[[embargo_lists]]`: a list that may hear of a vulnerability before it is public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbargoList {
    /// What people call it.
    pub name: String,
    /// Where it is written to.
    pub address: Option<Address>,
    /// How long it keeps a secret at most.
    pub max: TimeDelta,
}

/// A list that would not keep a secret long enough if it were told now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooLong {
    /// The list.
    pub list: EmbargoList,
    /// The first moment at which it can be told.
    pub tell_from: Timestamp,
}

impl TooLong {
    /// What to know about it.
    pub fn words(&self) -> String {
        format!(
            "{} keeps a secret for {} at most: do not tell it before {}",
            self.list.name,
            in_words(self.list.max),
            self.tell_from.format("%Y-%m-%d %H:%M UTC")
        )
    }
}

/// The lists whose own limit is shorter than what remains of an embargo.
pub fn too_long(lists: &[EmbargoList], until: Timestamp, now: Timestamp) -> Vec<TooLong> {
    lists
        .iter()
        .filter_map(|list| {
            let tell_from = until.checked_sub_signed(list.max)?;
            (tell_from > now).then(|| TooLong { list: list.clone(), tell_from })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn list(days: i64) -> EmbargoList {
        EmbargoList { name: "The list".to_owned(), address: None, max: TimeDelta::days(days) }
    }

    #[test]
    fn a_list_that_keeps_a_secret_shorter_than_the_embargo_lasts_is_told_later() {
        let now = chrono::Utc.with_ymd_and_hms(2026, 11, 1, 9, 0, 0).unwrap();
        let until = now + TimeDelta::days(20);
        let told = too_long(&[list(14), list(30)], until, now);
        assert_eq!(told.len(), 1);
        assert_eq!(
            told[0].words(),
            "The list keeps a secret for 14 days at most: do not tell it before 2026-11-07 09:00 UTC"
        );
        assert!(too_long(&[list(14)], now + TimeDelta::days(14), now).is_empty());
    }
}
