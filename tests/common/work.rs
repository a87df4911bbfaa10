//! Cases and mail as a digest meets them, and the digest they make.

use chrono::TimeDelta;
use embargod::domain::Timestamp;
use embargod::domain::address::Mailbox;
use embargod::domain::case::{Case, Unreached};
use embargod::domain::case_id::CaseId;
use embargod::domain::digest::Digest;
use embargod::domain::event::{Actor, Change, Event};
use embargod::domain::exploited::Exploited;
use embargod::domain::history::{History, Lifeline};
use embargod::domain::judgement::{Format, Kind, Reason};
use embargod::domain::letter::{Content, Letter};
use embargod::domain::mail::MessageId;
use embargod::domain::mode::Mode;
use embargod::domain::outgoing::Outgoing;
use embargod::domain::outgoing::Purpose;
use embargod::domain::people::{Maintainer, Project};
use embargod::domain::state::{Disposition, State};
use embargod::domain::suggestion::{Suggestion, SuggestionKind};
use embargod::domain::views::{ClosedCase, MailLine, Returned, Told, UndeliveredLine, WorkView};
use embargod::mail::compose::{Composer, ComposerSettings};
use embargod::policy::digest::{Edition, Room, even_if_empty};

/// Monday, 23 November 2026, 07:00 UTC: 08:00 in Madrid.
pub fn now() -> Timestamp {
    "2026-11-23T07:00:00Z".parse().unwrap()
}

pub fn ago(hours: i64) -> Timestamp {
    now() - TimeDelta::hours(hours)
}

pub fn ada() -> Maintainer {
    Maintainer {
        handle: "ada".to_owned(),
        name: "Ada Lovelace".to_owned(),
        address: "ada@example.org".parse().unwrap(),
        lead: true,
        timezone: None,
        handles: Vec::new(),
        absences: Vec::new(),
    }
}

/// A case that arrived so many hours ago.
pub fn case(number: u32, subject: &str, hours: i64) -> Case {
    let reporter = Mailbox::new(Some("Secret Finder"), "finder@example.net".parse().unwrap());
    let subject = subject.to_owned();
    let change = Change::Opened { reporter, subject, received_at: ago(hours), via: None };
    let event = Event { at: ago(hours), actor: Actor::Reporter, change };
    let case = Case::open(CaseId { year: 2026, number }, &event).unwrap();
    Case { acknowledge_by: Some(ago(hours - 48)), ..case }
}

/// A case that was acknowledged, whose answer is promised in so many hours (or was, if negative).
pub fn respond_in(case: Case, hours: i64) -> Case {
    Case {
        state: State::Acknowledged,
        acknowledged_at: Some(case.received_at),
        respond_by: Some(ago(-hours)),
        ..case
    }
}

/// A case that was answered in detail, whose reporter hears more within so many hours.
pub fn update_in(case: Case, hours: i64) -> Case {
    let responded_at = Some(case.received_at + TimeDelta::hours(20));
    let case = respond_in(case, 0);
    Case { state: State::Triaging, responded_at, next_update_by: Some(ago(-hours)), ..case }
}

pub fn handled(case: Case, by: &str) -> Case {
    Case { handler: Some(by.to_owned()), ..case }
}

/// A case whose reporter was asked something so many hours ago.
pub fn asked(case: Case, hours: i64) -> Case {
    Case { awaiting: Some(ago(hours)), ..case }
}

/// A case that is known to be exploited since so many hours.
pub fn exploited(case: Case, hours: i64) -> Case {
    Case { exploited: Some(Exploited::since(ago(hours))), ..case }
}

/// A case whose reporter the acknowledgement did not reach.
pub fn unreached(case: Case, why: &str) -> Case {
    let message_id = MessageId("acknowledgement@example.org".to_owned());
    let unreached = Some(Unreached { at: ago(3), message_id, why: why.to_owned() });
    Case { state: State::Received, acknowledged_at: None, unreached, ..case }
}

pub fn sent_back(case: Case) -> Case {
    Case { state: State::Returned, acknowledge_by: None, ..case }
}

