//! An order by mail, decided on by the policy and carried out with its mail in its final form.

use super::acting::note_if_held;
use super::desk::Desk;
use crate::domain::confirmation::Sent;
use crate::domain::decision::{Decision, Placement};
use crate::domain::letter::{Content, Letter};
use crate::domain::lookup::Known;
use crate::domain::outgoing::{Hold, Outgoing, Purpose};
use crate::mail::compose::ComposeError;
use crate::policy::decide::Arrival;
use crate::policy::orders::{Obeyed, Order, obey};
use crate::store::{Ordered, Written};

impl Desk {
    /// What becomes of a mail that may be an order, within the store's transaction.
    ///
    /// # Errors
    /// Where one of the mails that it causes cannot be written.
    pub fn obey(
        &self,
        order: &Order,
        arrival: &Arrival,
        known: &Known,
    ) -> Result<Written, ComposeError> {
        let now = self.clock.now();
        let Obeyed { judgement, joins, mut changed, letters, moved, spent, answer, buckets } =
            obey(order, arrival, known, now, &self.rules);
        let mut outgoing = self.write_all(&letters, now)?;
        for changed in &mut changed {
            for mail in &outgoing {
                note_if_held(&mut changed.case, &mut changed.events, mail, now);
            }
        }
        if let Some(mut letter) = answer {
            if let Content::Confirmation(facts) = &mut letter.content {
                facts.sent = self.sent(&letters, &outgoing)?;
            }
            outgoing.push(self.write(&letter, now)?);
        }
        let (mut placement, mut events) = (Placement::Recorded, vec![]);
        if let Some(case) = joins {
            let of_it = changed.iter().position(|changed| changed.case.id == case.id);
            let after = of_it.map(|at| changed.remove(at));
            let (case, its) = after.map_or((case, vec![]), |after| (after.case, after.events));
            (placement, events) = (Placement::Joins(Box::new(case)), its);
        }
        let cases = changed.into_iter().map(|changed| (changed.case, changed.events)).collect();
        Ok(Written {
            decision: Decision {
                judgement,
                placement,
                events,
                letters: vec![],
                fingerprint: None,
                buckets,
            },
            outgoing,
            quarantined: None,
            ordered: Ordered { cases, moved, spent },
        })
    }

    /// What was written to people outside, as its author is shown it.
    fn sent(&self, letters: &[Letter], outgoing: &[Outgoing]) -> Result<Vec<Sent>, ComposeError> {
        let outside = letters.iter().filter(|letter| letter.content.purpose().leaves_the_project());
        outside
            .map(|letter| {
                let words = self.composer.words(&letter.content)?;
                let purpose = letter.content.purpose();
                let case = letter.content.case();
                let to = match (purpose, case) {
                    (Purpose::Announcement, _) | (_, None) => letter.to.address.to_string(),
                    (_, Some(case)) => format!("the reporter of {case}"),
                };
                let is_it = |mail: &&Outgoing| mail.purpose == purpose && mail.case == case;
                let held =
                    outgoing.iter().find(is_it).is_some_and(|mail| mail.hold == Hold::Observe);
                let quoted: Vec<String> = words
                    .text
                    .lines()
                    .map(|line| format!("> {line}").trim_end().to_owned())
                    .collect();
                Ok(Sent { to, held, subject: words.subject, text: quoted.join("\n") })
            })
            .collect()
    }
}
