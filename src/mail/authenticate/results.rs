//! The `Authentication-Results` field of the receiving server (RFC 8601).
//!
//! Anybody can write such a field into a mail, so only those of one server count: by its name (the
//! authserv-id), and of those only the uppermost, since a server adds its own on top and a forger's
//! copy lies below. Fields of other names are passed over, wherever they stand.
//!
//! No crate reads this field; the grammar is small (section 2.2), and servers take liberties with it
//! (an unquoted `=` in an address), so it is read leniently: what cannot be read is no evidence.

use crate::domain::authenticity::{Evidence, Method, Outcome};

/// Results taken from one field at the most.
const RESULTS: usize = 32;

/// Reads the fields of the server `authserv_id`, of which it adds `own` to a mail, from the values
/// of a mail's `Authentication-Results` fields, uppermost first. `None` where it added none.
pub fn evidence<'a>(
    fields: impl Iterator<Item = &'a str>,
    authserv_id: &str,
    own: usize,
) -> Option<Vec<Evidence>> {
    let trusted: Vec<Vec<Segment>> =
        fields.map(segments).filter(|segments| names(segments, authserv_id)).take(own).collect();
    if trusted.is_empty() {
        return None;
    }
    let results = trusted.iter().flat_map(|field| field.iter().skip(1)).filter_map(read);
    Some(results.take(RESULTS).collect())
}

/// What stands between two semicolons: words, and what was said in comments.
#[derive(Debug, Default)]
struct Segment {
    words: Vec<String>,
    comments: String,
}

fn names(segments: &[Segment], authserv_id: &str) -> bool {
    let name = segments.first().and_then(|first| first.words.first());
    name.is_some_and(|name| name.eq_ignore_ascii_case(authserv_id))
}

/// One result: `dkim=pass header.d=example.org`.
fn read(segment: &Segment) -> Option<Evidence> {
    let mut pairs = segment.words.iter().filter_map(|word| word.split_once('='));
    let (method, result) = pairs.next()?;
    // A version may follow the method: `dkim/1`.
    let method = match method.split('/').next()?.to_ascii_lowercase().as_str() {
        "dkim" => Method::Dkim,
        "spf" => Method::Spf,
        "dmarc" => Method::Dmarc,
        "arc" => Method::Arc,
        _ => return None,
    };
    let properties: Vec<(String, &str)> =
        pairs.map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    let value = |names: &[&str]| {
        names.iter().find_map(|name| Some(properties.iter().find(|(own, _)| own == name)?.1))
    };
    let domain = match method {
        Method::Dkim => value(&["header.d", "header.i"]),
        Method::Spf => value(&["smtp.mailfrom", "smtp.mfrom", "smtp.helo"]),
        Method::Dmarc => value(&["header.from"]),
        Method::Arc | Method::OpenPgp => None,
    };
    let rejects = || {
        let stated = value(&["policy.published-domain-policy", "policy.p"]).map(str::to_lowercase);
        // Before RFC 9989, servers said the domain's policy in a comment: `(p=REJECT dis=NONE)`.
        let comments = segment.comments.to_lowercase();
        let mut said = comments.split(|c: char| c.is_whitespace() || ",;".contains(c));
        stated.as_deref() == Some("reject") || said.any(|word| word == "p=reject")
    };
    let result = match result.to_ascii_lowercase().as_str() {
        "pass" => Outcome::Pass,
        "fail" if method == Method::Dmarc && rejects() => Outcome::Rejected,
        "fail" | "softfail" | "hardfail" => Outcome::Fail,
        _ => Outcome::Nothing,
    };
    Some(Evidence { method, result, domain: domain.map(domain_of).filter(|d| !d.is_empty()) })
}

/// The domain of an address or of a bare domain.
fn domain_of(text: &str) -> String {
    text.rsplit('@').next().unwrap_or_default().trim_end_matches('.').to_lowercase()
}

/// Cuts a field at its semicolons, takes comments and quotes away, and joins what white space around
/// an equals sign parts.
fn segments(field: &str) -> Vec<Segment> {
    let mut segments = vec![];
    let mut current = Segment::default();
    let mut word = String::new();
    let mut depth = 0u32;
    let mut quoted = false;
    let mut spaced = false;
    let mut characters = field.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' if quoted || depth > 0 => {
                let escaped = characters.next();
                if depth == 0 {
                    word.extend(escaped);
                }
            }
            '"' if depth == 0 => quoted = !quoted,
            _ if quoted => word.push(c),
            '(' => depth = depth.saturating_add(1),
            ')' if depth > 0 => {
                depth = depth.saturating_sub(1);
                current.comments.push(' ');
                spaced = true;
            }
            _ if depth > 0 => current.comments.push(c),
            ';' => {
                current.finish(&mut word);
                segments.push(std::mem::take(&mut current));
                spaced = false;
            }
            _ if c.is_whitespace() => spaced = true,
            _ => {
                // Only the first equals sign of a word is one of the grammar's.
                let value_awaited = word.strip_suffix('=').is_some_and(|name| !name.contains('='));
                let joined = c == '=' || value_awaited;
                if spaced && !joined {
                    current.finish(&mut word);
                }
                spaced = false;
                word.push(c);
            }
        }
    }
    current.finish(&mut word);
    segments.push(current);
    segments
}

