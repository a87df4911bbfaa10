//! The command line: what people type, and how the answers look.
//!
//! Promises: what a command was asked for goes to stdout, everything else to stderr; the exit status
//! is 0 done, 1 failed, 2 wrong command line or configuration, 75 try again later.

mod backup;
pub mod board;
mod case;
mod check;
mod demo;
mod digest;
mod exit;
mod handlers;
mod import;
mod json;
mod log;
mod mail;
mod manual;
mod name;
mod progress;
mod purge;
mod recover;
mod run;
pub mod screen;
mod sources;
mod stats;
mod status;
mod table;
mod token;
mod verify;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};

use crate::daemon::clock::Clock;

pub use exit::{Failure, main};

/// Keeps what a project's security policy promises.
///
/// embargod reads the project's security mailbox, sends back reports whose content is only behind a
/// link or in an attachment, acknowledges the rest, and mails the maintainers a daily digest that is
/// their work queue.
#[derive(Debug, Parser)]
#[command(
    version,
    propagate_version = true,
    after_help = "Try it without a mailbox:  embargod demo\n\
                  Exit status: 0 done, 1 failed, 2 wrong command line or configuration, 75 try again later."
)]
struct CommandLine {
    /// The configuration [default: ./daemon.toml, then /etc/embargod/daemon.toml]
    #[arg(long, global = true, value_name = "FILE", env = "EMBARGOD_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The daemon: read the inbox, answer, send the digest
    Run(run::RunArgs),
    /// Show it all on a sample inbox, with nothing to set up
    Demo(demo::DemoArgs),
    /// Read the configuration and try each part for real
    Check(check::CheckArgs),
    /// Judge mail files by the policy, without a store and without sending
    Screen(screen::ScreenArgs),
    /// Look at cases and move them on
    #[command(subcommand)]
    Case(case::CaseCommand),
    /// Look at mail that was taken in, and overrule what it was taken for
    #[command(subcommand)]
    Mail(mail::MailCommand),
    /// Show who handles how many open cases, and who is away
    Handlers(handlers::HandlersArgs),
    /// Print the digest as it would be sent now
    Digest(digest::DigestArgs),
    /// Take in an mbox, Maildir or folder of mails as history: no mail is sent
    Import(import::ImportArgs),
    /// Show whether the promises were kept, and how much work there is
    Stats(stats::StatsArgs),
    /// Show the queue on the terminal, kept up to date
    Board(board::BoardArgs),
    /// Tokens that let maintainers act by answering mail: make their key, list them, take them back
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Say whether embargod does its work: for a monitoring check
    Status(status::StatusArgs),
    /// Check that everything in the store is what was written
    Verify(verify::VerifyArgs),
    /// Write a consistent copy of the store while the daemon runs
    Backup(backup::BackupArgs),
    /// Erase what is personal and older than [retention] allows: shows it first
    Purge(purge::PurgeArgs),
    /// Make a new store out of what can be read of a damaged one
    Recover(recover::RecoverArgs),
    /// Print a completion script for a shell
    Completions(manual::CompletionsArgs),
    /// Print the manual page (roff)
    Man,
}

/// Carries a command line out by another clock than the system's, as replays and tests do; what
/// the command was asked for goes to `out`. The first argument is the program's name.
///
/// # Errors
/// What the program would end with.
pub fn carry_out(
    line: impl IntoIterator<Item = OsString>,
    clock: &Clock,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let line = CommandLine::try_parse_from(line).map_err(|e| Failure::Wrong(e.to_string()))?;
    dispatch(line, clock, out)
}

fn dispatch(line: CommandLine, clock: &Clock, out: &mut dyn Write) -> Result<(), Failure> {
    let config = line.config.as_deref();
    match line.command {
        Command::Run(args) => run::run(config, &args, clock),
        Command::Demo(args) => demo::demo(&args, clock, out),
        Command::Check(args) => check::check(config, &args, clock),
        Command::Screen(args) => screen::screen(config, &args),
        Command::Case(command) => case::case(config, command, clock, out),
        Command::Mail(command) => mail::mail(config, command, clock, out),
        Command::Handlers(args) => handlers::handlers(config, &args, clock, out),
        Command::Digest(args) => digest::digest(config, &args, clock, out),
        Command::Import(args) => import::import(config, &args, clock, out),
        Command::Stats(args) => stats::stats(config, &args, clock, out),
        Command::Board(args) => board::board(config, &args, clock),
        Command::Token(command) => token::token(config, command, clock, out),
        Command::Status(args) => status::status(config, &args, clock, out),
        Command::Verify(args) => verify::verify(config, &args, out),
        Command::Backup(args) => backup::backup(config, &args, out),
        Command::Purge(args) => purge::purge(config, &args, clock, out),
        Command::Recover(args) => recover::recover(config, &args, out),
        Command::Completions(args) => manual::completions(&mut CommandLine::command(), &args),
        Command::Man => manual::man(CommandLine::command()),
    }
}

fn parse() -> CommandLine {
    CommandLine::parse()
}
