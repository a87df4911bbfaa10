//! Who really sent a mail, verified with the answers of a DNS server on this machine.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use embargod::domain::authenticity::{Authenticity, CheckedBy, Verdict};
use embargod::mail::authenticate::{AuthenticationSettings, Authenticator, By, Resolver};
use embargod::mail::read::read;
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::DkimSigner;
use mail_auth::hickory_resolver::proto::op::{Message, ResponseCode};
use mail_auth::hickory_resolver::proto::rr::rdata::TXT;
use mail_auth::hickory_resolver::proto::rr::{RData, Record, RecordType};
use tokio::net::UdpSocket;

/// A DNS server that knows some TXT records and counts the questions.
struct Dns {
    address: SocketAddr,
    questions: Arc<AtomicU32>,
}

impl Dns {
    async fn knowing(records: Vec<(String, String)>) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let questions = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&questions);
        tokio::spawn(async move {
            let mut buffer = [0u8; 4096];
            loop {
                let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
                counter.fetch_add(1, Ordering::Relaxed);
                let asked = Message::from_vec(&buffer[..length]).unwrap();
                let answer = answer(&asked, &records);
                socket.send_to(&answer, from).await.unwrap();
            }
        });
        Self { address, questions }
    }

    async fn authenticate(&self, mail: &[u8]) -> Authenticity {
        let settings = AuthenticationSettings {
            by: By::Here(Resolver::Server(self.address)),
            received_by: Some("mx.example.org".to_owned()),
        };
        let authenticator = Authenticator::new(&settings).unwrap();
        let facts = read(mail, mail.len() as u64);
        authenticator.authenticate(mail, &facts).await
    }
}

fn answer(asked: &Message, records: &[(String, String)]) -> Vec<u8> {
    let query = asked.queries[0].clone();
    let name = query.name().to_string().to_lowercase();
    let mut answer = Message::response(asked.metadata.id, asked.metadata.op_code);
    answer.metadata.recursion_available = true;
    let known = records.iter().filter(|(of, _)| format!("{of}.") == name);
    let known: Vec<_> = known.filter(|_| query.query_type() == RecordType::TXT).collect();
    for (_, text) in &known {
        let data = RData::TXT(TXT::new(vec![text.clone()]));
        answer.add_answer(Record::from_rdata(query.name().clone(), 60, data));
    }
    if known.is_empty() {
        answer.metadata.response_code = ResponseCode::NXDomain;
    }
    answer.add_query(query);
    answer.to_vec().unwrap()
}

const REPORT: &str = "From: Rae <rae@finder.example>\r\nTo: security@example.org\r\n\
    Subject: crash\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n\
    Message-ID: <1@finder.example>\r\n\r\nIt crashes in version 4.2.\r\n";

/// What the receiving server wrote on top.
fn received(client: &str, envelope: &str) -> String {
    format!(
        "Return-Path: <{envelope}>\r\nReceived: from mail.finder.example (x.example [{client}])\r\n\
         \tby mx.example.org (Postfix) with ESMTPS id 4F0C21;\r\n\tMon, 23 Nov 2026 09:00:00 +0000\r\n"
    )
}

/// The record of a key of `finder.example`, and the report signed with it.
fn signed(report: &str) -> ((String, String), String) {
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let key = Ed25519Key::from_pkcs8_der(&pair.serialize_der()).unwrap();
    let public = BASE64_STANDARD.encode(pair.public_key_raw());
    let record =
        ("s1._domainkey.finder.example".to_owned(), format!("v=DKIM1; k=ed25519; p={public}"));
    let signature = DkimSigner::from_key(key)
        .domain("finder.example")
        .selector("s1")
        .headers(["From", "To", "Subject", "Date", "Message-ID"])
        .sign(report.as_bytes())
        .unwrap();
    (record, format!("{}{report}", signature.to_header()))
}

fn spf() -> (String, String) {
    ("finder.example".to_owned(), "v=spf1 ip4:192.0.2.7 -all".to_owned())
}

fn dmarc(policy: &str) -> (String, String) {
    ("_dmarc.finder.example".to_owned(), format!("v=DMARC1; p={policy}; aspf=s; adkim=s"))
}