impl Segment {
    fn finish(&mut self, word: &mut String) {
        if !word.is_empty() {
            self.words.push(std::mem::take(word));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_all(fields: &[&str], own: usize) -> Option<Vec<String>> {
        let read = evidence(fields.iter().copied(), "mx.example.org", own)?;
        Some(read.iter().map(Evidence::to_string).collect())
    }

    #[test]
    fn the_fields_of_common_servers_are_read() {
        let gmail = "mx.example.org;\r\n dkim=pass header.b=abc= header.i=@finder.example header.s=s1;\r\n \
            spf=pass (google.com: domain of a@finder.example designates 192.0.2.1 as permitted sender) \
            smtp.mailfrom=a@finder.example;\r\n dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=finder.example";
        assert_eq!(
            read_all(&[gmail], 1).unwrap(),
            [
                "dkim pass (finder.example)",
                "spf pass (finder.example)",
                "dmarc pass (finder.example)"
            ]
        );
        let opendmarc = "MX.example.org; dmarc=fail (p=reject dis=none) header.from=bank.example";
        assert_eq!(
            read_all(&[opendmarc], 1).unwrap(),
            ["dmarc fail, to be rejected (bank.example)"]
        );
        let stated = "mx.example.org 1; dmarc=fail policy.published-domain-policy=reject header.from=b.example";
        assert_eq!(read_all(&[stated], 1).unwrap(), ["dmarc fail, to be rejected (b.example)"]);
        let quarantined = "mx.example.org; dmarc=fail (p=quarantine) header.from=b.example";
        assert_eq!(read_all(&[quarantined], 1).unwrap(), ["dmarc fail (b.example)"]);
        let srs = "mx.example.org; spf = pass smtp.mailfrom=SRS0=ab=cd=x.example=joe@fwd.example";
        assert_eq!(read_all(&[srs], 1).unwrap(), ["spf pass (fwd.example)"]);
        assert_eq!(read_all(&["mx.example.org; none"], 1).unwrap(), Vec::<String>::new());
        let versioned =
            "\"mx.example.org\"; dkim/1=temperror reason=\"no; key\" header.d=a.example";
        assert_eq!(read_all(&[versioned], 1).unwrap(), ["dkim nothing (a.example)"]);
    }

    #[test]
    fn only_the_uppermost_field_of_our_own_server_is_believed() {
        let (own, forged) = (
            "mx.example.org; spf=fail smtp.mailfrom=bank.example",
            "mx.example.org; dmarc=pass header.from=bank.example",
        );
        let foreign = "other.example; dmarc=pass header.from=bank.example";
        assert_eq!(read_all(&[own, forged], 1).unwrap(), ["spf fail (bank.example)"]);
        assert_eq!(read_all(&[foreign, own, forged], 1).unwrap(), ["spf fail (bank.example)"]);
        assert_eq!(read_all(&[foreign], 1), None);
        assert_eq!(read_all(&["mx.example.org.evil.example; dmarc=pass"], 1), None);
        assert_eq!(read_all(&["(mx.example.org) evil.example; dmarc=pass"], 1), None);
        assert_eq!(read_all(&[own, forged], 2).unwrap().len(), 2);
    }

    #[test]
    fn a_result_within_a_comment_or_a_quote_is_none() {
        let hidden = "mx.example.org; spf=fail (; dmarc=pass header.from=b.example (nested) )";
        assert_eq!(read_all(&[hidden], 1).unwrap(), ["spf fail"]);
        let quoted = "mx.example.org; spf=fail reason=\"; dmarc=pass header.from=b.example\"";
        assert_eq!(read_all(&[quoted], 1).unwrap(), ["spf fail"]);
        let escaped = r"mx.example.org; spf=fail (\) ; dmarc=pass header.from=b.example)";
        assert_eq!(read_all(&[escaped], 1).unwrap(), ["spf fail"]);
    }

    proptest! {
        #[test]
        fn any_field_is_read_without_harm(field in "\\PC{0,300}", grammar in "[a-z=;()\"\\\\. /@]{0,300}") {
            let fields = [format!("mx.example.org; {field}"), format!("mx.example.org; {grammar}")];
            let read = evidence(fields.iter().map(String::as_str), "mx.example.org", 2).unwrap();
            prop_assert!(read.len() <= RESULTS);
        }
    }
}
