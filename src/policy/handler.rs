//! Who is the primary handler of a new case.

use std::collections::BTreeMap;

use crate::domain::people::Maintainer;

/// The maintainer with the fewest open cases; among equals the first in the configuration.
pub fn primary<'a>(
    maintainers: &'a [Maintainer],
    load: &BTreeMap<String, u32>,
) -> Option<&'a Maintainer> {
    maintainers.iter().min_by_key(|m| load.get(&m.handle).copied().unwrap_or(0))
}
