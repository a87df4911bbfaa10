//! On which terms a project lets its maintainers act by mail, and what a letter to one of them grants.

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::{Key, Places};
use crate::domain::Timestamp;
use crate::domain::capability::Grant;
use crate::domain::letter::Letter;
use crate::domain::people::Maintainer;
use crate::policy::calendar::later;

/// The terms of commands by mail.
#[derive(Debug, Clone)]
pub struct Terms {
    /// What tokens are made and known with; `None` where a command runs without secrets.
    pub key: Option<Key>,
    /// Where tokens stand.
    pub places: Places,
    /// How long a token holds.
    pub lifetime: TimeDelta,
    /// The zone of times without one, where the maintainer has none of their own.
    pub zone: Tz,
}

impl Terms {
    /// What a letter lets its reader do by answering it, if it is to a maintainer.
    pub fn grant(&self, letter: &Letter, people: &[Maintainer], now: Timestamp) -> Option<Grant> {
        let purpose = letter.content.purpose();
        let reader = people.iter().find(|person| person.address == letter.to.address)?;
        (!purpose.leaves_the_project()).then(|| Grant {
            handle: reader.handle.clone(),
            case: letter.content.case(),
            purpose,
            expires_at: later(now, self.lifetime),
        })
    }
}
