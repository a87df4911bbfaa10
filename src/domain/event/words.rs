//! What happened, in words for a person.

use super::Change;
use crate::domain::Timestamp;
use crate::domain::address::displayable;
use crate::domain::judgement::Format;
use crate::domain::line::Line;
use crate::domain::outgoing::Purpose;

impl Change {
    /// What happened, in words for a maintainer.
    pub fn describe(&self) -> String {
        match self {
            Self::Opened { reporter, via: None, .. } => format!("reported by {reporter}"),
            Self::Opened { reporter, via: Some(via), .. } => {
                format!("reported by {reporter}, forwarded by {}", via.by)
            }
            Self::Returned { format, rule } => {
                let format = match format {
                    Format::LinkOnly => "the report is only behind a link",
                    Format::AttachmentOnly => "the report is only in an attachment",
                    _ => "there is no report in the body",
                };
                format!("sent back: {format} ({rule})")
            }
            Self::SenderChecked { how, .. } => format!("sender {how}"),
            Self::SenderDoubted { why } => format!("the sender is doubtful: {why}"),
            Self::Withheld { what, why } => format!("no {} was sent: {why}", what.name()),
            Self::Accepted { why, .. } => format!("taken in: {why}"),
            Self::Assigned { handler, note: None } => format!("handler: {handler}"),
            Self::Assigned { handler, note: Some(note) } => format!("handler: {handler} ({note})"),
            Self::Unassigned => "nobody handles it".to_owned(),
            Self::Imported => "imported from an archive".to_owned(),
            Self::Archived => "its thread ended; how is not known".to_owned(),
            Self::Preceded { reporter, .. } => {
                format!("an earlier mail was imported: reported by {reporter}")
            }
            Self::Acknowledged { respond_by: None, .. } => "acknowledged".to_owned(),
            Self::Acknowledged { respond_by: Some(respond_by), .. } => {
                format!("acknowledged; detailed response promised by {}", moment(*respond_by))
            }
            Self::FollowUp { from, .. } => format!("mail from {from}"),
            Self::MachineMail { rule, lost: None, .. } => format!("machine mail ({rule})"),
            Self::MachineMail { rule, lost: Some(_), .. } => {
                format!("a mail of ours to somebody else came back ({rule})")
            }
            Self::Noticed { suggestions, .. } => match suggestions.as_slice() {
                [] => "nothing to suggest".to_owned(),
                some => {
                    let kinds: Vec<_> = some.iter().map(|s| s.kind.name()).collect();
                    format!("suggested: {}", kinds.join(", "))
                }
            },
            Self::Wrote { what } => match what {
                Purpose::Question => "wrote a question to the reporter".to_owned(),
                Purpose::Closing => "wrote to the reporter that the case ends".to_owned(),
                Purpose::Disclosure => {
                    "wrote to the reporter that the problem is public".to_owned()
                }
                Purpose::Announcement => "announced the advisory".to_owned(),
                _ => "wrote to the reporter".to_owned(),
            },
            Self::Responded { .. } => "a person's answer went out".to_owned(),
            Self::Answered { answered_at, note, .. } => {
                let note = note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
                format!("a person answered elsewhere on {}{note}", moment(*answered_at))
            }
            Self::Asked { .. } => {
                "a person's question went out; the promises stand still until the answer".to_owned()
            }
            Self::Resumed { .. } => {
                "the clocks run again, with as much time left as before".to_owned()
            }
            Self::Confirmed { affected, lines } => confirmed(affected, lines),
            Self::Audited { text } => format!("searched for similar problems: {text}"),
            Self::FixReady { line } => format!("{line}: the fix is ready"),
            Self::FixRefused { line, why } => format!("{line}: there will be no fix: {why}"),
            Self::LineReleased { line, version } => format!("{line}: released as {version}"),
            Self::Embargoed { until: Some(until) } => format!("embargo until {}", moment(*until)),
            Self::Embargoed { until: None } => "the embargo was lifted".to_owned(),
            Self::Extended { disclose_by, why } => {
                format!("disclosure promised by {} now: {why}", moment(*disclose_by))
            }
            Self::Credited { name } => format!("credit: {name}"),
            Self::Described { facts } => format!("stated: {}", facts.stated().join(", ")),
            Self::Disclosed => "the advisory is public".to_owned(),
            Self::Closed { disposition, ground: None } => {
                format!("closed as {}", disposition.name())
            }
            Self::Closed { disposition, ground: Some(ground) } => {
                format!("closed as {}: {ground}", disposition.name())
            }
            Self::Merged { into } => format!("merged into {into}"),
            Self::Absorbed { case, .. } => format!("{case} was merged into it"),
            Self::Linked { case } => format!("linked with {case}"),
            Self::Reopened { why, .. } => format!("opened again: {why}"),
            Self::Followed { handle } => format!("{handle} follows it"),
            Self::Unfollowed { handle } => format!("{handle} no longer follows it"),
            Self::CcAdded { address } => format!("{address} gets our mail to the reporter too"),
            Self::CcDropped { address } => format!("{address} gets no more of our mail"),
            Self::CommandRefused { from, why } => {
                let from =
                    from.as_ref().map_or("nobody".to_owned(), |from| displayable(from.as_str()));
                format!("a command by mail from {from} was not believed: {why}")
            }
            Self::Noted { text } => format!("note: {text}"),
            Self::Exploited { known_since } => {
                format!("exploited, known since {}", moment(*known_since))
            }
            Self::ReportMade { report } => format!("{} made to the authorities", report.name()),
            Self::Undelivered { why, .. } => format!("could not be delivered: {why}"),
            Self::Purged { .. } => "what was personal in it was erased".to_owned(),
            Self::Held { .. } => "answer held: mode is observe".to_owned(),
        }
    }
}

fn moment(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn confirmed(affected: &[String], lines: &[Line]) -> String {
    let names = |affected: bool| -> Vec<&str> {
        lines.iter().filter(|l| l.is_affected() == affected).map(|l| l.name.as_str()).collect()
    };
    let mut text = format!("confirmed; affected: {}", affected.join(" or "));
    for (what, lines) in [("to be fixed in", names(true)), ("not in", names(false))] {
        if !lines.is_empty() {
            text.push_str(&format!("; {what} {}", lines.join(", ")));
        }
    }
    text
}