pub fn suggested(case: Case, kind: SuggestionKind, id: Option<&str>, gist: &str) -> Case {
    let mut case = case;
    case.suggestions.push(Suggestion {
        kind,
        id: id.map(str::to_owned),
        why: "quotes: \"the secret payload\"".to_owned(),
        gist: gist.to_owned(),
    });
    case
}

pub fn mail(number: i64, subject: &str, kind: Kind, rule: &str) -> MailLine {
    MailLine {
        number,
        at: ago(5),
        from: "finder@example.net".to_owned(),
        subject: subject.to_owned(),
        kind,
        reasons: vec![Reason::new(rule, "quotes: \"the secret payload\"")],
        case: None,
    }
}

/// A day with something in every section.
pub fn busy_day() -> WorkView {
    let id = |number| CaseId { year: 2026, number };
    let returned = sent_back(case(7, "PoC here", 30));
    let closed = handled(case(2, "Directory listing with a crafted Accept header", 500), "ada");
    WorkView {
        told: Told::default(),
        returned: [(
            returned.id,
            Returned { format: Format::LinkOnly, rule: "body.only-links".to_owned() },
        )]
        .into(),
        open: vec![
            returned,
            case(8, "", 2),
            suggested(
                handled(case(9, "Backdoor in a package you depend on", 6), "ada"),
                SuggestionKind::OutOfScope,
                Some("malicious-dependency"),
                "seems to fall under the threat model's clause malicious-dependency",
            ),
            handled(
                respond_in(case(3, "Prototype pollution through the query parser", 72), 200),
                "ada",
            ),
            handled(respond_in(case(4, "Open redirect in res.redirect()", 97), -49), "grace"),
            suggested(
                handled(
                    respond_in(
                        case(
                            5,
                            "ReDoS in a very long subject line that goes on and on until no column of any mail client can hold it",
                            97,
                        ),
                        -1,
                    ),
                    "ada",
                ),
                SuggestionKind::Severity,
                Some("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"),
                "carries a CVSS 3.1 vector: 7.5, high",
            ),
            respond_in(case(6, "路由解析中的拒绝服务漏洞", 40), 5),
            exploited(
                handled(
                    update_in(case(10, "Signature bypass in signed cookies", 300), 20),
                    "grace",
                ),
                19,
            ),
            handled(asked(update_in(case(11, "Crash on odd input", 200), 80), 50), "ada"),
            unreached(
                handled(case(12, "Timing leak in the token check", 20), "grace"),
                "RCPT: 550 <finder@example.net> no such user",
            ),
            Case {
                embargo_until: Some(ago(-220)),
                ..handled(update_in(case(1, "Request smuggling behind a proxy", 1900), 90), "grace")
            },
        ],
        quarantined: vec![mail(12, "weird", Kind::Malformed, "read.unreadable")].into(),
        set_aside: [(Kind::Bounce, 1), (Kind::Bulk, 2)].into(),
        verifications: 0,
        follow_ups: vec![MailLine {
            case: Some(id(3)),
            ..mail(14, "Re: more details", Kind::FollowUp, "thread.references")
        }]
        .into(),
        undelivered: vec![UndeliveredLine {
            at: ago(3),
            purpose: Purpose::SentBack,
            to: "finder@example.net".to_owned(),
            why: "RCPT: 550 <finder@example.net> no such user".to_owned(),
            case: Some(id(7)),
        }]
        .into(),
        closed: vec![ClosedCase {
            case: Case {
                state: State::Closed,
                disposition: Some(Disposition::NotReproducible),
                ..closed
            },
            at: ago(4),
        }]
        .into(),
    }
}

