//! `embargod mail`: a mail as it arrived, for whoever has to look at what no program could read.
//!
//! Promises: what is written to a file or another program is the mail byte for byte; on a terminal no
//! control character of a stranger's gets through.

use std::io::{IsTerminal, Write};
use std::path::Path;

use anyhow::anyhow;
use clap::Args;

use super::Failure;
use super::run::runtime;
use crate::config::{Secrets, Settings, locate};
use crate::store::Store;

/// Print a mail as it arrived.
///
/// Its number is in the digest and in `case show`. To open an encrypted report or to look at one that
/// could not be read, hand it to a program that can.
#[derive(Debug, Args)]
#[command(after_help = "Example: embargod mail 12 > mail-12.eml\n         \
                        embargod mail 12 | gpg --decrypt")]
pub struct MailArgs {
    /// The number of the mail
    #[arg(value_name = "NUMBER")]
    number: i64,
}

/// Prints it.
///
/// # Errors
/// 1 where there is no such mail.
pub fn mail(config: Option<&Path>, args: &MailArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let settings = Settings::load(&locate(config)?, Secrets::Skip)?;
    let store = Store::open_existing(&settings.store)?;
    let number = args.number;
    let raw = runtime()?.block_on(store.raw_mail(number))?.ok_or_else(|| {
        Failure::Failed(anyhow!(
            "there is no mail {number}; `embargod case show CASE` and the digest name them"
        ))
    })?;
    match std::io::stdout().is_terminal() {
        true => out.write_all(harmless(&raw).as_bytes())?,
        false => out.write_all(&raw)?,
    }
    Ok(())
}

/// A mail as a terminal may show it.
fn harmless(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw).replace("\r\n", "\n");
    let shown = |c: char| match c {
        '\n' | '\t' => c,
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_shown_no_control_character() {
        assert_eq!(
            harmless(b"Subject: a\r\n\r\n\x1b[2J\x9bb\tc\n"),
            "Subject: a\n\n\u{fffd}[2J\u{fffd}b\tc\n"
        );
    }
}
