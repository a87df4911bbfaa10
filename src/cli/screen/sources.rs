//! Mails from files: single mails, mbox files, Maildirs, folders, stdin.
//!
//! Promises: one mail in memory at a time, and of each no more than the limit; folders in the order
//! of their names.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// One mail of a source.
#[derive(Debug)]
pub struct Source {
    /// How the mail is called in the output.
    pub name: String,
    /// Its bytes, up to the limit.
    pub raw: Vec<u8>,
    /// Its whole size.
    pub size: u64,
}

type Each<'a> = dyn FnMut(Source) -> io::Result<()> + 'a;

/// Hands every mail of a source to `each`. What cannot be read is noted in `unread`, one line each.
///
/// # Errors
///
/// Only those of `each`.
pub fn each(
    path: &Path,
    limit: u64,
    each: &mut Each<'_>,
    unread: &mut Vec<String>,
) -> io::Result<()> {
    if path == Path::new("-") {
        return match whole(io::stdin().lock(), limit) {
            Ok((raw, size)) => each(Source { name: "-".to_owned(), raw, size }),
            Err(error) => {
                unread.push(format!("cannot read stdin: {error}"));
                Ok(())
            }
        };
    }
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => folder(path, limit, each, unread),
        Ok(_) => file(path, limit, each, unread),
        Err(error) => {
            unread.push(format!("cannot read {}: {error}", path.display()));
            Ok(())
        }
    }
}

fn folder(
    path: &Path,
    limit: u64,
    each: &mut Each<'_>,
    unread: &mut Vec<String>,
) -> io::Result<()> {
    let is_maildir = path.join("new").is_dir() && path.join("cur").is_dir();
    if is_maildir {
        for part in ["new", "cur"] {
            for (inner, kind) in entries(&path.join(part), unread) {
                if kind.is_file() {
                    one(&inner, limit, each, unread)?;
                }
            }
        }
    }
    for (inner, kind) in entries(path, unread) {
        let name = inner
            .file_name()
            .map(|name| name.to_string_lossy().to_ascii_lowercase())
            .unwrap_or_default();
        if kind.is_dir() {
            let part_of_maildir = is_maildir && matches!(name.as_str(), "new" | "cur" | "tmp");
            if !part_of_maildir {
                folder(&inner, limit, each, unread)?;
            }
        } else if name.ends_with(".eml") || name.ends_with(".mbox") {
            file(&inner, limit, each, unread)?;
        }
    }
    Ok(())
}

/// A folder's entries by name. A link to a folder is not followed: it may lead back.
fn entries(path: &Path, unread: &mut Vec<String>) -> Vec<(std::path::PathBuf, fs::FileType)> {
    let mut found = Vec::new();
    match fs::read_dir(path) {
        Ok(list) => {
            for entry in list.flatten() {
                if let Ok(kind) = entry.file_type() {
                    let kind = if kind.is_symlink() {
                        match fs::metadata(entry.path()) {
                            Ok(meta) if meta.is_file() => meta.file_type(),
                            _ => continue,
                        }
                    } else {
                        kind
                    };
                    found.push((entry.path(), kind));
                }
            }
        }
        Err(error) => unread.push(format!("cannot read {}: {error}", path.display())),
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found
}

/// A file that may be an mbox: one that begins with `From `, unless its name says that it is one mail.
fn file(path: &Path, limit: u64, each: &mut Each<'_>, unread: &mut Vec<String>) -> io::Result<()> {
    let named = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("eml"));
    let mut start = [0_u8; 5];
    let begins = File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok();
    if named || !begins || start != *b"From " {
        return one(path, limit, each, unread);
    }
    match File::open(path) {
        Ok(opened) => mbox(path, BufReader::new(opened), limit, each, unread),
        Err(error) => {
            unread.push(format!("cannot read {}: {error}", path.display()));
            Ok(())
        }
    }
}

fn one(path: &Path, limit: u64, each: &mut Each<'_>, unread: &mut Vec<String>) -> io::Result<()> {
    match File::open(path).and_then(|opened| whole(opened, limit)) {
        Ok((raw, size)) => each(Source { name: path.display().to_string(), raw, size }),
        Err(error) => {
            unread.push(format!("cannot read {}: {error}", path.display()));
            Ok(())
        }
    }
}

/// The first `limit` bytes, and how many there are.
fn whole(mut from: impl Read, limit: u64) -> io::Result<(Vec<u8>, u64)> {
    let mut raw = Vec::new();
    from.by_ref().take(limit).read_to_end(&mut raw)?;
    let rest = io::copy(&mut from, &mut io::sink())?;
    let size = u64::try_from(raw.len()).unwrap_or(u64::MAX).saturating_add(rest);
    Ok((raw, size))
}

/// The mails of an mbox: each begins with a `From ` line at the start or after a blank line.
fn mbox(
    path: &Path,
    mut from: impl BufRead,
    limit: u64,
    each: &mut Each<'_>,
    unread: &mut Vec<String>,
) -> io::Result<()> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut number = 0_u64;
    let mut current: Option<Source> = None;
    let mut after_blank = true;
    let mut line = Vec::new();
    loop {
        line.clear();
        match from.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                unread.push(format!("cannot read all of {}: {error}", path.display()));
                break;
            }
        }
        if after_blank && line.starts_with(b"From ") {
            if let Some(done) = current.take() {
                each(done)?;
            }
            number = number.saturating_add(1);
            current = Some(Source {
                name: format!("{}#{number}", path.display()),
                raw: Vec::new(),
                size: 0,
            });
            after_blank = false;
            continue;
        }
        after_blank = line.trim_ascii().is_empty();
        if let Some(mail) = &mut current {
            // mboxrd: one `>` was put before every line that looked like a separator.
            let quotes = line.iter().take_while(|&&byte| byte == b'>').count();
            let escaped =
                quotes > 0 && line.get(quotes..).is_some_and(|rest| rest.starts_with(b"From "));
            let text = if escaped { line.get(1..).unwrap_or_default() } else { line.as_slice() };
            mail.size = mail.size.saturating_add(u64::try_from(text.len()).unwrap_or(u64::MAX));
            let room = limit.saturating_sub(mail.raw.len()).min(text.len());
            mail.raw.extend_from_slice(text.get(..room).unwrap_or_default());
        }
    }
    current.map_or(Ok(()), each)
}
