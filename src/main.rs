//! The `embargod` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    embargod::cli::main()
}
