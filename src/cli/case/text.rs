//! Where the words of a message come from: the command line, a file, standard input, an editor.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, anyhow};
use clap::Args;

use super::super::Failure;

/// What a line of the editor's template begins with that is not part of the message. A lone "#"
/// would swallow headings and code.
const COMMENT: &str = "#:";

/// No message is longer; a file that is was not meant.
const LONGEST: u64 = 256 * 1024;

/// Where the words come from; without any of these, your editor ($VISUAL, $EDITOR) is opened.
#[derive(Debug, Clone, Args)]
#[group(multiple = false)]
pub struct Words {
    /// The words themselves
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// A file with the words; - reads standard input
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Words {
    /// The words; from the editor if they are nowhere else, which shows `about` as comments.
    ///
    /// # Errors
    /// Where a file cannot be read, there is no editor, or nothing was written.
    pub fn read(&self, about: &[String], token: &str) -> Result<String, Failure> {
        match (&self.message, &self.file) {
            (Some(text), _) => Ok(text.clone()),
            (None, Some(path)) if path == Path::new("-") => bounded(std::io::stdin().lock())
                .context("standard input cannot be read")
                .map_err(Into::into),
            (None, Some(path)) => {
                let file = std::fs::File::open(path);
                let text = file.map_err(anyhow::Error::from).and_then(bounded);
                Ok(text.with_context(|| format!("{} cannot be read", path.display()))?)
            }
            (None, None) => edited(about, token),
        }
    }
}

fn bounded(from: impl Read) -> anyhow::Result<String> {
    let mut text = String::new();
    from.take(LONGEST.saturating_add(1)).read_to_string(&mut text)?;
    match text.len() as u64 > LONGEST {
        true => Err(anyhow!("it is larger than 256 KiB, which no message to a reporter should be")),
        false => Ok(text),
    }
}

/// What a person writes in their editor.
fn edited(about: &[String], token: &str) -> Result<String, Failure> {
    let editor = ["VISUAL", "EDITOR"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|editor| !editor.trim().is_empty())
        .ok_or_else(|| {
            let hint = "no words were given: use --message TEXT, --file FILE, --file - for standard \
                        input, or set $EDITOR";
            Failure::Wrong(hint.to_owned())
        })?;
    let path = std::env::temp_dir().join(format!("embargod-{token}.txt"));
    let written = template(&path, about).and_then(|()| open(&editor, &path));
    let text = written.and_then(|()| bounded(std::fs::File::open(&path)?));
    // The file is in nobody's way if it cannot be removed, and only its owner can read it.
    let _ = std::fs::remove_file(&path);
    let text = text?;
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with(COMMENT)).collect();
    let text = kept.join("\n").trim().to_owned();
    match text.is_empty() {
        true => Err(Failure::Failed(anyhow!("the message is empty: nothing was sent"))),
        false => Ok(text),
    }
}

fn template(path: &Path, about: &[String]) -> anyhow::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file)?;
    for line in about {
        writeln!(file, "{COMMENT} {line}")?;
    }
    Ok(())
}

/// Runs the editor as git does: through the shell, since the variable may hold options.
fn open(editor: &str, path: &Path) -> anyhow::Result<()> {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("{editor} \"$@\"")).arg(editor).arg(path);
    let status = shell.status().with_context(|| format!("the editor {editor:?} cannot be run"))?;
    match status.success() {
        true => Ok(()),
        false => Err(anyhow!("the editor {editor:?} failed ({status}): nothing was sent")),
    }
}
