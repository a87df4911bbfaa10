//! What a maintainer writes in answer to a mail of ours, read as commands and carried out.

use std::sync::OnceLock;

use embargod::domain::capability::{Grant, KeptGrant, Nonce};
use embargod::domain::case::Case;
use embargod::domain::decision::Placement;
use embargod::domain::judgement::Kind;
use embargod::domain::lookup::Known;
use embargod::domain::outgoing::Purpose;
use embargod::domain::views::CaseFile;
use embargod::policy::command;
use embargod::policy::judge::Said;

use super::desk::{decided, desk, nothing_known, now};

const REPORT: &[u8] = b"From: Rae <rae@example.net>\r\nTo: security@example.org\r\n\
Subject: crash in the query parser\r\nMessage-ID: <1@example.net>\r\n\r\n\
Express 4.21.0 crashes when a header has seven commas: parseCount() in lib/count.js reads past\r\n\
its buffer. Send GET / HTTP/1.1 with X-Count: 7 and the process ends with a segmentation fault.\r\n";

/// A case, and the grant to act on it by answering a mail.
struct Scene {
    known: Known,
    token: String,
    maintainer: String,
}

fn scene() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(|| {
        let opened = decided(REPORT, &nothing_known());
        let Placement::Opens(case) = opened.decision.placement else { panic!("no case") };
        let case: Case = *case;
        let rules = &desk().rules;
        let person = &rules.maintainers[0];
        let grant = Grant {
            handle: person.handle.clone(),
            case: Some(case.id),
            purpose: Purpose::Notice,
            expires_at: now() + chrono::TimeDelta::days(9),
        };
        let key = rules.commands.as_ref().and_then(|terms| terms.key.as_ref()).unwrap();
        let token = key.token(Nonce([9; 10]), &grant);
        let file =
            CaseFile { case, events: opened.decision.events, messages: vec![], earlier: vec![] };
        let kept = KeptGrant { grant, given_at: now(), used_at: None, revoked_at: None };
        let known = Known { grant: Some(kept), files: vec![file], ..nothing_known() };
        Scene { known, token, maintainer: person.address.to_string() }
    })
}

pub fn meet(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (above, below) = text.split_once('\0').unwrap_or((&text, ""));
    let said = Said { above: above.to_owned(), below: below.to_owned() };
    let zone = chrono_tz::Europe::Madrid;
    let read = command::read(&said, zone);
    assert_eq!(read, command::read(&said, zone), "read twice, understood twice");
    if let Ok(commands) = &read {
        // A command and the note under it, for each of fifty.
        assert!((1..=150).contains(&commands.len()), "{} commands", commands.len());
        assert!(commands.iter().all(|command| command.line.chars().all(|c| !c.is_control())));
    }

    let Scene { known, token, maintainer } = scene();
    let mail = format!(
        "Authentication-Results: mx.example.org; dmarc=pass header.from=example.org\r\n\
         From: {maintainer}\r\nTo: security@example.org\r\nSubject: Re: EMB-2026-0001\r\n\
         References: <EMB-2026-0001.notice.for-ada.{token}@example.org>\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}"
    );
    let written = decided(mail.as_bytes(), known);
    assert_eq!(written.decision.judgement.kind, Kind::Command);
    let own_text_has_a_command = text.contains(['!', '\u{ff01}']);
    let mut confirmations = 0;
    for mail in &written.outgoing {
        if mail.purpose.leaves_the_project() {
            assert!(own_text_has_a_command, "text without a command went out");
            let sent = String::from_utf8_lossy(&mail.bytes);
            // Our own Message-ID may end in a handle by chance.
            let mut lines = sent.lines().filter(|line| !line.starts_with("Message-ID: "));
            assert!(
                !lines.any(|line| line.contains(maintainer)),
                "a maintainer's address went out"
            );
            assert!(!sent.contains(token.as_str()), "a token went out");
        }
        confirmations += usize::from(mail.purpose == Purpose::Confirmation);
    }
    assert!(confirmations <= 1, "{confirmations} confirmations");
    if written.ordered.spent.is_none() {
        assert!(written.ordered.cases.is_empty() && written.decision.events.is_empty());
    }
}
