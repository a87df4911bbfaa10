//! The `Received` field of one server: who handed the mail to it (RFC 5321 section 4.4).

use std::net::IpAddr;

use mail_parser::parsers::MessageStream;
use mail_parser::{HeaderValue, Host};

/// Who handed a mail over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The client's address.
    pub ip: IpAddr,
    /// The name it greeted with.
    pub hello: String,
}

/// The uppermost of the fields that the server `name` wrote about a client of another machine.
/// Fields come uppermost first; those below the server's own may be anybody's invention, so only
/// the server's handing on to itself (over loopback, to a filter and back) is passed over.
pub fn by<'a>(fields: impl Iterator<Item = &'a str>, name: &str) -> Option<Hop> {
    for field in fields {
        let line = format!("{field}\n");
        let mut stream = MessageStream::new(line.as_bytes());
        let HeaderValue::Received(received) = stream.parse_received() else { return None };
        let by = received.by.as_ref().map(host)?;
        let ip = received.from_ip;
        if !by.eq_ignore_ascii_case(name) {
            // A hop within the machine, such as LMTP's into the mailbox, may name itself otherwise.
            if ip.is_none_or(|ip| ip.is_loopback()) {
                continue;
            }
            return None;
        }
        // Without a client's address the mail began on the server itself.
        let ip = ip?;
        if !ip.is_loopback() {
            let hello = received.helo.as_ref().or(received.from.as_ref()).map(host);
            return Some(Hop { ip, hello: hello.unwrap_or_default() });
        }
    }
    None
}

fn host(host: &Host<'_>) -> String {
    host.to_string().trim_matches(['[', ']']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM_OUTSIDE: &str = "from mail.finder.example (relay7.host.example [192.0.2.7]) \
        by mx.example.org (Postfix) with ESMTPS id 4F0C21 for <security@example.org>; \
        Mon, 23 Nov 2026 09:00:00 +0000 (UTC)";
    const FORGED: &str = "from mx.bank.example (mx.bank.example [198.51.100.9]) by mx.example.org \
        with ESMTPS id 1; Mon, 23 Nov 2026 08:00:00 +0000";
    const LMTP: &str = "from mx.example.org by imap.example.org with LMTP id 1 for <s@example.org>; \
        Mon, 23 Nov 2026 09:00:01 +0000";
    const FILTER: &str = "from localhost (localhost [127.0.0.1]) by mx.example.org (Postfix) \
        with ESMTP id 2; Mon, 23 Nov 2026 09:00:01 +0000";
    const FOREIGN: &str = "from a.example (a.example [203.0.113.1]) by b.example with SMTP id 3; \
        Mon, 23 Nov 2026 08:00:01 +0000";

    fn hop(fields: &[&str]) -> Option<(String, String)> {
        let hop = by(fields.iter().copied(), "mx.example.org")?;
        Some((hop.ip.to_string(), hop.hello))
    }

    #[test]
    fn the_client_is_the_one_that_our_own_server_saw() {
        let real = Some(("192.0.2.7".to_owned(), "mail.finder.example".to_owned()));
        assert_eq!(hop(&[FROM_OUTSIDE, FORGED]), real);
        assert_eq!(hop(&[LMTP, FROM_OUTSIDE, FORGED]), real);
        assert_eq!(hop(&[LMTP, FILTER, FROM_OUTSIDE, FORGED]), real);
    }

    #[test]
    fn a_line_below_somebody_elses_is_not_believed() {
        assert_eq!(hop(&[FOREIGN, FORGED]), None);
        assert_eq!(hop(&[]), None);
        let local =
            "by mx.example.org (Postfix, from userid 33) id 4; Mon, 23 Nov 2026 08:00:00 +0000";
        assert_eq!(hop(&[local, FORGED]), None);
        assert_eq!(hop(&["nonsense ; [", FORGED]), None);
    }
}
