//! Servers whose Debian packages exclude each other: unpacked by `./tests/run --all-servers` into folders
//! of their own, and laid over the machine's files in a mount namespace that nobody else sees.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::process::Server;

/// Where a package and what it needs was unpacked.
pub fn folder(package: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let folder = target.join("servers").join(package).join("root");
    assert!(folder.exists(), "{} is not there: run ./tests/run --all-servers", folder.display());
    folder
}

/// Starts a server among its package's files: `script` runs where they lie over the machine's, and ends
/// in the server itself.
pub fn start(package: &str, script: &str) -> Server {
    let files = folder(package);
    let files = files.display();
    let script = format!(
        "set -e
mount --make-rprivate /
for part in usr etc var; do
    [ ! -d {files}/$part ] || mount -t overlay overlay -o lowerdir={files}/$part:/$part /$part
done
{script}"
    );
    let mut command = Command::new("unshare");
    // Cyrus ends by a signal to its process group, which must not be that of another test's Cyrus.
    Server::start(command.args(["-m", "sh", "-c", &script]).process_group(0))
}
