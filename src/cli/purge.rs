//! `embargod purge`: what is personal and older than `[retention]` allows is erased, by a person's
//! word.
//!
//! Promises: without `--yes` nothing changes. The daemon never does it by itself: it cannot be taken
//! back, and whether a case is still needed is not for a program to say. Whoever wants it on a
//! schedule lets a timer give the word.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use chrono::TimeDelta;
use clap::Args;
use serde::Serialize;

use super::case::operator;
use super::run::runtime;
use super::{Failure, json, table};
use crate::config::{Secrets, Settings, locate};
use crate::daemon::clock::Clock;
use crate::domain::Timestamp;
use crate::domain::case_id::CaseId;
use crate::domain::retention::{Class, Holdings, LooseMail};
use crate::policy::retention::{Ages, Plan, plan};
use crate::store::Store;

/// Erase what is personal in closed cases, and mail without a case, past the age in [retention]
///
/// Shows what would be erased and why, and what is kept although it is old enough. With --yes it is
/// erased for good: raw mail, names, addresses, subjects, texts, names of files, letters, tokens, the
/// words of events, and every trace of them in the store's files. What stays is each case's number, its
/// times, how it ended and who handled it, so that `embargod stats` says the same as before; and the
/// chain of events, which `embargod verify` still proves. Mail between embargod and the maintainers
/// that is done with is erased along with it, since it may quote any case.
///
/// The daemon may run. Mail that still lies in the mailbox, and backups that were made before, have all
/// of it: they are yours to delete.
#[derive(Debug, Args)]
#[command(after_help = "Example: embargod purge\n         embargod purge --yes")]
pub struct PurgeArgs {
    /// Erase it, for good
    #[arg(long)]
    yes: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct PurgeJson {
    /// Whether it was erased, or would be.
    erased: bool,
    cases: Vec<CaseJson>,
    mails: Vec<MailsJson>,
    kept: Vec<KeptJson>,
    open: usize,
    quarantined: u64,
    /// Whether traces of an earlier purge are still to be cleared.
    unfinished: bool,
}

#[derive(Debug, Serialize)]
struct CaseJson {
    id: CaseId,
    class: &'static str,
    since: Timestamp,
    age_days: Option<i64>,
}

#[derive(Debug, Serialize)]
struct MailsJson {
    class: &'static str,
    count: usize,
    since: Timestamp,
    age_days: Option<i64>,
}

#[derive(Debug, Serialize)]
struct KeptJson {
    id: CaseId,
    class: &'static str,
    since: Timestamp,
    reason: &'static str,
    why: String,
}

/// Shows what is old enough, or erases it.
///
/// # Errors
/// 1 where there is no store or it cannot be written; 75 where somebody holds it for too long.
pub fn purge(
    config: Option<&Path>,
    args: &PurgeArgs,
    clock: &Clock,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let settings = Settings::load(&locate(config)?, Secrets::Skip)?;
    let store = Store::open_existing(&settings.store)?;
    let (ages, now) = (settings.retention.clone(), clock.now());
    let (holdings, plan) = runtime()?.block_on(async {
        if !args.yes {
            let holdings = store.holdings().await?;
            let plan = plan(&holdings, &ages, now);
            return Ok::<_, Failure>((holdings, plan));
        }
        let decide = move |holdings: &Holdings| {
            let plan = plan(holdings, &ages, now);
            (plan.erasure(), (holdings.clone(), plan))
        };
        Ok(store.purge(operator(), now, decide).await?)
    })?;
    drop(store);
    if args.yes && (holdings.unfinished || !plan.erasure().is_empty()) {
        Store::clear(&settings.store).map_err(Failure::from).map_err(|failure| match failure {
            Failure::Failed(error) => Failure::Failed(error.context(STILL_THERE)),
            Failure::TryLater(why) => Failure::TryLater(format!("{STILL_THERE}: {why}")),
            other => other,
        })?;
    }
    let told =
        Told { holdings: &holdings, plan: &plan, ages: &settings.retention, is_done: args.yes };
    if args.json {
        return json::print(out, &told.as_json());
    }
    table::print(out, &told.in_words(&settings.file))
}

/// What a purge that was broken off has left to do.
const STILL_THERE: &str =
    "it is erased, and traces are still in the store's files; `embargod purge --yes` clears them";

/// What is shown of a purge.
struct Told<'a> {
    holdings: &'a Holdings,
    plan: &'a Plan,
    ages: &'a Ages,
    is_done: bool,
}

