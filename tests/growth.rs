//! Reading and judging grow with the size of a mail and no faster: work is counted as computing time at two
//! sizes, and only their ratio is looked at.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

use std::time::Duration;

use embargod::mail::read::read;
use embargod::policy::judge::{Look, Surroundings, judge};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

const HEAD: &str = "From: a@example.net\nSubject: x\n";

/// What this thread has computed so far: other work on the machine is not in it.
fn computed() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_THREAD).unwrap();
    let [user, system] = [usage.user_time(), usage.system_time()];
    Duration::from_micros((user.num_microseconds() + system.num_microseconds()).unsigned_abs())
}

/// The least of three runs: what disturbs a measurement only ever adds to it.
fn cost(raw: &[u8]) -> Duration {
    let surroundings = Surroundings::default();
    let once = || {
        let start = computed();
        let judgement = judge(&Look::at(&read(raw, raw.len() as u64)), &surroundings);
        assert!(!judgement.reasons.is_empty());
        computed() - start
    };
    (0..3).map(|_| once()).min().unwrap()
}

/// Eight times the mail may cost sixteen times the time, but not the sixty-four of a square.
fn is_linear(name: &str, mail: impl Fn(usize) -> String) {
    let unit = 2_000;
    let (small, large) = (mail(unit), mail(unit * 8));
    let (few, many) = (cost(small.as_bytes()), cost(large.as_bytes()));
    // Below this a timer's grain is larger than the work.
    let few = few.max(Duration::from_millis(2));
    assert!(
        many < few * 26,
        "{name}: {few:?} for {} bytes, {many:?} for {}",
        small.len(),
        large.len()
    );
}

fn html(body: String) -> String {
    format!("{HEAD}Content-Type: text/html\n\n{body}")
}

fn plain(body: String) -> String {
    format!("{HEAD}\n{body}")
}

#[test]
fn html_made_to_be_slow_is_read_in_linear_time() {
    is_linear("open elements", |n| html("<b>".repeat(n)));
    is_linear("stray end tags", |n| html(format!("{}{}", "<b>".repeat(300), "</i>".repeat(n))));
    is_linear("open angles", |n| html("<".repeat(n * 3)));
    is_linear("ampersands", |n| html("&".repeat(n * 3)));
    is_linear("comments", |n| html("<!--".repeat(n)));
    is_linear("attributes", |n| {
        html(format!("<a {}>", (0..n).map(|i| format!("a{i}=1 ")).collect::<String>()))
    });
    is_linear("blockquotes", |n| html("<blockquote>x".repeat(n / 4)));
}

#[test]
fn links_without_number_are_read_in_linear_time() {
    is_linear("addresses", |n| plain((0..n).map(|i| format!("http://e{i}.example/\n")).collect()));
    is_linear("addresses in one line", |n| {
        plain((0..n).map(|i| format!("http://e{i}.example/ ")).collect())
    });
    is_linear("anchors", |n| {
        html((0..n).map(|i| format!("<a href=http://e{i}.example>link {i}</a> ")).collect())
    });
}

#[test]
fn lines_and_quotations_without_end_are_read_in_linear_time() {
    is_linear("one line", |n| plain("word ".repeat(n)));
    is_linear("quote levels", |n| plain(format!("{} deep\n", "> ".repeat(n))));
    is_linear("blank lines", |n| plain("\n".repeat(n)));
    is_linear("signature marks", |n| plain("-- \na\n".repeat(n)));
    is_linear("headers of quoted mails", |n| plain("From: a\n".repeat(n)));
    is_linear("attributions that never end", |n| {
        plain("On 2026-01-01 a@b.example wrote\n".repeat(n))
    });
    is_linear("armour that never ends", |n| plain("-----BEGIN PGP SIGNATURE-----\n".repeat(n)));
    is_linear("rules", |n| plain("-----\n\n".repeat(n)));
    is_linear("legal notices", |n| plain("confidential and privileged\n".repeat(n)));
}

#[test]
fn parts_and_headers_without_number_are_read_in_linear_time() {
    let mixed = |body: String| format!("{HEAD}Content-Type: multipart/mixed; boundary=b\n\n{body}");
    is_linear("parts", |n| mixed("--b\n\n".repeat(n)));
    is_linear("multiparts whose boundary never comes", |n| {
        mixed("--b\nContent-Type: multipart/mixed; boundary=zz\n\n".repeat(n))
    });
    is_linear("multiparts within multiparts", |n| {
        (0..n).fold(HEAD.to_owned(), |mut mail, i| {
            mail.push_str(&format!("Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n"));
            mail
        })
    });
    is_linear("mails within mails", |n| {
        format!("{HEAD}{}", "Content-Type: message/rfc822\n\n".repeat(n))
    });
    is_linear("header fields", |n| format!("{}{HEAD}\nhi", "X-A: b\n".repeat(n)));
    is_linear("addresses", |n| format!("{HEAD}Cc: {}\n\nhi", "a@b.example, ".repeat(n)));
    is_linear("open comments", |n| format!("{HEAD}Cc: {}\n\nhi", "(".repeat(n)));
}
