//! `embargod token`: the key of the tokens in maintainers' mail, which tokens there are, and taking
//! them back.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::run::runtime;
use super::verify::hex;
use super::{Failure, json, table};
use crate::config::{Secrets, Settings, locate};
use crate::daemon::clock::Clock;
use crate::domain::Timestamp;
use crate::domain::capability::{KeptGrant, Nonce, Standing};
use crate::domain::case_id::CaseId;
use crate::policy::capability::{name_of, named};
use crate::policy::digest::clock as shown;
use crate::store::{Revoked, Store};

/// Tokens that let maintainers act by answering mail.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    Key(KeyArgs),
    List(ListArgs),
    Revoke(RevokeArgs),
}

/// Make a new key for [commands], in a file that only its owner can read
///
/// With another key than before, no token from before holds any more.
#[derive(Debug, Args)]
#[command(after_help = "Example: embargod token key /etc/embargod/commands-key")]
pub struct KeyArgs {
    /// The file, which must not be there yet; - prints the key
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// List the mails to maintainers that can be answered with commands
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Those that do not hold any more, too: used, revoked, expired
    #[arg(long)]
    all: bool,
    /// One JSON array
    #[arg(long)]
    json: bool,
}

/// Take tokens back: an answer with one of them does nothing any more
#[derive(Debug, Args)]
#[command(
    group(clap::ArgGroup::new("which").required(true).multiple(true).args(["names", "handle", "case", "all"])),
    after_help = "Example: embargod token revoke --handle grace\n         \
                  embargod token revoke --case EMB-2026-0001\n         \
                  embargod token revoke --all"
)]
pub struct RevokeArgs {
    /// Tokens, as `embargod token list` names them
    #[arg(value_name = "TOKEN", conflicts_with_all = ["handle", "case", "all"])]
    names: Vec<String>,
    /// Those in the mail of a maintainer
    #[arg(long, value_name = "HANDLE", conflicts_with = "all")]
    handle: Option<String>,
    /// Those in the mail about a case; mail about many cases is left out
    #[arg(long, value_name = "CASE", conflicts_with = "all")]
    case: Option<CaseId>,
    /// All
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Serialize)]
struct TokenJson {
    token: String,
    handle: String,
    case: Option<CaseId>,
    mail: &'static str,
    standing: &'static str,
    given_at: Timestamp,
    expires_at: Timestamp,
    used_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

/// Carries a token command out.
///
/// # Errors
/// 1 where the file is there or there is no store; 2 where a token's name is none.
pub fn token(
    config: Option<&Path>,
    command: TokenCommand,
    clock: &Clock,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let now = clock.now();
    let (list, revoke) = match command {
        TokenCommand::Key(args) => return key(&args.file, out),
        TokenCommand::List(args) => (Some(args), None),
        TokenCommand::Revoke(args) => (None, Some(which(args)?)),
    };
    let settings = Settings::load(&locate(config)?, Secrets::Skip)?;
    let store = Store::open_existing(&settings.store)?;
    if let Some(which) = revoke {
        let count = runtime()?.block_on(store.revoke(which, now))?;
        let words = match count {
            1 => "1 token was taken back".to_owned(),
            count => format!("{count} tokens were taken back"),
        };
        return table::print(out, &format!("{words}\n"));
    }
    let all = list.as_ref().is_some_and(|args| args.all);
    let mut grants = runtime()?.block_on(store.grants())?;
    grants.retain(|(_, kept)| all || kept.standing(now) == Standing::Holds);
    if list.is_some_and(|args| args.json) {
        let rows: Vec<TokenJson> = grants.iter().map(|grant| as_json(grant, now)).collect();
        return json::print(out, &rows);
    }
    let zone = settings.digest.timezone;
    let mut rows = table::table(&["TOKEN", "HANDLE", "CASE", "MAIL", "HOLDS UNTIL", "STANDING"]);
    for (nonce, kept) in &grants {
        rows.add_row([
            name_of(*nonce),
            kept.grant.handle.clone(),
            kept.grant.case.map_or("many".to_owned(), |case| case.to_string()),
            kept.grant.purpose.name().to_owned(),
            shown::moment(kept.grant.expires_at, now, zone),
            kept.standing(now).name().to_owned(),
        ]);
    }
    table::print(out, &table::lines(&rows))
}

fn as_json((nonce, kept): &(Nonce, KeptGrant), now: Timestamp) -> TokenJson {
    let grant = &kept.grant;
    TokenJson {
        token: name_of(*nonce),
        handle: grant.handle.clone(),
        case: grant.case,
        mail: grant.purpose.name(),
        standing: kept.standing(now).name(),
        given_at: kept.given_at,
        expires_at: grant.expires_at,
        used_at: kept.used_at,
        revoked_at: kept.revoked_at,
    }
}

fn which(args: RevokeArgs) -> Result<Revoked, Failure> {
    if args.all {
        return Ok(Revoked::All);
    }
    if args.names.is_empty() {
        return Ok(Revoked::Of { handle: args.handle, case: args.case });
    }
    let read = |name: &String| {
        let wrong = || format!("{name:?} is no token; `embargod token list` names them");
        named(name).ok_or_else(|| Failure::Wrong(wrong()))
    };
    Ok(Revoked::Named(args.names.iter().map(read).collect::<Result<_, _>>()?))
}

/// Makes a key: 32 random octets as hexadecimal digits.
fn key(file: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let mut octets = [0u8; 32];
    getrandom::fill(&mut octets)
        .map_err(|error| anyhow!("the system gives no random numbers: {error}"))?;
    let key = format!("{}\n", hex(&octets));
    if file == Path::new("-") {
        return table::print(out, &key);
    }
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let written = made.and_then(|mut made| {
        made.write_all(key.as_bytes())?;
        made.sync_all()
    });
    written.with_context(|| {
        format!("{} cannot be made; a key that is there is never replaced", file.display())
    })?;
    table::print(out, &format!("{} is the key; name it in [commands] key_file\n", file.display()))
}