impl Told<'_> {
    fn age_days(&self, class: Class) -> Option<i64> {
        self.ages.of(class).map(|age: TimeDelta| age.num_days())
    }

    /// The mails by their class: how many, and since when the oldest is kept.
    fn mails(&self) -> BTreeMap<Class, (usize, Timestamp)> {
        let mut mails: BTreeMap<Class, (usize, Timestamp)> = BTreeMap::new();
        for LooseMail { class, since, .. } in &self.plan.mails {
            let (count, oldest) = mails.entry(*class).or_insert((0, *since));
            *count = count.saturating_add(1);
            *oldest = (*oldest).min(*since);
        }
        mails
    }

    fn as_json(&self) -> PurgeJson {
        let cases = self.plan.cases.iter().map(|case| CaseJson {
            id: case.id,
            class: case.class.name(),
            since: case.since,
            age_days: self.age_days(case.class),
        });
        let mails = self.mails().into_iter().map(|(class, (count, since))| MailsJson {
            class: class.name(),
            count,
            since,
            age_days: self.age_days(class),
        });
        let kept = self.plan.kept.iter().map(|(case, why)| KeptJson {
            id: case.id,
            class: case.class.name(),
            since: case.since,
            reason: why.name(),
            why: why.to_string(),
        });
        PurgeJson {
            erased: self.is_done,
            cases: cases.collect(),
            mails: mails.collect(),
            kept: kept.collect(),
            open: self.holdings.open.len(),
            quarantined: self.holdings.quarantined,
            unfinished: self.holdings.unfinished && !self.is_done,
        }
    }

    fn in_words(&self, config: &Path) -> String {
        let day = |at: Timestamp| at.format("%Y-%m-%d").to_string();
        let older = |class| match self.age_days(class) {
            Some(1) => "older than a day".to_owned(),
            Some(days) => format!("older than {days} days"),
            None => String::new(),
        };
        // No heads: what is said of a case is never cut off.
        let (mut erased, mut kept) = (table::table(&[]), table::table(&[]));
        for case in &self.plan.cases {
            let what = [case.id.to_string(), case.class.name().to_owned()];
            erased.add_row(what.into_iter().chain([day(case.since), older(case.class)]));
        }
        for (class, (count, since)) in self.mails() {
            let mails = if count == 1 { "1 mail".to_owned() } else { format!("{count} mails") };
            erased.add_row([mails, class.name().to_owned(), day(since), older(class)]);
        }
        for (case, why) in &self.plan.kept {
            let what = [case.id.to_string(), case.class.name().to_owned()];
            kept.add_row(what.into_iter().chain([day(case.since), why.to_string()]));
        }
        let is_nothing = self.plan.erasure().is_empty();
        let mut text = match (is_nothing, self.is_done) {
            (false, true) => format!("Erased\n{}", table::lines(&erased)),
            (false, false) => format!("Would be erased\n{}", table::lines(&erased)),
            (true, _) if self.ages.keep_everything() => {
                format!("Everything is kept: [retention] in {} sets no age.\n", config.display())
            }
            (true, _) => "Nothing is older than [retention] allows.\n".to_owned(),
        };
        if !self.plan.kept.is_empty() {
            text.push_str(&format!("\nKept, although old enough\n{}", table::lines(&kept)));
        }
        let cases = |count: usize| if count == 1 { "case" } else { "cases" };
        let open = self.holdings.open.len();
        if open > 0 {
            text.push_str(&format!("\n{open} open {}: nothing of them is erased.\n", cases(open)));
        }
        if self.holdings.quarantined > 0 {
            text.push_str(&format!(
                "{} quarantined: they wait for a person, `embargod mail list --quarantined`.\n",
                self.holdings.quarantined
            ));
        }
        match (self.is_done, is_nothing, self.holdings.unfinished) {
            (false, false, _) => text.push_str(
                "\nNothing was changed. `embargod purge --yes` erases it, for good; backups made\n\
                 before still have it.\n",
            ),
            (false, true, true) => text.push_str(
                "\nAn earlier purge was broken off before its traces were cleared off the disk:\n\
                 `embargod purge --yes` does that.\n",
            ),
            (true, false, _) | (true, true, true) => text.push_str(
                "\nNo trace is left in the store's files. Backups made before still have it, and so\n\
                 has the mailbox where the mail still lies: delete them there.\n",
            ),
            (_, true, false) => {}
        }
        text
    }
}
