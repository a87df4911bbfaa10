//! How many mails may still be written by themselves: buckets that each takes a token from.

use super::Timestamp;

/// What a bucket is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Answers to one address.
    Address,
    /// Answers to one domain.
    Domain,
    /// Answers to mail that one network handed over: a /24 of IPv4, a /48 of IPv6.
    Network,
    /// All answers.
    All,
    /// Notices to one maintainer.
    Notices,
}

impl Scope {
    /// The name in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Domain => "domain",
            Self::Network => "network",
            Self::All => "all",
            Self::Notices => "notices",
        }
    }
}

/// Which bucket: a scope and whose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketId {
    /// The scope.
    pub scope: Scope,
    /// The address, the domain, the network, the handle; empty where the scope is all.
    pub name: String,
}

/// A bucket as it was last left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Which.
    pub id: BucketId,
    /// What was in it, in parts of a token.
    pub parts: i64,
    /// When it was left so.
    pub at: Timestamp,
}
