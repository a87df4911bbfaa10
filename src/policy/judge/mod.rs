//! The judgement of one mail by its own facts: its kind, and where a submission's content is.

use crate::domain::address::Address;
use crate::domain::judgement::Judgement;
use crate::domain::mail::Mail;

/// Whom a judgement has to know.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Surroundings {
    /// The project's own addresses: mail from them is our own come back.
    pub own: Vec<Address>,
    /// The maintainers' addresses: mail from them may be a command.
    pub maintainers: Vec<Address>,
}

/// Judges a mail. Total: every mail gets a kind and a reason.
pub fn judge(_mail: &Mail, _surroundings: &Surroundings) -> Judgement {
    todo!("the judgement is being written")
}
