//! Whether embargod answers reporters, or only shows what it would answer.

use super::outgoing::{Hold, Purpose};

/// How far embargod goes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Reporters are answered.
    #[default]
    Live,
    /// Everything is done but sending to reporters; maintainers still get their digest.
    Observe,
}

impl Mode {
    /// Whether a mail for this purpose may leave.
    pub fn hold(self, purpose: Purpose) -> Hold {
        match self {
            Self::Observe if purpose.leaves_the_project() => Hold::Observe,
            Self::Live | Self::Observe => Hold::Send,
        }
    }
}