#[tokio::test]
async fn a_signature_of_the_authors_domain_proves_the_author() {
    let (key, mail) = signed(REPORT);
    let dns = Dns::knowing(vec![key, spf(), dmarc("reject")]).await;
    let mail = received("203.0.113.5", "list-bounces@list.example") + &mail;
    let known = dns.authenticate(mail.as_bytes()).await;
    assert_eq!(known.verdict, Verdict::Authenticated, "{known}");
    assert_eq!(known.checked_by, CheckedBy::Here);
}

#[tokio::test]
async fn the_authors_own_server_proves_the_author() {
    let dns = Dns::knowing(vec![spf()]).await;
    let mail = received("192.0.2.7", "rae@finder.example") + REPORT;
    let known = dns.authenticate(mail.as_bytes()).await;
    assert_eq!(known.verdict, Verdict::Authenticated, "{known}");
}

#[tokio::test]
async fn a_forged_author_is_disowned_where_the_domain_says_so_and_unproven_elsewhere() {
    let forged = received("203.0.113.5", "rae@finder.example") + REPORT;
    let dns = Dns::knowing(vec![spf(), dmarc("reject")]).await;
    let known = dns.authenticate(forged.as_bytes()).await;
    assert_eq!(known.verdict, Verdict::Disowned, "{known}");
    let dns = Dns::knowing(vec![spf(), dmarc("none")]).await;
    let known = dns.authenticate(forged.as_bytes()).await;
    assert_eq!(known.verdict, Verdict::Unproven, "{known}");
}

#[tokio::test]
async fn a_changed_mail_no_longer_fits_its_signature() {
    let (key, mail) = signed(REPORT);
    let changed = received("203.0.113.5", "x@list.example") + &mail.replace("4.2", "4.3");
    let dns = Dns::knowing(vec![key, dmarc("reject")]).await;
    let known = dns.authenticate(changed.as_bytes()).await;
    assert_eq!(known.verdict, Verdict::Disowned, "{known}");
}

#[tokio::test]
async fn a_received_line_that_the_sender_wrote_below_our_servers_proves_nothing() {
    let below = received("192.0.2.7", "rae@finder.example").replace("Return-Path", "X-Old");
    let forged = received("203.0.113.5", "rae@finder.example") + &below + REPORT;
    let dns = Dns::knowing(vec![spf()]).await;
    let known = dns.authenticate(forged.as_bytes()).await;
    assert_eq!(known.verdict, Verdict::Unproven, "{known}");
}

#[tokio::test]
async fn a_mail_with_a_thousand_signatures_asks_a_handful_of_questions() {
    let signature = |n: usize| {
        format!(
            "DKIM-Signature: v=1; a=ed25519-sha256; s=s{n}; d=victim{n}.example; c=relaxed/relaxed;\r\n\
             \th=From:Subject; bh=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=; b=AAAA\r\n"
        )
    };
    let many: String = (0..1000).map(signature).collect();
    let dns = Dns::knowing(vec![]).await;
    let mail = received("203.0.113.5", "rae@finder.example") + &many + REPORT;
    let known = dns.authenticate(mail.as_bytes()).await;
    assert_eq!(known.verdict, Verdict::Unproven);
    let questions = dns.questions.load(Ordering::Relaxed);
    assert!((1..40).contains(&questions), "{questions} questions");
}

#[tokio::test]
async fn without_an_answer_nothing_is_proven_and_nothing_is_held_against_anybody() {
    let nobody = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let settings = AuthenticationSettings {
        by: By::Here(Resolver::Server(nobody.local_addr().unwrap())),
        received_by: Some("mx.example.org".to_owned()),
    };
    tokio::time::pause();
    let authenticator = Authenticator::new(&settings).unwrap();
    let mail = received("192.0.2.7", "rae@finder.example") + REPORT;
    let facts = read(mail.as_bytes(), mail.len() as u64);
    let known = authenticator.authenticate(mail.as_bytes(), &facts).await;
    assert_eq!(known.verdict, Verdict::Unproven, "{known}");
}
