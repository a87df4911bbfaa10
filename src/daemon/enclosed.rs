//! The files of a mail as they go with a notice.
//!
//! Promises: no program is started for one by a click. Its name has plain letters and ends in
//! `.attachment`, which no system has a program for, and its type is that of bytes; whoever wants to
//! look saves it and says with what.

use crate::domain::notice::Enclosed;
use crate::domain::shown::file_name;
use crate::mail::read::files;

/// Files and readers of a mail that are kept in a list: nobody reads more.
pub const LISTED: usize = 100;

/// Bytes of files that go with one notice; what does not fit stays in the store.
const MOST: usize = 5 * 1024 * 1024;

/// The files of a mail, as many as fit.
pub fn of(raw: &[u8]) -> Vec<Enclosed> {
    let mut room = MOST;
    let mut enclosed = Vec::new();
    for (file, nth) in files(raw).into_iter().zip(1..=LISTED) {
        let Some(left) = room.checked_sub(file.bytes.len()) else { continue };
        room = left;
        let name = format!("{}.attachment", file_name(nth, &file.name));
        enclosed.push(Enclosed { name, bytes: file.bytes });
    }
    enclosed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_a_click_would_run_gets_a_name_that_nothing_runs() {
        let raw = b"From: a@example.net\nMIME-Version: 1.0\n\
            Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSee it.\n--b\n\
            Content-Type: application/x-msdownload; name=\"../../start/report.pdf.exe\"\n\
            Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nTVqQAAM=\n--b--\n";
        let [file] = of(raw).try_into().unwrap();
        assert_eq!(file.name, "1-report.pdf.exe.attachment");
        assert_eq!(file.bytes, b"MZ\x90\0\x03");
    }
}
