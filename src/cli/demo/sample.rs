//! The demo's sample files.

use std::fs;
use std::io;
use std::path::Path;

const CONFIGURATION: &str = include_str!("sample/daemon.toml");
const POLICY: &str = include_str!("sample/SECURITY.md");

macro_rules! mails {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("sample/inbox/", $name, ".eml")))),*]
    };
}

const INBOX: [(&str, &str); 13] = mails![
    "01-a-whole-report",
    "02-only-a-link",
    "03-only-an-attachment",
    "04-encrypted",
    "05-html-only",
    "06-a-vacation-notice",
    "07-a-bounce",
    "08-a-newsletter",
    "09-spam",
    "10-a-report-in-chinese",
    "11-nothing-but-a-signature",
    "12-a-question-in-between",
    "13-no-sender",
];

/// Writes the sample into `folder`.
///
/// # Errors
/// Whatever the file system says.
pub fn write(folder: &Path) -> io::Result<()> {
    for maildir in ["inbox", "outbox"] {
        for part in ["cur", "new", "tmp"] {
            fs::create_dir_all(folder.join(maildir).join(part))?;
        }
    }
    fs::write(folder.join("daemon.toml"), CONFIGURATION)?;
    fs::write(folder.join("SECURITY.md"), POLICY)?;
    for (name, text) in INBOX {
        fs::write(folder.join("inbox/new").join(name), text)?;
    }
    Ok(())
}
