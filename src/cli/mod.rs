//! The command line: what people type, and how the answers look.
//!
//! Promises: what a command was asked for goes to stdout, everything else to stderr; the exit status
//! is 0 done, 1 failed, 2 wrong command line or configuration, 75 try again later.

pub mod board;
mod case;
mod check;
mod demo;
mod digest;
mod exit;
mod json;
mod log;
mod manual;
mod progress;
mod run;
pub mod screen;
mod table;
mod verify;

use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};

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
    /// Print the digest as it would be sent now
    Digest(digest::DigestArgs),
    /// Show the queue on the terminal, kept up to date
    Board(board::BoardArgs),
    /// Check that everything in the store is what was written
    Verify(verify::VerifyArgs),
    /// Print a completion script for a shell
    Completions(manual::CompletionsArgs),
    /// Print the manual page (roff)
    Man,
}

fn dispatch(line: CommandLine) -> Result<(), Failure> {
    let config = line.config.as_deref();
    match line.command {
        Command::Run(args) => run::run(config, &args),
        Command::Demo(args) => demo::demo(&args),
        Command::Check(args) => check::check(config, &args),
        Command::Screen(args) => screen::screen(config, &args),
        Command::Case(command) => case::case(config, command),
        Command::Digest(args) => digest::digest(config, &args),
        Command::Board(args) => board::board(config, &args),
        Command::Verify(args) => verify::verify(config, &args),
        Command::Completions(args) => manual::completions(&mut CommandLine::command(), &args),
        Command::Man => manual::man(CommandLine::command()),
    }
}

fn parse() -> CommandLine {
    CommandLine::parse()
}
