//! The notice of a mail server (RFC 3464): its machine-readable part, and behind a NUL the mail that
//! it returns. Nobody answers one, whatever stands in it.

use embargod::domain::judgement::Kind;
use embargod::mail::read::read;

use super::desk::{decided, nothing_known};

pub fn meet(bytes: &[u8]) {
    // A boundary in the text would end the part: that is what the target `mail` is for.
    let bytes: Vec<u8> = bytes.iter().map(|b| if *b == b'=' { b'-' } else { *b }).collect();
    let (status, returned) = match bytes.iter().position(|b| *b == 0) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (bytes.as_slice(), b"Message-ID: <1@example.org>\r\n\r\n".as_slice()),
    };
    let mail = [
        b"From: MAILER-DAEMON@mx.example.org\r\nTo: security@example.org\r\nMIME-Version: 1.0\r\n\
          Content-Type: multipart/report; report-type=delivery-status; boundary=\"=\"\r\n\r\n\
          --=\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n\
          --=\r\nContent-Type: message/delivery-status\r\n\r\n"
            .as_slice(),
        status,
        b"\r\n--=\r\nContent-Type: message/rfc822\r\n\r\n",
        returned,
        b"\r\n--=--\r\n",
    ]
    .concat();
    let facts = read(&mail, 0);
    let report = facts.delivery_report.expect("a report");
    assert!(report.recipients.len() <= 100, "{} recipients", report.recipients.len());
    let written = decided(&mail, &nothing_known());
    assert_eq!(written.decision.judgement.kind, Kind::Bounce);
    assert!(written.outgoing.iter().all(|mail| !mail.purpose.leaves_the_project()));
}
