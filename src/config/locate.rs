//! Which file is the configuration, where nobody says.

use std::path::{Path, PathBuf};

use super::error::ConfigError;

/// Where a configuration is looked for, in this order.
const USUAL: [&str; 2] = ["daemon.toml", "/etc/embargod/daemon.toml"];

/// The configuration file: the one that is named (by `--config` or `$EMBARGOD_CONFIG`), else the
/// first usual one that is there.
///
/// # Errors
/// [`ConfigError`] where none is named and none is there.
pub fn locate(named: Option<&Path>) -> Result<PathBuf, ConfigError> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    let found = USUAL.iter().map(PathBuf::from).find(|usual| usual.exists());
    found.ok_or_else(|| ConfigError {
        file: None,
        place: None,
        key: None,
        problem: format!(
            "no configuration: neither ./{} nor {} is there; name one with --config FILE or \
             $EMBARGOD_CONFIG, or see a sample with `embargod demo`",
            USUAL[0], USUAL[1]
        ),
        allowed: None,
    })
}
