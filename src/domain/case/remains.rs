//! What is left of a case once what is personal in it was erased.

use super::{Case, Proof};
use crate::domain::Timestamp;
use crate::domain::address::{Address, Mailbox};
use crate::domain::advisory::Advisory;
use crate::domain::line::{Line, Repair};
use crate::domain::mail::MessageId;

impl Case {
    /// The case without anything that a stranger wrote or that tells who they are, and without the
    /// words of maintainers about it: its number, its times, how it ended, which handle it had, and
    /// what was published about versions. The figures of any period are the same as before.
    ///
    /// Every field is named here, so that a new one has to be thought about.
    #[must_use]
    pub fn remains(&self, purged_at: Timestamp) -> Self {
        let there_was = |id: &Option<MessageId>| id.as_ref().map(|_| MessageId::erased());
        Self {
            id: self.id,
            state: self.state,
            disposition: self.disposition,
            subject: String::new(),
            reporter: Mailbox { name: None, address: Address::erased() },
            correspondent: None,
            handler: self.handler.clone(),
            received_at: self.received_at,
            imported_at: self.imported_at,
            acknowledge_by: self.acknowledge_by,
            acknowledged_at: self.acknowledged_at,
            respond_by: self.respond_by,
            responded_at: self.responded_at,
            last_told_at: self.last_told_at,
            next_update_by: self.next_update_by,
            disclose_by: self.disclose_by,
            extended_at: self.extended_at,
            awaiting: self.awaiting,
            proof: Proof {
                acknowledgement: there_was(&self.proof.acknowledgement),
                response: there_was(&self.proof.response),
                question: there_was(&self.proof.question),
                latest: there_was(&self.proof.latest),
            },
            unreached: None,
            sender: self.sender,
            doubt: None,
            withheld: None,
            encrypted: self.encrypted,
            handover: None,
            answered_elsewhere_at: self.answered_elsewhere_at,
            embargo_until: self.embargo_until,
            embargo_set_at: self.embargo_set_at,
            affected: self.affected.clone(),
            lines: self.lines.iter().map(without_words).collect(),
            audit: None,
            advisory: Advisory { cve: self.advisory.cve.clone(), ..Advisory::default() },
            credits: Vec::new(),
            exploited: self.exploited.clone(),
            disclosed_at: self.disclosed_at,
            closed_at: self.closed_at,
            purged_at: Some(purged_at),
            merged_into: self.merged_into,
            links: self.links.clone(),
            suggestions: Vec::new(),
            facts: None,
            returned_times: self.returned_times,
            participants: Vec::new(),
            cc: Vec::new(),
            followers: Vec::new(),
            last_heard_at: self.last_heard_at,
        }
    }
}

fn without_words(line: &Line) -> Line {
    let repair = match &line.repair {
        Repair::Refused { .. } => Repair::Refused { why: String::new() },
        other => other.clone(),
    };
    Line { name: line.name.clone(), repair }
}
