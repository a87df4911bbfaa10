//! The mailbox: the same bytes every time.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// What is in the mailbox.
#[derive(Debug, Clone, Copy)]
pub struct Mailbox {
    /// Mails that get an answer.
    pub submissions: usize,
    /// All of their bytes.
    pub bytes: usize,
    /// The size that half of the mails pass.
    pub median: usize,
}

/// Fills a Maildir with `mails` mails: of twenty, twelve reports (plain, HTML, alternative), two
/// with attachments of 1 to 200 KB, two replies, two bounces, one vacation notice, one list mail.
pub fn fill(maildir: &Path, mails: usize) -> Mailbox {
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(maildir.join(part)).unwrap();
    }
    let mut sizes = Vec::new();
    let mut submissions = 0;
    for n in 0..mails {
        let (mail, answered) = mail(n);
        submissions += usize::from(answered);
        sizes.push(mail.len());
        // Dovecot reads what lies there at its first look; ids follow the order of the names.
        fs::write(maildir.join("new").join(format!("{:010}.M1P1.bench", 1_790_000_000 + n)), mail)
            .unwrap();
    }
    let owner =
        std::os::unix::fs::MetadataExt::uid(&fs::metadata(maildir.parent().unwrap()).unwrap());
    let status = std::process::Command::new("chown")
        .arg("-R")
        .arg(owner.to_string())
        .arg(maildir)
        .status()
        .unwrap();
    assert!(status.success());
    let bytes = sizes.iter().sum();
    sizes.sort_unstable();
    Mailbox { submissions, bytes, median: sizes[sizes.len() / 2] }
}

/// The n-th mail, and whether it gets an answer.
pub fn mail(n: usize) -> (String, bool) {
    let id = format!("bench.{n}@example.net");
    let head = |more: &str| {
        format!(
            "Return-Path: <r{n}@example.net>\nReceived: from mx.example.net by mail.example.org; \
             Mon, 23 Nov 2026 10:00:00 +0000\nFrom: Reporter {n} <r{n}@example.net>\n\
             To: security@example.org\nSubject: Problem {n} in the parser\nMessage-ID: <{id}>\n\
             Date: Mon, 23 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n{more}\n"
        )
    };
    let text = report(n);
    let html = || {
        text.lines().fold(String::new(), |mut html, line| {
            let _ = writeln!(html, "<p>{line}</p>");
            html
        })
    };
    match n % 20 {
        0..=7 => (head("Content-Type: text/plain; charset=utf-8\n") + &text, true),
        8 | 9 => (
            head("Content-Type: text/html; charset=utf-8\n")
                + "<html><body>"
                + &html()
                + "</body></html>\n",
            true,
        ),
        10 | 11 => (
            head("Content-Type: multipart/alternative; boundary=b\n")
                + &format!(
                    "--b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--b\n\
                     Content-Type: text/html; charset=utf-8\n\n<html><body>{}</body></html>\n--b--\n",
                    html()
                ),
            true,
        ),
        12 | 13 => {
            let kilobytes = 1 + (n * 37) % 200;
            let line = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAx\n";
            (
                head("Content-Type: multipart/mixed; boundary=b\n")
                    + &format!(
                        "--b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--b\n\
                         Content-Type: application/octet-stream\n\
                         Content-Disposition: attachment; filename=poc.bin\n\
                         Content-Transfer-Encoding: base64\n\n{}--b--\n",
                        line.repeat(kilobytes * 1024 / line.len())
                    ),
                true,
            )
        }
        14 | 15 => {
            (head("In-Reply-To: <unknown@example.com>\nContent-Type: text/plain\n") + &text, true)
        }
        16 | 17 => (bounce(n), false),
        18 => (
            head("Auto-Submitted: auto-replied\nContent-Type: text/plain\n")
                + "I am away until Monday.\n",
            false,
        ),
        _ => (
            head("List-Id: <weekly.example.net>\nPrecedence: list\nContent-Type: text/plain\n")
                + &text,
            false,
        ),
    }
}

/// About 6 KB of report, different from every other.
pub fn report(n: usize) -> String {
    let mut text = format!(
        "Hello,\n\nthe parser of sample {}.{}.{} can be stopped by a request of a few bytes.\n\n\
         To reproduce, send GET /{n}/%c0%ae HTTP/1.1 and watch the process end.\n\n",
        n % 5,
        n % 7,
        n % 11
    );
    let mut state = n.wrapping_mul(2_654_435_761) | 1;
    while text.len() < 5200 {
        for _ in 0..12 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let word = WORDS[(state >> 33) % WORDS.len()];
            text.push_str(word);
            text.push(' ');
        }
        text.push_str(".\n");
    }
    text
}

const WORDS: [&str; 24] = [
    "the", "request", "parser", "buffer", "reads", "header", "value", "beyond", "its", "end",
    "when", "client", "sends", "chunk", "length", "negative", "and", "server", "copies", "memory",
    "attacker", "controls", "offset", "version",
];

fn bounce(n: usize) -> String {
    format!(
        "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx{n}.example.net>\n\
         To: security@example.org\nSubject: Undelivered Mail Returned to Sender\n\
         Message-ID: <bounce.{n}@mx.example.net>\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n\
         MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\nContent-Type: text/plain\n\nYour message could not be delivered.\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n\
         Final-Recipient: rfc822; nobody{n}@example.net\nAction: failed\nStatus: 5.1.1\n\n\
         --b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <other.{n}@example.org>\n\n--b--\n"
    )
}