/// A day with more than anybody wants: long subjects in every script, suggestions, a flood.
pub fn flooded_day() -> WorkView {
    let subjects = [
        "Denial of service through deeply nested query strings",
        "路由解析中的拒绝服务漏洞，影响所有受支持的版本，攻击者无需登录即可触发，请尽快处理",
        "ثغرة أمنية خطيرة في تحليل رؤوس الطلبات تسمح بتجاوز المصادقة",
        "🔥🔥 CRITICAL 🔥🔥 remote code execution 👩‍💻 please pay bounty",
        "パストラバーサル脆弱性の報告（express.static）",
        "Пользователь может обойти проверку подписи cookie",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "Open redirect in res.redirect() when the path begins with two slashes and the host header is set by a proxy that rewrites it",
        "פרצת אבטחה: XSS (reflected) in the error page",
        "Re: Fwd: Re: AW: [External] Security issue <script>alert(1)</script> & \"more\"",
    ];
    let mut view = busy_day();
    for number in 0..80_u32 {
        let subject = subjects[number as usize % subjects.len()];
        let hours = i64::from(number) * 7 % 400;
        let case = respond_in(case(100 + number, subject, hours + 30), 120 - hours);
        let case = match number % 4 {
            0 => handled(case, "ada"),
            1 => handled(case, "grace"),
            2 => suggested(
                case,
                SuggestionKind::Duplicate,
                Some("EMB-2026-0003"),
                "resembles EMB-2026-0003 (87 %)",
            ),
            _ => sent_back(case),
        };
        view.open.push(case);
    }
    for number in 0..500 {
        let line = mail(
            1000 + number,
            subjects[number as usize % subjects.len()],
            Kind::Malformed,
            "read.unreadable",
        );
        view.quarantined.rows.push(line);
    }
    view.quarantined.count = view.quarantined.rows.len();
    view
}

pub fn edition(reader: &Maintainer) -> Edition<'_> {
    let zone = chrono_tz::Europe::Madrid;
    Edition {
        project: "Express",
        reader,
        maintainers: std::slice::from_ref(reader),
        zone,
        since: Some(ago(24)),
        now: now(),
        lists: &[],
        silent_after: TimeDelta::days(30),
        room: Room::MAIL,
        history: None,
    }
}

/// Ada's digest.
pub fn made(view: &WorkView) -> Digest {
    even_if_empty(view, &edition(&ada()))
}

/// A quarter of a year with a case every two days.
pub fn history() -> History {
    let mut history = History::default();
    for number in 0..45_i64 {
        let received_at = ago(number * 48 + 20);
        let acknowledged_at = received_at + TimeDelta::minutes(2 + number % 7);
        let respond_by = acknowledged_at + TimeDelta::hours(48);
        let responded_at = acknowledged_at + TimeDelta::hours(6 + number * 11 % 50);
        history.cases.push(Lifeline {
            received_at,
            whole_at: Some(received_at),
            acknowledge_by: Some(received_at + TimeDelta::hours(48)),
            acknowledged_at: Some(acknowledged_at),
            respond_by: Some(respond_by),
            responded_at: Some(responded_at).filter(|at| *at < now()),
            awaiting: None,
            ended: None,
            handler: ["ada", "grace", "radia"].get(number as usize % 4).map(|h| (*h).to_owned()),
        });
    }
    history
}

/// Ada's digest on the day when the figures are told.
pub fn made_with_figures(view: &WorkView) -> Digest {
    let (ada, history) = (ada(), history());
    even_if_empty(view, &Edition { history: Some(&history), ..edition(&ada) })
}

pub fn composed(digest: Digest) -> Outgoing {
    let project = Project {
        name: "Express".to_owned(),
        address: "security@example.org".parse().unwrap(),
        policy: None,
    };
    let settings =
        ComposerSettings { project, mode: Mode::Observe, bounces: None, templates: None };
    let to = Mailbox::new(Some("Ada Lovelace"), "ada@example.org".parse().unwrap());
    let letter = Letter { to, cc: vec![], answers: None, content: Content::Digest(digest) };
    Composer::new(settings).unwrap().compose(&letter, now(), "Tok3n").unwrap()
}

/// The two alternatives of a mail, decoded: text and HTML.
pub fn alternatives(mail: &Outgoing) -> (String, String) {
    let parsed = mail_parser::MessageParser::default().parse(&mail.bytes).unwrap();
    let text = parsed.parts[1].text_contents().unwrap().replace("\r\n", "\n");
    let html = parsed.parts[2].text_contents().unwrap().replace("\r\n", "\n");
    (text, html)
}
