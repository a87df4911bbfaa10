//! Mails within an mbox file: each begins with a `From ` line at the start or after a blank line.
//!
//! Promises: the bytes of a mail are the same whether it is met on the way through the file or read
//! again from where it lies.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// One mail on the way through an mbox.
#[derive(Debug)]
pub struct Found {
    /// Its number in the file, from 1.
    pub number: u64,
    /// Where it begins, after its `From ` line.
    pub from: u64,
    /// How many bytes of the file are its own.
    pub length: u64,
    /// Its bytes, up to the limit.
    pub raw: Vec<u8>,
    /// Its whole size.
    pub size: u64,
}

/// Whether a file begins like an mbox.
pub fn is_mbox(path: &Path) -> bool {
    let mut start = [0_u8; 5];
    let begins = File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok();
    begins && start == *b"From "
}

/// Hands every mail of an mbox to `each`. A failure to read ends the way, after what was read.
///
/// # Errors
/// Those of `each` as the outer error, those of the file as the inner one.
pub fn through(
    path: &Path,
    limit: u64,
    each: &mut dyn FnMut(Found) -> io::Result<()>,
) -> io::Result<io::Result<()>> {
    let mut file = match File::open(path) {
        Ok(file) => BufReader::new(file),
        Err(error) => return Ok(Err(error)),
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut current: Option<Found> = None;
    let (mut number, mut at) = (0_u64, 0_u64);
    let mut after_blank = true;
    let mut line = Vec::new();
    let ended = loop {
        line.clear();
        let read = match file.read_until(b'\n', &mut line) {
            Ok(0) => break Ok(()),
            Ok(read) => u64::try_from(read).unwrap_or(u64::MAX),
            Err(error) => break Err(error),
        };
        at = at.saturating_add(read);
        if after_blank && line.starts_with(b"From ") {
            if let Some(done) = current.take() {
                each(done)?;
            }
            number = number.saturating_add(1);
            current = Some(Found { number, from: at, length: 0, raw: Vec::new(), size: 0 });
            after_blank = false;
            continue;
        }
        after_blank = line.trim_ascii().is_empty();
        if let Some(mail) = &mut current {
            mail.length = mail.length.saturating_add(read);
            mail.take(&line, limit);
        }
    };
    current.map_or(Ok(()), each)?;
    Ok(ended)
}

/// Reads a mail again from where it lies.
///
/// # Errors
/// Where the file cannot be read.
pub fn again(path: &Path, from: u64, length: u64, limit: u64) -> io::Result<(Vec<u8>, u64)> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut file = BufReader::new(file.take(length));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut mail = Found { number: 0, from, length, raw: Vec::new(), size: 0 };
    let mut line = Vec::new();
    loop {
        line.clear();
        if file.read_until(b'\n', &mut line)? == 0 {
            return Ok((mail.raw, mail.size));
        }
        mail.take(&line, limit);
    }
}

impl Found {
    /// Takes in one line of the file. mboxrd: one `>` was put before every line that looked like a
    /// separator.
    fn take(&mut self, line: &[u8], limit: usize) {
        let quotes = line.iter().take_while(|&&byte| byte == b'>').count();
        let escaped =
            quotes > 0 && line.get(quotes..).is_some_and(|rest| rest.starts_with(b"From "));
        let text = if escaped { line.get(1..).unwrap_or_default() } else { line };
        self.size = self.size.saturating_add(u64::try_from(text.len()).unwrap_or(u64::MAX));
        let room = limit.saturating_sub(self.raw.len()).min(text.len());
        self.raw.extend_from_slice(text.get(..room).unwrap_or_default());
    }
}
