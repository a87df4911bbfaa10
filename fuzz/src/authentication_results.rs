//! The fields in which a server says who sent a mail, each behind a NUL, the server's own above them.

use embargod::domain::authenticity::Evidence;
use embargod::mail::authenticate::results::evidence;

use super::desk::SERVER;

/// What the server itself said.
const TRUE: &str = "mx.example.org; spf=fail smtp.mailfrom=victim.example; dkim=none";

pub fn meet(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let fields: Vec<&str> = text.split('\0').collect();
    let all = evidence(fields.iter().copied(), SERVER, 3).unwrap_or_default();
    assert!(all.len() <= 32, "{} results", all.len());
    for found in &all {
        let domain = found.domain.as_deref().unwrap_or("-");
        assert!(!domain.is_empty() && !domain.contains('@'), "{domain}");
    }
    // Whatever stands below the server's own field was written by others.
    let with_forged = std::iter::once(TRUE).chain(fields.iter().copied());
    let forged = evidence(with_forged, SERVER, 1);
    assert_eq!(forged, evidence(std::iter::once(TRUE), SERVER, 1));
    // Fields of others count for nothing, wherever they stand.
    let others: Vec<String> = fields.iter().map(|field| format!("evil.example; {field}")).collect();
    let below = others.iter().map(String::as_str).chain(std::iter::once(TRUE));
    assert_eq!(evidence(below, SERVER, 1), forged);
    // What a client said to the server, quoted by it in a comment or a reason, is no result.
    let said = text.replace(['(', ')', '\\', '"'], " ");
    for quoted in [format!("{TRUE} ({said})"), format!("{TRUE} reason=\"{said}\"")] {
        let found = evidence(std::iter::once(quoted.as_str()), SERVER, 1).unwrap_or_default();
        assert_eq!(results(&found), results(forged.as_deref().unwrap_or_default()), "{quoted}");
    }
}

fn results(evidence: &[Evidence]) -> Vec<String> {
    evidence.iter().map(ToString::to_string).collect()
}
