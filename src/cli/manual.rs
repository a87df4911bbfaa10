//! `embargod man` and `embargod completions`: made from the command line's own definition, so that
//! they cannot say anything else.

use std::io::Write;

use clap::{Args, Command};
use clap_complete::Shell;

use super::Failure;

/// Print a completion script for a shell.
///
/// For bash: embargod completions bash > /etc/bash_completion.d/embargod
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Prints a completion script.
///
/// # Errors
/// Where stdout cannot be written.
pub fn completions(command: &mut Command, args: &CompletionsArgs) -> Result<(), Failure> {
    // clap_complete panics where it cannot write, and a pipe may be closed: a buffer never is.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "embargod", &mut script);
    Ok(std::io::stdout().lock().write_all(&script)?)
}

/// Prints the manual page of the program and of each command, one after another as `man` shows
/// them.
///
/// # Errors
/// Where stdout cannot be written.
pub fn man(command: Command) -> Result<(), Failure> {
    Ok(std::io::stdout().lock().write_all(&page(command)?)?)
}

/// The manual page as roff.
fn page(mut command: Command) -> std::io::Result<Vec<u8>> {
    command.build();
    let mut page = Vec::new();
    let whole = clap_mangen::Man::new(command.clone()).section("1");
    whole.render_title(&mut page)?;
    whole.render_name_section(&mut page)?;
    whole.render_synopsis_section(&mut page)?;
    whole.render_description_section(&mut page)?;
    whole.render_options_section(&mut page)?;
    page.extend_from_slice(b".SH COMMANDS\n");
    describe(&command, &mut page)?;
    page.extend_from_slice(BESIDE.as_bytes());
    whole.render_version_section(&mut page)?;
    Ok(page)
}

/// What clap knows nothing of.
const BESIDE: &str = "\
.SH EXIT STATUS
.TP
0
Done.
.TP
1
It failed; one line on standard error says what and what to do.
.TP
2
The command line or the configuration is wrong.
.TP
75
A server is away: try again later.
.SH FILES
.TP
\\fI./daemon.toml\\fR, \\fI/etc/embargod/daemon.toml\\fR
The configuration, where neither \\fB\\-\\-config\\fR nor \\fBEMBARGOD_CONFIG\\fR names another. The
sample that comes with embargod explains every key.
.SH ENVIRONMENT
.TP
\\fBEMBARGOD_CONFIG\\fR
The configuration file.
.TP
\\fBCREDENTIALS_DIRECTORY\\fR
Where password files are looked for first; set by systemd.
.TP
\\fBNO_COLOR\\fR
If set, output has no colour, not even on a terminal.
";

/// Each command with its options, those of `case` and the like included.
fn describe(command: &Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        if sub.has_subcommands() {
            describe(sub, page)?;
            continue;
        }
        let name = sub.get_bin_name().unwrap_or(sub.get_name()).to_owned();
        // What every command takes is told once, under OPTIONS.
        let own = sub.clone().mut_args(|arg| match arg.get_id().as_str() {
            "config" | "help" | "version" => arg.hide(true),
            _ => arg,
        });
        let manual = clap_mangen::Man::new(own);
        // Sections of their own in clap_mangen's eyes: here they are a part of COMMANDS.
        let mut part = Vec::new();
        manual.render_description_section(&mut part)?;
        manual.render_options_section(&mut part)?;
        let part = String::from_utf8_lossy(&part);
        page.extend_from_slice(format!(".SS \"{name}\"\n").as_bytes());
        for line in part.lines().filter(|line| !line.starts_with(".SH ")) {
            page.extend_from_slice(line.as_bytes());
            page.push(b'\n');
        }
    }
    Ok(())
}
