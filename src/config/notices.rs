//! `[notices]`: what maintainers are told at once.

use chrono_tz::Tz;

use super::error::ConfigError;
use super::section::Section;
use crate::domain::notice::News;
use crate::policy::notify::{Content, Notices};

/// Reads `[notices]`. Times are shown in `zone` to people who have none of their own.
pub(super) fn read(mut section: Section<'_>, zone: Tz) -> Result<Notices, ConfigError> {
    let usual = Notices { zone, ..Notices::default() };
    let kinds =
        [("new", News::New), ("follow-up", News::FollowUp), ("undelivered", News::Undelivered)];
    let contents = [
        ("subject", Content::Subject),
        ("text", Content::Text),
        ("text-and-files", Content::Files),
    ];
    let send = section.optional("send", |value| value.list(|value| value.one_of(&kinds)))?;
    let content = section.optional("content", |value| value.one_of(&contents))?;
    let wanted = |news: News| send.as_ref().is_none_or(|send| send.contains(&news));
    Ok(Notices {
        new: wanted(News::New),
        follow_up: wanted(News::FollowUp),
        undelivered: wanted(News::Undelivered),
        content: content.unwrap_or(usual.content),
        ..usual
    })
}
