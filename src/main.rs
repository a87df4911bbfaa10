//! (being wired) Only `screen`, for trying it out.

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use clap::Parser;
use embargod::cli::screen::{ScreenArgs, screen};
use embargod::policy::judge::Surroundings;

#[derive(Debug, Parser)]
enum Command {
    Screen(ScreenArgs),
}

fn main() -> ExitCode {
    let Command::Screen(args) = Command::parse();
    let mut out = BufWriter::new(std::io::stdout().lock());
    let done = screen(&args, &Surroundings::default(), 25 * 1024 * 1024, &mut out);
    let _ = out.flush();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("embargod: {error}");
            ExitCode::FAILURE
        }
    }
}
