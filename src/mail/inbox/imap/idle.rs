//! Waiting for mail: by IDLE (RFC 2177, part of RFC 9051), else by asking now and then.
//!
//! Courier without enhanced IDLE, and Cyrus without its idled, look for themselves once a minute, and so
//! tell of mail that much later.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Job;
use super::answer::Answer;
use super::session::{Expected, Session};
use crate::mail::inbox::{InboxError, Step, Wake};

const STEP: Step = Step::Waiting;

/// Waits for news of the folder, but not longer than `limit`.
pub(super) async fn wait(
    session: &mut Session,
    job: &Job,
    limit: Duration,
) -> Result<Wake, InboxError> {
    // What came in while mails were read was announced then, and will not be announced again.
    if session.news {
        return Ok(Wake::News);
    }
    let until = Instant::now().checked_add(limit.min(job.patience.idle));
    let left = || until.map_or(Duration::ZERO, |until| until.duration_since(Instant::now()));
    // IDLE belongs to IMAP4rev2 itself, whose servers need not name it.
    let idles = session.can("IDLE") || session.can("IMAP4REV2");
    if idles && idle(session, left).await? == Idled::Refused {
        session.capabilities.retain(|name| name != "IDLE" && name != "IMAP4REV2");
    }
    while !session.news && !left().is_zero() {
        sleep(left().min(job.poll)).await;
        session.run(STEP, "NOOP").await?;
    }
    Ok(if session.news { Wake::News } else { Wake::Quiet })
}

#[derive(Debug, PartialEq, Eq)]
enum Idled {
    Done,
    Refused,
}

/// One IDLE, until there are news or no time is left.
async fn idle(session: &mut Session, left: impl Fn() -> Duration) -> Result<Idled, InboxError> {
    let mut command = session.begin(STEP, "IDLE", Expected::LITTLE).await?;
    loop {
        match session.next(&command).await {
            Ok(Some(Answer::GoOn)) => break,
            Ok(Some(_)) => {}
            Ok(None) | Err(InboxError::Refused { .. }) => return Ok(Idled::Refused),
            Err(error) => return Err(error),
        }
    }
    let answer_within = command.answer_within;
    while !session.news {
        command.answer_within = left();
        match session.next(&command).await {
            Ok(Some(_)) => {}
            // The server ended it by itself; whether it does so at once cannot be known, so the
            // rest of the time is spent by polling.
            Ok(None) => return Ok(Idled::Done),
            Err(InboxError::TimedOut { .. }) => break,
            Err(error) => return Err(error),
        }
    }
    command.answer_within = answer_within;
    session.say(&command, "DONE").await?;
    while session.next(&command).await?.is_some() {}
    Ok(Idled::Done)
}
