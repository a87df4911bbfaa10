//! A desk of the sample project, and what may come out of it.

use std::path::Path;
use std::sync::OnceLock;

use chrono::TimeDelta;
use embargod::config::{Secrets, Settings};
use embargod::daemon::clock::Clock;
use embargod::daemon::desk::{Desk, Judged};
use embargod::domain::Timestamp;
use embargod::domain::case_id::CaseId;
use embargod::domain::judgement::Kind;
use embargod::domain::lookup::Known;
use embargod::domain::mail::{Defect, Mail};
use embargod::domain::outgoing::Outgoing;
use embargod::domain::place::Place;
use embargod::mail::authenticate::{AuthenticationSettings, Authenticator, By};
use embargod::mail::inbox::Arrived;
use embargod::mail::read::read;
use embargod::policy::capability::{Key, Places, Terms};
use embargod::policy::judge::{Look, judge};
use embargod::store::Written;
use futures_util::FutureExt;

/// The receiving server, as it names itself.
pub const SERVER: &str = "mx.example.org";

/// When everything happens.
pub fn now() -> Timestamp {
    Timestamp::from_timestamp(1_790_000_000, 0).unwrap()
}

/// The sample configuration's desk, at which maintainers act by mail and a server says who wrote.
pub fn desk() -> &'static Desk {
    static DESK: OnceLock<Desk> = OnceLock::new();
    DESK.get_or_init(|| {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let files = [here.join("daemon.toml"), here.join("../daemon.toml")];
        let file = files.iter().find(|file| file.exists()).unwrap();
        let settings = Settings::load_with(file, Secrets::Skip, None).unwrap();
        let mut desk = Desk::of(&settings, &Clock::wound(now())).unwrap();
        let by = By::Server { authserv_id: SERVER.to_owned(), fields: 1 };
        let checked = AuthenticationSettings { by, received_by: Some(SERVER.to_owned()) };
        desk.authenticator = Authenticator::new(&checked).unwrap();
        desk.rules.commands = Some(Terms {
            key: Some(Key::new(&[7; 32]).unwrap()),
            places: Places {
                project: settings.project.address.clone(),
                reply_to: Some("security+{token}@example.org".parse().unwrap()),
            },
            lifetime: TimeDelta::days(30),
            zone: chrono_tz::Europe::Madrid,
        });
        desk
    })
}

/// Reads, judges and decides on a mail, as the daemon does. `known` tells what the store knows.
pub fn decided(raw: &[u8], known: &Known) -> Written {
    let place = Place::Maildir { folder: "in".to_owned(), name: "1".to_owned() };
    let size = raw.len() as u64;
    let arrived = Arrived { place, arrived_at: now(), size, raw: raw.to_vec(), withheld: None };
    let judged = desk().judge(arrived);
    let judged = desk().authenticate(judged).now_or_never().expect("nobody is asked");
    let (incoming, lookups, arrival) = judged.into_parts();
    assert!(lookups.answers.len() <= 1000 && lookups.buckets.len() <= 100);
    assert!(incoming.subject.chars().all(|c| !c.is_control()), "{:?}", incoming.subject);
    let whole = |mail: &Mail| !mail.defects.contains(&Defect::Unreadable);
    assert!(arrival.as_ref().is_ok_and(|arrival| whole(&arrival.mail)), "a panic was caught");
    let author = incoming.from;
    let written = Judged::decide(arrival, known, desk());
    let for_reporter = written.outgoing.iter().filter(|mail| mail.purpose.is_for_reporter());
    if known.grant.is_none() {
        let answers: Vec<_> = for_reporter.collect();
        assert!(answers.len() <= 1, "answered more than once");
        for answer in answers {
            let kind = written.decision.judgement.kind;
            assert!(matches!(kind, Kind::Submission | Kind::FollowUp), "{kind:?} was answered");
            assert_eq!(Some(&answer.to), author.as_ref(), "somebody else was answered");
        }
    }
    for mail in &written.outgoing {
        is_sound(mail);
    }
    written
}

/// An empty store.
pub fn nothing_known() -> Known {
    Known::nothing(CaseId { year: 2026, number: 1 })
}

/// Whether a mail can go out: one header without surprises, short lines, and known as ours when it
/// comes back.
fn is_sound(mail: &Outgoing) {
    let text = std::str::from_utf8(&mail.bytes).expect("mail of ours is UTF-8");
    assert!(!text.contains('\0'), "{text}");
    let (header, body) = text.split_once("\r\n\r\n").expect("a header and a body");
    for line in header.split("\r\n").chain(body.split("\r\n")) {
        assert!(line.len() <= 998, "a line of {} octets", line.len());
        assert!(!line.contains(['\r', '\n']), "half a line end: {line:?}");
    }
    let names: Vec<String> = header
        .split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split_once(':').expect("a field").0.to_ascii_lowercase())
        .collect();
    for once in ["from", "to", "subject", "date", "message-id", "mime-version"] {
        assert_eq!(names.iter().filter(|name| *name == once).count(), 1, "{once}: {header}");
    }
    assert!(!names.iter().any(|name| name == "bcc" || name == "resent-to"), "{header}");
    let back = read(&mail.bytes, 0);
    let judgement = judge(&Look::at(&back), &desk().rules.surroundings());
    assert_eq!(judgement.kind, Kind::Own, "{header}");
    assert_eq!(back.message_id.as_ref(), Some(&mail.message_id), "{header}");
}
